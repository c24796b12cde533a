// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_charts_test.cc: the charts of the Monitor page: any series, alone or together, against any axis.
#include "ui/pages/monitor_charts.h"

#include <QMenu>
#include <QTest>
#include <QToolButton>

#include "tests/test_program.h"
#include "tests/ui/pages/monitor_room.h"
#include "ui/charts/series_chart.h"

namespace concertina::ui::monitor_charts_test {

class MonitorChartsTest : public MonitorRoom {
  Q_OBJECT

 private slots:
  void initTestCase() { useEnglish(); }
  void init() { openPage(); }
  void cleanup() { closePage(); }

  // Any series that the run records, also one that the desktop has never heard of; kept for the next start.
  void anySeriesBecomesAChart() {
    show(proto::RUNNING, 100);
    auto* loss = find<SeriesChart>("lossChart");
    QTRY_VERIFY(!loss->curves().isEmpty() && loss->curves()[0].data.size() == 100);
    auto* charts = find<QToolButton>("chartsButton");
    const auto trigger = [&](const char* name) {
      emit charts->menu()->aboutToShow();
      auto* action = charts->menu()->findChild<QAction*>(QLatin1String("monitorPage.") + QLatin1String(name));
      if (action != nullptr) action->trigger();
      return action != nullptr;
    };
    const auto own = [&] { return page_->findChild<SeriesChart*>("monitorPage.series.norm.gradient"); };
    QVERIFY(own() == nullptr);
    bool was_there = false;  // once only: the second time it is not offered any more
    QTRY_VERIFY(was_there = was_there || trigger("addSeries.norm/gradient"));
    QVERIFY(own() != nullptr);
    QVERIFY(own()->accessibleName().contains("norm/gradient"));
    QTRY_VERIFY(own()->parentWidget()->isVisible());
    QTRY_VERIFY(own()->curves().size() == 1 && own()->curves()[0].data.size() == 100);
    engine_->advance(kRun, 120);
    QTRY_COMPARE(own()->curves()[0].data.size(), 120);
    QVERIFY(!trigger("addSeries.norm/gradient"));  // not twice
    const QByteArray kept = page_->saveState();
    QVERIFY(trigger("series.norm.gradient.shown"));  // the way out; the way back is the menu again
    QTRY_VERIFY(own() == nullptr);
    QVERIFY(trigger("addSeries.norm/gradient"));
    page_->resetLayout();
    QTRY_VERIFY(own() == nullptr);
    page_->restoreState(kept);
    QTRY_VERIFY(own() != nullptr && own()->parentWidget()->isVisible());
    // A schedule is drawn as it is, however smooth the others are.
    QVERIFY(trigger("addSeries.train/learning_rate"));
    auto* rate = page_->findChild<SeriesChart*>("monitorPage.series.train.learning_rate");
    QTRY_VERIFY(rate->curves().size() == 1);
    QVERIFY(!rate->curves()[0].smoothable);
    QCOMPARE(rate->title(), "Learning rate");
  }

  // One chart in the place of all, by its menu or keys; Page Down is the next, Esc all of them.
  void aChartFillsThePage() {
    show(proto::RUNNING, 100);
    auto* loss = find<SeriesChart>("lossChart");
    auto* accuracy = find<SeriesChart>("accuracyChart");
    QTRY_VERIFY(loss->parentWidget()->isVisible() && accuracy->parentWidget()->isVisible());
    const QSize before = loss->parentWidget()->size();
    auto* alone = page_->findChild<QAction*>("monitorPage.lossChart.alone");
    QVERIFY(alone != nullptr);
    alone->trigger();
    QVERIFY(!accuracy->parentWidget()->isVisible());
    QVERIFY(loss->parentWidget()->width() > before.width() &&
            loss->parentWidget()->height() > before.height());
    QTest::keyClick(loss, Qt::Key_PageDown);
    QVERIFY(accuracy->parentWidget()->isVisible() && !loss->parentWidget()->isVisible());
    QTest::keyClick(accuracy, Qt::Key_PageUp);
    QVERIFY(loss->parentWidget()->isVisible());
    loss->zoomTo(10, 50);
    QTest::keyClick(loss, Qt::Key_Escape);  // first all of the run,
    QVERIFY(!loss->isZoomed() && !accuracy->parentWidget()->isVisible());
    QTest::keyClick(loss, Qt::Key_Escape);  // then all of the charts
    QVERIFY(accuracy->parentWidget()->isVisible());
    QCOMPARE(loss->parentWidget()->size(), before);
  }

  void everyAxisIsOffered() {
    show(proto::FINISHED, 300);
    auto* loss = find<SeriesChart>("lossChart");
    QTRY_VERIFY(!loss->curves().isEmpty() && loss->curves()[0].data.size() == 300);
    for (const XAxis axis : kXAxes) {
      QTRY_VERIFY(called("series train/loss " + xAxisWord(axis).toStdString()));
      QTest::mouseClick(find<QToolButton>(qPrintable("xAxis." + xAxisWord(axis))), Qt::LeftButton);
      const double last = axis == XAxis::kStep      ? 300
                          : axis == XAxis::kEpoch   ? engine_->synthetic.epoch(300)
                          : axis == XAxis::kSeconds ? engine_->synthetic.seconds(300)
                                                    : engine_->synthetic.bytes(300);
      QTRY_COMPARE(loss->xAxis(), axis);
      QTRY_COMPARE(loss->curves()[0].data.x.back(), last);
    }
  }

