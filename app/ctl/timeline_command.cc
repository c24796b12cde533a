// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_command.cc: timeline: what each rank did from when to when, in steps that were recorded.
#include <algorithm>
#include <cmath>
#include <memory>

#include "CLI/App.hpp"
#include "CLI/Validators.hpp"
#include "absl/strings/numbers.h"
#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "app/ctl/recorded_spans.h"
#include "core/analysis/timeline.h"
#include "core/base/file.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

struct TimelineArguments {
  std::string run, steps, out;
  int64_t record = 0, recording = 0;
};

struct StepRange {
  int64_t first = 0, last = INT64_MAX;
};
// "100..119", "100..", "..119" or "100".
absl::StatusOr<StepRange> ReadStepRange(const std::string& text) {
  StepRange range;
  if (text.empty()) return range;
  const size_t dots = text.find("..");
  const std::string first = text.substr(0, dots);
  const std::string last = dots == std::string::npos ? first : text.substr(dots + 2);
  const bool is_good = (first.empty() || absl::SimpleAtoi(first, &range.first)) &&
                       (last.empty() || absl::SimpleAtoi(last, &range.last)) &&
                       !(first.empty() && last.empty()) && range.first >= 0 && range.first <= range.last;
  if (!is_good)
    return absl::InvalidArgumentError(
        fmt::format("--steps: found \"{}\", expected FIRST..LAST, e.g. 100..119", text));
  return range;
}

std::string PercentText(double share) { return fmt::format("{:.1f} %", 100 * share); }

Json SharesJson(const TimelineShares& shares, const PipelineShape& pipeline) {
  Json kinds = Json::object();
  for (size_t kind = 0; kind < kSpanKinds; ++kind) kinds[kSpanKindNames[kind]] = shares.seconds[kind];
  Json json = {{"rank_seconds", shares.rank_seconds},
               {"seconds", std::move(kinds)},
               {"compute_share", NumberOrNull(shares.compute_share)},
               {"exchange_seconds", shares.exchange_seconds},
               {"hidden_share", NumberOrNull(shares.hidden_share())},
               {"bubble", nullptr},
               {"expected_bubble", nullptr}};
  if (pipeline.stages > 1) {
    json["bubble"] = NumberOrNull(shares.bubble);
    json["expected_bubble"] = pipeline.expected_bubble();
  }
  return json;
}

std::string TimelineText(const Timeline& timeline, const PipelineShape& pipeline) {
  std::vector<std::string> header = {"rank"};
  for (const char* kind : kSpanKindNames) header.emplace_back(kind);
  header.emplace_back("idle");
  std::vector<std::vector<std::string>> rows;
  for (const TimelineLane& lane : timeline.lanes) {
    if (lane.row != SpanRow::kStep) continue;
    Timeline alone;
    alone.lanes = {lane};
    alone.ranks = 1;
    const TimelineShares shares = SharesOf(alone, 0, timeline.end_seconds);
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back(std::to_string(lane.rank));
    double busy = 0;
    for (const double seconds : shares.seconds) {
      busy += seconds;
      row.push_back(seconds > 0 ? PercentText(seconds / timeline.end_seconds) : "–");
    }
    row.push_back(PercentText(std::max(0.0, 1 - busy / timeline.end_seconds)));
  }
  const TimelineShares shares = SharesOf(timeline, 0, timeline.end_seconds);
  std::string text = fmt::format(
      "steps {} to {}, {}, recording {}\n{}\ncomputing {} of the ranks' time; {} of the exchange is hidden "
      "behind it\n",
      CountText(static_cast<double>(timeline.first_step)), CountText(static_cast<double>(timeline.last_step)),
      SecondsText(timeline.end_seconds), timeline.recording, TableText(header, rows),
      PercentText(shares.compute_share),
      shares.exchange_seconds > 0 ? PercentText(shares.hidden_share()) : "none");
  if (pipeline.stages > 1 && std::isfinite(shares.bubble))
    text += fmt::format("bubble {}; (p - 1) / (m + p - 1) with p = {}, m = {}{} is {}\n",
                        PercentText(shares.bubble), pipeline.stages, pipeline.micro_batches,
                        pipeline.chunks > 1 ? fmt::format(" x {} chunks", pipeline.chunks) : "",
                        PercentText(pipeline.expected_bubble()));
  if (timeline.dropped > 0)
    text += fmt::format("note: {} spans, the oldest, found no room; record fewer steps\n",
                        CountText(static_cast<double>(timeline.dropped)));
  return text;
}

Outcome ShowTimeline(const CommonOptions& options, const TimelineArguments& arguments) {
  const auto range = ReadStepRange(arguments.steps);
  if (!range.ok()) return {range.status()};
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  auto run = engine->FindRun(arguments.run);
  if (!run.ok()) return {run.status()};
  int64_t recording = arguments.recording;
  if (arguments.record > 0) {
    const auto recorded = RecordSteps(*engine, run->run(), arguments.record);
    if (!recorded.ok()) return {recorded.status()};
    recording = *recorded;
  }
  absl::StatusOr<std::vector<RankSpans>> ranks = FetchSpans(*engine, *run, recording);
  if (!ranks.ok()) return {ranks.status()};
  Timeline timeline = MakeTimeline(*std::move(ranks));
  if (!arguments.steps.empty()) timeline = StepsOfTimeline(timeline, range->first, range->last);
  if (!(timeline.end_seconds > 0))
    return {absl::NotFoundError(fmt::format("recording {}: no span is of these steps; it has steps {} to {}",
                                            timeline.recording, timeline.first_step, timeline.last_step))};
  if (!arguments.out.empty()) {
    const std::string text =
        arguments.out.ends_with(".csv") ? TimelineCsv(timeline) : ChromeTraceJson(timeline, run->run());
    if (const absl::Status written = WriteFileAtomically(arguments.out, text); !written.ok())
      return {written};
  }
  const PipelineShape pipeline = PipelineShapeOf(concertina::Json::parse(run->spec_json(), nullptr, false));
  if (options.json) {
    Json json = {{"run", run->run()}};
    const concertina::Json lanes = TimelineJson(timeline);
    for (const auto& [name, value] : lanes.items()) json[name] = value;
    json["shares"] = SharesJson(SharesOf(timeline, 0, timeline.end_seconds), pipeline);
    PrintJson(json);
  } else {
    PrintText(TimelineText(timeline, pipeline));
  }
  return {};
}

}  // namespace

void AddTimelineCommand(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<TimelineArguments>();
  CLI::App* command =
      app.add_subcommand("timeline", "What each rank did from when to when, in steps that were recorded");
  command->add_option("run", arguments->run, "Run id, a unique beginning of one, or last")->required();
  command->add_option("--record", arguments->record, "Record so many steps first (the run must be going)")
      ->check(CLI::Range(1, 1000));
  command->add_option("--recording", arguments->recording, "An earlier recording, by its number");
  command->add_option("--steps", arguments->steps, "FIRST..LAST: these steps alone");
  command->add_option("--out", arguments->out,
                      "Write a trace for chrome://tracing or Perfetto (.json), or a table (.csv)");
  command->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) { return ShowTimeline(options, *arguments); };
  });
}

}  // namespace concertina::ctl
