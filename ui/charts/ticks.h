// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ticks.h: where an axis has its marks and what stands there: at 1, 2 or 5 times a power of ten, with just as
// many decimals as tell two neighbours apart [Heckbert, Nice Numbers for Graph Labels, Graphics Gems, 1990].
// On the way of the data: charts/series_chart.h asks -> here.
#pragma once

#include <QStringList>
#include <QVector>

namespace concertina::ui {

struct Ticks {
  QVector<double> values;  // ascending, within the range
  QStringList labels;      // as many, no two alike
};

// The 1, 2 or 5 times a power of ten nearest below (or, `up`, above) a positive number.
double niceNumber(double value, bool up);

// About `wanted` ticks for values from..to; labels show value * factor.
Ticks linearTicks(double from, double to, int wanted, double factor = 1);
// Ticks at powers of ten, and at 2 and 5 times them where the range is short. from > 0.
Ticks logTicks(double from, double to, int wanted, double factor = 1);

// A range a little wider than the data, whose ends do not move with every new point: they lie on a grid of a
// quarter of a tick. Data that do not vary get room around them.
struct ValueRange {
  double from = 0, to = 1;
  bool operator==(const ValueRange&) const = default;
};
ValueRange roomyRange(double least, double largest, bool from_zero);
ValueRange roomyLogRange(double least, double largest);
// For an axis that grows to the right: exactly `least` on the left, a little beyond `largest` on the right.
ValueRange growingRange(double least, double largest);
ValueRange growingLogRange(double least, double largest);  // least > 0

}  // namespace concertina::ui
