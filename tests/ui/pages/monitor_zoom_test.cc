// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_zoom_test.cc: the Monitor's charts zoomed into a long run draw what was measured there, go on live,
// and show all of the run again afterwards.
#include <QScrollArea>
#include <QTest>
#include <QToolButton>
#include <cmath>

#include "tests/test_program.h"
#include "tests/ui/pages/monitor_room.h"
#include "ui/charts/layer.h"
#include "ui/charts/series_chart.h"

namespace concertina::ui::monitor_zoom_test {

constexpr int64_t kSteps = 40'000;

class MonitorZoomTest : public MonitorRoom {
  Q_OBJECT

  SeriesChart* chart(const char* name) const {
    return page_->findChild<SeriesChart*>(QLatin1String("monitorPage.") + QLatin1String(name));
  }
  const Curve& loss() const { return chart("lossChart")->curves()[0].data; }
  static qsizetype pointsIn(const Curve& curve, double from, double to) {
    return std::count_if(curve.x.begin(), curve.x.end(), [=](double x) { return x >= from && x <= to; });
  }

 private slots:
  void initTestCase() { useEnglish(); }
  void init() {
    openPage();
    engine_->thins = true;
    putRun(proto::RUNNING, kSteps);
    page_->showRun(kRun);
    QTRY_VERIFY(!chart("lossChart")->curves().isEmpty() && loss().size() > 500);
    QTRY_VERIFY(chart("lossChart")->xRange().to >= kSteps);
    QVERIFY(loss().size() < kSteps / 2);
  }
  void cleanup() { closePage(); }

  // In every column of pixels the lowest and the highest that is drawn are those that were measured there.
  void theDrawnExtremesAreTheMeasuredOnes_data() {
    QTest::addColumn<QString>("axis");
    for (const char* axis : {"step", "epoch", "seconds", "bytes"}) QTest::newRow(axis) << axis;
  }
  void theDrawnExtremesAreTheMeasuredOnes() {
    QFETCH(QString, axis);
    auto* button = page_->findChild<QToolButton*>(QStringLiteral("monitorPage.xAxis.") + axis);
    button->click();
    const SyntheticRun& run = engine_->synthetic;
    const std::string word = axis.toStdString();
    SeriesChart& chart = *this->chart("lossChart");
    QTRY_VERIFY(!chart.curves().isEmpty() && !loss().isEmpty() &&
                std::abs(loss().x.back() / run.at(word, kSteps) - 1) < 0.01);
    const int64_t first = 20'000, last = 20'400;
    const double from = run.at(word, first), to = run.at(word, last);
    chart.zoomTo(from, to);
    QVERIFY(pointsIn(loss(), from, to) < 50);  // what it has meanwhile
    QTRY_VERIFY(pointsIn(loss(), from, to) >= last - first);
    const int columns = chart.columns();
    const PlotScale x{from, to, 0, double(columns)}, y{0, 1, 0, 1};
    QVector<double> least(columns, qInf()), most(columns, -qInf()), drawn_least = least, drawn_most = most;
    for (int64_t step = first; step <= last; ++step) {
      const int column = int(std::floor(x.toPixel(run.at(word, step))));
      if (column < 0 || column >= columns) continue;
      least[column] = std::min(least[column], run.loss(step));
      most[column] = std::max(most[column], run.loss(step));
    }
    LayerCurve curve{.x = loss().x, .y = loss().mean, .low = loss().min, .high = loss().max};
    const QPolygonF line = thinned(curve, x, y);
    for (const QPointF& point : line) {
      const int column = int(std::floor(point.x()));
      if (column < 0 || column >= columns) continue;
      drawn_least[column] = std::min(drawn_least[column], point.y());
      drawn_most[column] = std::max(drawn_most[column], point.y());
    }
    QCOMPARE(drawn_least, least);
    QCOMPARE(drawn_most, most);
    QVERIFY(thinnedBand(curve, x, y).isEmpty());  // of single points there is none
  }

  void chartsOfWhatIsDerivedAreFinerToo() {
    chart("lossChart")->zoomTo(20'000, 20'400);
    for (const char* name : {"sentChart", "rateChart"}) {
      SeriesChart* const derived = chart(name);
      page_->findChild<QScrollArea*>("monitorPage.chartsArea")->ensureWidgetVisible(derived);
      QTRY_VERIFY2(pointsIn(derived->curves().value(0).data, 20'000, 20'400) >= 400, name);
    }
    const SyntheticRun& run = engine_->synthetic;
    const Curve& sent = chart("sentChart")->curves()[0].data;
    const auto at = sent.x.indexOf(20'100.0);
    QVERIFY(at >= 0);
    QVERIFY(std::abs(sent.mean[at] / run.bytes(20'100) - 1) < 1e-12);
    const Curve& rates = chart("rateChart")->curves()[0].data;
    const auto rate = rates.x.indexOf(20'100.0);
    QVERIFY(rate >= 0);
    const double slope = run.bytes(1) / (run.seconds(20'100) - run.seconds(20'099));
    QVERIFY(std::abs(rates.mean[rate] / slope - 1) < 1e-6);
  }

  void theRunGoesOnInAZoomedChart() {
    chart("lossChart")->zoomTo(kSteps - 200, kSteps + 200);
    QTRY_VERIFY(pointsIn(loss(), kSteps - 200, kSteps) >= 200);
    engine_->advance(kRun, kSteps + 100);
    QTRY_COMPARE(loss().x.back(), double(kSteps + 100));
    // And what has come since is read finely as well, in a while.
    QTRY_VERIFY(pointsIn(loss(), kSteps - 200, kSteps + 100) >= 300);
    QVERIFY(std::is_sorted(loss().x.begin(), loss().x.end()));
  }

  void allOfTheRunIsTheOverviewAgain() {
    const qsizetype before = loss().size();
    chart("lossChart")->zoomTo(20'000, 20'400);
    QTRY_VERIFY(loss().size() > before + 300);
    chart("lossChart")->resetZoom();
    QTRY_COMPARE(loss().size(), before);
    QVERIFY(chart("lossChart")->xRange().to >= kSteps);
  }
};

CONCERTINA_TEST(MonitorZoomTest)

}  // namespace concertina::ui::monitor_zoom_test

#include "monitor_zoom_test.moc"
