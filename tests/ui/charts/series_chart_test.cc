// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_chart_test.cc: a chart under hands: zoom, read-out, legend; no work while nobody looks; exports.
#include "ui/charts/series_chart.h"

#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QChart>
#include <QClipboard>
#include <QFile>
#include <QMouseEvent>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QTest>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/charts/chart_card.h"
#include "ui/charts/chart_export.h"
#include "ui/charts/palette.h"

namespace concertina::ui::series_chart_test {

class SeriesChartTest : public QObject {
  Q_OBJECT
  SyntheticRun run_;

  QVector<ChartCurve> curves(int64_t steps) const {
    MetricModel model;
    model.append(run_.rows(0, steps));
    QVector<ChartCurve> result;
    for (const char* id : {"train/loss", "test/loss"})
      result.push_back({id, id, seriesColor(0, false), seriesColor(0, true), model.curve(id, XAxis::kStep)});
    return result;
  }
  static QPoint at(const SeriesChart& chart, double share_x, double share_y = 0.5) {
    const QRectF area = chart.chart()->plotArea();
    return (area.topLeft() + QPointF(area.width() * share_x, area.height() * share_y)).toPoint();
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void showsAllOfTheRun() {
    SeriesChart chart;
    chart.resize(600, 300);
    chart.show();
    chart.setCurves(curves(500));
    QTRY_VERIFY(chart.xRange().to >= 500);
    QCOMPARE(chart.xRange().from, 0.0);
    QVERIFY(chart.yRange().to > 2 && chart.yRange().from <= 0.3);
  }

  void aDragZoomsAndADoubleClickShowsAll() {
    SeriesChart chart;
    chart.resize(600, 300);
    chart.show();
    chart.setCurves(curves(500));
    chart.renderNow();
    const ValueRange all = chart.xRange();
    QSignalSpy zoomed(&chart, &SeriesChart::zoomChanged);
    QTest::mousePress(chart.viewport(), Qt::LeftButton, {}, at(chart, 0.25));
    QTest::mouseMove(chart.viewport(), at(chart, 0.4));
    QTest::mouseRelease(chart.viewport(), Qt::LeftButton, {}, at(chart, 0.5));
    QVERIFY(chart.isZoomed());
    const double width = all.to - all.from;
    QVERIFY(std::abs(chart.xRange().from - (all.from + 0.25 * width)) < 0.01 * width);
    QVERIFY(std::abs(chart.xRange().to - (all.from + 0.5 * width)) < 0.01 * width);
    QVERIFY(chart.yRange().to < 2);  // y follows what is visible
    chart.setCurves(curves(600));    // new points do not move what a person looks at
    chart.renderNow();
    QVERIFY(std::abs(chart.xRange().to - (all.from + 0.5 * width)) < 0.01 * width);
    QTest::mouseDClick(chart.viewport(), Qt::LeftButton, {}, at(chart, 0.5));
    QVERIFY(!chart.isZoomed());
    QVERIFY(chart.xRange().to >= 600);
    QCOMPARE(zoomed.count(), 2);
  }

  // What a movement costs does not grow with how dear the average of a long curve is.
  void aHandThatMovesAveragesNothingAnew() {
    SeriesChart chart;
    chart.resize(600, 300);
    chart.show();
    chart.setSmoothing({.beta = 0.9});
    chart.setCurves(curves(500));
    chart.renderNow();
    const int made = chart.averagesMade();
    QCOMPARE(made, 2);
    for (int i = 0; i < 20; ++i) {
      chart.zoomTo(10 * i, 10 * i + 200);
      chart.showCrossHair(10 * i + 50);
    }
    QCOMPARE(chart.averagesMade(), made);
    chart.setSmoothing({.beta = 0.5});  // and yet another smoothing is another average
    chart.renderNow();
    QCOMPARE(chart.averagesMade(), 2 * made);
    chart.setCurves(curves(510));
    chart.renderNow();
    QCOMPARE(chart.averagesMade(), 3 * made);
  }

  void marksAreAtMostOneAPixelColumnAndColour() {
    QVector<ChartMark> marks;
    for (int i = 0; i < 100000; ++i) marks.push_back({double(i), QString::number(i), Qt::gray});
    marks.push_back({50000, "a worker was lost", Qt::red});
    const QVector<ChartMark> shown = marksInSight(marks, {0, 99999, 0, 300});
    QVERIFY(shown.size() <= 302);
    QVERIFY(shown.size() >= 300);
    QCOMPARE(shown.back().text, "a worker was lost");  // it is not hidden by what is of another kind
    QCOMPARE(marksInSight(marks, {10, 19, 0, 300}).size(), 10);  // nearer all of them
    QVERIFY(marksInSight(marks, {-20, -10, 0, 300}).isEmpty());
  }

  void aClickIsNoZoom() {
    SeriesChart chart;
    chart.resize(600, 300);
    chart.show();
    chart.setCurves(curves(500));
    chart.renderNow();
    QTest::mouseClick(chart.viewport(), Qt::LeftButton, {}, at(chart, 0.5));
    QVERIFY(!chart.isZoomed());
  }

  void theKeyboardDoesWhatTheMouseDoes() {
    SeriesChart chart;
    chart.resize(600, 300);
    chart.show();
    chart.setCurves(curves(500));
    chart.renderNow();
    const ValueRange all = chart.xRange();
    QTest::keyClick(&chart, Qt::Key_Plus);
    const ValueRange near = chart.xRange();
    QVERIFY(near.to - near.from < all.to - all.from);
    QTest::keyClick(&chart, Qt::Key_Right);
    QVERIFY(chart.xRange().from > near.from);
    QTest::keyClick(&chart, Qt::Key_Escape);
    QCOMPARE(chart.xRange(), all);
  }

  // Steps 0 to 499: 0 has no logarithm.
  void aLogarithmicXSaysWhatItLeavesOut() {
    SeriesChart chart;
    chart.resize(700, 300);
    chart.show();
    chart.setCurves({{"a",
                      "a",
                      Qt::red,
                      Qt::red,
                      {{-1, 0, 1, 10, 100}, {5, 4, 3, 2, 1}, {5, 4, 3, 2, 1}, {5, 4, 3, 2, 1}, {}}}});
    QSignalSpy told(&chart, &SeriesChart::logXChanged);
    QTest::keyClick(&chart, Qt::Key_X);
    QVERIFY(chart.logX());
    QCOMPARE(told.count(), 1);
    chart.renderNow();
    QCOMPARE(chart.leftOut(), 2);
    QCOMPARE(chart.xRange().from, 1.0);
    QVERIFY(chart.xRange().to >= 100 && chart.xRange().to < 130);
    const auto title = [&chart] { return chart.chart()->axes(Qt::Horizontal).front()->titleText(); };
    QVERIFY2(title().contains("logarithmic") && title().contains("2 at 0 or below"), qPrintable(title()));
    chart.showCrossHair(3.4);  // nearer to 10 than to 1, as it is seen
    QCOMPARE(chart.readOut().x, 10.0);
    chart.showCrossHair(3.0);
    QCOMPARE(chart.readOut().x, 1.0);
    chart.showCrossHair(-1);
    QVERIFY(std::isnan(chart.readOut().x));
    QTest::keyClick(&chart, Qt::Key_X);
    chart.renderNow();
    QCOMPARE(chart.leftOut(), 0);
    QVERIFY(!title().contains("logarithmic"));
    QCOMPARE(chart.xRange().from, -1.0);
  }

  // Zooming and moving along keep what is under the pointer, and the number of decades.
  void aLogarithmicXIsZoomedAndMovedInDecades() {
    SeriesChart chart;
    chart.resize(600, 300);
    chart.show();
    chart.setCurves(curves(1000));
    chart.setLogX(true);
    chart.renderNow();
    chart.zoomTo(10, 100);
    QTest::keyClick(&chart, Qt::Key_Right);
    QVERIFY(std::abs(chart.xRange().to / chart.xRange().from - 10) < 1e-6);
    QVERIFY(chart.xRange().from > 10);
    QTest::keyClick(&chart, Qt::Key_Left);
    QVERIFY(std::abs(chart.xRange().from - 10) < 1e-6);
    QTest::keyClick(&chart, Qt::Key_Plus);  // about the middle of what is seen: the root of 1,000
    QVERIFY(std::abs(chart.xRange().from * chart.xRange().to - 1000) < 1e-3);
    QVERIFY(chart.xRange().from > 10 && chart.xRange().to < 100);
    const ValueRange before = chart.xRange();
    QTest::mousePress(chart.viewport(), Qt::LeftButton, Qt::ShiftModifier, at(chart, 0.5));
    QTest::mouseMove(chart.viewport(), at(chart, 0.25));
    QTest::mouseRelease(chart.viewport(), Qt::LeftButton, Qt::ShiftModifier, at(chart, 0.25));
    QVERIFY(chart.xRange().from > before.from);
    QVERIFY(std::abs(chart.xRange().to / chart.xRange().from - before.to / before.from) < 1e-6);
    chart.zoomTo(-5, 100);  // as a linear chart beside it would say
    QVERIFY(chart.xRange().from > 0);
    chart.setLogX(false);
    chart.zoomTo(0, 50);
    chart.setLogX(true);  // the range stays, as far as it is above 0
    QVERIFY(chart.isZoomed() && chart.xRange().from > 0);
    QCOMPARE(chart.xRange().to, 50.0);
    chart.resetZoom();
    QVERIFY(chart.xRange().to >= 999);
  }

  void whereNoXIsAboveZeroItSaysSo() {
    ChartCard card("page.chart", "Chart");
    card.resize(600, 300);
    card.show();
    card.setCurves({{"a", "a", Qt::red, Qt::red, {{-2, -1, 0}, {1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {}}}});
    auto* log = card.findChild<QAction*>("page.chart.logX");
    QVERIFY(log != nullptr);
    log->trigger();
    QVERIFY(card.chart().logX());
    card.chart().renderNow();  // and does not fall over
    QCOMPARE(card.chart().leftOut(), 3);
    QTest::keyClick(&card.chart(), Qt::Key_X);
    QVERIFY(!log->isChecked());
  }

  // Against another series: x goes back, so a place on it is a step.
  void aPathIsReadByItsSteps() {
    SeriesChart chart;
    chart.resize(600, 300);
    chart.show();
    chart.setXSeries("norm/gradient", "Gradient norm", {});
    Curve data{{4, 1, 3, 2}, {0.1, 0.2, 0.3, 0.4}, {0.1, 0.2, 0.3, 0.4}, {0.1, 0.2, 0.3, 0.4}, {}};
    data.step = {0, 10, 20, 30};
    data.x_min = data.x_max = data.x;
    chart.setCurves({{"a", "a", Qt::red, Qt::red, data}});
    chart.renderNow();
    QVERIFY(chart.xRange().from <= 1 && chart.xRange().to >= 4);  // not from its first point to its last
    const QString title = chart.chart()->axes(Qt::Horizontal).front()->titleText();
    QVERIFY2(title.contains("Gradient norm") && title.contains("order of steps"), qPrintable(title));
    const auto place = [&](int i) {
      const QRectF area = chart.chart()->plotArea();
      const double share = (data.x[i] - chart.xRange().from) / (chart.xRange().to - chart.xRange().from);
      const double above = (data.mean[i] - chart.yRange().from) / (chart.yRange().to - chart.yRange().from);
      return QPointF(area.left() + share * area.width(), area.bottom() - above * area.height()).toPoint();
    };
    QSignalSpy told(&chart, &SeriesChart::crossHairMoved);
    QTest::mouseMove(chart.viewport(), place(2));
    QTRY_VERIFY(!told.isEmpty());
    QCOMPARE(told.back()[0].toDouble(), 20.0);
    const ReadOut read_out = chart.readOut();
    QVERIFY(read_out.is_path && read_out.lines.size() == 1);
    QCOMPARE(read_out.lines[0].x, 3.0);
    QCOMPARE(read_out.lines[0].y, 0.3);
    QVERIFY2(read_out.heading.contains("20"), qPrintable(read_out.heading));
    QTest::keyClick(&chart, Qt::Key_Right, Qt::ControlModifier);  // on along the path, although x is less
    QCOMPARE(chart.readOut().lines[0].x, 2.0);
    chart.zoomTo(1.5, 3.5);  // y follows what is in sight of it
    QVERIFY(chart.yRange().from > 0.2);
    const QString csv = chartCsv(chart.curves(), chart.xAxis(), chart.xSeries());
    QVERIFY2(csv.startsWith("series,\"norm/gradient\",value,least,largest,step\n\"a\",4,0.1,"),
             qPrintable(csv));
    QVERIFY(csv.contains("\"a\",1,0.2,0.2,0.2,10\n"));
    chart.setXAxis(XAxis::kStep);
    QVERIFY(chart.xSeries().isEmpty());
  }

  void thePointerIsTold() {
    SeriesChart chart;
    chart.resize(600, 300);
    chart.show();
    chart.setCurves(curves(500));
    chart.renderNow();
    QSignalSpy moved(&chart, &SeriesChart::crossHairMoved);
    QTest::mouseMove(chart.viewport(), at(chart, 0.5));
    QTRY_VERIFY(!moved.isEmpty());
    const double middle = (chart.xRange().from + chart.xRange().to) / 2;
    QVERIFY(std::abs(moved.back()[0].toDouble() - middle) < 5);
  }

  void hiddenChartsDrawNothing() {
    SeriesChart chart;
    chart.resize(600, 300);
    for (int i = 0; i < 20; ++i) chart.setCurves(curves(100 + i));
    QTest::qWait(100);
    QCOMPARE(chart.picturesDrawn(), 0);
    chart.show();  // and catch up when they are seen
    QTRY_VERIFY(chart.picturesDrawn() > 0);
    QTRY_VERIFY(chart.xRange().to >= 119);
  }

  void manyUpdatesAreFewPictures() {
    SeriesChart chart;
    chart.resize(600, 300);
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    const int before = chart.picturesDrawn();
    QElapsedTimer clock;
    clock.start();
    const QVector<ChartCurve> data = curves(300);
    while (clock.elapsed() < 300 || (chart.picturesDrawn() == before && clock.elapsed() < 5000)) {
      chart.setCurves(data);
      QCoreApplication::processEvents();
    }
    QVERIFY(chart.picturesDrawn() > before);
    QVERIFY2(chart.picturesDrawn() - before <= 1 + clock.elapsed() / 30,
             qPrintable(QString::number(chart.picturesDrawn() - before)));  // 30 a second
  }

  void aDearerPictureComesLessOften() {
    QCOMPARE(refreshPauseMs(0, 0.005), 33);
    QCOMPARE(refreshPauseMs(1, 0.005), 200);
    QCOMPARE(refreshPauseMs(100, 0.005), 500);
    QCOMPARE(refreshPauseMs(1, 0), 500);
    QCOMPARE(refreshPauseMs(1, 0.005, 150), 50);
    QCOMPARE(refreshPauseMs(100, 0.005, 2000), 0);  // after a rest at once
  }

  // What it waits for is not held back by what the picture of nothing cost; nor is that drawn again and
  // again.
  void anEmptyChartIsDrawnOnce() {
    QVector<ChartCurve> known;
    int asked = 0;
    SeriesChart chart;
    chart.resize(600, 300);
    chart.setSource([&] {
      ++asked;
      return known;
    });
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    chart.renderNow();
    chart.invalidate();
    QTRY_VERIFY(asked >= 2);            // when it was shown, and now
    QCoreApplication::processEvents();  // and what was painted for it
    const int before = chart.picturesDrawn(), asked_before = asked;
    for (int i = 1; i <= 5; ++i) {
      chart.setExtent(0, 100 * i);
      chart.invalidate();
      QTRY_VERIFY(asked > asked_before + i - 1);
    }
    QCOMPARE(chart.picturesDrawn(), before);
    chart.setEmptyText("Not measured by this strategy");
    QTRY_COMPARE(chart.picturesDrawn(), before + 1);
    known = curves(200);
    chart.invalidate();
    QTRY_VERIFY(chart.xRange().to >= 200 && chart.picturesDrawn() > before + 1);
    known.clear();  // another run, of which nothing is known yet
    chart.startAnew();
    const int drawn = chart.picturesDrawn();
    QTRY_VERIFY(chart.picturesDrawn() > drawn && chart.curves().isEmpty());
  }

  void aHiddenCurveLeavesTheRangeToTheOthers() {
    SeriesChart chart;
    chart.resize(600, 300);
    chart.show();
    chart.setCurves(curves(500));
    chart.renderNow();
    const double with_train = chart.yRange().to;
    chart.setCurveShown("train/loss", false);
    chart.renderNow();
    QVERIFY(chart.yRange().to < with_train);
    QVERIFY(!chart.isCurveShown("train/loss"));
  }

  void unitsCarryTheirPrefix() {
    SeriesChart chart;
    chart.resize(600, 300);
    chart.show();
    chart.setYUnit("B");
    chart.setXAxis(XAxis::kSeconds);
    QSignalSpy changed(&chart, &SeriesChart::scaledUnitsChanged);
    chart.setCurves({{"bytes", "Sent", Qt::blue, Qt::blue, {{1, 2}, {0, 5e6}, {0, 5e6}, {0, 5e6}}}});
    chart.renderNow();
    QCOMPARE(chart.scaledYUnit(), "MB");
    QCOMPARE(chart.scaledXUnit(), "s");
    QVERIFY(!changed.isEmpty());
  }

  void strangeDataDoNoHarm() {
    SeriesChart chart;
    chart.resize(600, 300);
    chart.show();
    const double nan = qQNaN(), inf = qInf();
    for (const Curve& data :
         {Curve{}, Curve{{5}, {1}, {1}, {1}}, Curve{{1, 2}, {nan, inf}, {nan, inf}, {nan, inf}},
          Curve{{1, 2}, {0, 0}, {0, 0}, {0, 0}}, Curve{{1, 2}, {-3, 1e300}, {-3, 1e300}, {-3, 1e300}}}) {
      for (const bool log : {false, true}) {
        chart.setLogY(log);
        chart.setCurves({{"a", "a", Qt::blue, Qt::blue, data}});
        chart.renderNow();
        QVERIFY(chart.yRange().from < chart.yRange().to);
        QVERIFY(chart.xRange().from < chart.xRange().to);
      }
    }
    chart.resize(1, 1);
    chart.renderNow();
  }

  void theLegendHidesAndShows() {
    ChartCard card("test.lossChart", "Loss");
    card.resize(600, 300);
    card.setCurves(curves(100));
    card.show();
    auto* button = card.findChild<LegendButton*>("test.lossChart.legend.train/loss");
    QVERIFY(button != nullptr);
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(!card.chart().isCurveShown("train/loss"));
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(card.chart().isCurveShown("train/loss"));
    card.setCurves(curves(110));  // the same curves keep their buttons
    QCOMPARE(card.findChild<LegendButton*>("test.lossChart.legend.train/loss"), button);
  }

  void theLegendIsolates() {
    ChartCard card("test.lossChart", "Loss");
    card.resize(600, 300);
    card.setCurves(curves(100));
    card.show();
    auto* button = card.findChild<LegendButton*>("test.lossChart.legend.train/loss");
    QTest::mouseClick(button, Qt::LeftButton, Qt::ControlModifier);
    QVERIFY(card.chart().isCurveShown("train/loss") && !card.chart().isCurveShown("test/loss"));
    QTest::keyClick(button, Qt::Key_Return);  // alone already: all come back
    QVERIFY(card.chart().isCurveShown("train/loss") && card.chart().isCurveShown("test/loss"));
    card.setLegendShown(false);
    QVERIFY(card.findChild<LegendButton*>("test.lossChart.legend.train/loss") == nullptr);
  }

  void aLevelIsDraggedAndMovedByKeys() {
    SeriesChart chart;
    chart.resize(600, 300);
    chart.show();
    chart.setCurves(curves(300));
    chart.setLevel(3.5);  // above all that was measured, and yet to be seen
    chart.renderNow();
    QVERIFY(chart.yRange().from < 3.5 && chart.yRange().to > 3.5);
    QSignalSpy moved(&chart, &SeriesChart::levelMoved);
    const ValueRange y = chart.yRange();
    const double share = (y.to - 3.5) / (y.to - y.from);
    QTest::mousePress(chart.viewport(), Qt::LeftButton, {}, at(chart, 0.5, share));
    const QPoint to = at(chart, 0.6, 0.5);
    QMouseEvent move(QEvent::MouseMove, to, chart.viewport()->mapToGlobal(to), Qt::NoButton, Qt::LeftButton,
                     {});
    QApplication::sendEvent(chart.viewport(), &move);
    QTest::mouseRelease(chart.viewport(), Qt::LeftButton, {}, to);
    QVERIFY(moved.count() >= 1);
    QVERIFY(!chart.isZoomed());
    const double half = (y.from + y.to) / 2, pixel = (y.to - y.from) / chart.chart()->plotArea().height();
    QVERIFY2(std::abs(chart.level() - half) <= pixel, qPrintable(QString::number(chart.level())));
    const double before = chart.level();
    QTest::keyClick(&chart, Qt::Key_Up);
    QVERIFY(chart.level() > before);
    QTest::keyClick(&chart, Qt::Key_Down);
    QTest::keyClick(&chart, Qt::Key_Down);
    QVERIFY(chart.level() < before);
    // Away from it a drag zooms as ever.
    QTest::mousePress(chart.viewport(), Qt::LeftButton, {}, at(chart, 0.25, 0.9));
    QTest::mouseRelease(chart.viewport(), Qt::LeftButton, {}, at(chart, 0.5, 0.9));
    QVERIFY(chart.isZoomed());
  }

  void screenReadersAreTold() {
    ChartCard card("test.lossChart", "Loss");
    QVERIFY(card.chart().accessibleName().contains("Loss"));
    QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(&card.chart());
    QVERIFY(interface != nullptr);
    QVERIFY(interface->text(QAccessible::Name).contains("Loss"));
  }

  void exportsAreReadable() {
    QTemporaryDir folder;
    SeriesChart chart;
    chart.setTitle("Loss of the run");
    chart.resize(600, 300);
    chart.setCurves(curves(300));
    QCOMPARE(saveChartPng(chart, folder.filePath("loss.png")), "");
    const QImage png(folder.filePath("loss.png"));
    QCOMPARE(png.width(), 1200);
    QVERIFY(png.height() > 600 && png.height() < 800);  // the chart as it is, and its title and legend above
    QCOMPARE(saveChartSvg(chart, folder.filePath("loss.svg")), "");
    QFile svg(folder.filePath("loss.svg"));
    QVERIFY(svg.open(QIODevice::ReadOnly));
    const QByteArray text = svg.readAll();
    QVERIFY(QSvgRenderer(text).isValid());
    QVERIFY(text.contains("<polyline") || text.contains("<path"));
    QVERIFY(!text.contains("<image"));  // vectors, not a photograph of the screen
    // Who is given the file alone knows what it shows: words, and each curve's colour beside its name.
    QVERIFY(text.contains(">Loss of the run</text>"));
    for (const ChartCurve& curve : chart.curves()) {
      QVERIFY2(text.contains(QByteArray(">") + curve.label.toUtf8() + "</text>"), qPrintable(curve.label));
      QVERIFY2(text.count(curve.light.name().toUtf8()) >= 2, qPrintable(curve.label));
    }
    chart.setCurveShown(chart.curves().first().id, false);
    QCOMPARE(saveChartSvg(chart, folder.filePath("one.svg")), "");
    QFile other(folder.filePath("one.svg"));
    QVERIFY(other.open(QIODevice::ReadOnly));
    QVERIFY(!other.readAll().contains(QByteArray(">") + chart.curves().first().label.toUtf8() + "</text>"));
    chart.setCurveShown(chart.curves().first().id, true);
    QCOMPARE(saveChartPdf(chart, folder.filePath("loss.pdf")), "");
    QFile pdf(folder.filePath("loss.pdf"));
    QVERIFY(pdf.open(QIODevice::ReadOnly));
    const QByteArray page = pdf.readAll();
    QVERIFY(page.startsWith("%PDF-") && page.contains("%%EOF"));
    QVERIFY(page.contains("/MediaBox [0 0 450"));  // 600 pixels at 96 an inch, in points
    QVERIFY(!page.contains("/Subtype /Image"));
    QVERIFY(!saveChartPng(chart, folder.filePath("no/folder/x.png")).isEmpty());
  }

  // A range that is dragged says what each curve was at its ends, before it is zoomed into.
  void aRangeTellsItsEndsAndSlope() {
    SeriesChart chart;
    Curve curve;
    for (int step = 1; step <= 100; ++step) {
      curve.x << step;
      for (QVector<double>* values : {&curve.mean, &curve.min, &curve.max}) *values << 2 - 0.01 * step;
    }
    chart.resize(700, 360);
    chart.show();
    chart.setCurves({{"a", "Train", Qt::blue, Qt::blue, curve}});
    chart.renderNow();
    QTest::mousePress(chart.viewport(), Qt::LeftButton, {}, at(chart, 0.25));
    const QPoint end = at(chart, 0.75);
    QMouseEvent move(QEvent::MouseMove, end, chart.viewport()->mapToGlobal(end), Qt::NoButton, Qt::LeftButton,
                     {});
    QApplication::sendEvent(chart.viewport(), &move);
    const ReadOut over = chart.readOut();
    QVERIFY2(over.heading.startsWith("Step ") && over.heading.contains(" to "), qPrintable(over.heading));
    QCOMPARE(over.lines.size(), 1);
    QVERIFY2(over.lines[0].value.endsWith("slope " + QLocale().toString(-0.01, 'g', 3)),
             qPrintable(over.lines[0].value));
    QVERIFY(over.lines[0].value.contains(u" → "_qs));
    QTest::mouseRelease(chart.viewport(), Qt::LeftButton, {}, end);
    QVERIFY(chart.isZoomed());
    QVERIFY(!chart.readOut().heading.contains(" to "));
  }

  // By keyboard alone: the cross-hair goes along the curve, is heard, and what it says is copied.
  void theCrossHairGoesByKeys() {
    SeriesChart chart;
    chart.resize(700, 360);
    chart.show();
    chart.setCurves(curves(300));
    chart.renderNow();
    QSignalSpy moved(&chart, &SeriesChart::crossHairMoved);
    chart.setFocus();
    QTest::keyClick(&chart, Qt::Key_Right, Qt::ControlModifier);
    QCOMPARE(moved.count(), 1);
    QCOMPARE(moved[0][0].toDouble(), 1.0);
    for (int i = 0; i < 5; ++i) QTest::keyClick(&chart, Qt::Key_Right, Qt::ControlModifier);
    const double there = moved.last()[0].toDouble();
    QVERIFY(there > 5 && there < 30);  // a hundredth of what is seen at a time
    QTest::keyClick(&chart, Qt::Key_Left, Qt::ControlModifier);
    QVERIFY(moved.last()[0].toDouble() < there);
    QVERIFY(!chart.isZoomed());
    QVERIFY(chart.accessibleDescription().contains("train/loss"));
    QTest::keyClick(&chart, Qt::Key_C, Qt::ControlModifier);
    const QStringList lines = QApplication::clipboard()->text().split('\n');
    QVERIFY(lines[0].startsWith("Step ") && lines[1].startsWith("train/loss\t"));
    for (int i = 0; i < 200; ++i) QTest::keyClick(&chart, Qt::Key_Right, Qt::ControlModifier);
    QCOMPARE(moved.last()[0].toDouble(), 300.0);  // and no further
  }

  // The line under the pointer comes forward, by its name in the legend too, and by keyboard.
  void aCurveThatIsPointedAtComesForward() {
    ChartCard card("test.lossChart", "Loss");
    QVector<ChartCurve> two = curves(300);
    two[1].light = seriesColor(1, false);
    card.setCurves(two);
    card.resize(700, 360);
    card.show();
    SeriesChart& chart = card.chart();
    chart.renderNow();
    const int before = chart.picturesDrawn();
    QSignalSpy pointed(&chart, &SeriesChart::curvePointedAt);
    // Down along the middle of the plot the pointer meets each line once.
    QStringList met;
    for (double share = 0; share <= 1; share += 0.005) {
      const QPoint place = at(chart, 0.5, share);
      QMouseEvent move(QEvent::MouseMove, place, chart.viewport()->mapToGlobal(place), Qt::NoButton, {}, {});
      QApplication::sendEvent(chart.viewport(), &move);
      if (!chart.highlighted().isEmpty() && !met.contains(chart.highlighted())) met << chart.highlighted();
    }
    met.sort();
    QCOMPARE(met, QStringList({"test/loss", "train/loss"}));
    QVERIFY(pointed.count() >= 2);
    QEvent leave(QEvent::Leave);
    QApplication::sendEvent(&chart, &leave);
    QCOMPARE(chart.highlighted(), "");
    QTRY_VERIFY(chart.picturesDrawn() > before);
    // Others fade: the picture has none of the other's full colour any more.
    const auto pixelsOf = [&](const QColor& color) {
      const QImage image = chart.grab().toImage();
      int count = 0;
      for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) count += image.pixelColor(x, y) == color ? 1 : 0;
      return count;
    };
    chart.renderNow();
    const int plain = pixelsOf(two[1].light);
    QVERIFY(plain > 0);
    auto* entry = card.findChild<LegendButton*>("test.lossChart.legend.train/loss");
    QVERIFY(entry != nullptr);
    QFocusEvent focus(QEvent::FocusIn, Qt::TabFocusReason);
    QApplication::sendEvent(entry, &focus);
    QCOMPARE(chart.highlighted(), "train/loss");
    chart.renderNow();
    QVERIFY(pixelsOf(two[1].light) < plain / 4);
    QFocusEvent away(QEvent::FocusOut, Qt::TabFocusReason);
    QApplication::sendEvent(entry, &away);
    QCOMPARE(chart.highlighted(), "");
    chart.setHighlighted("of another chart");  // nothing fades
    chart.renderNow();
    QCOMPARE(pixelsOf(two[1].light), plain);
  }

  // A spike leaves the axis, and comes back with the switch.
  void outliersLeaveTheAxis() {
    ChartCard card("test.lossChart", "Loss");
    SeriesChart& chart = card.chart();
    Curve curve;
    for (int step = 1; step <= 400; ++step) {
      const double value = step == 7 ? 1e6 : 1 + 0.001 * step;
      curve.x << step;
      for (QVector<double>* values : {&curve.mean, &curve.min, &curve.max}) *values << value;
    }
    card.setCurves({{"a", "a", Qt::blue, Qt::blue, curve}});
    card.resize(700, 360);
    card.show();
    chart.renderNow();
    QVERIFY(chart.yRange().to >= 1e6);
    auto* action = card.menu()->findChild<QAction*>("test.lossChart.ignoreOutliers");
    QVERIFY(action != nullptr);
    action->trigger();
    chart.renderNow();
    QVERIFY2(chart.yRange().to < 2, qPrintable(QString::number(chart.yRange().to)));
    QVERIFY(chart.yRange().from <= 1.02);
    action->trigger();
    chart.renderNow();
    QVERIFY(chart.yRange().to >= 1e6);
  }

  // What is zoomed into stays within its axes in a file, too.
  void aZoomedChartIsCutAtItsAxes() {
    QTemporaryDir folder;
    SeriesChart chart;
    chart.resize(600, 300);
    chart.setCurves(curves(300));
    chart.zoomTo(100, 110);
    QCOMPARE(saveChartSvg(chart, folder.filePath("zoomed.svg")), "");
    QFile svg(folder.filePath("zoomed.svg"));
    QVERIFY(svg.open(QIODevice::ReadOnly));
    const QRegularExpression lines("<polyline[^>]* points=\"([^\"]*)\"");
    auto found = lines.globalMatch(QString::fromUtf8(svg.readAll()));
    int points = 0;
    const double wide = chart.chart()->plotArea().width() + 0.01;
    while (found.hasNext())
      for (const QString& point : found.next().captured(1).split(' ', Qt::SkipEmptyParts)) {
        const double x = point.section(',', 0, 0).toDouble();
        if (x > wide + chart.chart()->plotArea().left()) QFAIL(qPrintable(point));
        QVERIFY2(x >= -0.01, qPrintable(point));
        ++points;
      }
    QVERIFY(points > 10);
  }

  void csvIsExact() {
    const double value = 0.1 + 0.2;
    const QString text =
        chartCsv({{"a \"b\"", "a", {}, {}, {{1}, {value}, {value}, {qQNaN()}}}}, XAxis::kBytes);
    const QStringList lines = text.split('\n');
    QCOMPARE(lines[0], "series,bytes,value,least,largest");
    QCOMPARE(lines[1], "\"a \"\"b\"\"\",1,0.30000000000000004,0.30000000000000004,");
    QCOMPARE(lines[1].split(',')[2].toDouble(), value);
  }
};

CONCERTINA_TEST(SeriesChartTest)

}  // namespace concertina::ui::series_chart_test

#include "series_chart_test.moc"
