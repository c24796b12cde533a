// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// parallel_axes_test.cc: where values stand on their axes, and which lines a brush leaves.
#include "ui/charts/parallel_axes.h"

#include <QSignalSpy>
#include <QTest>
#include <cmath>

#include "tests/test_program.h"

namespace concertina::ui::parallel_axes_test {

class ParallelAxesTest : public QObject {
  Q_OBJECT

  static QVector<ParallelLine> lines(int count) {
    QVector<ParallelLine> lines;
    for (int i = 0; i < count; ++i) lines.push_back({QString("run %1").arg(i), Qt::blue, Qt::cyan});
    return lines;
  }
  // rate 0.1, 0.2, 0.3; codec a, b, a; accuracy 0.5, 0.7, 0.9.
  static void fill(ParallelAxes& axes) {
    axes.setAxes(
        {numberAxis("rate", {0.1, 0.2, 0.3}, {"0.1", "0.2", "0.3"}), textAxis("codec", {"a", "b", "a"}),
         numberAxis("accuracy", {0.5, 0.7, 0.9}, {"0.5", "0.7", "0.9"})},
        lines(3));
  }
  static QString keptBy(const ParallelAxes& axes, int lines) {
    QString kept;
    for (int i = 0; i < lines; ++i) kept += axes.isKept(i) ? QString::number(i) : QString();
    return kept;
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void numbersHaveAScale_data() {
    QTest::addColumn<QVector<double>>("values");
    QTest::addColumn<QVector<double>>("places");
    QTest::newRow("linear") << QVector<double>{1, 3, 2} << QVector<double>{0, 1, 0.5};
    QTest::newRow("logarithmic") << QVector<double>{1, 10, 100} << QVector<double>{0, 0.5, 1};
    QTest::newRow("not below zero") << QVector<double>{-1, 99} << QVector<double>{0, 1};
    QTest::newRow("one alone") << QVector<double>{7, 7} << QVector<double>{0.5, 0.5};
    QTest::newRow("one missing") << QVector<double>{1, qQNaN(), 2} << QVector<double>{0, qQNaN(), 1};
    QTest::newRow("none") << QVector<double>{qQNaN()} << QVector<double>{qQNaN()};
  }
  void numbersHaveAScale() {
    QFETCH(QVector<double>, values);
    QFETCH(QVector<double>, places);
    const ParallelAxis axis = numberAxis("x", values, QStringList(values.size(), "?"));
    QCOMPARE(axis.places.size(), places.size());
    for (int i = 0; i < places.size(); ++i)
      QVERIFY(std::isnan(places[i]) ? std::isnan(axis.places[i])
                                    : std::abs(axis.places[i] - places[i]) < 1e-12);
    QCOMPARE(axis.tick_places.size(), axis.tick_labels.size());
    for (const double tick : axis.tick_places) QVERIFY(tick >= -1e-9 && tick <= 1 + 1e-9);
  }

  void textsStandInTheirOrder() {
    const ParallelAxis axis = textAxis("codec", {"none", "top-k", "none", "", "fp16"});
    QCOMPARE(axis.places[0], 0.0);
    QCOMPARE(axis.places[1], 0.5);
    QCOMPARE(axis.places[2], 0.0);
    QVERIFY(std::isnan(axis.places[3]));
    QCOMPARE(axis.places[4], 1.0);
    QCOMPARE(axis.tick_labels, (QStringList{"none", "top-k", "fp16"}));
  }

  void aFlippedAxisKeepsWhatItsBrushKept() {
    ParallelAxes axes;
    axes.resize(800, 300);
    axes.show();
    fill(axes);
    axes.brush(2, 0.9, 1);  // the best accuracy
    QCOMPARE(keptBy(axes, 3), "2");
    axes.flip(2);
    QVERIFY(axes.isFlipped(2) && !axes.isFlipped(0));
    QCOMPARE(keptBy(axes, 3), "2");
    fill(axes);  // another answer of the engine: the axis is as it was left
    QCOMPARE(keptBy(axes, 3), "2");
    axes.brush(2, 0.9, 1);  // at the upper end is the worst now
    QCOMPARE(keptBy(axes, 3), "0");
    const QPointF title(axes.placeOf(2, 1).x(), 2);
    QTest::mouseDClick(&axes, Qt::LeftButton, {}, title.toPoint());
    QVERIFY(!axes.isFlipped(2));
    QCOMPARE(keptBy(axes, 3), "0");     // a click on a title is none on its axis
    QTest::keyClick(&axes, Qt::Key_F);  // the chosen one is the first
    QVERIFY(axes.isFlipped(0));
    axes.flip(9);
    axes.flip(-1);
  }

  void brushesLeaveWhatGoesThroughAll() {
    ParallelAxes axes;
    fill(axes);
    QSignalSpy brushed(&axes, &ParallelAxes::brushed);
    QCOMPARE(keptBy(axes, 3), "012");
    axes.brush(1, 0, 0.2);  // codec a
    QCOMPARE(keptBy(axes, 3), "02");
    axes.brush(2, 0.9, 1);  // the best accuracy
    QCOMPARE(keptBy(axes, 3), "2");
    axes.brush(1, 0, 0);
    QCOMPARE(keptBy(axes, 3), "2");
    QCOMPARE(brushed.count(), 3);
    fill(axes);  // newer figures: what a person brushed stays
    QCOMPARE(keptBy(axes, 3), "2");
  }

  void aLineWithoutTheValueGoesThroughNoBrush() {
    ParallelAxes axes;
    axes.setAxes({numberAxis("a", {1, qQNaN()}, {"1", ""}), numberAxis("b", {1, 2}, {"1", "2"})}, lines(2));
    axes.brush(0, 0, 1);
    QCOMPARE(keptBy(axes, 2), "0");
  }

  void aHandBrushes() {
    ParallelAxes axes;
    fill(axes);
    axes.resize(800, 300);
    axes.show();
    const auto at = [&](int axis, double place) { return axes.placeOf(axis, place).toPoint(); };
    QTest::mousePress(&axes, Qt::LeftButton, {}, at(0, 0.4));
    QTest::mouseMove(&axes, at(0, 0.7));
    QTest::mouseRelease(&axes, Qt::LeftButton, {}, at(0, 1.0));
    QCOMPARE(keptBy(axes, 3), "12");
    QTest::mouseClick(&axes, Qt::LeftButton, {}, at(0, 0.2));  // a click lets go
    QCOMPARE(keptBy(axes, 3), "012");
  }

  void keysBrush() {
    ParallelAxes axes;
    fill(axes);
    axes.resize(800, 300);
    axes.show();
    QTest::keyClick(&axes, Qt::Key_Right);
    QTest::keyClick(&axes, Qt::Key_Right);
    QTest::keyClick(&axes, Qt::Key_Down);  // the upper quarter of the accuracy
    QCOMPARE(keptBy(axes, 3), "2");
    for (int i = 0; i < 3; ++i) QTest::keyClick(&axes, Qt::Key_Down);
    QCOMPARE(keptBy(axes, 3), "1");
    QTest::keyClick(&axes, Qt::Key_Escape);
    QCOMPARE(keptBy(axes, 3), "012");
  }
};

CONCERTINA_TEST(ParallelAxesTest)

}  // namespace concertina::ui::parallel_axes_test

#include "parallel_axes_test.moc"
