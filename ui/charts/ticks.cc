// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ticks.cc: see ticks.h.
#include "ui/charts/ticks.h"

#include <QLocale>
#include <algorithm>
#include <cmath>

namespace concertina::ui {
namespace {

// Room for error in sums of steps: a tick at 0.30000000000000004 belongs to a range that ends at 0.3.
constexpr double kSlack = 1e-9;

QString label(double value, int decimals) {
  const QLocale locale;
  const double magnitude = std::abs(value);
  if (magnitude >= 1e6 || (magnitude > 0 && decimals > 5)) return locale.toString(value, 'g', 3);
  return locale.toString(value, 'f', decimals);
}

}  // namespace

double niceNumber(double value, bool up) {
  if (!(value > 0) || !std::isfinite(value)) return 1;
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  const double lead = value / power;  // in [1, 10)
  if (up) return power * (lead <= 1 + kSlack ? 1 : lead <= 2 + kSlack ? 2 : lead <= 5 + kSlack ? 5 : 10);
  return power * (lead >= 5 - kSlack ? 5 : lead >= 2 - kSlack ? 2 : 1);
}

Ticks linearTicks(double from, double to, int wanted, double factor) {
  Ticks ticks;
  if (!std::isfinite(from) || !std::isfinite(to) || !(to > from) || wanted < 1) return ticks;
  const double low = from * factor, high = to * factor;
  // Of the two nice intervals around the wished one, that whose number of ticks is nearer to what was wanted.
  const double wide = niceNumber((high - low) / wanted, true),
               narrow = niceNumber((high - low) / wanted, false);
  const bool narrower = (high - low) / narrow - wanted < wanted - (high - low) / wide;
  const double interval = narrower ? narrow : wide;
  const int decimals = std::max(0, int(std::ceil(-std::log10(interval) - kSlack)));
  // Counted in intervals, so that errors do not add up.
  const double slack = kSlack * std::max(1.0, std::abs(low) / interval);
  for (double n = std::ceil(low / interval - slack); n <= high / interval + slack; ++n) {
    const double value = n == 0 ? 0 : n * interval;  // no -0
    const QString text = label(value, decimals);
    if (!ticks.labels.isEmpty() && ticks.labels.back() == text) continue;
    ticks.values.push_back(value / factor);
    ticks.labels.push_back(text);
  }
  return ticks;
}

Ticks logTicks(double from, double to, int wanted, double factor) {
  Ticks ticks;
  if (!std::isfinite(from) || !std::isfinite(to) || !(from > 0) || !(to > from) || wanted < 1) return ticks;
  const double low = std::log10(from * factor), high = std::log10(to * factor);
  const double decades = high - low;
  if (decades < 0.7) return linearTicks(from, to, wanted, factor);  // too short for powers of ten to show
  const int stride = std::max(1, int(std::ceil(decades / wanted)));
  const bool between = decades * 3 <= wanted * 1.5;
  for (int power = int(std::floor(low)); power <= int(std::ceil(high)); ++power) {
    if (((power % stride) + stride) % stride != 0) continue;
    for (const int lead : {1, 2, 5}) {
      if (lead != 1 && (!between || stride != 1)) continue;
      const double value = lead * std::pow(10.0, power);
      if (std::log10(value) < low - kSlack || std::log10(value) > high + kSlack) continue;
      ticks.values.push_back(value / factor);
      ticks.labels.push_back(label(value, std::max(0, -power)));
    }
  }
  return ticks;
}

ValueRange roomyRange(double least, double largest, bool from_zero) {
  if (!std::isfinite(least) || !std::isfinite(largest) || least > largest) return {0, 1};
  // A curve that comes down to near its axis is read from zero; one that hovers far above is not.
  const bool zero = from_zero ? least >= 0 : least >= 0 && least < 0.4 * largest;
  if (zero && largest > 0) {
    const double grid = niceNumber(largest / 5, true) / 4;
    return {0, std::ceil(largest * 1.03 / grid - kSlack) * grid};
  }
  double span = largest - least;
  if (span <= 1e-12 * std::max(std::abs(least), std::abs(largest)))
    span = std::max(std::abs(largest) * 0.2, 1e-9);
  const double grid = niceNumber(span / 5, true) / 4;
  return {std::floor((least - span * 0.04) / grid + kSlack) * grid,
          std::ceil((largest + span * 0.04) / grid - kSlack) * grid};
}

ValueRange roomyLogRange(double least, double largest) {
  if (!(least > 0) || !std::isfinite(largest) || least > largest) return {0.1, 1};
  constexpr double kGrid = 0.1;  // decades
  const double low = std::floor(std::log10(least) / kGrid - 0.2) * kGrid;
  const double high = std::ceil(std::log10(largest) / kGrid + 0.2) * kGrid;
  return {std::pow(10.0, low), std::pow(10.0, high)};
}

ValueRange growingRange(double least, double largest) {
  if (!std::isfinite(least) || !std::isfinite(largest) || least > largest) return {0, 1};
  if (least == largest) return {least, least + std::max(1.0, std::abs(least) * 0.01)};
  const double grid = niceNumber((largest - least) / 5, true) / 5;
  return {least, std::ceil(largest / grid - kSlack) * grid};
}

ValueRange growingLogRange(double least, double largest) {
  if (!(least > 0) || !std::isfinite(least) || !std::isfinite(largest) || least > largest) return {1, 10};
  constexpr double kGrid = 0.05;  // decades
  const double to = std::pow(10.0, std::ceil(std::log10(largest) / kGrid - kSlack) * kGrid);
  return {least, std::max(to, least * std::pow(10.0, kGrid))};
}

}  // namespace concertina::ui
