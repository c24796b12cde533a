// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_runs_test.cc: runs beside each other, driven through the widgets: what is drawn is what was
// measured, the legend hides and isolates, the target moves, and the report can be read without anything
// else.
#include "ui/pages/compare_runs.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <cmath>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/charts/chart_card.h"
#include "ui/charts/palette.h"
#include "ui/charts/parallel_axes.h"
#include "ui/forms/ask.h"
#include "ui/pages/compare_bars.h"
#include "ui/pages/compare_curves.h"
#include "ui/pages/compare_scatter.h"

namespace concertina::ui::compare_runs_test {

class CompareRunsTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<CompareRuns> page_;

  template <class Object>
  Object* find(const char* name) const {
    return page_->findChild<Object*>(QLatin1String("compareRuns.") + QLatin1String(name));
  }
  LegendButton* legend(const char* id) const {
    return page_->findChild<LegendButton*>(QLatin1String("compareRuns.legend.") + QLatin1String(id));
  }
  SeriesChart* chart(const char* name) const {
    return page_->findChild<SeriesChart*>(QLatin1String("compareRuns.chart.") + QLatin1String(name));
  }
  proto::RunSummary put(const std::string& id, int seed, double ratio, double accuracy) {
    engine_->own[id] = engine_->synthetic;
    engine_->own[id].seed = uint64_t(seed) * 31 + uint64_t(ratio * 1000);
    proto::RunSummary run = FakeEngine::makeRun(id, "top-k", proto::FINISHED);
    engine_->own[id].summarise(run, 300);
    QJsonObject spec = QJsonDocument::fromJson(kSpecOfTests).object();
    spec["seed"] = seed;
    spec["gradient"] = QJsonArray{QJsonObject{{"kind", "top-k"}, {"ratio", ratio}}};
    run.set_spec_json(QJsonDocument(spec).toJson(QJsonDocument::Compact).toStdString());
    run.set_seed(uint64_t(seed));
    run.set_test_accuracy(accuracy);
    run.set_bytes_sent(uint64_t(1e9 * ratio));
    engine_->put(run);
    return run;
  }
  // Two ratios, two seeds each, and a third ratio alone.
  void showRuns() {
    page_->setRuns({put("a", 1, 0.01, 0.80), put("b", 2, 0.01, 0.82), put("c", 1, 0.1, 0.85),
                    put("d", 2, 0.1, 0.86), put("e", 1, 0.5, 0.84)});
    QTRY_VERIFY(chart("train.loss") != nullptr);
    const auto drawn = [&](int group) {
      const QVector<ChartCurve>& curves = chart("train.loss")->curves();
      return curves.size() == 3 ? curves[group].data.size() : 0;
    };
    for (int group = 0; group < 3; ++group) QTRY_COMPARE(drawn(group), 300);
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->start(folder_.filePath("engine.sock"));
    client_ = std::make_unique<EngineClient>();
    page_ = std::make_unique<CompareRuns>(*client_);
    page_->resize(1280, 860);
    page_->show();
    client_->start({}, engine_->address());
    QTRY_VERIFY(client_->listed());
  }
  void cleanup() {
    setAskForFileForTests({});
    page_.reset();
    client_.reset();
    engine_.reset();
  }

  void withoutRunsItHelps() {
    QVERIFY(find<QPushButton>("emptyButton")->isVisible());
    QSignalSpy asked(page_.get(), &CompareRuns::runsRequested);
    QTest::mouseClick(find<QPushButton>("emptyButton"), Qt::LeftButton);
    QCOMPARE(asked.count(), 1);
  }

