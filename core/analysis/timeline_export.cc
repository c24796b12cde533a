// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_export.cc: a timeline for other programs (see timeline.h). Trace viewers take "traceEvents", each
// with "ph" (its phase: X is a span with a length, M says a name), "pid" and "tid" (here rank and thread),
// "ts" and "dur" in microseconds, and "args" [Duca, Sinclair. Trace Event Format. Google, 2016].
#include "core/analysis/timeline.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr std::array<const char*, kSpanRows> kRowNames = {"step", "communication"};

const char* RowName(SpanRow row) { return kRowNames[static_cast<size_t>(row)]; }
const char* KindName(SpanKind kind) { return kSpanKindNames[static_cast<size_t>(kind)]; }

// What a span's number counts.
const char* NumberName(SpanKind kind, SpanRow row) {
  const bool is_of_pass = kind == SpanKind::kForward || kind == SpanKind::kBackward;
  return is_of_pass && row == SpanRow::kStep ? "micro_batch" : "number";
}

}  // namespace

std::string ChromeTraceJson(const Timeline& timeline, const std::string& run) {
  Json events = Json::array();
  for (const TimelineLane& lane : timeline.lanes) {
    const int thread = static_cast<int>(lane.row);
    const auto name = [&](const char* what, const std::string& text) {
      events.push_back(
          {{"ph", "M"}, {"pid", lane.rank}, {"tid", thread}, {"name", what}, {"args", {{"name", text}}}});
    };
    if (lane.row == SpanRow::kStep) {
      name("process_name", fmt::format("rank {}", lane.rank));
      events.push_back({{"ph", "M"},
                        {"pid", lane.rank},
                        {"tid", thread},
                        {"name", "process_sort_index"},
                        {"args", {{"sort_index", lane.rank}}}});
    }
    name("thread_name", RowName(lane.row));
    for (const Span& bar : lane.bars) {
      Json args = {{"step", bar.step}};
      if (bar.number >= 0) args[NumberName(bar.kind, bar.row)] = bar.number;
      if (bar.bytes > 0) args["bytes"] = bar.bytes;
      events.push_back({{"ph", "X"},
                        {"pid", lane.rank},
                        {"tid", thread},
                        {"name", bar.number < 0 ? KindName(bar.kind)
                                                : fmt::format("{} {}", KindName(bar.kind), bar.number)},
                        {"cat", KindName(bar.kind)},
                        {"ts", bar.begin_seconds * 1e6},
                        {"dur", (bar.end_seconds - bar.begin_seconds) * 1e6},
                        {"args", std::move(args)}});
    }
  }
  return Json{{"traceEvents", std::move(events)},
              {"displayTimeUnit", "ms"},
              {"otherData", {{"run", run}, {"recording", timeline.recording}, {"dropped", timeline.dropped}}}}
      .dump();
}

std::string TimelineCsv(const Timeline& timeline) {
  std::string text = "rank,thread,step,kind,number,begin_seconds,seconds,bytes\n";
  for (const TimelineLane& lane : timeline.lanes)
    for (const Span& bar : lane.bars)
      text += fmt::format("{},{},{},{},{},{:.9f},{:.9f},{}\n", lane.rank, RowName(lane.row), bar.step,
                          KindName(bar.kind), bar.number < 0 ? "" : std::to_string(bar.number),
                          bar.begin_seconds, bar.end_seconds - bar.begin_seconds, bar.bytes);
  return text;
}

Json TimelineJson(const Timeline& timeline) {
  Json lanes = Json::array();
  for (const TimelineLane& lane : timeline.lanes) {
    Json steps = Json::array(), kinds = Json::array(), numbers = Json::array(), begins = Json::array(),
         lengths = Json::array(), bytes = Json::array();
    for (const Span& bar : lane.bars) {
      steps.push_back(bar.step);
      kinds.push_back(KindName(bar.kind));
      numbers.push_back(bar.number < 0 ? Json(nullptr) : Json(bar.number));
      begins.push_back(bar.begin_seconds);
      lengths.push_back(bar.end_seconds - bar.begin_seconds);
      bytes.push_back(bar.bytes);
    }
    lanes.push_back({{"rank", lane.rank},
                     {"thread", RowName(lane.row)},
                     {"step", std::move(steps)},
                     {"kind", std::move(kinds)},
                     {"number", std::move(numbers)},
                     {"begin_seconds", std::move(begins)},
                     {"seconds", std::move(lengths)},
                     {"bytes", std::move(bytes)}});
  }
  return {{"recording", timeline.recording}, {"first_step", timeline.first_step},
          {"last_step", timeline.last_step}, {"end_seconds", timeline.end_seconds},
          {"dropped", timeline.dropped},     {"lanes", std::move(lanes)}};
}

}  // namespace concertina
