// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// number_format.h: numbers as people read them: three significant digits, SI prefixes (k = 1000), the
// locale's separators, a space before the unit. What was not measured (NaN, infinite) is a dash, never a
// zero. On the way of the data: client models -> here -> ui/charts, ui/pages.
#pragma once

#include <QString>

namespace concertina::ui {

// "–", for what was not measured.
QString notMeasured();

// 0.912, 12.3, 1,230, 1.23e-06: `significant` digits, but whole numbers are not cut.
QString formatNumber(double value, int significant = 3);
QString formatCount(qint64 count);                            // 12,345
QString formatWithPrefix(double value, const QString& unit);  // "12.3 kB", "1.23 Mbit/s", "850 samples/s"
QString formatBytes(double bytes);                            // "999 B", "1.00 kB", "12.3 MB"
QString formatBandwidth(double mbit);                         // of a link: "100 Mbit/s", "2.50 Gbit/s"
QString formatRate(double bytes_per_second);                  // "1.00 kB/s"
QString formatSamplesRate(double samples_per_second);  // "12.3 k/s" would hide the unit: "12,300 samples/s"
QString formatRatio(double ratio);                     // "99.2×"
QString formatPercent(double fraction);                // "91.2 %"
// "3.21 ms", "12.3 s", "4 min 05 s", "2 h 03 min", "3 d 4 h"; an interval of one step or of a whole run.
// `whole`: seconds without decimals, for estimates.
QString formatDuration(double seconds, bool whole = false);
// A moment in a table: today "14:05", this year "12 Mar 14:05", else "2025-03-12".
QString formatMoment(qint64 unix_ms, qint64 now_unix_ms);

// One value of an axis with that unit: formatPercent for "%", a prefix for bytes and seconds, else three
// digits.
QString formatValue(double value, const QString& unit);

// How to write a whole axis: value * factor, and the unit with its prefix ("MB" for "B"). "%" is a fraction
// times 100; units without prefixes (none, samples) keep factor 1.
struct AxisScale {
  double factor = 1;
  QString unit;
};
AxisScale axisScale(double largest, const QString& unit);

}  // namespace concertina::ui