  void whatIsDrawnIsWhatWasMeasured() {
    showRuns();
    QCOMPARE(find<QLabel>("count")->text(), "5 runs in 3 groups");
    const QVector<ChartCurve>& curves = chart("train.loss")->curves();
    QCOMPARE(curves.size(), 3);
    QCOMPARE(curves[2].id, "e");
    for (int step = 1; step <= 300; ++step) {
      QCOMPARE(curves[2].data.mean[step - 1], engine_->own["e"].value("train/loss", step));
      const double a = engine_->own["a"].value("train/loss", step),
                   b = engine_->own["b"].value("train/loss", step);
      QVERIFY(std::abs(curves[0].data.mean[step - 1] - (a + b) / 2) < 1e-12);
      QCOMPARE(curves[0].data.min[step - 1], std::min(a, b));
    }
    find<QCheckBox>("seedsAsOne")->setChecked(false);
    chart("train.loss")->renderNow();
    QCOMPARE(chart("train.loss")->curves().size(), 5);
    QCOMPARE(find<QLabel>("count")->text(), "5 runs");
  }

  // One colour a run: that of the table, in curves, legend and parallel axes, and it changes with it.
  void aRunHasOneColorEverywhere() {
    proto::RunSummary a = put("a", 1, 0.01, 0.80), c = put("c", 1, 0.1, 0.85);
    a.mutable_marks()->set_color(4);
    c.mutable_marks()->set_color(2);
    engine_->put(a);
    engine_->put(c);
    page_->setRuns({a, c});
    QTRY_VERIFY(chart("train.loss") != nullptr && chart("train.loss")->curves().size() == 2);
    QCOMPARE(chart("train.loss")->curves()[0].light, seriesColor(3, false));
    QCOMPARE(chart("train.loss")->curves()[1].light, seriesColor(1, false));
    a.mutable_marks()->set_color(6);
    engine_->put(a);
    QTRY_COMPARE(chart("train.loss")->curves()[0].light, seriesColor(5, false));
    QCOMPARE(chart("train.loss")->curves()[1].light, seriesColor(1, false));
  }
  // Two that have the same are told apart: the second takes the next that is free.
  void equalColorsAreToldApart() {
    QVector<proto::RunSummary> runs;
    for (int i = 0; i < 9; ++i) {
      runs << put("r" + std::to_string(i), 1, 0.001 * (i + 1), 0.8);
      runs.back().mutable_marks()->set_color(1);
    }
    page_->setRuns(runs);
    const auto& colors = page_->comparison().colors();
    QCOMPARE(colors.size(), size_t{9});
    QSet<QPair<int, bool>> different;
    for (const auto& color : colors) different.insert({color.place, color.is_shared});
    QCOMPARE(different.size(), 9);
    QCOMPARE(colors[0].place, 0);
    QVERIFY(!colors[6].is_shared && colors[7].is_shared && colors[8].is_shared);
  }

  void theLegendHidesAndIsolatesEverywhere() {
    showRuns();
    QVERIFY(legend("a")->text().contains("2 seeds"));
    QTest::mouseClick(legend("a"), Qt::LeftButton);
    for (const char* name : {"train.loss", "test.accuracy"}) QVERIFY(!chart(name)->isCurveShown("a"));
    QTest::mouseClick(legend("e"), Qt::LeftButton, Qt::ControlModifier);
    for (const char* name : {"train.loss", "test.accuracy"})
      QVERIFY(chart(name)->isCurveShown("e") && !chart(name)->isCurveShown("c"));
    // Hidden it stays when the runs are grouped otherwise.
    find<QCheckBox>("seedsAsOne")->setChecked(false);
    QVERIFY(!legend("c")->isChecked() && legend("e")->isChecked() && legend("d")->isChecked());
  }

  void chartsAreZoomedAndReadTogether() {
    showRuns();
    chart("train.loss")->zoomTo(50, 100);
    QVERIFY(chart("test.accuracy")->isZoomed());
    QCOMPARE(chart("test.accuracy")->xRange().from, 50.0);
    chart("test.accuracy")->resetZoom();
    QVERIFY(!chart("train.loss")->isZoomed());
  }

  void anySeriesCanBeAChart() {
    showRuns();
    QAction* action = nullptr;
    QTRY_VERIFY((action = page_->findChild<QAction*>("compareRuns.series.comm/relative_error")) != nullptr);
    action->trigger();
    QTRY_VERIFY(chart("comm.relative_error") != nullptr);
    QTRY_COMPARE(page_->comparison().curve(2, "comm/relative_error").size(), 300);
    QVERIFY(chart("comm.relative_error")->accessibleName().contains("Relative error"));
  }

