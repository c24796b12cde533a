// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_chart_test.cc: the columns of a lane have the colour of what was done there, and hand, wheel and
// keys move what is in sight.
#include "ui/charts/timeline_chart.h"

#include <QApplication>
#include <QImage>
#include <QPainter>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <cmath>

#include "tests/test_program.h"

namespace concertina::ui::timeline_chart_test {

class TimelineChartTest : public QObject {
  Q_OBJECT

  // Two ranks of ten seconds: forward, then backward, with an exchange beside; rank 1 waits in the middle.
  static std::shared_ptr<const Timeline> sample() {
    const auto bar = [](SpanKind kind, double begin, double end, int number = -1) {
      return Span{.kind = kind, .number = number, .step = 4, .begin_seconds = begin, .end_seconds = end};
    };
    auto timeline = std::make_shared<Timeline>();
    timeline->lanes = {
        {0, SpanRow::kStep, {bar(SpanKind::kForward, 0, 5, 0), bar(SpanKind::kBackward, 5, 10, 0)}},
        {0, SpanRow::kCommunication, {bar(SpanKind::kExchange, 6, 8, 1)}},
        {1,
         SpanRow::kStep,
         {bar(SpanKind::kForward, 0, 4), bar(SpanKind::kWait, 4, 6), bar(SpanKind::kUpdate, 6, 10)}}};
    timeline->lanes[1].bars[0].bytes = 4000;
    timeline->ranks = 2;
    timeline->end_seconds = 10;
    timeline->first_step = timeline->last_step = 4;
    return timeline;
  }
  static void lay(TimelineChart& chart) {
    chart.resize(800, chart.sizeHint().height());
    chart.setTimeline(sample());
    chart.resize(800, chart.sizeHint().height());
  }
  static QPointF at(const TimelineChart& chart, int lane, double seconds) {
    const QRectF row = chart.rowRect(lane);
    return {row.left() + (seconds - chart.from()) / (chart.to() - chart.from()) * row.width(),
            row.top() + row.height() * 0.2};  // above the number in its middle
  }
  static bool alike(const QColor& a, const QColor& b) {  // an image is premultiplied: a unit is rounding
    return std::abs(a.red() - b.red()) <= 1 && std::abs(a.green() - b.green()) <= 1 &&
           std::abs(a.blue() - b.blue()) <= 1;
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void columnsHaveTheColourOfWhatWasDone_data() {
    QTest::addColumn<bool>("vectors");
    QTest::newRow("on the screen") << false;
    QTest::newRow("exported") << true;
  }
  void columnsHaveTheColourOfWhatWasDone() {
    QFETCH(bool, vectors);
    TimelineChart chart;
    lay(chart);
    QImage image(chart.size(), QImage::Format_RGB32);
    image.fill(chart.palette().color(QPalette::Base));
    if (vectors) {
      QPainter painter(&image);
      chart.paintTo(painter, chart.size());
    } else {
      chart.render(&image);
    }
    for (int lane = 0; lane < 3; ++lane)
      for (const Span& bar : chart.timeline().lanes[size_t(lane)].bars)
        for (const double share : {0.25, 0.75}) {
          const double seconds = bar.begin_seconds + share * (bar.end_seconds - bar.begin_seconds);
          const QColor found = image.pixelColor(at(chart, lane, seconds).toPoint());
          const QColor expected = spanColor(bar.kind, false);
          QVERIFY2(alike(found, expected), qPrintable(QStringLiteral("lane %1 at %2: %3, expected %4")
                                                          .arg(lane)
                                                          .arg(seconds)
                                                          .arg(found.name(), expected.name())));
        }
    const QColor idle = image.pixelColor(at(chart, 1, 2).toPoint());
    for (int kind = 0; kind < kSpanKinds; ++kind) QVERIFY(!alike(idle, spanColor(SpanKind(kind), false)));
  }

  void aHiddenKindIsNotDrawnAndNotFound() {
    TimelineChart chart;
    lay(chart);
    QVERIFY(chart.textAt(at(chart, 2, 5)).contains("Wait"));
    chart.setKindShown(SpanKind::kWait, false);
    QVERIFY(chart.textAt(at(chart, 2, 5)).isEmpty());
    QImage image(chart.size(), QImage::Format_RGB32);
    chart.render(&image);
    QVERIFY(!alike(image.pixelColor(at(chart, 2, 5).toPoint()), spanColor(SpanKind::kWait, false)));
  }

  void thePointerReadsABar() {
    TimelineChart chart;
    lay(chart);
    const QString text = chart.textAt(at(chart, 1, 7));
    for (const char* part : {"Rank 0", "Exchange", "number 1", "step 4", "2.00 s", "4.00 kB"})
      QVERIFY2(text.contains(part), qPrintable(text));
    QVERIFY(chart.textAt(at(chart, 0, 1)).contains("micro-batch 0"));
    QVERIFY(chart.textAt(at(chart, 1, 2)).isEmpty());
    QVERIFY(chart.textAt({2, 2}).isEmpty());
  }

  void wheelDragAndKeysMoveWhatIsInSight() {
    TimelineChart chart;
    lay(chart);
    chart.show();
    QSignalSpy ranges(&chart, &TimelineChart::rangeChanged);
    QVERIFY(!chart.isZoomed());
    const QPointF pointer = at(chart, 0, 2.5);
    QWheelEvent wheel(pointer, chart.mapToGlobal(pointer), {}, {0, 120}, Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(&chart, &wheel);
    QVERIFY(chart.isZoomed() && ranges.count() == 1);
    QVERIFY(std::abs(at(chart, 0, 2.5).x() - pointer.x()) < 0.5);  // what is under the pointer stays there

    chart.zoomTo(4, 6);
    const int width = int(chart.rowRect(0).width());
    const QPoint press = at(chart, 0, 5).toPoint();
    QTest::mousePress(&chart, Qt::LeftButton, {}, press);
    QTest::mouseMove(&chart, press - QPoint(width / 2, 0));
    QTest::mouseRelease(&chart, Qt::LeftButton, {}, press - QPoint(width / 2, 0));
    QVERIFY2(std::abs(chart.from() - 5) < 0.02, qPrintable(QString::number(chart.from())));

    QTest::keyClick(&chart, Qt::Key_Left);
    QVERIFY(chart.from() < 4.99);
    const double length = chart.to() - chart.from();
    QTest::keyClick(&chart, Qt::Key_Plus);
    QVERIFY(chart.to() - chart.from() < length * 0.8);
    QTest::keyClick(&chart, Qt::Key_Minus);
    QVERIFY(std::abs(chart.to() - chart.from() - length) < 1e-9);
    for (int i = 0; i < 100; ++i) QTest::keyClick(&chart, Qt::Key_Right);
    QCOMPARE(chart.to(), 10.0);  // never beyond the ends
    QTest::keyClick(&chart, Qt::Key_Home);
    QVERIFY(!chart.isZoomed());
    QTest::keyClick(&chart, Qt::Key_Down);
    QTest::keyClick(&chart, Qt::Key_Down);
    QVERIFY2(chart.accessibleDescription().contains("Rank 1"), qPrintable(chart.accessibleDescription()));
    chart.zoomTo(3, 3);  // no shorter than clocks are fine
    QVERIFY(chart.to() > chart.from());
  }

  void nothingRecordedIsSaid() {
    TimelineChart chart;
    chart.setEmptyText("nothing yet");
    chart.resize(300, 100);
    QImage image(chart.size(), QImage::Format_RGB32);
    chart.render(&image);  // does not fall
    chart.zoomBy(2);
    QCOMPARE(chart.to(), 0.0);
    QVERIFY(chart.textAt({150, 50}).isEmpty());
  }

  void hundredsOfThousandsOfSpansAreDrawn() {
    auto timeline = std::make_shared<Timeline>();
    timeline->lanes.resize(8);
    for (int lane = 0; lane < 8; ++lane) {
      timeline->lanes[size_t(lane)].rank = lane;
      for (int i = 0; i < 32768; ++i)
        timeline->lanes[size_t(lane)].bars.push_back(
            {.kind = i % 2 == 0 ? SpanKind::kForward : SpanKind::kWait,
             .begin_seconds = double(i),
             .end_seconds = i + (i % 2 == 0 ? 1.0 : 0.5)});
    }
    timeline->ranks = 8;
    timeline->end_seconds = 32768;
    TimelineChart chart;
    chart.setTimeline(timeline);
    chart.resize(1000, chart.sizeHint().height());
    QImage image(chart.size(), QImage::Format_RGB32);
    chart.render(&image);
    // Forward has most of each column, and three quarters of it are covered.
    const QColor found = image.pixelColor(at(chart, 3, 16000).toPoint());
    const QColor forward = spanColor(SpanKind::kForward, false);
    QVERIFY2(std::abs(found.hue() - forward.hue()) < 12, qPrintable(found.name()));
  }
};

CONCERTINA_TEST(TimelineChartTest)

}  // namespace concertina::ui::timeline_chart_test

#include "timeline_chart_test.moc"
