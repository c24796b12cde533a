// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_scatter.h: points by two figures and their Pareto front, as inline SVG, coloured by the page it
// stands in. On the way of the data: analysis/pareto.h -> here -> `concertinactl sweep --out FILE.html`.
#pragma once

#include <string>
#include <vector>

namespace concertina {

struct ScatterPoint {
  std::string label;  // beside those on the front; of the others under the pointer
  double x = 0, y = 0;
  bool is_on_front = false;
};

struct Scatter {
  std::string title;   // for screen readers
  std::string x_unit;  // as export_chart.h's: "B", "s", ""
  std::string y_unit;
  std::vector<ScatterPoint> points;  // what is not finite is left out
};

// The axis of x is logarithmic where its values are above zero and span more than a factor of 10. "" if there
// is no point to draw.
std::string ScatterSvg(const Scatter& scatter);

}  // namespace concertina
