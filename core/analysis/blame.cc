// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// blame.cc: see blame.h.
#include "core/analysis/blame.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/analysis/strategy.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kEvenShare = 0.01;
// Chance alone makes the ranks' charges differ; a straggler stands out by half over its equal share.
constexpr double kStandsOut = 1.5;

double At(const std::vector<double>& column, size_t index) {
  return index < column.size() ? column[index] : kNaN;
}

// How long the rank stood still between its arrival and the end of its step, updates aside; NaN: not known.
double StoodStill(const RankTrace& trace, size_t index) {
  const double stood =
      At(trace.step, index) - At(trace.data, index) - At(trace.compute, index) - At(trace.update, index);
  return stood < 0 ? 0 : stood;
}

// The terms that make up the arrival of step `index`, by LatePhase; kExchange holds when the exchange of the
// step before was over, its decoding included. NaN: not known.
std::array<double, kLatePhases> TermsOf(const RankTrace& trace, size_t index) {
  std::array<double, kLatePhases> terms;
  terms.fill(kNaN);
  const auto term = [&terms](LatePhase phase) -> double& { return terms[static_cast<size_t>(phase)]; };
  term(LatePhase::kData) = At(trace.data, index);
  term(LatePhase::kCompute) = At(trace.compute, index);
  const double begun = At(trace.arrival, index) - term(LatePhase::kCompute) - term(LatePhase::kData);
  term(LatePhase::kOther) = begun;
  if (index == 0 || std::isnan(At(trace.arrival, index - 1))) return terms;
  const double out = At(trace.arrival, index - 1) + StoodStill(trace, index - 1);
  if (std::isnan(out) || std::isnan(begun)) return terms;
  term(LatePhase::kExchange) = out;
  term(LatePhase::kDecode) = At(trace.decode, index - 1);
  term(LatePhase::kUpdate) = At(trace.update, index - 1);
  term(LatePhase::kOther) = begun - out - term(LatePhase::kUpdate);
  return terms;
}

// The middle of `values` (which are put in another order); of an even number the mean of the two middle ones.
double Median(std::vector<double>& values) {
  if (values.empty()) return kNaN;
  const size_t half = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(half), values.end());
  const double upper = values[half];
  if (values.size() % 2 == 1) return upper;
  return (upper + *std::max_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(half))) / 2;
}

// What `late` (an index of `present`) exceeds the others' median in most.
LatePhase CauseOf(const std::vector<std::array<double, kLatePhases>>& terms, size_t late) {
  std::array<double, kLatePhases> excess;
  std::vector<double> others;
  for (size_t phase = 0; phase < kLatePhases; ++phase) {
    others.clear();
    for (size_t i = 0; i < terms.size(); ++i)
      if (i != late && !std::isnan(terms[i][phase])) others.push_back(terms[i][phase]);
    excess[phase] = terms[late][phase] - Median(others);  // NaN where either is not known
  }
  // Decoding is a part of the exchange: what it explains of the delay is taken out of it.
  constexpr auto kExchange = static_cast<size_t>(LatePhase::kExchange);
  constexpr auto kDecode = static_cast<size_t>(LatePhase::kDecode);
  if (!std::isnan(excess[kExchange]) && !std::isnan(excess[kDecode])) {
    excess[kDecode] = std::clamp(excess[kDecode], 0.0, std::max(0.0, excess[kExchange]));
    excess[kExchange] -= excess[kDecode];
  } else {
    excess[kDecode] = kNaN;
  }
  int cause = static_cast<int>(LatePhase::kOther);
  double most = -std::numeric_limits<double>::infinity();
  for (int phase = 0; phase < kLatePhases; ++phase) {
    if (!(excess[static_cast<size_t>(phase)] > most)) continue;
    most = excess[static_cast<size_t>(phase)];
    cause = phase;
  }
  return static_cast<LatePhase>(cause);
}

void Judge(Blame& blame) {
  if (blame.steps.empty() || !(blame.others_seconds > 0)) return;
  double charged = 0;
  const RankBlame* worst = nullptr;
  size_t seen = 0;
  for (const RankBlame& rank : blame.ranks) {
    const double seconds = rank.total_seconds();
    charged += seconds;
    ++seen;
    if (worst == nullptr || seconds > worst->total_seconds()) worst = &rank;
  }
  blame.charged_share = charged / blame.others_seconds;
  blame.verdict = Blame::Verdict::kEven;
  if (worst == nullptr || blame.charged_share < kEvenShare) return;
  blame.straggler_share = worst->total_seconds() / blame.others_seconds;
  const auto& phases = worst->charged_seconds;
  blame.phase = static_cast<LatePhase>(std::max_element(phases.begin(), phases.end()) - phases.begin());
  // Of two ranks one is charged all at most: half over its share is three quarters.
  const bool stands_out = worst->total_seconds() * static_cast<double>(seen) >= kStandsOut * charged;
  blame.verdict = stands_out ? Blame::Verdict::kStraggler : Blame::Verdict::kByTurns;
  if (stands_out) blame.straggler = worst->rank;
}

