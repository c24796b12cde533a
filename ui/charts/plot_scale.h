// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plot_scale.h: between a value and its place in pixels, linear or logarithmic, without a window.
#pragma once

#include <cmath>

namespace concertina::ui {

struct PlotScale {
  double from = 0, to = 1;              // values at the ends
  double pixel_from = 0, pixel_to = 1;  // where they are; descending for an axis that points up
  bool log = false;

  // Values that a logarithmic axis cannot show (zero and below) go to its lower end.
  double toPixel(double value) const {
    if (!log) return pixel_from + (value - from) * ((pixel_to - pixel_from) / (to - from));  // one division
    const double share = value > 0 ? std::log(value / from) / std::log(to / from) : 0.0;
    return pixel_from + share * (pixel_to - pixel_from);
  }
  double toValue(double pixel) const {
    const double share = (pixel - pixel_from) / (pixel_to - pixel_from);
    return log ? from * std::pow(to / from, share) : from + share * (to - from);
  }
  double pixels() const { return std::abs(pixel_to - pixel_from); }
};

// floor() of what an int can hold: the function is a call, and this is asked for each point.
inline int pixelColumn(double pixel) {
  const int column = int(pixel);
  return column - (pixel < column ? 1 : 0);
}

}  // namespace concertina::ui
