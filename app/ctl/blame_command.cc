// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// blame_command.cc: blame: which rank keeps the others waiting, what it is late with, and at which
// collective.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "core/analysis/blame.h"
#include "core/analysis/collective_blame.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

// The ranks' series over [first, last], one value a step; what was not measured is NaN.
absl::Status ReadTrace(Connection& engine, const std::string& run, int64_t first, int64_t last,
                       RankTrace& trace) {
  for (size_t i = 0; i < kTraceSeries.size(); ++i) {
    proto::GetSeriesRequest request;
    request.set_run(run);
    request.set_name(kTraceSeries[i]);
    request.set_rank(trace.rank);
    request.set_x_from(static_cast<double>(first) - 0.5);
    request.set_x_to(static_cast<double>(last) + 0.5);
    const auto reply = engine.Call(&proto::Engine::Stub::GetSeries, request, kSeriesDeadlineSeconds);
    if (absl::IsNotFound(reply.status())) continue;  // a rank that has not begun
    if (!reply.ok()) return reply.status();
    std::vector<double>& column = TraceColumn(trace, i);
    column.assign(static_cast<size_t>(last - first + 1), std::numeric_limits<double>::quiet_NaN());
    for (int at = 0; at < std::min(reply->x_size(), reply->mean_size()); ++at) {
      const double step = reply->x(at);
      if (step >= static_cast<double>(first) && step <= static_cast<double>(last))
        column[static_cast<size_t>(std::llround(step) - first)] = reply->mean(at);
    }
  }
  return absl::OkStatus();
}

// The arrivals at each collective over [first, last], as far as they were recorded.
absl::StatusOr<CollectiveBlame> ReadCollectives(Connection& engine, const proto::RunSummary& run,
                                                int64_t first, int64_t last) {
  proto::ListSeriesRequest list;
  list.set_run(run.run());
  ASSIGN_OR_RETURN(const proto::ListSeriesReply known,
                   engine.Call(&proto::Engine::Stub::ListSeries, list, kSeriesDeadlineSeconds));
  ArrivalTable arrivals;
  for (const proto::SeriesInfo& info : known.series()) {
    const std::optional<ArrivalSeriesName> name = ParseArrivalSeries(info.name());
    if (!name) continue;
    for (const proto::Worker& worker : run.workers()) {
      proto::GetSeriesRequest request;
      request.set_run(run.run());
      request.set_name(info.name());
      request.set_rank(worker.rank());
      request.set_x_from(static_cast<double>(first) - 0.5);
      request.set_x_to(static_cast<double>(last) + 0.5);
      const auto reply = engine.Call(&proto::Engine::Stub::GetSeries, request, kSeriesDeadlineSeconds);
      if (absl::IsNotFound(reply.status())) continue;  // another group's collective
      if (!reply.ok()) return reply.status();
      for (int at = 0; at < std::min(reply->x_size(), reply->mean_size()); ++at)
        arrivals.Add(static_cast<int>(worker.rank()), *name, std::llround(reply->x(at)), reply->mean(at));
    }
  }
  return arrivals.Blame();
}

Json CollectivesJson(const CollectiveBlame& blame) {
  Json collectives = Json::array();
  for (const CollectiveCharge& charge : blame.collectives)
    collectives.push_back({{"name", charge.name},
                           {"times", charge.times},
                           {"charged_seconds", charge.charged_seconds},
                           {"rank", charge.rank < 0 ? Json(nullptr) : Json(charge.rank)},
                           {"phase", kLatePhaseNames[static_cast<size_t>(charge.phase)]},
                           {"rank_seconds", charge.rank_seconds}});
  Json ranks = Json::array();
  for (const RankBlame& rank : blame.ranks) {
    Json phases = Json::object();
    for (size_t i = 0; i < kLatePhases; ++i) phases[kLatePhaseNames[i]] = rank.charged_seconds[i];
    ranks.push_back({{"rank", rank.rank}, {"times_last", rank.times_last}, {"phases", std::move(phases)}});
  }
  return {{"steps", blame.steps},
          {"charged_seconds", blame.charged_seconds()},
          {"collectives", std::move(collectives)},
          {"ranks", std::move(ranks)}};
}

std::string CollectivesTable(const CollectiveBlame& blame) {
  constexpr size_t kMostRows = 20;
  std::vector<std::vector<std::string>> rows;
  for (const CollectiveCharge& charge : blame.collectives) {
    if (rows.size() == kMostRows) break;
    const bool waits = charge.charged_seconds > 0;
    rows.push_back({charge.name, CountText(static_cast<double>(charge.times)),
                    SecondsText(charge.charged_seconds / static_cast<double>(charge.times)),
                    waits ? std::to_string(charge.rank) : "–",
                    waits ? kLatePhaseNames[static_cast<size_t>(charge.phase)] : "–"});
  }
  return TableText({"collective", "times", "waited a time", "for rank", "late with"}, rows);
}