std::string Percent(double share) {
  return share < 0.1 ? fmt::format("{:.2g} %", share * 100) : fmt::format("{:.0f} %", share * 100);
}

}  // namespace

std::vector<double>& TraceColumn(RankTrace& trace, size_t series) {
  std::array<std::vector<double>*, kTraceSeries.size()> columns = {
      &trace.arrival, &trace.data, &trace.compute, &trace.decode, &trace.update, &trace.step};
  return *columns[series];
}

double RankBlame::total_seconds() const {
  return std::accumulate(charged_seconds.begin(), charged_seconds.end(), 0.0);
}

Blame BlameOf(std::span<const RankTrace> traces, int64_t first_step) {
  Blame blame;
  std::vector<const RankTrace*> ordered;
  for (const RankTrace& trace : traces) ordered.push_back(&trace);
  std::sort(ordered.begin(), ordered.end(),
            [](const RankTrace* a, const RankTrace* b) { return a->rank < b->rank; });
  size_t length = 0;
  for (const RankTrace* trace : ordered) {
    blame.ranks.push_back({.rank = trace->rank});
    length = std::max(length, trace->arrival.size());
  }
  std::vector<size_t> present;
  std::vector<std::array<double, kLatePhases>> terms;
  for (size_t index = 0; index < length; ++index) {
    present.clear();
    terms.clear();
    size_t late = 0;
    for (size_t i = 0; i < ordered.size(); ++i) {
      const double arrival = At(ordered[i]->arrival, index);
      if (std::isnan(arrival)) continue;
      if (present.empty() || arrival > At(ordered[present[late]]->arrival, index)) late = present.size();
      present.push_back(i);
      terms.push_back(TermsOf(*ordered[i], index));
    }
    if (present.size() < 2) continue;
    const size_t last = present[late];
    StepBlame step = {.step = first_step + static_cast<int64_t>(index),
                      .rank = ordered[last]->rank,
                      .phase = CauseOf(terms, late)};
    for (const size_t i : present) {
      if (i == last) continue;
      const double wait = At(ordered[last]->arrival, index) - At(ordered[i]->arrival, index);
      const double stood = StoodStill(*ordered[i], index);
      step.charged_seconds += stood < wait ? stood : wait;  // a stand that is not known bounds nothing
      const double whole = At(ordered[i]->step, index);
      if (!std::isnan(whole)) blame.others_seconds += whole;
    }
    RankBlame& rank = blame.ranks[last];
    rank.charged_seconds[static_cast<size_t>(step.phase)] += step.charged_seconds;
    ++rank.times_last;
    blame.steps.push_back(step);
  }
  Judge(blame);
  return blame;
}

std::string BlameSentence(const Blame& blame) {
  static constexpr std::array<const char*, kLatePhases> kWords = {
      "reading its data",
      "computing",
      "held up in the exchange before",
      "decoding what it received",
      "updating its parameters",
      "busy between two steps (evaluation, a checkpoint, or a machine that did something else)",
      "encoding what it sends"};
  switch (blame.verdict) {
    case Blame::Verdict::kNobodyWaits:
      return "nobody waits: no step was seen of two ranks together";
    case Blame::Verdict::kEven:
      return fmt::format("the ranks come together: waiting for the last takes {} of their time",
                         Percent(blame.charged_share));
    case Blame::Verdict::kByTurns:
      return fmt::format(
          "the ranks keep one another waiting by turns, {} of the time; none of them stands out",
          Percent(blame.charged_share));
    case Blame::Verdict::kStraggler:
      break;
  }
  return fmt::format("rank {} kept the others waiting {} of the time, {}", blame.straggler,
                     Percent(blame.straggler_share), kWords[static_cast<size_t>(blame.phase)]);
}

std::string BlameObstacle(const Json& exchange, int workers, int hosts) {
  if (workers == 1) return "a single worker waits for nobody";
  if (hosts > 1)
    return "the workers are on several hosts, and arrivals on different clocks cannot be compared";
  if (StrategyOf(exchange) == Strategy::kAsynchronous)
    return "the workers do not wait for one another: each takes its steps at its own pace";
  return "";
}

int64_t BlameSteps(int ranks) {
  constexpr int64_t kMostSteps = 2000, kMostValues = 400'000;
  const int64_t values_a_step = static_cast<int64_t>(kTraceSeries.size()) * std::max(1, ranks);
  return std::clamp<int64_t>(kMostValues / values_a_step, 50, kMostSteps);
}

}  // namespace concertina
