// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_page_test.cc: the Monitor page driven through its widgets, against an engine that moves when
// told: runs that go on, end, fail, and are asked to.
#include <QDialog>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>
#include <QToolButton>

#include "core/analysis/timeline.h"
#include "tests/test_program.h"
#include "tests/ui/pages/monitor_room.h"
#include "ui/charts/series_chart.h"
#include "ui/charts/timeline_chart.h"
#include "ui/pages/monitor_figures.h"

namespace concertina::ui::monitor_page_test {

class MonitorPageTest : public MonitorRoom {
  Q_OBJECT

  QString figure(const char* name) const { return find<FigureCell>(name)->text(); }

 private slots:
  void initTestCase() { useEnglish(); }
  void init() { openPage(); }
  void cleanup() { closePage(); }

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
};

CONCERTINA_TEST(MonitorPageTest)

}  // namespace concertina::ui::monitor_page_test

#include "monitor_page_test.moc"