Json BlameJson(const std::string& run, const Blame& blame, const CollectiveBlame& collectives,
               const std::string& sentence) {
  Json ranks = Json::array();
  for (const RankBlame& rank : blame.ranks) {
    Json phases = Json::object();
    for (size_t i = 0; i < kLatePhases; ++i) phases[kLatePhaseNames[i]] = rank.charged_seconds[i];
    ranks.push_back({{"rank", rank.rank},
                     {"charged_seconds", rank.total_seconds()},
                     {"share", blame.others_seconds > 0 ? rank.total_seconds() / blame.others_seconds : 0.0},
                     {"times_last", rank.times_last},
                     {"phases", std::move(phases)}});
  }
  Json steps = Json::array();
  for (const StepBlame& step : blame.steps)
    steps.push_back({{"step", step.step},
                     {"rank", step.rank},
                     {"phase", kLatePhaseNames[static_cast<size_t>(step.phase)]},
                     {"charged_seconds", step.charged_seconds}});
  const bool found = blame.verdict == Blame::Verdict::kStraggler;
  return {{"run", run},
          {"sentence", sentence},
          {"straggler", found ? Json(blame.straggler) : Json(nullptr)},
          {"phase", found ? Json(kLatePhaseNames[static_cast<size_t>(blame.phase)]) : Json(nullptr)},
          {"share", found ? Json(blame.straggler_share) : Json(nullptr)},
          {"charged_share", blame.charged_share},
          {"others_seconds", blame.others_seconds},
          {"ranks", std::move(ranks)},
          {"steps", std::move(steps)},
          {"arrivals", CollectivesJson(collectives)}};
}

std::string BlameTable(const Blame& blame) {
  std::vector<std::string> header = {"rank", "charged", "of the others' time", "times last"};
  header.insert(header.end(), kLatePhaseNames.begin(), kLatePhaseNames.end());
  std::vector<std::vector<std::string>> rows;
  for (const RankBlame& rank : blame.ranks) {
    const double share = blame.others_seconds > 0 ? rank.total_seconds() / blame.others_seconds : 0;
    std::vector<std::string>& row = rows.emplace_back();
    row = {std::to_string(rank.rank), SecondsText(rank.total_seconds()), fmt::format("{:.1f} %", 100 * share),
           CountText(static_cast<double>(rank.times_last))};
    for (const double seconds : rank.charged_seconds) row.push_back(seconds > 0 ? SecondsText(seconds) : "–");
  }
  return TableText(header, rows);
}

Outcome ShowBlame(const CommonOptions& options, Connection& engine, const proto::RunSummary& run) {
  std::set<std::string> hosts;
  for (const proto::Worker& worker : run.workers()) hosts.insert(worker.host());
  const auto spec = concertina::Json::parse(run.spec_json(), nullptr, false);
  const concertina::Json exchange =
      spec.is_object() && spec.contains("exchange") ? spec["exchange"] : concertina::Json();
  Blame blame;
  CollectiveBlame collectives;
  std::string sentence = BlameObstacle(exchange, run.workers_size(), static_cast<int>(hosts.size()));
  if (sentence.empty()) {
    const int64_t last = std::max<int64_t>(0, run.steps() - 1);
    const int64_t first = std::max<int64_t>(0, last + 1 - BlameSteps(run.workers_size()));
    std::vector<RankTrace> traces;
    for (const proto::Worker& worker : run.workers()) {
      traces.push_back({.rank = static_cast<int>(worker.rank())});
      if (const absl::Status read = ReadTrace(engine, run.run(), first, last, traces.back()); !read.ok())
        return {read};
    }
    blame = BlameOf(traces, first);
    sentence = BlameSentence(blame);
    absl::StatusOr<CollectiveBlame> read = ReadCollectives(engine, run, first, last);
    if (!read.ok()) return {read.status()};
    collectives = *std::move(read);
  }
  if (options.json) {
    PrintJson(BlameJson(run.run(), blame, collectives, sentence));
    return {};
  }
  if (!blame.steps.empty())
    PrintText(fmt::format("steps {} to {}\n{}\n", CountText(static_cast<double>(blame.steps.front().step)),
                          CountText(static_cast<double>(blame.steps.back().step)), BlameTable(blame)));
  if (!collectives.collectives.empty())
    PrintText(fmt::format("the {} steps whose arrivals were recorded\n{}\n",
                          CountText(static_cast<double>(collectives.steps)), CollectivesTable(collectives)));
  PrintText(sentence + "\n");
  if (const std::string most = CollectiveSentence(collectives); !most.empty()) PrintText(most + "\n");
  return {};
}

}  // namespace

void AddBlameCommand(CLI::App& app, Action& action) {
  AddRunCommand(
      app, action, "blame",
      "Which rank keeps the others waiting, what it is late with, and at which collective (the newest "
      "2,000 steps)",
      ShowBlame);
}

}  // namespace concertina::ctl