  // Accuracy against the norm of the gradient: a path in the order of steps, one a seed, in every chart.
  void anySeriesCanBeTheX() {
    showRuns();
    QAction* action = nullptr;
    QTRY_VERIFY((action = page_->findChild<QAction*>("compareRuns.x.norm/gradient")) != nullptr);
    action->trigger();
    const auto paths = [&]() -> const QVector<ChartCurve>& { return chart("train.loss")->curves(); };
    QTRY_COMPARE(chart("train.loss")->xSeries(), "norm/gradient");
    QTRY_COMPARE(paths().size(), 5);  // no mean over seeds: at one x they are at different steps
    for (int i = 0; i < 5; ++i) QTRY_COMPARE(paths()[i].data.size(), 300);
    QCOMPARE(paths()[0].id, "a");
    QCOMPARE(paths()[1].id, "a");  // hidden and shown together
    QCOMPARE(paths()[1].source, "b");
    for (int step = 1; step <= 300; ++step) {
      QCOMPARE(paths()[4].data.x[step - 1], engine_->own["e"].value("norm/gradient", step));
      QCOMPARE(paths()[4].data.mean[step - 1], engine_->own["e"].value("train/loss", step));
    }
    QVERIFY(!std::is_sorted(paths()[4].data.x.begin(), paths()[4].data.x.end()));
    QVERIFY(find<QToolButton>("axis.series")->isChecked());
    QVERIFY(find<QToolButton>("axis.series")->text().contains("norm/gradient"));
    QTRY_VERIFY(page_->findChild<QAction*>("compareRuns.x.norm/gradient")->isChecked());
    chart("train.loss")->zoomTo(0.4, 0.8);  // drawn larger, together; there is nothing finer to ask for
    QVERIFY(chart("test.accuracy")->isZoomed());
    const ComparisonReport report = page_->comparison().report([](const QString& series) { return series; });
    QVERIFY(report.charts[0].x_title == "norm/gradient, joined in the order of steps");
    QVERIFY(report.charts[0].curves[0].is_in_step_order);
    find<QToolButton>("axis.seconds")->click();
    QTRY_COMPARE(paths().size(), 3);
    QTRY_COMPARE(paths()[2].data.size(), 300);
    QVERIFY(paths()[2].data.step.isEmpty());
    QVERIFY(!find<QToolButton>("axis.series")->isChecked());
  }

  void aLogarithmicXIsThatOfAllCharts() {
    showRuns();
    find<QToolButton>("logX")->click();
    for (const char* name : {"train.loss", "test.accuracy"}) QVERIFY(chart(name)->logX());
    QTest::keyClick(chart("train.loss"), Qt::Key_X);
    QVERIFY(!chart("test.accuracy")->logX() && !find<QToolButton>("logX")->isChecked());
  }

  void axisScaleAndSeriesAreKept() {
    showRuns();
    CompareCurves& curves = page_->curves();
    const QJsonObject first = curves.saveState();
    curves.setShown({"train/loss", "norm/gradient"});
    find<QToolButton>("logX")->click();
    QAction* action = nullptr;
    QTRY_VERIFY((action = page_->findChild<QAction*>("compareRuns.x.comm/relative_error")) != nullptr);
    action->trigger();
    QTRY_COMPARE(chart("train.loss")->xSeries(), "comm/relative_error");
    const QJsonObject kept = curves.saveState();
    curves.resetLayout();
    QCOMPARE(curves.saveState(), first);
    QVERIFY(!chart("train.loss")->logX());
    curves.restoreState(kept);
    QCOMPARE(curves.saveState(), kept);
    QCOMPARE(curves.shown(), QStringList({"train/loss", "norm/gradient"}));
    QVERIFY(chart("train.loss")->logX());
    QCOMPARE(chart("norm.gradient")->xSeries(), "comm/relative_error");
    curves.restoreState({{"series", QJsonArray{3, "", QString(300, 'x')}}, {"axis", "nonsense"}});
    QCOMPARE(curves.shown().size(), 2);
  }

