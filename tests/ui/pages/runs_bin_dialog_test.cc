// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_bin_dialog_test.cc: what is deleted on the Runs page goes into a bin, comes back from it in the order
// that one wants, or goes for good.
#include "ui/pages/runs_bin_dialog.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QLabel>
#include <QPushButton>

#include "tests/test_program.h"
#include "tests/ui/pages/runs_room.h"

namespace concertina::ui::runs_bin_dialog_test {

class RunsBinDialogTest : public RunsRoom {
  Q_OBJECT

 private slots:
  void initTestCase() { useEnglish(); }
  void init() { openRoom(); }
  void cleanup() { closeRoom(); }

  void deletingIsUndoneAndNeverAsks() {
    connectToEngine();
    putRuns();
    setAskForTests([](const Question& question) {
      qFatal("asked: %s", qUtf8Printable(question.text));
      return Question::Answer::kCancel;
    });
    select("run a");
    useKeyboard();
    QTest::keyClick(table(), Qt::Key_Delete);
    QTRY_VERIFY(called("delete a"));
    QTRY_COMPARE(table()->model()->rowCount(), 2);
    QTRY_VERIFY(find<QPushButton>("undoButton")->isVisible());
    QVERIFY(find<QLabel>("messageLabel")->text().contains("run a"));
    QTest::keyClick(table(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_VERIFY(called("restore a"));
    QTRY_COMPARE(table()->model()->rowCount(), 3);
    QTRY_COMPARE(chosen(), QStringList("run a"));
    QVERIFY(!find<QPushButton>("undoButton")->isVisible());
  }

  void deletionsAreUndoneLastFirst() {
    connectToEngine();
    putRuns();
    engine_->put(FakeEngine::makeRun("d", "run d", proto::FINISHED));
    QTRY_COMPARE(table()->model()->rowCount(), 4);
    table()->selectAll();
    find<QAction>("deleteAction")->trigger();
    QTRY_COMPARE(table()->model()->rowCount(), 1);  // what still runs stays
    QTRY_VERIFY(find<QLabel>("messageLabel")->text().contains("3 runs"));
    QVERIFY(!called("delete b"));
    engine_->put(FakeEngine::makeRun("e", "run e", proto::FINISHED));
    QTRY_COMPARE(table()->model()->rowCount(), 2);
    select("run e");
    find<QAction>("deleteAction")->trigger();
    QTRY_COMPARE(table()->model()->rowCount(), 1);
    QTRY_VERIFY(find<QLabel>("messageLabel")->text().contains("run e"));
    QTest::mouseClick(find<QPushButton>("undoButton"), Qt::LeftButton);
    QTRY_VERIFY(called("restore e"));
    QVERIFY(!called("restore a"));
    find<QAction>("undoAction")->trigger();
    QTRY_COMPARE(table()->model()->rowCount(), 5);
  }

  void aDeletionThatIsRefusedIsTold() {
    connectToEngine();
    putRuns();
    engine_->refuseWith({grpc::StatusCode::FAILED_PRECONDITION, "it is still being written"});
    select("run a");
    find<QAction>("deleteAction")->trigger();
    QTRY_COMPARE(find<QLabel>("messageLabel")->text(), "it is still being written");
    QVERIFY(!find<QPushButton>("undoButton")->isVisible());
    QCOMPARE(table()->model()->rowCount(), 3);
  }

  void theBinGivesBackOrIsEmptied() {
    connectToEngine();
    putRuns();
    for (const char* name : {"run a", "run c"}) {
      select(name);
      const int before = table()->model()->rowCount();
      find<QAction>("deleteAction")->trigger();
      QTRY_COMPARE(table()->model()->rowCount(), before - 1);
    }
    find<QAction>("binAction")->trigger();
    auto* bin = page_->findChild<RunsBinDialog*>("runsBin");
    QVERIFY(bin != nullptr);
    auto* deleted = bin->findChild<QTableView*>("runsBin.table");
    auto* restore = bin->findChild<QPushButton*>("runsBin.restoreButton");
    auto* empty = bin->findChild<QPushButton*>("runsBin.emptyButton");
    QTRY_COMPARE(deleted->model()->rowCount(), 2);
    deleted->selectRow(0);
    const QString name = deleted->model()->index(0, RunsBinModel::kName).data().toString();
    QTest::mouseClick(restore, Qt::LeftButton);
    QTRY_COMPARE(deleted->model()->rowCount(), 1);
    QTRY_COMPARE(table()->model()->rowCount(), 2);
    QTRY_COMPARE(chosen(), QStringList(name));
    QString asked;
    auto answer = Question::Answer::kCancel;
    setAskForTests([&](const Question& question) {
      asked = question.text;
      if (!question.destructive) qFatal("not marked as destructive");
      return answer;
    });
    QTest::mouseClick(empty, Qt::LeftButton);
    QVERIFY(!asked.isEmpty() && !asked.contains(name));
    QCOMPARE(deleted->model()->rowCount(), 1);
    answer = Question::Answer::kYes;
    QTest::mouseClick(empty, Qt::LeftButton);
    QTRY_VERIFY(called("empty bin 1"));
    QTRY_COMPARE(deleted->model()->rowCount(), 0);
    QVERIFY(!restore->isEnabled() && !empty->isEnabled());
    bin->close();
  }

  void theBinIsAModel() {
    RunsBinModel bin;
    QAbstractItemModelTester tester(&bin, QAbstractItemModelTester::FailureReportingMode::QtTest);
    proto::RunSummary older = FakeEngine::makeRun("a", "older", proto::FINISHED), newer = older;
    newer.set_name("newer");
    older.mutable_marks()->set_deleted_unix_ms(1000);
    newer.mutable_marks()->set_deleted_unix_ms(2000);
    bin.setRuns({older, newer});
    QCOMPARE(bin.index(0, RunsBinModel::kName).data().toString(), "newer");
    QCOMPARE(bin.index(1, RunsBinModel::kAccuracy).data().toString(), notMeasured());
    bin.setRuns({});
    QCOMPARE(bin.rowCount(), 0);
  }
};

CONCERTINA_TEST(RunsBinDialogTest)

}  // namespace concertina::ui::runs_bin_dialog_test

#include "runs_bin_dialog_test.moc"
