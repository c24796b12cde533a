// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_chart.cc: see export_chart.h.
#include "core/analysis/export_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <limits>

#include "fmt/format.h"

namespace concertina {
namespace {

// All in units of the view box, which the page scales.
constexpr double kWidth = 640, kHeight = 270;
constexpr double kLeft = 66, kRight = 14, kTop = 12, kBottom = 38;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kDotsUpTo = 40;  // fewer points are drawn as dots, too: they are measurements, not a course

struct Axis {
  double low = 0, high = 1;   // what is measured
  double begin = 0, end = 1;  // where that lies
  double At(double value) const { return begin + (value - low) / (high - low) * (end - begin); }
};

// What lies beyond could not be told apart in double precision once it is scaled.
constexpr double kLargest = 1e150, kSmallestExtent = 1e-150;

bool IsShown(const Bucket& bucket) {
  return bucket.count > 0 && std::abs(bucket.mean) < kLargest && std::abs(bucket.min) < kLargest &&
         std::abs(bucket.max) < kLargest;
}

// The pieces of a line between gaps.
std::vector<std::vector<Bucket>> Pieces(const std::vector<Bucket>& buckets) {
  std::vector<std::vector<Bucket>> pieces(1);
  for (const Bucket& bucket : buckets) {
    if (IsShown(bucket))
      pieces.back().push_back(bucket);
    else if (!pieces.back().empty())
      pieces.emplace_back();
  }
  if (pieces.back().empty()) pieces.pop_back();
  return pieces;
}

std::string Band(const std::vector<Bucket>& piece, const Axis& x, const Axis& y, int color) {
  const bool is_flat =
      std::all_of(piece.begin(), piece.end(), [](const Bucket& b) { return b.max <= b.min; });
  if (is_flat || piece.size() < 2) return "";
  std::string points;
  for (const Bucket& b : piece) points += fmt::format("{:.1f},{:.1f} ", x.At(b.step), y.At(b.max));
  for (auto b = piece.rbegin(); b != piece.rend(); ++b)
    points += fmt::format("{:.1f},{:.1f} ", x.At(b->step), y.At(b->min));
  points.pop_back();
  return fmt::format(R"svg(<polygon class="band" fill="var(--s{})" points="{}"/>)svg", color, points);
}

std::string Line(const std::vector<Bucket>& piece, const Axis& x, const Axis& y, int color, bool is_dashed) {
  std::string points;
  for (const Bucket& b : piece) points += fmt::format("{:.1f},{:.1f} ", x.At(b.step), y.At(b.mean));
  points.pop_back();
  return fmt::format(R"svg(<polyline class="line" stroke="var(--s{})"{} points="{}"/>)svg", color,
                     is_dashed ? R"svg( stroke-dasharray="6 4")svg" : "", points);
}

std::string Grid(const Axis& x, const Axis& y, const Chart& chart) {
  const std::string& unit = chart.unit;
  std::string svg;
  const bool has_room = unit == "B" || unit == "s";  // longer units stand beside the last value only
  for (const double tick : RoundTicks(y.low, y.high, 5))
    svg += fmt::format(R"svg(<line class="grid" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/>)svg"
                       R"svg(<text x="{3}" y="{4:.1f}" text-anchor="end">{5}</text>)svg",
                       x.begin, x.end, y.At(tick), x.begin - 8, y.At(tick) + 4,
                       EscapeHtml(QuantityText(tick, has_room ? unit : "")));
  for (const double tick : RoundTicks(x.low, x.high, 6))
    svg += fmt::format(R"svg(<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>)svg", x.At(tick),
                       y.begin + 18, EscapeHtml(QuantityText(tick, chart.x_unit)));
  svg += fmt::format(R"svg(<line class="axis" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>)svg", x.begin, x.end,
                     y.begin);
  svg += fmt::format(R"svg(<text class="axis-title" x="{}" y="{}" text-anchor="end">{}</text>)svg", x.end,
                     kHeight - 4, EscapeHtml(chart.x_title));
  return svg;
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        // Other control characters are not allowed in HTML at all.
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') escaped += c;
    }
  }
  return escaped;
}

