// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_page_test.cc: the Monitor page driven through its widgets, against an engine that moves when told.
#include "ui/pages/monitor_page.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "core/analysis/timeline.h"
#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/charts/series_chart.h"
#include "ui/charts/timeline_chart.h"
#include "ui/forms/ask.h"
#include "ui/pages/dock_panels.h"
#include "ui/pages/monitor_blame.h"
#include "ui/pages/monitor_charts.h"
#include "ui/pages/monitor_figures.h"
#include "ui/pages/monitor_harm.h"
#include "ui/pages/monitor_header.h"
#include "ui/pages/monitor_knobs.h"
#include "ui/pages/monitor_layers.h"
#include "ui/pages/monitor_tables.h"

namespace concertina::ui::monitor_page_test {

class MonitorPageTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<MonitorPage> page_;
  static constexpr char kRun[] = "20261124-031500-a1b2";

  template <class Widget>
  Widget* find(const char* name) const {
    Widget* widget = page_->findChild<Widget*>(QLatin1String("monitorPage.") + QLatin1String(name));
    if (widget == nullptr) qWarning("no widget %s", name);
    return widget;
  }
  void openPanel(const char* name) { page_->panels().openPanel(find<QWidget>(name)); }
  QString figure(const char* name) const { return find<FigureCell>(name)->text(); }
  bool called(const std::string& call) const {
    const std::vector<std::string> calls = engine_->calls();
    return std::find(calls.begin(), calls.end(), call) != calls.end();
  }
  void putRun(proto::RunState state, int64_t step) {
    proto::RunSummary run = FakeEngine::makeRun(kRun, "LeNet-5, ring", state);
    engine_->synthetic.summarise(run, step);
    engine_->put(run);
  }
  void show(proto::RunState state, int64_t step) {
    putRun(state, step);
    page_->showRun(kRun);
    QTRY_VERIFY(find<QLabel>("nameLabel")->text() == "LeNet-5, ring");
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->start(folder_.filePath("engine.sock"));
    client_ = std::make_unique<EngineClient>();
    client_->start({}, engine_->address());
    page_ = std::make_unique<MonitorPage>(*client_);
    page_->resize(1280, 800);
    page_->show();
    QTRY_COMPARE(client_->state(), EngineClient::State::kConnected);
  }
  void cleanup() {
    page_.reset();
    client_.reset();
    engine_.reset();
  }

  void linesOfWorkersByHandAreAskedForAndCopied() {
    show(proto::RUNNING, 100);
    QVERIFY(!find<QPushButton>("startByHandButton")->isVisible());  // the engine starts them all
    proto::RunSummary run = FakeEngine::makeRun(kRun, "LeNet-5, ring", proto::STARTING);
    run.set_spec_json(R"({"workers": [{"launcher": "local"}, {"launcher": "manual", "count": 2}]})");
    engine_->setStartLines(
        {"CONCERTINA_TOKEN=a concertina-worker --rank 1", "CONCERTINA_TOKEN=b concertina-worker --rank 2"});
    engine_->put(run);
    auto* button = find<QPushButton>("startByHandButton");
    QTRY_VERIFY(button->isVisible());
    QTest::mouseClick(button, Qt::LeftButton);
    auto* dialog = page_->findChild<QDialog*>("monitorStartLines");
    QVERIFY(dialog != nullptr);
    auto* copy = dialog->findChild<QPushButton*>("monitorStartLines.copyButton");
    QTRY_VERIFY(copy->isEnabled());
    QTest::mouseClick(copy, Qt::LeftButton);
    QCOMPARE(QApplication::clipboard()->text(),
             "CONCERTINA_TOKEN=a concertina-worker --rank 1\nCONCERTINA_TOKEN=b concertina-worker --rank 2");
    engine_->setStartLines({});
    QTest::mouseClick(dialog->findChild<QPushButton*>("monitorStartLines.againButton"), Qt::LeftButton);
    auto* lead = dialog->findChild<QLabel*>("monitorStartLines.lead");
    QTRY_VERIFY(lead->text().contains("No worker waits"));
    QVERIFY(!copy->isEnabled());
    dialog->reject();
  }