  // A path in the order of steps, joined with what x was by then; the scale of x is that of all charts.
  void anySeriesOfTheRunCanBeTheX() {
    show(proto::FINISHED, 300);
    auto* loss = find<SeriesChart>("lossChart");
    QTRY_VERIFY(!loss->curves().isEmpty() && loss->curves()[0].data.size() == 300);
    const auto offered = [&] {
      emit find<QToolButton>("xAxis.series")->menu()->aboutToShow();
      return page_->findChild<QAction*>("monitorPage.x.norm/gradient");
    };
    QTRY_VERIFY(offered() != nullptr);
    offered()->trigger();
    QTRY_COMPARE(loss->xSeries(), "norm/gradient");
    QVERIFY(find<QToolButton>("xAxis.series")->isChecked());
    QTRY_COMPARE(loss->curves()[0].data.step.size(), 300);
    const Curve path = loss->curves()[0].data;
    for (int i = 0; i < 300; ++i) {
      const auto step = int64_t(path.step[i]);
      QCOMPARE(path.x[i], engine_->synthetic.value("norm/gradient", step));
      QCOMPARE(path.mean[i], engine_->synthetic.value("train/loss", step));
    }
    QVERIFY(!find<SeriesChart>("timeChart")->stacked());  // paths cannot lie on each other
    find<QToolButton>("logX")->click();
    QVERIFY(loss->logX() && find<SeriesChart>("timeChart")->logX());
    const QByteArray kept = page_->saveState();
    find<QToolButton>("logX")->click();
    QTest::mouseClick(find<QToolButton>("xAxis.step"), Qt::LeftButton);
    QVERIFY(loss->xSeries().isEmpty() && find<SeriesChart>("timeChart")->stacked());
    QTRY_VERIFY(loss->curves()[0].data.step.isEmpty());
    page_->restoreState(kept);
    QCOMPARE(loss->xSeries(), "norm/gradient");
    QVERIFY(loss->logX());
  }

  void whatAStrategyRecordsHasAChart_data() {
    QTest::addColumn<QString>("series");
    QTest::addColumn<QString>("chart");
    QTest::newRow("staleness") << "async/staleness"
                               << "stalenessChart";
    QTest::newRow("gossip") << "gossip/consensus_distance"
                            << "consensusChart";
    QTest::newRow("local") << "local/drift"
                           << "driftChart";
    QTest::newRow("bubble") << "pipeline/bubble"
                            << "bubbleChart";
    QTest::newRow("expected bubble") << "pipeline/expected_bubble"
                                     << "bubbleChart";
    QTest::newRow("unequal stages") << "pipeline/imbalance"
                                    << "bubbleChart";
    QTest::newRow("clients") << "federated/clients"
                             << "clientsChart";
    QTest::newRow("upload") << "federated/upload_bytes"
                            << "uploadChart";
    QTest::newRow("memory") << "memory/resident_bytes"
                            << "memoryChart";
    QTest::newRow("memory of a strategy") << "memory/optimizer_bytes"
                                          << "memoryChart";
  }

  void whatAStrategyRecordsHasAChart() {
    QFETCH(QString, series);
    QFETCH(QString, chart);
    const QStringList all = {"stalenessChart", "consensusChart", "driftChart", "bubbleChart",
                             "clientsChart",   "uploadChart",    "memoryChart"};
    for (const QString& name : all) QVERIFY(find<QWidget>(qPrintable(name + "Card"))->isHidden());
    engine_->synthetic.strategy = {{series.toStdString(), 0.2}};
    show(proto::FINISHED, 100);
    auto* shown = find<SeriesChart>(qPrintable(chart));
    QTRY_VERIFY(shown->isVisibleTo(page_.get()));
    shown->renderNow();
    QTRY_COMPARE(shown->curves().size(), 1);
    QCOMPARE(shown->curves()[0].data.size(), 100);
    QVERIFY(!shown->curves()[0].label.isEmpty());
    QCOMPARE(shown->logY(), chart == "consensusChart");
    for (const QString& name : all)
      QCOMPARE(find<QWidget>(qPrintable(name + "Card"))->isHidden(), name != chart);
    page_->showRun({});
    QTRY_VERIFY(find<QWidget>(qPrintable(chart + "Card"))->isHidden());  // the next run may have none
  }

  void chartsZoomTogether() {
    show(proto::FINISHED, 300);
    auto* loss = find<SeriesChart>("lossChart");
    auto* time = find<SeriesChart>("timeChart");
    QTRY_VERIFY(!loss->curves().isEmpty() && loss->curves()[0].data.size() == 300);
    loss->zoomTo(50, 100);
    QCOMPARE(time->xRange(), (ValueRange{50, 100}));
    time->resetZoom();
    QVERIFY(!loss->isZoomed());
  }

  // Cards fill the width, and are never narrower than they can be read.
  void cardsFillTheView_data() {
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("columns");
    QTest::newRow("narrow") << 380 << 1;
    QTest::newRow("usual") << 960 << 2;
    QTest::newRow("wide") << 1800 << 3;
    QTest::newRow("very wide") << 5000 << 3;
    QTest::newRow("nothing") << 0 << 1;
  }

  void cardsFillTheView() {
    QFETCH(int, width);
    QFETCH(int, columns);
    const CardGrid grid = cardGrid(width, 500, 400, 225, 12, 8);
    QCOMPARE(grid.columns, columns);
    QVERIFY(grid.columns * grid.card_width + (grid.columns - 1) * 12 <= std::max(width, 0));
    QVERIFY(grid.card_height >= 225);
  }
};

CONCERTINA_TEST(MonitorChartsTest)

}  // namespace concertina::ui::monitor_charts_test

#include "monitor_charts_test.moc"