  void theTargetIsALineAndANumber() {
    showRuns();
    auto* target = find<QDoubleSpinBox>("target");
    // The largest that all have reached: at step 282, the last that was evaluated, 0.906 - 0.42
    // exp(-282/150).
    QTRY_COMPARE(target->value(), 0.8419);
    const auto epochs = [&] {
      return find<QTableView>("results")->model()->index(
          2, ComparisonResultsModel::kFirstFigure + int(RunFigure::kEpochsToTarget));
    };
    target->setValue(0.7);
    QTRY_COMPARE(chart("test.accuracy")->level(), 0.7);
    QTRY_VERIFY(epochs().data().toString() != "–");
    const double before = epochs().data(ComparisonResultsModel::kSortRole).toDouble();
    emit chart("test.accuracy")->levelMoved(0.6);  // as a hand would
    QTRY_COMPARE(target->value(), 0.6);
    QTRY_VERIFY(epochs().data(ComparisonResultsModel::kSortRole).toDouble() < before);
  }

  void aBaselineIsPinned() {
    showRuns();
    auto* baseline = find<QComboBox>("baseline");
    QCOMPARE(baseline->count(), 3);
    QTest::keyClick(baseline, Qt::Key_Down);
    QCOMPARE(baseline->currentIndex(), 1);
    const int column = ComparisonResultsModel::kFirstFigure + int(RunFigure::kFinalAccuracy);
    const auto* results = find<QTableView>("results")->model();
    QTRY_COMPARE(results->index(1, column).data(ComparisonResultsModel::kDetailRole).toString(), "baseline");
    QVERIFY(results->index(0, column)
                .data(ComparisonResultsModel::kDetailRole)
                .toString()
                .startsWith(QChar(0x2212)));
  }

  void plotsFollowTheFigures() {
    showRuns();
    find<QTabWidget>("tabs")->setCurrentIndex(3);
    // Accuracy 0.81, 0.855, 0.84 for 10, 100 and 500 MB: the last is beaten in both.
    QTRY_COMPARE(find<CompareScatter>("scatter")->front(),
                 (QStringList{"top-k (ratio 0.01)", "top-k (ratio 0.1)"}));
    auto* bars = find<CompareBars>("bars");
    QCOMPARE(bars->bars().size(), 2);
    QVERIFY(std::abs(bars->bars()[0].percent - 100 * (0.855 - 0.81) / 0.81) < 1e-9);
    QVERIFY(std::isfinite(bars->bars()[0].low) && std::isnan(bars->bars()[1].low));  // one seed
    QVERIFY(bars->bars()[0].is_better);
    // Any figure: less is better for bytes.
    find<QComboBox>("barsFigure")->setCurrentIndex(int(RunFigure::kBytesSent));
    QVERIFY(!bars->bars()[0].is_better);
    // Setting and result; what is brushed away leaves the curves too.
    auto* axes = find<ParallelAxes>("parallelAxes");
    QCOMPARE(axes->axisCount(), 2);
    axes->brush(1, 0.9, 1);
    QVERIFY(!legend("a")->isChecked() && legend("c")->isChecked() && !legend("e")->isChecked());
    axes->brush(1, 0, 0);
    QVERIFY(legend("a")->isChecked());
  }