  // What `concertinactl workers add` does; a run that is not elastic has no such line.
  void workersJoinAndLeaveAnElasticRun() {
    show(proto::RUNNING, 100);
    auto* add = find<QPushButton>("addWorkerButton");
    QVERIFY(add->parentWidget()->isHidden());
    proto::RunSummary run = FakeEngine::makeRun(kRun, "LeNet-5, ring", proto::RUNNING);
    run.set_spec_json(R"({"name": "LeNet-5, ring", "elastic": {"min_workers": 2, "max_workers": 8}})");
    engine_->put(run);
    QTRY_VERIFY(!add->parentWidget()->isHidden());
    page_->panels().openPanel(add->parentWidget()->parentWidget());
    QTRY_VERIFY(add->isVisible() && add->isEnabled());
    auto* about = find<QLabel>("workersAbout");
    QVERIFY(about->text().contains("from 2 to 8"));
    QTest::mouseClick(add, Qt::LeftButton);
    QTRY_VERIFY(called(std::string("workers 1 ") + kRun));
    QTRY_VERIFY(about->text().contains("5 worker"));
    auto* remove = find<QPushButton>("removeWorkerButton");
    engine_->refuseWith({grpc::StatusCode::INVALID_ARGUMENT, "expected 2 to 8 of them"});
    remove->setFocus();
    QTest::keyClick(remove, Qt::Key_Space);
    QTRY_VERIFY(called(std::string("workers -1 ") + kRun));
    QTRY_VERIFY(about->text().contains("expected 2 to 8 of them"));
    QCOMPARE(about->property("tone").toString(), "error");
    engine_->refuseWith(grpc::Status::OK);
    run.set_state(proto::FINISHED);
    engine_->put(run);
    QTRY_VERIFY(add->parentWidget()->isHidden());
  }

  // What `concertinactl harm` does, from the keyboard; before a kill it says what the others will do.
  void aWorkerIsHarmedFromItsMenu() {
    show(proto::RUNNING, 100);
    auto* table = find<QTableView>("workersTable");
    QTRY_VERIFY(table->model()->rowCount() >= 3);
    page_->panels().openPanel(table->parentWidget()->parentWidget());
    QTRY_VERIFY(table->isVisible());
    const auto menu = [&]() -> QMenu* {
      table->setFocus();
      table->setCurrentIndex(table->model()->index(2, 0));
      const QPoint where = table->visualRect(table->currentIndex()).center();
      QContextMenuEvent key(QContextMenuEvent::Keyboard, where, table->viewport()->mapToGlobal(where));
      QApplication::sendEvent(table->viewport(), &key);
      return table->findChild<QMenu*>("monitorPage.workerMenu");
    };
    const auto trigger = [&](const char* name) {
      QMenu* opened = menu();
      auto* action = opened == nullptr
                         ? nullptr
                         : opened->findChild<QAction*>(QLatin1String("monitorPage.") + QLatin1String(name));
      const bool enabled = action != nullptr && action->isEnabled();
      if (enabled) action->trigger();
      if (opened != nullptr) opened->close();
      QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
      return enabled;
    };
    QVERIFY(trigger("freezeShortlyAction"));
    QTRY_VERIFY(called(std::string("harm freeze 2 for 10 ") + kRun));
    QVERIFY(trigger("freezeAction"));
    QTRY_VERIFY(called(std::string("harm freeze 2 ") + kRun));
    QVERIFY(trigger("slowAction"));
    QTRY_VERIFY(called(std::string("harm slow 2 by 10 ") + kRun));
    engine_->refuseWith({grpc::StatusCode::FAILED_PRECONDITION, "rank 2 is not frozen"});
    QVERIFY(trigger("thawAction"));
    const auto said = [&] {
      const auto labels = find<QWidget>("problemBanner")->findChildren<QLabel*>();
      return std::any_of(labels.begin(), labels.end(),
                         [](const QLabel* label) { return label->text().contains("rank 2 is not frozen"); });
    };
    QTRY_VERIFY(said());
    engine_->refuseWith(grpc::Status::OK);

    Question asked;
    auto answer = Question::Answer::kCancel;
    setAskForTests([&](const Question& question) {
      asked = question;
      return answer;
    });
    QVERIFY(trigger("killAction"));
    QTRY_VERIFY(asked.text.contains("form a new group"));
    QVERIFY(asked.destructive);
    QVERIFY(!called(std::string("harm kill 2 ") + kRun));
    answer = Question::Answer::kYes;
    QVERIFY(trigger("killAction"));
    QTRY_VERIFY(called(std::string("harm kill 2 ") + kRun));

    answer = Question::Answer::kCancel;  // asked for as long as the window has not heard that it ended
    putRun(proto::FINISHED, 100);
    QTRY_VERIFY(!trigger("killAction"));
    setAskForTests({});
  }

