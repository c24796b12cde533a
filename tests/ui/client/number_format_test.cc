// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// number_format_test.cc: three digits, prefixes, and a dash for what was not measured.
#include "ui/client/number_format.h"

#include <QDateTime>
#include <QLocale>
#include <QTest>
#include <limits>
#include "tests/test_program.h"

namespace concertina::ui::number_format_test {

class NumberFormatTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void numbers_data() {
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("text");
    QTest::newRow("zero") << 0.0 << "0";
    QTest::newRow("three digits") << 0.91234 << "0.912";
    QTest::newRow("zeros count") << 1.0 << "1.00";
    QTest::newRow("tens") << 12.345 << "12.3";
    QTest::newRow("whole numbers are not cut") << 12345.0 << "12,345";
    QTest::newRow("rounding reaches the next power") << 9.996 << "10.0";
    QTest::newRow("just below it") << 9.994 << "9.99";
    QTest::newRow("rounding up to one") << 0.9996 << "1.00";
    QTest::newRow("negative") << -0.5 << "-0.500";
    QTest::newRow("small") << 0.000123 << "0.000123";
    QTest::newRow("very small") << 1.234e-6 << "1.23e-06";
    QTest::newRow("nothing was measured") << std::numeric_limits<double>::quiet_NaN() << "–";
    QTest::newRow("infinite") << std::numeric_limits<double>::infinity() << "–";
  }
  void numbers() {
    QFETCH(double, value);
    QFETCH(QString, text);
    QCOMPARE(formatNumber(value).toLower(), text);
  }

  void rates_data() {
    QTest::addColumn<double>("bytesPerSecond");
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing") << 0.0 << "0 B/s";
    QTest::newRow("just below a prefix") << 999.0 << "999 B/s";
    QTest::newRow("a prefix") << 1000.0 << "1.00 kB/s";
    QTest::newRow("rounding reaches the prefix") << 999.6 << "1.00 kB/s";
    QTest::newRow("and the next one") << 999999.0 << "1.00 MB/s";
    QTest::newRow("tens") << 12.34e6 << "12.3 MB/s";
    QTest::newRow("less than one") << 0.25 << "0.250 B/s";
    QTest::newRow("large") << 4.2e15 << "4.20 PB/s";
  }
  void rates() {
    QFETCH(double, bytesPerSecond);
    QFETCH(QString, text);
    QCOMPARE(formatRate(bytesPerSecond), text);
  }

  void durations_data() {
    QTest::addColumn<double>("seconds");
    QTest::addColumn<QString>("text");
    QTest::newRow("micro") << 12.34e-6 << "12.3 µs";
    QTest::newRow("milli") << 0.00321 << "3.21 ms";
    QTest::newRow("seconds") << 12.34 << "12.3 s";
    QTest::newRow("almost a minute") << 59.97 << "1 min 00 s";
    QTest::newRow("minutes") << 245.0 << "4 min 05 s";
    QTest::newRow("almost an hour") << 3599.7 << "1 h 00 min";
    QTest::newRow("hours") << 7380.0 << "2 h 03 min";
    QTest::newRow("days") << 277200.0 << "3 d 5 h";
    QTest::newRow("negative") << -1.0 << "–";
  }
  void durations() {
    QFETCH(double, seconds);
    QFETCH(QString, text);
    QCOMPARE(formatDuration(seconds), text);
  }

  void othersFollowTheSameRules() {
    QCOMPARE(formatBytes(1.5e9), "1.50 GB");
    QCOMPARE(formatBytes(7), "7 B");
    QCOMPARE(formatRatio(99.24), "99.2×");
    QCOMPARE(formatRatio(0), "–");
    QCOMPARE(formatPercent(0.9123), "91.23 %");
    QCOMPARE(formatSamplesRate(12345), "12,345 samples/s");
    QCOMPARE(formatCount(431080), "431,080");
  }

  void theLocaleDecidesTheSeparators() {
    QLocale::setDefault(QLocale(QLocale::German));
    QCOMPARE(formatBytes(1234), "1,23 kB");
    QCOMPARE(formatCount(431080), "431.080");
    initTestCase();
  }

  void momentsAreShorterWhenNear() {
    const qint64 now = QDateTime(QDate(2026, 11, 24), QTime(15, 0)).toMSecsSinceEpoch();
    QCOMPARE(formatMoment(QDateTime(QDate(2026, 11, 24), QTime(14, 5)).toMSecsSinceEpoch(), now), "14:05");
    QCOMPARE(formatMoment(QDateTime(QDate(2026, 3, 12), QTime(14, 5)).toMSecsSinceEpoch(), now),
             "12 Mar 14:05");
    QCOMPARE(formatMoment(QDateTime(QDate(2025, 3, 12), QTime(14, 5)).toMSecsSinceEpoch(), now),
             "2025-03-12");
    QCOMPARE(formatMoment(0, now), "–");
  }

  void axesHaveOnePrefix_data() {
    QTest::addColumn<double>("largest");
    QTest::addColumn<QString>("unit");
    QTest::addColumn<QString>("scaled");
    QTest::addColumn<double>("factor");
    QTest::newRow("bytes") << 3.2e6 << "B"
                           << "MB" << 1e-6;
    QTest::newRow("few bytes") << 12.0 << "B"
                               << "B" << 1.0;
    QTest::newRow("short times") << 0.085 << "s"
                                 << "ms" << 1e3;
    QTest::newRow("long times stay seconds") << 5000.0 << "s"
                                             << "s" << 1.0;
    QTest::newRow("a pure number") << 5000.0 << ""
                                   << "" << 1.0;
    QTest::newRow("nothing") << 0.0 << "B"
                             << "B" << 1.0;
  }
  void axesHaveOnePrefix() {
    QFETCH(double, largest);
    QFETCH(QString, unit);
    QFETCH(QString, scaled);
    QFETCH(double, factor);
    const AxisScale scale = axisScale(largest, unit);
    QCOMPARE(scale.unit, scaled);
    QCOMPARE(scale.factor, factor);
  }
};

CONCERTINA_TEST(NumberFormatTest)

}  // namespace concertina::ui::number_format_test

#include "number_format_test.moc"