std::string QuantityText(double value, std::string_view unit) {
  struct Prefix {
    double factor;
    const char* text;
  };
  static constexpr std::array<Prefix, 8> kPrefixes = {
      {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}, {1e-3, "m"}, {1e-6, "µ"}, {1e-9, "n"}}};
  if (!std::isfinite(value)) return std::isnan(value) ? "–" : value > 0 ? "∞" : "−∞";
  const double size = std::abs(value);
  // Bytes and seconds take prefixes (no milli-bytes, no kilo-seconds); other numbers are shortened from ten
  // thousand on.
  const bool is_bytes = unit == "B", is_seconds = unit == "s";
  const Prefix* chosen = &kPrefixes[4];
  for (const Prefix& prefix : kPrefixes) {
    if (prefix.factor > 1 && (is_seconds || (!is_bytes && size < 1e4))) continue;
    if (prefix.factor < 1 && (!is_seconds || size >= 1 || size == 0)) break;
    chosen = &prefix;
    if (size >= prefix.factor * 0.99995) break;
  }
  if (size == 0) chosen = &kPrefixes[4];
  std::string text = fmt::format("{:.4g}", value / chosen->factor);
  if (text.starts_with('-')) text = "−" + text.substr(1);
  if (is_bytes || is_seconds) return fmt::format("{}\u00a0{}{}", text, chosen->text, unit);
  if (*chosen->text != 0) text += fmt::format("\u00a0{}", chosen->text);
  return unit.empty() ? text : fmt::format("{}\u00a0{}", text, unit);
}

std::string UtcText(int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm utc = {};
  char text[64];
  if (unix_ms <= 0 || gmtime_r(&seconds, &utc) == nullptr) return "";
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &utc));
}

std::vector<double> RoundTicks(double low, double high, int wanted) {
  if (!(high > low) || !std::isfinite(low) || !std::isfinite(high)) return {low};
  const double rough = (high - low) / wanted;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = power;
  for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
    step = factor * power;
    if (step >= rough * 0.999) break;
  }
  std::vector<double> ticks;
  const double first = std::ceil(low / step - 1e-9);
  for (double i = first; i * step <= high + step * 1e-9 && ticks.size() < 100; ++i)
    ticks.push_back(i == 0 ? 0 : i * step);
  return ticks.empty() ? std::vector<double>{low} : ticks;
}

std::string ChartSvg(const Chart& chart) {
  Axis x = {.low = kInfinity, .high = -kInfinity, .begin = kLeft, .end = kWidth - kRight};
  Axis y = {.low = kInfinity, .high = -kInfinity, .begin = kHeight - kBottom, .end = kTop};
  for (const ChartLine& line : chart.lines)
    for (const Bucket& bucket : line.buckets) {
      if (!IsShown(bucket)) continue;
      x.low = std::min(x.low, bucket.step);
      x.high = std::max(x.high, bucket.step);
      y.low = std::min(y.low, bucket.min);
      y.high = std::max(y.high, bucket.max);
    }
  if (!(y.low <= y.high)) return "";
  if (chart.from_zero) y.low = std::min(0.0, y.low);
  if (x.low > 0 && x.low < 0.1 * x.high)
    x.low = 0;  // the first bucket's mean is a little beyond the beginning
  // A single value has no extent: some room around it. Else a little, so that no line touches the frame.
  if (x.high <= x.low) x = {x.low - 1, x.high + 1, x.begin, x.end};
  const double extent = y.high - y.low;
  const double room = extent > std::max(std::abs(y.high) * 1e-9, kSmallestExtent)
                          ? extent * 0.05
                          : std::max(std::abs(y.high) * 0.1, 1e-3);
  y.high += room;
  if (!(chart.from_zero && y.low >= 0)) y.low -= room;

  std::string svg = fmt::format(R"svg(<svg viewBox="0 0 {} {}" role="img" aria-label="{}">)svg", kWidth,
                                kHeight, EscapeHtml(chart.title));
  svg += Grid(x, y, chart);
  for (const ChartMark& mark : chart.marks)
    if (mark.step >= x.low && mark.step <= x.high)
      svg += fmt::format(
          R"svg(<line class="mark" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"><title>{3}</title></line>)svg",
          x.At(mark.step), y.begin, y.end, EscapeHtml(mark.label));
  if (chart.level >= y.low && chart.level <= y.high)
    svg += fmt::format(
        R"svg(<line class="mark" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"><title>{3}</title></line>)svg",
        x.begin, x.end, y.At(chart.level), EscapeHtml(QuantityText(chart.level, chart.unit)));
  std::string bands, lines;  // every band below every line
  for (const ChartLine& line : chart.lines) {
    for (const std::vector<Bucket>& piece : Pieces(line.buckets)) {
      bands += Band(piece, x, y, line.color);
      lines += Line(piece, x, y, line.color, line.is_dashed);
      if (line.buckets.size() > kDotsUpTo && piece.size() > 1) continue;
      for (const Bucket& b : piece)
        lines += fmt::format(
            R"svg(<circle r="3" fill="var(--s{})" cx="{:.1f}" cy="{:.1f}"><title>{}: {} at {} {}</title></circle>)svg",
            line.color, x.At(b.step), y.At(b.mean), EscapeHtml(line.label),
            EscapeHtml(QuantityText(b.mean, chart.unit)), EscapeHtml(chart.x_title),
            chart.x_title == "step" ? fmt::format("{:.0f}", b.step)
                                    : EscapeHtml(QuantityText(b.step, chart.x_unit)));
    }
  }
  return svg + bands + lines + "</svg>";
}

}  // namespace concertina
