// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline.cc: ranks beside one another, what their time went into, and what of it is drawn (see timeline.h).
#include "core/analysis/timeline.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "nlohmann/json.hpp"

namespace concertina {
namespace {

bool IsCompute(SpanKind kind) { return kind == SpanKind::kForward || kind == SpanKind::kBackward; }
bool IsExchange(SpanKind kind) {
  return kind == SpanKind::kEncode || kind == SpanKind::kExchange || kind == SpanKind::kDecode;
}

double OverlapSeconds(const Span& span, double begin, double end) {
  return std::max(0.0, std::min(span.end_seconds, end) - std::max(span.begin_seconds, begin));
}

// The first bar that ends after `seconds`.
std::vector<Span>::const_iterator FirstAfter(const std::vector<Span>& bars, double seconds) {
  return std::partition_point(bars.begin(), bars.end(),
                              [seconds](const Span& bar) { return bar.end_seconds <= seconds; });
}

}  // namespace

std::vector<Span> DisjointSpans(std::vector<Span> spans) {
  std::stable_sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return a.begin_seconds != b.begin_seconds ? a.begin_seconds < b.begin_seconds
                                              : a.end_seconds > b.end_seconds;
  });
  std::vector<Span> pieces, open;  // open: each within the one before it
  double at = -std::numeric_limits<double>::infinity();
  const auto give = [&](const Span& span, double until) {
    Span piece = span;
    piece.begin_seconds = std::max(at, span.begin_seconds);
    piece.end_seconds = until;
    if (piece.begin_seconds < piece.end_seconds) pieces.push_back(piece);
    at = std::max(at, until);
  };
  for (Span& span : spans) {
    while (!open.empty() && open.back().end_seconds <= span.begin_seconds) {
      give(open.back(), open.back().end_seconds);
      open.pop_back();
    }
    if (!open.empty()) {
      give(open.back(), span.begin_seconds);
      // A clock is read one time after the other: what should lie within may stick out by that.
      span.end_seconds = std::min(span.end_seconds, open.back().end_seconds);
    }
    open.push_back(span);
  }
  for (; !open.empty(); open.pop_back()) give(open.back(), open.back().end_seconds);
  return pieces;
}

Timeline MakeTimeline(std::vector<RankSpans> ranks) {
  Timeline timeline;
  std::stable_sort(ranks.begin(), ranks.end(),
                   [](const RankSpans& a, const RankSpans& b) { return a.rank < b.rank; });
  timeline.first_step = std::numeric_limits<int64_t>::max();
  for (RankSpans& rank : ranks) {
    ++timeline.ranks;
    timeline.recording = rank.recording;
    timeline.dropped += rank.dropped;
    const double origin = rank.host == ranks.front().host ? rank.first_seconds : rank.own_seconds;
    std::array<std::vector<Span>, kSpanRows> rows;
    for (Span& span : rank.spans) {
      timeline.first_step = std::min(timeline.first_step, span.step);
      timeline.last_step = std::max(timeline.last_step, span.step);
      span.begin_seconds -= origin;
      span.end_seconds -= origin;
      rows[static_cast<size_t>(span.row)].push_back(span);
    }
    for (size_t row = 0; row < kSpanRows; ++row) {
      if (rows[row].empty() && row > 0) continue;
      timeline.lanes.push_back({rank.rank, static_cast<SpanRow>(row), DisjointSpans(std::move(rows[row]))});
    }
  }
  // Ranks that do not keep step counted from the beginning of the run: the first bar is what counts here.
  double begin = std::numeric_limits<double>::infinity();
  for (const TimelineLane& lane : timeline.lanes)
    if (!lane.bars.empty()) begin = std::min(begin, lane.bars.front().begin_seconds);
  for (TimelineLane& lane : timeline.lanes)
    for (Span& bar : lane.bars) {
      bar.begin_seconds -= begin;
      bar.end_seconds -= begin;
      timeline.end_seconds = std::max(timeline.end_seconds, bar.end_seconds);
    }
  if (timeline.last_step < 0) timeline.first_step = 0;
  return timeline;
}

