// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_workers_test.cc: the workers of a run on the Monitor page: started by hand, joining, harmed,
// listed, and who is waited for.
#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableView>
#include <QTableWidget>
#include <QTest>

#include "tests/test_program.h"
#include "tests/ui/pages/monitor_room.h"
#include "ui/client/number_format.h"
#include "ui/forms/ask.h"
#include "ui/pages/monitor_blame.h"
#include "ui/pages/monitor_harm.h"
#include "ui/pages/monitor_tables.h"

namespace concertina::ui::monitor_workers_test {

class MonitorWorkersTest : public MonitorRoom {
  Q_OBJECT

 private slots:
  void initTestCase() { useEnglish(); }
  void init() { openPage(); }
  void cleanup() { closePage(); }

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

  void theCollectiveAtWhichRanksWaitIsNamed() {
    engine_->synthetic.slow_rank = 2;
    engine_->synthetic.slow_seconds = 0.03;
    for (const char* figure : {"at", "stood", "compute"})
      engine_->synthetic.strategy[std::string("arrival/bucket1-fc2-to-fc1/") + figure] = 1;
    show(proto::RUNNING, 100);
    openPanel("blame");
    auto* table = find<QTableWidget>("blameCollectives");
    QTRY_COMPARE(table->rowCount(), 1);
    QTRY_VERIFY(table->isVisible());
    const auto text = [table](int column) { return table->item(0, column)->text(); };
    QCOMPARE(text(0), "bucket1-fc2-to-fc1");
    QCOMPARE(text(1), "6");                   // steps 16, 32, … 96
    QCOMPARE(text(2), formatDuration(0.09));  // 30 ms of three others
    QCOMPARE(text(3), "2");
    QCOMPARE(text(4), "Computing");
    // Moments are no curves: they are not offered as such.
    for (const QAction* action : page_->findChildren<QAction*>())
      QVERIFY2(!action->objectName().contains("arrival/"), qPrintable(action->objectName()));
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
};

CONCERTINA_TEST(MonitorWorkersTest)

}  // namespace concertina::ui::monitor_workers_test

#include "monitor_workers_test.moc"
