// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_table_model_test.cc: runs as rows under Qt's model tester; changes between two frames are one notice.
#include "ui/client/run_table_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"

namespace concertina::ui::run_table_model_test {

class RunTableModelTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void hundredsOfChangesAreOneNotice() {
    RunTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy inserted(&model, &RunTableModel::rowsInserted);
    QSignalSpy changed(&model, &RunTableModel::dataChanged);
    for (int i = 0; i < 300; ++i) model.upsert(FakeEngine::makeRun(std::to_string(i), "run", proto::RUNNING));
    QCOMPARE(model.rowCount(), 0);
    QTRY_COMPARE(model.rowCount(), 300);
    QCOMPARE(inserted.count(), 1);
    for (int i = 0; i < 300; ++i)
      model.upsert(FakeEngine::makeRun("7", "run " + std::to_string(i), proto::RUNNING));
    QTRY_COMPARE(changed.count(), 1);
    QCOMPARE(model.index(model.rowOf("7"), RunTableModel::kName).data().toString(), "run 299");
  }

  void removedRunsLeaveTheOthersInPlace() {
    RunTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (const char* id : {"a", "b", "c"}) model.upsert(FakeEngine::makeRun(id, id, proto::FINISHED));
    model.flush();
    model.remove("b");
    QCOMPARE(model.rowCount(), 3);  // at the next notice
    QTRY_COMPARE(model.rowCount(), 2);
    QCOMPARE(model.rowOf("c"), 1);
    QCOMPARE(model.rowOf("b"), -1);
    model.remove("b");  // again: nothing
    model.upsert(FakeEngine::makeRun("d", "d", proto::FINISHED));
    model.remove("d");  // before it was shown
    model.flush();
    QCOMPARE(model.rowCount(), 2);
    model.remove("a");
    model.upsert(FakeEngine::makeRun("a", "back", proto::FINISHED));  // out of the bin at once
    model.flush();
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(model.rowOf("a"), RunTableModel::kName).data().toString(), "back");
  }

  void timeThatPassesUndoesNothing() {
    RunTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (const char* id : {"a", "b", "c"}) model.upsert(FakeEngine::makeRun(id, id, proto::RUNNING));
    model.flush();
    model.upsert(FakeEngine::makeRun("a", "newer", proto::FINISHED));
    model.remove("b");
    QSignalSpy changed(&model, &RunTableModel::dataChanged);
    for (int row = 0; row < model.rowCount(); ++row) model.touch(row);
    model.flush();
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.rowOf("b"), -1);
    QCOMPARE(model.run(model.rowOf("a")).state(), proto::FINISHED);
    QCOMPARE(model.index(model.rowOf("a"), RunTableModel::kName).data().toString(), "newer");
    QCOMPARE(changed.count(), 1);  // "c" too: its duration is drawn anew
    QCOMPARE(changed[0][1].toModelIndex().row(), model.rowOf("c"));
  }

  void whatLooksLikeMarkupIsShownAsItIs() {
    RunTableModel model;
    proto::RunSummary run = FakeEngine::makeRun("a", "<b>bold</b>", proto::FAILED);
    run.set_error("<img src=\"file:///tmp/x.png\"> was refused");
    run.mutable_marks()->set_note("a < b");
    model.upsert(run);
    model.flush();
    const auto tip = [&](int column) { return model.index(0, column).data(Qt::ToolTipRole).toString(); };
    QVERIFY2(tip(RunTableModel::kName).contains("&lt;b&gt;bold"), qPrintable(tip(RunTableModel::kName)));
    QVERIFY(!tip(RunTableModel::kState).contains("<img"));
    QCOMPARE(tip(RunTableModel::kNote), "a < b");
    QCOMPARE(model.index(0, RunTableModel::kName).data().toString(), "<b>bold</b>");
  }

  void hundredsOfRemovalsAreOneNotice() {
    RunTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto fill = [&] {
      for (int i = 0; i < 300; ++i)
        model.upsert(FakeEngine::makeRun(std::to_string(i), "run", proto::FINISHED));
      model.flush();
    };
    fill();
    QSignalSpy removed(&model, &RunTableModel::rowsRemoved), reset(&model, &RunTableModel::modelReset);
    for (int i = 100; i < 200; ++i) model.remove(QString::number(i));
    model.flush();
    QCOMPARE(removed.count(), 1);  // neighbours
    QCOMPARE(model.rowOf("200"), 100);
    for (int i = 0; i < 100; i += 2) model.remove(QString::number(i));
    model.flush();
    QCOMPARE(removed.count() + reset.count(), 2);  // not one for each gap
    QCOMPARE(model.rowCount(), 150);
    for (int row = 0; row < model.rowCount(); ++row)
      QCOMPARE(model.rowOf(model.index(row, 0).data(RunTableModel::kRunRole).toString()), row);
    QCOMPARE(model.rowOf("0"), -1);
  }

  void aRowSaysWhatTheRunIs() {
    RunTableModel model;
    proto::RunSummary run = FakeEngine::makeRun("a", "first", proto::FINISHED);
    SyntheticRun().summarise(run, 705);
    run.set_ended_unix_ms(run.started_unix_ms() + 65000);
    model.upsert(run);
    model.flush();
    const auto text = [&](int column) { return model.index(0, column).data().toString(); };
    QCOMPARE(text(RunTableModel::kState), "Finished");
    QCOMPARE(text(RunTableModel::kModel), "lenet-5");
    QCOMPARE(text(RunTableModel::kDataset), "fashion-mnist");
    QCOMPARE(text(RunTableModel::kWorkers), "4");
    QCOMPARE(text(RunTableModel::kCodec), "top-k 1 %");
    QCOMPARE(text(RunTableModel::kDuration), "1 min 05 s");
    QCOMPARE(text(RunTableModel::kRatio), "46.0×");
    QCOMPARE(model.index(0, RunTableModel::kBytes).data(RunTableModel::kSortRole).toDouble(),
             double(run.bytes_sent()));
    QCOMPARE(model.index(0, 0).data(RunTableModel::kRunRole).toString(), "a");
  }

  void whatWasNotMeasuredIsADash() {
    RunTableModel model;
    proto::RunSummary run = FakeEngine::makeRun("a", "", proto::QUEUED);
    run.set_started_unix_ms(0);
    run.set_spec_json("not JSON");
    run.set_queue_position(2);
    model.upsert(run);
    model.flush();
    for (const int column :
         {RunTableModel::kAccuracy, RunTableModel::kLoss, RunTableModel::kBytes, RunTableModel::kRatio,
          RunTableModel::kSamplesPerSecond, RunTableModel::kDuration})
      QCOMPARE(model.index(0, column).data().toString(), "–");
    QCOMPARE(model.index(0, RunTableModel::kName).data().toString(), "a");  // without a name, its id
    QCOMPARE(model.index(0, RunTableModel::kState).data().toString(), "Queued (2)");
  }
};

CONCERTINA_TEST(RunTableModelTest)

}  // namespace concertina::ui::run_table_model_test

#include "run_table_model_test.moc"