  // Every picture of the page leaves it, as vectors too, and with its numbers.
  void picturesAndTheirNumbersAreSaved() {
    showRuns();
    find<QTabWidget>("tabs")->setCurrentIndex(3);
    QTRY_COMPARE(find<CompareScatter>("scatter")->points().size(), 3);
    QString path;
    setAskForFileForTests([&](const FileQuestion& question) {
      path = folder_.filePath("picture." + question.suffix);
      QFile::remove(path);
      return path;
    });
    const auto saved = [&](const QString& entry) {
      auto* action = page_->findChild<QAction*>("compareRuns." + entry);
      if (action == nullptr) return QByteArray("no " + entry.toUtf8());
      action->trigger();
      QFile file(path);
      return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("nothing");
    };
    for (const char* picture : {"scatterMenu", "barsMenu", "parallelAxesMenu"}) {
      const QString name = QLatin1String(picture);
      QVERIFY2(!page_->findChild<QToolButton*>("compareRuns." + name)->accessibleName().isEmpty(), picture);
      const QByteArray svg = saved(name + ".svg");
      QVERIFY2(svg.contains("<svg") && !svg.contains("<image"), picture);
      QVERIFY2(saved(name + ".pdf").startsWith("%PDF-"), picture);
      QVERIFY2(saved(name + ".png").contains("PNG"), picture);
      const QList<QByteArray> lines = saved(name + ".csv").split('\n');
      QVERIFY2(lines.size() == (name == "barsMenu" ? 4 : 5), lines.join('\n').constData());
    }
    QVERIFY(saved("scatterMenu.csv").startsWith("Name,Bytes sent (B),Final accuracy,On the front\r\n"));
    QVERIFY(saved("scatterMenu.csv").contains("top-k (ratio 0.5),5e+08,0.84,0\r\n"));
    QVERIFY(saved("barsMenu.svg").contains(">Against the baseline</text>"));
    QCOMPARE(find<QLabel>("message")->text(), "Written: " + path);
    setAskForFileForTests([&](const FileQuestion&) { return folder_.filePath("no/such/picture.svg"); });
    saved("barsMenu.svg");
    QCOMPARE(find<QLabel>("message")->property("tone").toString(), "error");
  }

  void theReportIsWrittenAside() {
    showRuns();
    const QString path = folder_.filePath("report.html");
    setAskForFileForTests([&](const FileQuestion&) { return path; });
    QTest::mouseClick(find<QPushButton>("reportButton"), Qt::LeftButton);
    QTRY_COMPARE(find<QLabel>("message")->text(), "The comparison is in " + path);
    QVERIFY(find<QPushButton>("reportButton")->isEnabled());
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray page = file.readAll();
    for (const char* wanted : {"0.8100 ± 0.0141", "/gradient/0/ratio", "Train loss", "one seed", "<svg"})
      QVERIFY2(page.contains(wanted), wanted);
    QVERIFY(!page.contains("<script") && !page.contains("http"));
    const QString pdf = folder_.filePath("report.pdf");
    setAskForFileForTests([&](const FileQuestion&) { return pdf; });
    QTest::mouseClick(find<QPushButton>("reportButton"), Qt::LeftButton);
    QTRY_COMPARE(find<QLabel>("message")->text(), "The comparison is in " + pdf);
    QFile pages(pdf);
    QVERIFY(pages.open(QIODevice::ReadOnly) && pages.read(5) == "%PDF-");
    setAskForFileForTests([&](const FileQuestion&) { return folder_.filePath("no/such/report.html"); });
    QTest::mouseClick(find<QPushButton>("reportButton"), Qt::LeftButton);
    QTRY_VERIFY(find<QPushButton>("reportButton")->isEnabled() &&
                find<QLabel>("message")->property("tone").toString() == "error");
  }

