// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_chart.h: a line chart as inline SVG, coloured by the page it stands in.
// On the way of the data: analysis/pyramid.h -> here -> analysis/export_html.cc.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/analysis/pyramid.h"

namespace concertina {

// The columns that a chart has room for: lines are given in at most so many buckets.
inline constexpr int64_t kChartColumns = 280;

struct ChartLine {
  std::string label;
  int color = 0;                // the page's var(--s0), var(--s1), …
  std::vector<Bucket> buckets;  // ascending steps; drawn as their means over a band from minimum to maximum
  bool is_dashed = false;       // where there are more lines than colours
};

struct ChartMark {  // a moment on the axis
  double step = 0;
  std::string label;
};

struct Chart {
  std::string title;       // for screen readers
  std::string unit;        // "B", "s", …
  bool from_zero = false;  // the axis of values begins at 0
  std::vector<ChartLine> lines;
  std::vector<ChartMark> marks;
  std::string x_title = "step", x_unit;                     // what the buckets' steps are
  double level = std::numeric_limits<double>::quiet_NaN();  // a horizontal line, where it is within the chart
};

// "" if no line has a number to draw.
std::string ChartSvg(const Chart& chart);

// As people read it, with four digits: 1.234 MB, 12.5 ms, 0.8812, 43.1 k.
std::string QuantityText(double value, std::string_view unit);

// "2026-11-28 14:12 UTC"; "" for no time (0).
std::string UtcText(int64_t unix_ms);

// From one to about `wanted` round numbers (1, 2 or 5 times a power of ten) within [low, high].
std::vector<double> RoundTicks(double low, double high, int wanted);

// For text and for attributes in double quotes.
std::string EscapeHtml(std::string_view text);

}  // namespace concertina
