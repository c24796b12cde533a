// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_layers_test.cc: the layers of a run on the Monitor page: what its codec keeps of each, and the
// gradient counted.
#include "ui/pages/monitor_layers.h"

#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QTest>
#include <QToolButton>

#include "tests/test_program.h"
#include "tests/ui/pages/monitor_room.h"
#include "ui/charts/series_chart.h"

namespace concertina::ui::monitor_layers_test {

class MonitorLayersTest : public MonitorRoom {
  Q_OBJECT

 private slots:
  void initTestCase() { useEnglish(); }
  void init() { openPage(); }
  void cleanup() { closePage(); }

  void layersAreShownLive() {
    engine_->synthetic.strategy = {
        {"layer/conv1/parameters", 520},      {"layer/conv1/payload_bytes", 30},
        {"layer/conv1/relative_error", 0.5},  {"layer/dense1/parameters", 400'000},
        {"layer/dense1/payload_bytes", 3000}, {"layer/dense1/relative_error", 0.9}};
    show(proto::RUNNING, 100);
    auto* table = find<QTableView>("layersTable");
    QTRY_VERIFY(called("series train/loss bytes"));
    QVERIFY(!called("series layer/conv1/relative_error step"));  // nobody looks
    openPanel("layers");
    QTRY_VERIFY(called("series layer/conv1/relative_error step"));
    QTRY_COMPARE(table->model()->rowCount(), 2);
    QVERIFY(table->isVisible() && !find<QLabel>("layersEmpty")->isVisible());
    const auto row = [&](const QString& layer) {
      for (int i = 0; i < table->model()->rowCount(); ++i)
        if (table->model()->index(i, LayersModel::kLayer).data().toString() == layer) return i;
      return -1;
    };
    QTRY_VERIFY(table->model()->index(row("dense1"), LayersModel::kShare).data().toString().startsWith("9"));
    // One is always chosen, and the curves are its own.
    table->selectRow(row("dense1"));
    QCOMPARE(find<QLabel>("layersChosen")->text(), "dense1");
    auto* chart = find<SeriesChart>("layerKeptChart");
    QTRY_VERIFY(!chart->curves().isEmpty() && chart->curves()[0].id == "layer/dense1/relative_error" &&
                chart->curves()[0].data.size() == 100);
    engine_->advance(kRun, 130);
    QTRY_COMPARE(chart->curves()[0].data.size(), 130);
    QCOMPARE(find<QLabel>("layersChosen")->text(), "dense1");
  }

  void aGradientIsCountedOnRequest() {
    engine_->synthetic.strategy = {{"layer/conv1/relative_error", 0.5}, {"layer/dense1/relative_error", 0.9}};
    show(proto::RUNNING, 100);
    openPanel("layers");
    auto* count = find<QPushButton>("histogramButton");
    auto* words = find<QLabel>("histogramWords");
    QTRY_VERIFY(count->isVisible() && count->isEnabled());
    QTRY_COMPARE(words->text(), "Not counted yet.");
    QTest::mouseClick(count, Qt::LeftButton);
    QTRY_VERIFY(called("control histogram " + std::string(kRun)));
    proto::RunEvent event;
    event.set_kind("histogram");
    event.set_step(101);
    event.set_json(R"({"step": 101, "least_exponent": -3, "layers": [
        {"layer": "conv1", "zeros": 0, "counts": [0, 0, 0, 100]},
        {"layer": "dense1", "zeros": 25, "counts": [75, 0, 0, 0]}]})");
    engine_->tellEvent(kRun, event);
    QTRY_VERIFY2(words->text().startsWith("Step 101:"), qPrintable(words->text()));
    auto* table = find<QTableView>("layersTable");
    QTRY_COMPARE(table->model()->rowCount(), 2);
    for (int row = 0; row < table->model()->rowCount(); ++row)
      if (table->model()->index(row, LayersModel::kLayer).data().toString() == "dense1")
        table->selectRow(row);
    QTRY_VERIFY2(words->text().endsWith("25.00 % are zero."), qPrintable(words->text()));
    putRun(proto::FINISHED, 705);
    QTRY_VERIFY(!count->isEnabled());
  }

  void aStarvedLayerIsHelpedByTheKnobsOfItsCodec() {
    engine_->synthetic.strategy = {{"layer/conv1/relative_error", 0.5}};
    show(proto::RUNNING, 50);
    openPanel("layers");
    auto* change = find<QPushButton>("layersChangeButton");
    QTRY_VERIFY(change->isVisible() && change->isEnabled());
    QTest::mouseClick(change, Qt::LeftButton);
    QVERIFY(page_->panels().isOpen(find<QWidget>("knobsPanel")));
    QVERIFY(find<QToolButton>("knobsButton")->isChecked());
    QTRY_COMPARE(page_->focusWidget(), find<QWidget>("knob./gradient/0/ratio"));
    // Once it has ended there is nothing to turn.
    putRun(proto::FINISHED, 705);
    QTRY_VERIFY(!change->isEnabled());
    QVERIFY(!change->toolTip().isEmpty());
  }

  void withoutLayersItSaysWhy() {
    show(proto::RUNNING, 50);
    openPanel("layers");
    QTRY_VERIFY(find<QLabel>("layersEmpty")->isVisible());
    QVERIFY(!find<QTableView>("layersTable")->isVisible());
    QVERIFY(find<QLabel>("layersEmpty")->text().contains("every so many steps"));
    proto::RunSummary plain = FakeEngine::makeRun("plain", "dense", proto::RUNNING);
    plain.set_spec_json(R"({"gradient": []})");
    engine_->put(plain);
    page_->showRun("plain");
    QTRY_VERIFY(find<QLabel>("layersEmpty")->text().contains("no gradient codec"));
  }
};

CONCERTINA_TEST(MonitorLayersTest)

}  // namespace concertina::ui::monitor_layers_test

#include "monitor_layers_test.moc"