  // As papers and READMEs take them, either way round; what is copied is what is seen.
  void tablesAreCopiedSavedAndTurned() {
    showRuns();
    auto* button = find<QToolButton>("tableButton");
    auto* tabs = find<QTabWidget>("tabs");
    QVERIFY(!button->isVisible());  // curves are no table
    tabs->setCurrentIndex(1);
    QVERIFY(button->isVisible());
    const auto trigger = [&](const char* name) {
      auto* action = find<QAction>(name);
      QVERIFY2(action != nullptr, name);
      action->trigger();
    };
    trigger("table.markdown");
    QStringList lines = QApplication::clipboard()->text().split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 5);
    QVERIFY(lines[0].startsWith("| Runs | Seeds |") && lines[0].contains("Final accuracy"));
    QVERIFY(lines[2].contains("0.8100 ± 0.0141 [baseline]"));
    auto* results = find<QTableView>("results");
    page_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(page_.get()));
    results->selectRow(2);
    results->setFocus();
    QTest::keyClick(results, Qt::Key_C, Qt::ControlModifier);
    lines = QApplication::clipboard()->text().split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 2);
    QVERIFY(lines[0].startsWith("Runs\tSeeds\t") && lines[1].startsWith("top-k (ratio 0.5)\t"));
    tabs->setCurrentIndex(2);
    trigger("table.latex");
    const QString latex = QApplication::clipboard()->text();
    QVERIFY2(latex.contains("/gradient/0/ratio & 0.01 & 0.1 & 0.5 \\\\"), qPrintable(latex));
    trigger("table.swap");
    auto* settings = find<QTableView>("settings");
    QCOMPARE(settings->model()->rowCount(), 4);
    QVERIFY(settings->isRowHidden(0) && !settings->isRowHidden(1));
    trigger("table.tabs");
    lines = QApplication::clipboard()->text().split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines, QStringList({"Setting\t/gradient/0/ratio", "top-k (ratio 0.01)\t0.01",
                                 "top-k (ratio 0.1)\t0.1", "top-k (ratio 0.5)\t0.5"}));
    find<QCheckBox>("seedsAsOne")->setChecked(false);  // other rows: the first is hidden still
    QVERIFY(settings->isRowHidden(0));
    QCOMPARE(settings->model()->rowCount(), 6);
    trigger("table.swap");
    QVERIFY(!settings->isRowHidden(0));
    const QString path = folder_.filePath("table.csv");
    setAskForFileForTests([&](const FileQuestion&) { return path; });
    trigger("table.save");
    QCOMPARE(find<QLabel>("message")->text(), "The table is in " + path);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.readAll().startsWith("Setting,"));
    setAskForFileForTests([&](const FileQuestion&) { return folder_.filePath("table.doc"); });
    trigger("table.save");
    QCOMPARE(find<QLabel>("message")->property("tone").toString(), "error");
  }

  void aRowOpensItsRun() {
    showRuns();
    find<QTabWidget>("tabs")->setCurrentIndex(1);
    auto* results = find<QTableView>("results");
    QSignalSpy opened(page_.get(), &CompareRuns::opened);
    results->setFocus();
    results->setCurrentIndex(results->model()->index(1, 0));
    emit results->activated(results->currentIndex());
    QCOMPARE(opened.count(), 1);
    QCOMPARE(opened[0][0].toString(), "c");
  }

  void everyControlHasAName() {
    showRuns();
    for (const QWidget* widget : page_->findChildren<QWidget*>())
      if (qobject_cast<const QComboBox*>(widget) != nullptr ||
          qobject_cast<const QDoubleSpinBox*>(widget) != nullptr ||
          qobject_cast<const SeriesChart*>(widget) != nullptr ||
          qobject_cast<const ParallelAxes*>(widget) != nullptr)
        QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
  }

  // A window as small as the program allows, with names longer than any column.
  void longNamesLeaveRoom() {
    QVector<proto::RunSummary> runs;
    for (int i = 0; i < 20; ++i) {
      runs << put("r" + std::to_string(i), 1, 0.001 * (i + 1), 0.8);
      runs.back().set_name(std::string(300, 'x') + std::to_string(i));
      engine_->put(runs.back());
    }
    page_->setRuns(runs);
    page_->resize(1024, 640);
    QVERIFY(page_->minimumSizeHint().width() <= 1024);
    QTRY_COMPARE(page_->comparison().groups().size(), size_t{20});
    QVERIFY(find<QTableView>("results")->columnWidth(0) < page_->width());
  }
};

CONCERTINA_TEST(CompareRunsTest)

}  // namespace concertina::ui::compare_runs_test

#include "compare_runs_test.moc"
