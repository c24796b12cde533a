// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// number_format.cc: see number_format.h.
#include "ui/client/number_format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <algorithm>
#include <array>
#include <cmath>

namespace concertina::ui {
namespace {

struct Prefix {
  const char* text;
  double factor;
};
constexpr std::array<Prefix, 8> kPrefixes = {
    {{"P", 1e15}, {"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"k", 1e3}, {"", 1}, {"m", 1e-3}, {"µ", 1e-6}}};

// Bytes and samples come whole: no milli-bytes.
bool countsWholes(const QString& unit) {
  return unit.startsWith(QLatin1Char('B')) || unit.startsWith(QLatin1String("sample"));
}

// The prefix in which |value|, rounded to three digits, lies in [1, 1000): 999.6 is 1.00 k.
Prefix prefixFor(double magnitude, bool wholes) {
  for (const Prefix& prefix : kPrefixes) {
    const double lowest = prefix.factor == 1e-6 ? 0 : prefix.factor * 0.9995;
    if (magnitude >= lowest || (wholes && prefix.factor == 1)) return prefix;
  }
  return {"", 1};
}

class UnitWords {
  Q_DECLARE_TR_FUNCTIONS(NumberFormat)
};

}  // namespace

QString notMeasured() { return QStringLiteral("–"); }

QString formatNumber(double value, int significant) {
  if (!std::isfinite(value)) return notMeasured();
  const QLocale locale;
  if (value == 0) return locale.toString(0);
  const double magnitude = std::abs(value);
  if (magnitude < 1e-4 || magnitude >= 1e15) return locale.toString(value, 'e', significant - 1);
  // The exponent after rounding: 9.996 has the digits of 10.0.
  int exponent = static_cast<int>(std::floor(std::log10(magnitude)));
  const double unit = std::pow(10.0, exponent - significant + 1);
  if (std::round(magnitude / unit) * unit >= std::pow(10.0, exponent + 1) * (1 - 1e-12)) ++exponent;
  return locale.toString(value, 'f', std::max(0, significant - 1 - exponent));
}

QString formatCount(qint64 count) { return QLocale().toString(count); }

QString formatWithPrefix(double value, const QString& unit) {
  if (!std::isfinite(value)) return notMeasured();
  if (unit.isEmpty()) return formatNumber(value);
  const bool wholes = countsWholes(unit);
  const Prefix prefix = value == 0 ? Prefix{"", 1} : prefixFor(std::abs(value), wholes);
  const double scaled = value / prefix.factor;
  // Below the first prefix whole things are written whole: 7 B, not 7.00 B.
  const QString number = wholes && prefix.factor == 1 && scaled == std::round(scaled)
                             ? QLocale().toString(scaled, 'f', 0)
                             : formatNumber(scaled);
  return number + QLatin1Char(' ') + QString::fromUtf8(prefix.text) + unit;
}

QString formatBytes(double bytes) { return formatWithPrefix(bytes, QStringLiteral("B")); }
QString formatBandwidth(double mbit) { return formatWithPrefix(mbit * 1e6, QStringLiteral("bit/s")); }

QString formatRate(double bytes_per_second) {
  return formatWithPrefix(bytes_per_second, QStringLiteral("B/s"));
}

QString formatSamplesRate(double samples_per_second) {
  if (!std::isfinite(samples_per_second)) return notMeasured();
  return UnitWords::tr("%1 samples/s").arg(formatNumber(samples_per_second));
}

QString formatRatio(double ratio) {
  if (!std::isfinite(ratio) || ratio <= 0) return notMeasured();
  return formatNumber(ratio) + QStringLiteral("×");
}

QString formatPercent(double fraction) {
  if (!std::isfinite(fraction)) return notMeasured();
  // Two decimals near the top, where papers compare: 99.12 %.
  return UnitWords::tr("%1 %").arg(QLocale().toString(100 * fraction, 'f', 2));
}

QString formatDuration(double seconds, bool whole_seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return notMeasured();
  if (whole_seconds && seconds >= 1 && seconds < 59.5)
    return UnitWords::tr("%1 s").arg(std::llround(seconds));
  if (seconds < 60 - 0.05) return formatWithPrefix(seconds, QStringLiteral("s"));
  const qint64 whole = std::llround(seconds);
  const auto two = [](qint64 n) { return QStringLiteral("%1").arg(n, 2, 10, QLatin1Char('0')); };
  if (whole < 3600) return UnitWords::tr("%1 min %2 s").arg(whole / 60).arg(two(whole % 60));
  if (whole < 86400) return UnitWords::tr("%1 h %2 min").arg(whole / 3600).arg(two(whole % 3600 / 60));
  return UnitWords::tr("%1 d %2 h").arg(whole / 86400).arg(whole % 86400 / 3600);
}

QString formatMoment(qint64 unix_ms, qint64 now_unix_ms) {
  if (unix_ms <= 0) return notMeasured();
  const QDateTime moment = QDateTime::fromMSecsSinceEpoch(unix_ms);
  const QDateTime now = QDateTime::fromMSecsSinceEpoch(now_unix_ms);
  const QLocale locale;
  if (moment.date() == now.date()) return locale.toString(moment.time(), QStringLiteral("HH:mm"));
  if (moment.date().year() == now.date().year())
    return locale.toString(moment, QStringLiteral("d MMM HH:mm"));
  return moment.date().toString(Qt::ISODate);
}

QString formatValue(double value, const QString& unit) {
  if (unit == QLatin1String("%")) return formatPercent(value);
  if (unit == QLatin1String("s")) return formatDuration(value);
  if (unit == QLatin1String("B") || unit == QLatin1String("B/s")) return formatWithPrefix(value, unit);
  if (unit == QLatin1String("×")) return formatRatio(value);
  return unit.isEmpty() || !std::isfinite(value) ? formatNumber(value)
                                                 : formatNumber(value) + QLatin1Char(' ') + unit;
}

AxisScale axisScale(double largest, const QString& unit) {
  if (unit == QLatin1String("%")) return {100, unit};
  const bool prefixed =
      unit == QLatin1String("B") || unit == QLatin1String("B/s") || unit == QLatin1String("s");
  if (!prefixed || !std::isfinite(largest) || largest <= 0) return {1, unit};
  // Seconds grow into minutes and hours, which people do not read in kiloseconds.
  if (unit == QLatin1String("s") && largest >= 1) return {1, unit};
  const Prefix prefix = prefixFor(largest, countsWholes(unit));
  return {1 / prefix.factor, QString::fromUtf8(prefix.text) + unit};
}

}  // namespace concertina::ui
