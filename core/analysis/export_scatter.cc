// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_scatter.cc: see export_scatter.h.
#include "core/analysis/export_scatter.h"

#include <algorithm>
#include <cmath>

#include "core/analysis/export_chart.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kScatterWidth = 560, kScatterHeight = 340;
constexpr double kScatterLeft = 70, kScatterRight = 24, kScatterTop = 16, kScatterBottom = 34;

// From a figure to a place between two ends of the plot.
class ScatterAxis {
 public:
  ScatterAxis(double low, double high, double first, double last, bool may_be_logarithmic)
      : is_logarithmic_(may_be_logarithmic && low > 0 && high / low > 10), first_(first), last_(last) {
    low_ = Scaled(low);
    high_ = Scaled(high);
    const double room = high_ > low_ ? 0.06 * (high_ - low_) : std::max(1e-9, 0.1 * std::abs(high_));
    low_ -= room;
    high_ += room;
  }
  double Place(double value) const {
    return first_ + (last_ - first_) * (Scaled(value) - low_) / (high_ - low_);
  }
  std::vector<double> Ticks() const {
    if (!is_logarithmic_) return RoundTicks(low_, high_, 6);
    std::vector<double> ticks;
    const bool is_wide = high_ - low_ > 3;  // decades
    for (int decade = static_cast<int>(std::floor(low_)); decade <= static_cast<int>(std::ceil(high_));
         ++decade)
      for (const double digit : {1.0, 2.0, 5.0}) {
        const double tick = digit * std::pow(10.0, decade);
        if ((digit == 1 || !is_wide) && Scaled(tick) >= low_ && Scaled(tick) <= high_) ticks.push_back(tick);
      }
    return ticks;
  }

 private:
  double Scaled(double value) const { return is_logarithmic_ ? std::log10(value) : value; }
  const bool is_logarithmic_;
  const double first_, last_;
  double low_ = 0, high_ = 0;
};

}  // namespace

std::string ScatterSvg(const Scatter& scatter) {
  std::vector<ScatterPoint> points;
  for (const ScatterPoint& point : scatter.points)
    if (std::isfinite(point.x) && std::isfinite(point.y)) points.push_back(point);
  if (points.empty()) return "";
  // Who is on the front is drawn last, above the others; and from left to right, for its line.
  std::stable_sort(points.begin(), points.end(), [](const ScatterPoint& a, const ScatterPoint& b) {
    return a.is_on_front != b.is_on_front ? b.is_on_front : a.x < b.x;
  });
  const auto range = [&](double ScatterPoint::*figure) {
    const auto [least, most] =
        std::minmax_element(points.begin(), points.end(),
                            [figure](const auto& a, const auto& b) { return a.*figure < b.*figure; });
    return std::pair((*least).*figure, (*most).*figure);
  };
  const auto [x_low, x_high] = range(&ScatterPoint::x);
  const auto [y_low, y_high] = range(&ScatterPoint::y);
  const ScatterAxis across(x_low, x_high, kScatterLeft, kScatterWidth - kScatterRight,
                           /*may_be_logarithmic=*/true);
  const ScatterAxis up(y_low, y_high, kScatterHeight - kScatterBottom, kScatterTop,
                       /*may_be_logarithmic=*/false);

  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", kScatterWidth,
                                kScatterHeight, EscapeHtml(scatter.title));
  for (const double tick : up.Ticks())
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>"
        "<text x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5}</text>",
        kScatterLeft, kScatterWidth - kScatterRight, up.Place(tick), kScatterLeft - 8, up.Place(tick) + 4,
        EscapeHtml(QuantityText(tick, scatter.y_unit)));
  for (const double tick : across.Ticks())
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>"
        "<text x=\"{0:.1f}\" y=\"{3}\" text-anchor=\"middle\">{4}</text>",
        across.Place(tick), kScatterTop, kScatterHeight - kScatterBottom,
        kScatterHeight - kScatterBottom + 18, EscapeHtml(QuantityText(tick, scatter.x_unit)));

  std::string front;
  for (const ScatterPoint& point : points)
    if (point.is_on_front)
      front +=
          fmt::format("{}{:.1f},{:.1f}", front.empty() ? "" : " ", across.Place(point.x), up.Place(point.y));
  if (!front.empty())
    svg += fmt::format("<polyline class=\"line\" points=\"{}\" style=\"stroke:var(--s0)\"/>", front);
  for (const ScatterPoint& point : points) {
    const double x = across.Place(point.x), y = up.Place(point.y);
    const std::string label = EscapeHtml(point.label);
    svg += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" "
        "style=\"stroke:var(--s0);fill:var(--{})\"><title>{}</title></circle>",
        x, y, point.is_on_front ? "s0" : "card", label);
    if (!point.is_on_front) continue;
    const bool is_right = x > kScatterWidth * 0.6;
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>",
                       x + (is_right ? -8 : 8), y - 7, is_right ? "end" : "start", label);
  }
  return svg + "</svg>";
}

}  // namespace concertina
