// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// collective_blame.cc: see collective_blame.h.
#include "core/analysis/collective_blame.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <span>

#include "fmt/format.h"

namespace concertina {
namespace {

constexpr std::string_view kArrivalFolder = "arrival/", kWayName = "step";
constexpr double kNotNoted = std::numeric_limits<double>::quiet_NaN();
// What is the same moment, on clocks that are read in seconds since a run began.
constexpr double kSameSeconds = 1e-6;
enum ArrivalPlace : size_t { kFigureAt, kFigureStood, kFigureComputed, kFigureQueued, kFigureEncoded };
enum WayPlace : size_t { kWayFilled, kWayData, kWayUpdated, kWayDecoded, kWayOther, kWayTail };
using ArrivalValues = std::array<double, kWayFigureNames.size()>;

using LateTerms = std::array<double, kLatePhases>;

double OrNone(double seconds) { return std::isnan(seconds) ? 0 : seconds; }

// By LatePhase. What is 0 was not sent; of the first step nothing is known from before its batch.
LateTerms WayOf(const ArrivalValues& arrival, const ArrivalValues* way) {
  LateTerms terms{};
  const auto term = [&terms](LatePhase phase) -> double& { return terms[static_cast<size_t>(phase)]; };
  term(LatePhase::kCompute) = OrNone(arrival[kFigureComputed]);
  term(LatePhase::kEncode) = OrNone(arrival[kFigureEncoded]);
  const double queued = OrNone(arrival[kFigureQueued]);
  double begun = arrival[kFigureAt] - queued - term(LatePhase::kCompute) - term(LatePhase::kEncode);
  if (way != nullptr && std::abs((*way)[kWayFilled] - begun) < kSameSeconds) {
    term(LatePhase::kData) = OrNone((*way)[kWayData]);
    term(LatePhase::kUpdate) = OrNone((*way)[kWayUpdated]);
    term(LatePhase::kDecode) = OrNone((*way)[kWayDecoded]);
    term(LatePhase::kOther) = OrNone((*way)[kWayOther]);
    const double tail = OrNone((*way)[kWayTail]);
    begun -= tail;
    for (const LatePhase phase :
         {LatePhase::kData, LatePhase::kUpdate, LatePhase::kDecode, LatePhase::kOther})
      begun -= term(phase);
    term(LatePhase::kCompute) += tail;
  }
  term(LatePhase::kExchange) = begun + queued;
  return terms;
}

double MedianOf(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

LatePhase CauseAmong(const std::vector<LateTerms>& ways, size_t late) {
  size_t cause = 0;
  double most = -std::numeric_limits<double>::infinity();
  std::vector<double> others;
  for (size_t phase = 0; phase < kLatePhases; ++phase) {
    others.clear();
    for (size_t i = 0; i < ways.size(); ++i)
      if (i != late) others.push_back(ways[i][phase]);
    const double excess = ways[late][phase] - MedianOf(others);
    if (excess <= most) continue;
    most = excess;
    cause = phase;
  }
  return static_cast<LatePhase>(cause);
}

}  // namespace

std::optional<ArrivalSeriesName> ParseArrivalSeries(std::string_view series) {
  if (!series.starts_with(kArrivalFolder)) return std::nullopt;
  series.remove_prefix(kArrivalFolder.size());
  const size_t slash = series.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  const std::string_view collective = series.substr(0, slash), figure = series.substr(slash + 1);
  const bool is_way = collective == kWayName;
  const std::span<const char* const> names = is_way ? std::span<const char* const>(kWayFigureNames)
                                                    : std::span<const char* const>(kArrivalFigureNames);
  const auto found = std::find(names.begin(), names.end(), figure);
  if (found == names.end()) return std::nullopt;
  return ArrivalSeriesName{is_way ? std::string() : std::string(collective),
                           static_cast<size_t>(found - names.begin())};
}

double CollectiveBlame::charged_seconds() const {
  double sum = 0;
  for (const CollectiveCharge& collective : collectives) sum += collective.charged_seconds;
  return sum;
}

ArrivalTable::Figures& ArrivalTable::FiguresOf(ByRank& ranks, int rank) {
  const auto [found, is_new] = ranks.try_emplace(rank);
  if (is_new) found->second.fill(kNotNoted);
  return found->second;
}

void ArrivalTable::Add(int rank, const ArrivalSeriesName& name, int64_t step, double value) {
  if (name.figure >= kWayFigureNames.size()) return;
  ByRank& ranks = name.collective.empty() ? ways_[step] : arrivals_[name.collective][step];
  FiguresOf(ranks, rank)[name.figure] = value;
}

CollectiveBlame ArrivalTable::Blame() const {
  CollectiveBlame blame;
  std::map<int, RankBlame> by_rank;
  std::set<int64_t> steps;
  for (const auto& [name, of_steps] : arrivals_) {
    CollectiveCharge charge{.name = name};
    std::map<int, std::array<double, kLatePhases>> of_ranks;
    for (const auto& [step, ranks] : of_steps) {
      const auto ways = ways_.find(step);
      std::vector<int> present;
      std::vector<LateTerms> terms;
      size_t late = 0;
      for (const auto& [rank, figures] : ranks) {
        if (std::isnan(figures[kFigureAt])) continue;
        if (!present.empty() && figures[kFigureAt] > ranks.at(present[late])[kFigureAt])
          late = present.size();
        present.push_back(rank);
        const Figures* way = nullptr;
        if (ways != ways_.end()) {
          const auto own = ways->second.find(rank);
          if (own != ways->second.end()) way = &own->second;
        }
        terms.push_back(WayOf(figures, way));
        by_rank.try_emplace(rank).first->second.rank = rank;
      }
      if (present.size() < 2) continue;
      ++charge.times;
      steps.insert(step);
      const int last = present[late];
      double seconds = 0;
      for (const int rank : present) {
        const Figures& figures = ranks.at(rank);
        const double wait = ranks.at(last)[kFigureAt] - figures[kFigureAt];
        const double stood = figures[kFigureStood];
        if (rank != last) seconds += std::isnan(stood) ? wait : std::min(wait, std::max(0.0, stood));
      }
      const auto phase = static_cast<size_t>(CauseAmong(terms, late));
      charge.charged_seconds += seconds;
      of_ranks[last][phase] += seconds;
      RankBlame& rank = by_rank[last];
      rank.charged_seconds[phase] += seconds;
      ++rank.times_last;
    }
    if (charge.times == 0) continue;
    for (const auto& [rank, phases] : of_ranks) {
      const double seconds = std::accumulate(phases.begin(), phases.end(), 0.0);
      if (charge.rank >= 0 && seconds <= charge.rank_seconds) continue;
      charge.rank = rank;
      charge.rank_seconds = seconds;
      charge.phase = static_cast<LatePhase>(std::max_element(phases.begin(), phases.end()) - phases.begin());
    }
    blame.collectives.push_back(std::move(charge));
  }
  std::stable_sort(blame.collectives.begin(), blame.collectives.end(),
                   [](const CollectiveCharge& a, const CollectiveCharge& b) {
                     return a.charged_seconds > b.charged_seconds;
                   });
  blame.steps = static_cast<int64_t>(steps.size());
  for (auto& [rank, of_it] : by_rank) blame.ranks.push_back(of_it);
  return blame;
}

std::string CollectiveSentence(const CollectiveBlame& blame) {
  if (blame.collectives.empty() || !(blame.collectives.front().charged_seconds > 0)) return "";
  const CollectiveCharge& worst = blame.collectives.front();
  return fmt::format("most of it at {}, {:.2g} ms a time, mostly for rank {}: {}", worst.name,
                     1000 * worst.charged_seconds / static_cast<double>(worst.times), worst.rank,
                     kLatePhaseNames[static_cast<size_t>(worst.phase)]);
}

}  // namespace concertina