Timeline StepsOfTimeline(const Timeline& timeline, int64_t first, int64_t last) {
  Timeline some = timeline;
  double begin = std::numeric_limits<double>::infinity();
  for (TimelineLane& lane : some.lanes) {
    std::erase_if(lane.bars, [&](const Span& bar) { return bar.step < first || bar.step > last; });
    if (!lane.bars.empty()) begin = std::min(begin, lane.bars.front().begin_seconds);
  }
  some.end_seconds = 0;
  for (TimelineLane& lane : some.lanes)
    for (Span& bar : lane.bars) {
      bar.begin_seconds -= begin;
      bar.end_seconds -= begin;
      some.end_seconds = std::max(some.end_seconds, bar.end_seconds);
    }
  some.first_step = std::max(first, timeline.first_step);
  some.last_step = std::min(last, timeline.last_step);
  return some;
}

double PipelineShape::expected_bubble() const {
  return static_cast<double>(stages - 1) / (static_cast<double>(micro_batches) * chunks + stages - 1);
}

PipelineShape PipelineShapeOf(const Json& spec) {
  const auto number = [&](const char* section, const char* name) {
    if (!spec.is_object() || !spec.contains(section) || !spec[section].is_object()) return 1;
    const auto found = spec[section].find(name);
    return found != spec[section].end() && found->is_number_integer()
               ? static_cast<int>(std::clamp<int64_t>(found->get<int64_t>(), 1, 1 << 20))
               : 1;
  };
  return {number("mesh", "pipeline"), number("pipeline", "micro_batches"), number("pipeline", "chunks")};
}

TimelineShares SharesOf(const Timeline& timeline, double begin, double end) {
  TimelineShares shares;
  shares.bubble = std::numeric_limits<double>::quiet_NaN();
  if (!(begin < end) || timeline.ranks == 0) return shares;
  shares.rank_seconds = timeline.ranks * (end - begin);
  struct StepPasses {
    double begin = std::numeric_limits<double>::infinity(), end = 0, busy = 0;
    double whole_begin = std::numeric_limits<double>::infinity(), whole_end = 0;
  };
  std::map<int64_t, StepPasses> steps;
  std::map<int, const TimelineLane*> step_lanes;
  for (const TimelineLane& lane : timeline.lanes)
    if (lane.row == SpanRow::kStep) step_lanes[lane.rank] = &lane;

  double compute = 0;
  for (const TimelineLane& lane : timeline.lanes) {
    const TimelineLane* beside = lane.row == SpanRow::kStep ? nullptr : step_lanes[lane.rank];
    // Both ascend, so one walk over both finds what lies beside what.
    auto computing = beside == nullptr ? lane.bars.end() : FirstAfter(beside->bars, begin);
    for (auto bar = FirstAfter(lane.bars, begin); bar != lane.bars.end() && bar->begin_seconds < end; ++bar) {
      const double seconds = OverlapSeconds(*bar, begin, end);
      if (lane.row == SpanRow::kStep) {
        shares.seconds[static_cast<size_t>(bar->kind)] += seconds;
        if (IsCompute(bar->kind)) compute += seconds;
      }
      if (!IsExchange(bar->kind)) continue;
      shares.exchange_seconds += seconds;
      if (beside == nullptr) continue;
      while (computing != beside->bars.end() && computing->end_seconds <= bar->begin_seconds) ++computing;
      for (auto other = computing; other != beside->bars.end() && other->begin_seconds < bar->end_seconds;
           ++other)
        if (IsCompute(other->kind))
          shares.hidden_seconds +=
              OverlapSeconds(*other, std::max(begin, bar->begin_seconds), std::min(end, bar->end_seconds));
    }
    if (lane.row != SpanRow::kStep) continue;
    for (const Span& bar : lane.bars) {
      if (!IsCompute(bar.kind)) continue;
      StepPasses& step = steps[bar.step];
      step.begin = std::min(step.begin, bar.begin_seconds);
      step.end = std::max(step.end, bar.end_seconds);
      step.busy += bar.end_seconds - bar.begin_seconds;
    }
  }
  shares.compute_share = compute / shares.rank_seconds;
  double busy = 0, all = 0;
  for (const auto& [number, step] : steps) {
    if (step.begin < begin || step.end > end) continue;
    busy += step.busy;
    all += timeline.ranks * (step.end - step.begin);
  }
  if (all > 0) shares.bubble = 1 - busy / all;
  return shares;
}