  void theLossOfAWorkerIsSaidBeforehand() {
    proto::RunSummary run;
    QVERIFY(lossSentence("goes-on", run).contains("without it"));
    QVERIFY(lossSentence("resumes", run).contains("no checkpoint"));
    run.set_last_checkpoint_step(1200);
    QVERIFY(lossSentence("resumes", run).contains("can be resumed"));
    run.set_spec_json(R"({"training": {"resume_after_failure": 1}})");
    QVERIFY(lossSentence("resumes", run).contains("by itself"));
    run.set_automatic_resumes(1);
    QVERIFY(lossSentence("resumes", run).contains("can be resumed"));
  }

  // A second press ends a run that does not stop; a double click does not.
  void aRunThatDoesNotStopIsEndedAtOnce() {
    show(proto::RUNNING, 100);
    engine_->stop_hangs = true;
    auto* stop = find<QPushButton>("stopButton");
    QTRY_VERIFY(stop->isEnabled());
    QTest::mouseClick(stop, Qt::LeftButton);
    QVERIFY(!stop->isEnabled());
    QTest::mouseClick(stop, Qt::LeftButton);
    QTRY_VERIFY(called(std::string("control stop ") + kRun));
    QTRY_VERIFY_WITH_TIMEOUT(stop->isEnabled(), 10'000);
    QVERIFY(!called(std::string("control kill ") + kRun));
    QCOMPARE(stop->text(), "End at Once");
    QTest::mouseClick(stop, Qt::LeftButton);
    QTRY_VERIFY(called(std::string("control kill ") + kRun));
    QTRY_VERIFY(!stop->isVisible());
    putRun(proto::RUNNING, 101);  // resumed: it is asked anew
    QTRY_VERIFY(stop->isVisible());
    QCOMPARE(stop->text(), "Stop");
  }

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

  void withoutARunItSaysWhatToDo() {
    QVERIFY(find<QWidget>("emptyState")->isVisible());
    QSignalSpy asked(page_.get(), &MonitorPage::designRequested);
    QTest::mouseClick(find<QPushButton>("designButton"), Qt::LeftButton);
    QCOMPARE(asked.count(), 1);
    QCOMPARE(page_->run(), "");
  }

  void aRunThatGoesOnIsShownLive() {
    show(proto::RUNNING, 100);
    QTRY_COMPARE(engine_->watchers(), 1);
    QTRY_VERIFY(called("series train/loss bytes"));
    auto* loss = find<SeriesChart>("lossChart");
    QTRY_VERIFY(!loss->curves().isEmpty() && loss->curves()[0].data.size() == 100);  // what was before
    engine_->advance(kRun, 130);
    QTRY_COMPARE(loss->curves()[0].data.size(), 130);  // and what comes
    QCOMPARE(loss->curves()[0].data.x.back(), 130.0);
    QTRY_COMPARE(find<QProgressBar>("progressBar")->value(), 184);  // 130 of 705, in thousandths
    QTRY_VERIFY(figure("sentFigure") != "–");
    QVERIFY(find<QLabel>("progressLabel")->text().contains("Step 130 of 705"));
  }

  void anEndedRunIsShownWhole() {
    show(proto::FINISHED, 705);
    auto* loss = find<SeriesChart>("lossChart");
    QTRY_VERIFY(!loss->curves().isEmpty() && loss->curves()[0].data.size() == 705);
    QVERIFY(!find<QPushButton>("pauseButton")->isVisible());
    QVERIFY(!find<QPushButton>("stopButton")->isVisible());
    QVERIFY(!find<QProgressBar>("progressBar")->isVisible());
    QTRY_COMPARE(figure("ratioFigure"), "46.0×");
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

  void theStragglerIsNamedWhileTheRunGoes() {
    engine_->synthetic.slow_rank = 2;
    engine_->synthetic.slow_seconds = 0.03;
    show(proto::RUNNING, 100);
    QVERIFY(!called("series time/arrival step"));  // nobody looks
    openPanel("blame");
    auto* sentence = find<QLabel>("blameSentence");
    QTRY_COMPARE(sentence->text(), "Rank 2 kept the others waiting 30 % of the time, computing.");
    auto* bars = find<BlameBars>("blameBars");
    QVERIFY(bars->isVisible());
    QVERIFY(bars->accessibleDescription().contains("rank 2: 8.91 s"));  // 30 ms of three others, 99 steps
    QVERIFY(bars->accessibleDescription().contains("rank 1: charged nothing"));
    const int row = bars->height() / 4;
    QVERIFY(bars->textAt(QPoint(5, 2 * row + row / 2)).contains("last at 99 of 99 steps"));
    engine_->synthetic.slow_rank = 1;
    engine_->advance(kRun, 400);  // the culprit changes as the run goes on
    QTRY_COMPARE(sentence->text().left(6), "Rank 1");
  }

  void whereNobodyWaitsTheReasonIsSaid() {
    proto::RunSummary run = FakeEngine::makeRun(kRun, "LeNet-5, ring", proto::RUNNING);
    run.mutable_workers()->DeleteSubrange(1, 3);
    engine_->put(run);
    page_->showRun(kRun);
    openPanel("blame");
    QTRY_COMPARE(find<QLabel>("blameSentence")->text(), "A single worker waits for nobody.");
    QVERIFY(!find<QWidget>("blameBars")->isVisible());
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

  void buttonsAskTheEngine() {
    show(proto::RUNNING, 100);
    QTRY_VERIFY(find<QPushButton>("pauseButton")->isEnabled());
    QTest::mouseClick(find<QPushButton>("checkpointButton"), Qt::LeftButton);
    QTRY_VERIFY(called(std::string("control checkpoint ") + kRun));
    QTest::mouseClick(find<QPushButton>("pauseButton"), Qt::LeftButton);
    QTRY_VERIFY(called(std::string("control pause ") + kRun));
    QTRY_COMPARE(find<QPushButton>("pauseButton")->text(), "Continue");
    QTest::mouseClick(find<QPushButton>("pauseButton"), Qt::LeftButton);
    QTRY_VERIFY(called(std::string("control resume ") + kRun));
    QTRY_COMPARE(find<QPushButton>("pauseButton")->text(), "Pause");
    QTest::mouseClick(find<QPushButton>("stopButton"), Qt::LeftButton);
    QTRY_VERIFY(called(std::string("control stop ") + kRun));
    QTRY_VERIFY(!find<QPushButton>("stopButton")->isVisible());
  }

  void aRefusalIsShownAndCanBeDismissed() {
    show(proto::RUNNING, 100);
    engine_->refuseWith({grpc::StatusCode::FAILED_PRECONDITION, "the run is just ending"});
    QTest::mouseClick(find<QPushButton>("pauseButton"), Qt::LeftButton);
    QTRY_VERIFY(find<QWidget>("problemBanner")->isVisible());
    QTest::mouseClick(find<QPushButton>("dismissButton"), Qt::LeftButton);
    QVERIFY(!find<QWidget>("problemBanner")->isVisible());
  }

  void aFailureSaysWhatHappenedAndWhatToDo() {
    proto::RunSummary run = FakeEngine::makeRun(kRun, "LeNet-5, ring", proto::FAILED);
    run.set_error("rank 2: killed by signal 9\n<last words>");
    run.set_last_checkpoint_step(235);
    engine_->put(run);
    page_->showRun(kRun);
    QTRY_VERIFY(find<QWidget>("errorBanner")->isVisible());
    const QString text = find<QLabel>("errorLabel")->text();
    QVERIFY(text.contains("signal 9") && text.contains("&lt;last words&gt;") && text.contains("235"));
    QTest::mouseClick(find<QPushButton>("showLogButton"), Qt::LeftButton);
    QVERIFY(find<QPlainTextEdit>("logText")->isVisible());
    QTest::mouseClick(find<QPushButton>("resumeButton"), Qt::LeftButton);
    QTRY_VERIFY(called(std::string("control resume ") + kRun));
    QTRY_VERIFY(!find<QWidget>("errorBanner")->isVisible());
    QTRY_COMPARE(engine_->watchers(), 1);  // it goes on, and is watched again
  }

  void withoutACheckpointThereIsNoResume() {
    show(proto::FAILED, 100);
    QVERIFY(!find<QPushButton>("resumeButton")->isVisible());
    QTRY_VERIFY(find<QLabel>("errorLabel")->text().contains("no checkpoint"));
  }

  void aKnobIsTurned() {
    show(proto::RUNNING, 100);
    QTest::mouseClick(find<QToolButton>("knobsButton"), Qt::LeftButton);
    QTRY_VERIFY(page_->findChild<QLineEdit*>("monitorPage.knob./optimizer/learning_rate") != nullptr);
    auto* rate = find<QLineEdit>("knob./optimizer/learning_rate");
    QTRY_VERIFY(rate->isEnabled());
    QCOMPARE(rate->text(), "0.05");
    rate->selectAll();
    QTest::keyClicks(rate, "0.01");
    putRun(proto::RUNNING, 101);  // the run goes on while a person writes
    QTest::qWait(50);
    QCOMPARE(rate->text(), "0.01");
    QTest::keyClick(rate, Qt::Key_Return);
    QTRY_VERIFY(called("knob /optimizer/learning_rate 0.01"));
    auto* answer = find<QLabel>("knobAnswer./optimizer/learning_rate");
    QTRY_VERIFY(answer->text().contains("102"));
  }

  void aKnobOutOfRangeIsNotSent() {
    show(proto::RUNNING, 100);
    QTest::mouseClick(find<QToolButton>("knobsButton"), Qt::LeftButton);
    QTRY_VERIFY(page_->findChild<QLineEdit*>("monitorPage.knob./gradient/0/ratio") != nullptr);
    auto* ratio = find<QLineEdit>("knob./gradient/0/ratio");
    QTRY_VERIFY(ratio->isEnabled());
    ratio->setText("2");
    QTest::keyClick(ratio, Qt::Key_Return);
    QVERIFY(find<QLabel>("knobAnswer./gradient/0/ratio")->isVisible());
    QTest::qWait(50);
    for (const std::string& call : engine_->calls()) QVERIFY(call.rfind("knob", 0) != 0);
  }

  void knobsRestWhenTheRunDoes() {
    show(proto::FINISHED, 705);
    QTRY_VERIFY(page_->findChild<QLineEdit*>("monitorPage.knob./optimizer/momentum") != nullptr);
    QVERIFY(!find<QLineEdit>("knob./optimizer/momentum")->isEnabled());
  }

  void workersEventsAndLogAreListed() {
    show(proto::RUNNING, 100);
    QTRY_COMPARE(engine_->watchers(), 1);
    QTRY_COMPARE(find<QTableView>("workersTable")->model()->rowCount(), 4);
    proto::RunEvent event;
    event.set_step(50);
    event.set_kind("knob");
    event.set_message("learning rate 0.05 to 0.01");
    engine_->tellEvent(kRun, event);
    QTRY_COMPARE(find<QTableView>("eventsTable")->model()->rowCount(), 1);
    engine_->tellLog(kRun, 2, "hello from two");
    engine_->tellLog(kRun, -1, "hello from the engine");
    auto* text = find<QPlainTextEdit>("logText");
    QTRY_VERIFY(text->toPlainText().contains("hello from the engine"));
    find<QLineEdit>("logFilter")->setText("TWO");
    QVERIFY(text->toPlainText().contains("hello from two") && !text->toPlainText().contains("engine"));
    find<QLineEdit>("logFilter")->clear();
    auto* rank = find<QComboBox>("logRankBox");
    QTRY_COMPARE(rank->count(), 6);  // everyone, the engine, four ranks
    rank->setCurrentText("Engine");
    QVERIFY(!text->toPlainText().contains("two"));
    QTRY_COMPARE(
        find<QTableView>("workersTable")->model()->index(2, WorkersModel::kLastWords).data().toString(),
        "hello from two");
  }

  void anotherRunTakesItsPlaceWhole() {
    show(proto::RUNNING, 200);
    auto* loss = find<SeriesChart>("lossChart");
    QTRY_VERIFY(!loss->curves().isEmpty() && loss->curves()[0].data.size() == 200);
    proto::RunSummary other = FakeEngine::makeRun("other", "another", proto::QUEUED);
    engine_->put(other);
    page_->showRun("other");
    QTRY_COMPARE(find<QLabel>("nameLabel")->text(), "another");
    QTRY_VERIFY(loss->curves()[0].data.isEmpty());
    engine_->advance(kRun, 210);  // of the run that is no longer watched
    QTest::qWait(100);
    loss->renderNow();
    QVERIFY(loss->curves()[0].data.isEmpty());
  }

  void aDeletedRunLeavesTheEmptyState() {
    show(proto::FINISHED, 100);
    client_
        ->listAgain();  // the page may hear of it by its own stream first, and only a run that was told goes
    QTRY_VERIFY(client_->listed());
    client_->deleteRun(page_.get(), kRun, [](int, const QString&) {});
    QTRY_VERIFY(find<QWidget>("emptyState")->isVisible());
  }

  void aLostEngineLosesNoCurve() {
    show(proto::RUNNING, 100);
    auto* loss = find<SeriesChart>("lossChart");
    QTRY_VERIFY(!loss->curves().isEmpty() && loss->curves()[0].data.size() == 100);
    engine_->stop();
    QTRY_COMPARE(client_->state(), EngineClient::State::kLost);
    QCOMPARE(loss->curves()[0].data.size(), 100);
    engine_->advance(kRun, 150);  // it went on meanwhile
    engine_->start(folder_.filePath("engine.sock"));
    QTRY_VERIFY(loss->curves()[0].data.size() == 150);
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

  void aTimelineIsRecordedAndLookedAt() {
    show(proto::RUNNING, 100);
    openPanel("timeline");
    auto* record = find<QPushButton>("recordButton");
    QTRY_VERIFY(record->isVisible() && record->isEnabled());
    QVERIFY(!find<QToolButton>("timelineMore")->isEnabled());
    find<QSpinBox>("timelineSteps")->setValue(8);
    QVERIFY2(record->text().contains("8"), qPrintable(record->text()));
    QTest::mouseClick(record, Qt::LeftButton);
    QVERIFY(!record->isEnabled());  // until it is there
    QTRY_VERIFY(called("record 8 " + std::string(kRun)));
    std::vector<std::string> packed;
    for (int rank = 0; rank < 2; ++rank)
      packed.push_back(PackSpans(
          {.rank = rank,
           .recording = FakeEngine::kNextRecording,
           .first_step = 100,
           .steps = 1,
           .spans = {{.kind = SpanKind::kForward, .step = 100, .begin_seconds = 0, .end_seconds = 1},
                     {.kind = SpanKind::kWait, .step = 100, .begin_seconds = 1, .end_seconds = 2}}}));
    engine_->putTimeline(packed);
    proto::RunEvent event;
    event.set_kind("timeline");
    event.set_step(108);
    engine_->tellEvent(kRun, event);
    auto* chart = find<TimelineChart>("timelineChart");
    QTRY_COMPARE(chart->timeline().ranks, 2);
    QVERIFY(record->isEnabled());
    QTRY_VERIFY(find<QLabel>("timelineFigure0")->text().contains("50"));
    QTest::mouseClick(find<QToolButton>("timelineNearer"), Qt::LeftButton);
    QVERIFY(chart->isZoomed());
    QTest::mouseClick(find<QToolButton>("timelineAll"), Qt::LeftButton);
    QVERIFY(!chart->isZoomed());
    putRun(proto::FINISHED, 705);
    QTRY_VERIFY(!record->isEnabled());
    QCOMPARE(chart->timeline().ranks, 2);  // it stays
  }

  void aRunIsForkedWithAChange() {
    show(proto::RUNNING, 100);
    QSignalSpy compared(page_.get(), &MonitorPage::compareRequested);
    auto* button = find<QPushButton>("forkButton");
    QTRY_VERIFY(button->isVisible());
    QTest::mouseClick(button, Qt::LeftButton);
    auto* dialog = page_->findChild<QDialog*>("monitorFork");
    QVERIFY(dialog != nullptr);
    auto* changes = dialog->findChild<QPlainTextEdit*>("monitorFork.changes");
    auto* fork = dialog->findChild<QPushButton*>("monitorFork.forkButton");
    auto* answer = dialog->findChild<QLabel*>("monitorFork.answer");
    changes->setPlainText("learning_rate");
    QTRY_VERIFY2(answer->text().contains("no assignment"), qPrintable(answer->text()));
    QVERIFY(!fork->isEnabled());
    changes->setPlainText("/optimizer/learning_rate=0.01");
    QTRY_VERIFY(fork->isEnabled());
    QTest::mouseClick(fork, Qt::LeftButton);
    QTRY_VERIFY(called("fork " + std::string(kRun) + " /optimizer/learning_rate=0.01"));
    QTRY_COMPARE(compared.count(), 1);
    const auto runs = compared[0][0].value<QVector<proto::RunSummary>>();
    QCOMPARE(runs.size(), 2);
    QCOMPARE(runs[0].run(), std::string(kRun));
    QCOMPARE(runs[1].parent(), std::string(kRun));
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
    QVERIFY(find<QLabel>("layersEmpty")->text().contains("sixteenth step"));
    proto::RunSummary plain = FakeEngine::makeRun("plain", "dense", proto::RUNNING);
    plain.set_spec_json(R"({"gradient": []})");
    engine_->put(plain);
    page_->showRun("plain");
    QTRY_VERIFY(find<QLabel>("layersEmpty")->text().contains("no gradient codec"));
  }

  void tablesAreSoundModels() {
    WorkersModel workers;
    EventsModel events;
    QAbstractItemModelTester first(&workers, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QAbstractItemModelTester second(&events, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const proto::RunSummary run = FakeEngine::makeRun("a", "a", proto::RUNNING);
    workers.setWorkers(run.workers());
    QCOMPARE(workers.rowCount(), 4);
    workers.setLastWords(1, "x");
    workers.setWorkers({});
    QCOMPARE(workers.rowCount(), 0);
    proto::RunEvent event;
    event.set_step(1);
    events.append(event);
    event.set_step(2);
    events.append(event);
    QCOMPARE(events.index(0, EventsModel::kStep).data().toString(), "2");  // the newest first
    events.setEvents({});
    QCOMPARE(events.rowCount(), 0);
  }

  void stragglersAreNamed() {
    WorkersModel workers;
    proto::RunSummary run = FakeEngine::makeRun("a", "a", proto::RUNNING);
    for (proto::Worker& worker : *run.mutable_workers()) worker.set_step(worker.rank() == 2 ? 90 : 100);
    workers.setWorkers(run.workers());
    QCOMPARE(workers.index(2, WorkersModel::kBehind).data().toString(), "-10");
    QCOMPARE(workers.index(0, WorkersModel::kBehind).data().toString(), "");
  }

  void knobsAreChecked_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("json");
    QTest::newRow("a number") << "number"
                              << "0.1"
                              << "0.1";
    QTest::newRow("with an exponent") << "number"
                                      << " 1e-3 "
                                      << "0.001";
    QTest::newRow("too large") << "number"
                               << "11"
                               << "";
    QTest::newRow("too small") << "number"
                               << "-1"
                               << "";
    QTest::newRow("no number") << "number"
                               << "fast"
                               << "";
    QTest::newRow("nothing") << "number"
                             << ""
                             << "";
    QTest::newRow("not finite") << "number"
                                << "inf"
                                << "";
    QTest::newRow("a whole number") << "integer"
                                    << "7"
                                    << "7";
    QTest::newRow("a fraction") << "integer"
                                << "7.5"
                                << "";
    QTest::newRow("text is quoted") << "text"
                                    << "say \"hi\""
                                    << "\"say \\\"hi\\\"\"";
  }
  void knobsAreChecked() {
    QFETCH(QString, type);
    QFETCH(QString, text);
    QFETCH(QString, json);
    LiveKnob knob;
    knob.type = type;
    knob.minimum = 0;
    knob.maximum = 10;
    QString fault;
    QCOMPARE(knobJson(knob, text, fault), json);
    QCOMPARE(fault.isEmpty(), !json.isEmpty());
  }
};

CONCERTINA_TEST(MonitorPageTest)

}  // namespace concertina::ui::monitor_page_test

#include "monitor_page_test.moc"
