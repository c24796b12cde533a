// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline.h: what every rank did from when to when, beside one another on one clock.
// On the way of the data: base/span_ring.h -> here (packed, for the wire and the disk) ->
// worker/engine_link.h -> engine/timeline_file.h -> here (lanes, columns, shares) -> concertinactl timeline,
// ui/charts/timeline_chart.h.
//
// Packed, of one rank, little endian: "CSP1", then as LEB128 varints (signed ones in zigzag): rank,
// recording, first_step, steps, dropped, the number of spans; own_seconds and first_seconds as f64; and a
// span each: kind | row << 6 as a byte, then number + 1, step against the span before, begin against the
// begin before in ns, length in ns, bytes. About 10 bytes a span, and 36 at worst. Then, where there are
// messages ("CSP2" at the front): their dropped, their number, and a message each: kind | is_received << 7 as
// a byte, peer, tag, step, begin and length as above, bytes; of one that was sent part, parts, micro_batch,
// version and staleness, each + 1. About 16 bytes a message, and 63 at worst.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/message_ring.h"
#include "core/base/span_ring.h"
#include "core/base/status.h"

namespace concertina {

// The part of one rank in a recording.
struct RankSpans {
  int rank = 0;
  int64_t recording = 0;  // its number, the same on all ranks
  int64_t first_step = 0, steps = 0;
  // One moment of all ranks: on this rank's clock, and on rank 0's. On the same machine the clock is one.
  double own_seconds = 0, first_seconds = 0;
  uint64_t dropped = 0;  // spans, the oldest, for which there was no room
  std::vector<Span> spans = {};
  uint64_t dropped_messages = 0;
  std::vector<MovedMessage> messages = {};  // analysis/message_replay.h
  std::string host = {};  // not packed: the run knows it
};

inline constexpr size_t kMostPackedBytes = size_t{3} << 20;  // 32,768 spans at worst are 1.2 MB, 16,384 messages 1 MB
std::string PackSpans(const RankSpans& spans);
// kDataLoss, with the byte: cut short, longer than it says, numbers that cannot be.
absl::StatusOr<RankSpans> UnpackSpans(std::string_view packed);

// Of nested spans the innermost has the time: what comes out does not overlap, and ascends. `spans` are those
// of one thread.
std::vector<Span> DisjointSpans(std::vector<Span> spans);

// One thread of one rank. Seconds count from the beginning of the recording, on rank 0's clock.
struct TimelineLane {
  int rank = 0;
  SpanRow row = SpanRow::kStep;
  std::vector<Span> bars;  // disjoint, ascending
};

struct Timeline {
  std::vector<TimelineLane> lanes;  // by rank, the step thread before the communication thread
  double end_seconds = 0;           // of the last bar
  int64_t recording = 0;
  int64_t first_step = 0, last_step = -1;
  int ranks = 0;
  uint64_t dropped = 0;
  bool is_empty() const { return lanes.empty(); }
};
// Ranks on the machine of the lowest rank share its clock; the others are laid by the moment that all know.
Timeline MakeTimeline(std::vector<RankSpans> ranks);
// Bars of the steps [first, last] alone, counted from the beginning of those; end included.
Timeline StepsOfTimeline(const Timeline& timeline, int64_t first, int64_t last);

// A pipeline, as the spec says it; one stage: there is none.
struct PipelineShape {
  int stages = 1, micro_batches = 1, chunks = 1;
  // (p - 1) / (m C + p - 1): parallel/pipeline_schedule.h.
  double expected_bubble() const;
};
PipelineShape PipelineShapeOf(const Json& spec);

// What the time from `begin` to `end` went into.
struct TimelineShares {
  double rank_seconds = 0;                          // ranks x the length
  std::array<double, kSpanKinds> seconds = {};      // of the step threads, all ranks together
  double compute_share = 0;                         // forward and backward, of rank_seconds
  double exchange_seconds = 0, hidden_seconds = 0;  // encode, exchange and decode of either thread; of those,
                                                    // while the rank's step thread computed
  double hidden_share() const { return exchange_seconds > 0 ? hidden_seconds / exchange_seconds : 0; }
  // Over the steps that lie within wholly: 1 - (forward + backward) / (ranks x from the first forward pass of
  // any rank to the end of the last backward pass of any). NaN: no such step.
  double bubble = 0;
};
TimelineShares SharesOf(const Timeline& timeline, double begin, double end);

// A part of a lane as it is drawn: columns [first, last) of a kind.
struct TimelineCell {
  int first = 0, last = 0;
  SpanKind kind = SpanKind::kData;
  double coverage = 1;  // how much of the columns any bar covers; below 1 only for a single column
  int bar = -1;         // of the lane, where it is one; -1: several came together
};
// Cuts [begin, end) into `columns`, and gives each to the kind that has most of it: at most one cell a column
// however many bars there are. `shown`: by kind, what is drawn at all. O(bars in sight + columns).
std::vector<TimelineCell> CellsOf(const TimelineLane& lane, double begin, double end, int columns,
                                  const std::array<bool, kSpanKinds>& shown);
// The bar at a time, or the nearest within `reach` seconds; -1: none.
int BarAt(const TimelineLane& lane, double seconds, double reach, const std::array<bool, kSpanKinds>& shown);

// For chrome://tracing and Perfetto [Duca, Sinclair. Trace Event Format. Google, 2016]: a process a rank, a
// thread a row, complete events ("ph": "X") in microseconds.
std::string ChromeTraceJson(const Timeline& timeline, const std::string& run);
// rank, thread, step, kind, number, begin_seconds, seconds, bytes; RFC 4180.
std::string TimelineCsv(const Timeline& timeline);
Json TimelineJson(const Timeline& timeline);  // the same, a list of columns

}  // namespace concertina