std::vector<TimelineCell> CellsOf(const TimelineLane& lane, double begin, double end, int columns,
                                  const std::array<bool, kSpanKinds>& shown) {
  std::vector<TimelineCell> cells;
  if (columns < 1 || !(begin < end)) return cells;
  const double column_seconds = (end - begin) / columns;
  constexpr double kWhole = 1 - 1e-6;  // of a column: rounding of its edges
  // The column that is being filled: whatever comes to it, until a bar goes beyond it.
  int filling = -1;
  std::array<double, kSpanKinds> seconds = {};
  int bar_of_column = -1;
  const auto put = [&](TimelineCell cell) {
    if (!cells.empty()) {
      TimelineCell& last = cells.back();
      const bool alike = last.last == cell.first && last.kind == cell.kind && last.coverage >= kWhole &&
                         cell.coverage >= kWhole && last.bar == cell.bar;
      if (alike) {
        last.last = cell.last;
        return;
      }
    }
    cells.push_back(cell);
  };
  const auto finish = [&] {
    if (filling < 0) return;
    size_t most = 0;
    double all = 0;
    for (size_t kind = 0; kind < kSpanKinds; ++kind) {
      all += seconds[kind];
      if (seconds[kind] > seconds[most]) most = kind;
    }
    if (all > 0)
      put({filling, filling + 1, static_cast<SpanKind>(most), std::min(1.0, all / column_seconds),
           bar_of_column});
    filling = -1;
    seconds = {};
  };
  const auto add = [&](int column, SpanKind kind, double of_it, int bar) {
    if (column != filling) {
      finish();
      filling = column;
      bar_of_column = bar;
    } else if (bar_of_column != bar) {
      bar_of_column = -1;
    }
    seconds[static_cast<size_t>(kind)] += of_it;
  };
  for (auto bar = FirstAfter(lane.bars, begin); bar != lane.bars.end() && bar->begin_seconds < end; ++bar) {
    if (!shown[static_cast<size_t>(bar->kind)]) continue;
    const int index = static_cast<int>(bar - lane.bars.begin());
    const double from = std::max(0.0, (bar->begin_seconds - begin) / column_seconds);
    const double to = std::min(static_cast<double>(columns), (bar->end_seconds - begin) / column_seconds);
    const int first = std::min(columns - 1, static_cast<int>(from));
    const int last = std::min(columns - 1, static_cast<int>(std::ceil(to)) - 1);
    if (first >= last) {
      add(first, bar->kind, (to - from) * column_seconds, index);
      continue;
    }
    add(first, bar->kind, (first + 1 - from) * column_seconds, index);
    if (last > first + 1) {
      finish();
      put({first + 1, last, bar->kind, 1, index});
    }
    add(last, bar->kind, (to - last) * column_seconds, index);
  }
  finish();
  return cells;
}

int BarAt(const TimelineLane& lane, double seconds, double reach, const std::array<bool, kSpanKinds>& shown) {
  int nearest = -1;
  double distance = reach;
  for (auto bar = FirstAfter(lane.bars, seconds - reach);
       bar != lane.bars.end() && bar->begin_seconds <= seconds + reach; ++bar) {
    if (!shown[static_cast<size_t>(bar->kind)]) continue;
    const double away = std::max({0.0, bar->begin_seconds - seconds, seconds - bar->end_seconds});
    if (nearest >= 0 && away >= distance) continue;
    distance = away;
    nearest = static_cast<int>(bar - lane.bars.begin());
  }
  return nearest;
}

}  // namespace concertina
