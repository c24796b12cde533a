// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_filter_model_test.cc: the run table as it is shown: order, groups, and how little is told of a change.
#include "ui/pages/runs_filter_model.h"

#include <QAbstractItemModelTester>
#include <QPersistentModelIndex>
#include <QSignalSpy>
#include <QTest>
#include <random>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/client/number_format.h"

namespace concertina::ui::runs_filter_model_test {
namespace {

proto::RunSummary makeRun(int number, double accuracy) {
  const std::string id = "r" + std::to_string(number);
  proto::RunSummary run;
  run.set_run(id);
  run.set_name(id);
  run.set_state(proto::FINISHED);
  run.set_created_unix_ms(1'700'000'000'000 + number);
  run.set_spec_json(number % 3 == 0 ? R"({"model": {"kind": "mlp"}})" : R"({"model": {"kind": "lenet-5"}})");
  run.set_has_test(accuracy >= 0);
  run.set_test_accuracy(accuracy);
  return run;
}

QStringList column(const QAbstractItemModel& model, int column) {
  QStringList texts;
  for (int row = 0; row < model.rowCount(); ++row) texts << model.index(row, column).data().toString();
  return texts;
}
QStringList names(const QAbstractItemModel& model) { return column(model, RunTableModel::kName); }

}  // namespace

class RunsFilterModelTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void whatWasNotMeasuredSortsLast() {
    RunTableModel runs;
    RunsFilterModel visible(&runs);
    QAbstractItemModelTester tester(&visible, QAbstractItemModelTester::FailureReportingMode::QtTest);
    runs.upsert(makeRun(0, 0.1));
    runs.upsert(makeRun(1, -1));
    runs.upsert(makeRun(2, 0.9));
    runs.flush();
    visible.sort(RunTableModel::kAccuracy, Qt::AscendingOrder);
    QCOMPARE(names(visible), QStringList({"r0", "r2", "r1"}));
    visible.sort(RunTableModel::kAccuracy, Qt::DescendingOrder);
    QCOMPARE(names(visible), QStringList({"r2", "r0", "r1"}));
  }

  // By model, and of one model the best first; what was not measured comes last in each.
  void whatIsAlikeStandsByASecondColumn() {
    RunTableModel runs;
    RunsFilterModel visible(&runs);
    QAbstractItemModelTester tester(&visible, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (const auto& [number, accuracy] : {std::pair{0, 0.3}, {1, 0.1}, {2, -1.0}, {3, 0.7}, {4, 0.9}})
      runs.upsert(makeRun(number, accuracy));
    runs.flush();
    visible.sort(RunTableModel::kModel, Qt::AscendingOrder);
    visible.thenSort(RunTableModel::kAccuracy, Qt::DescendingOrder);
    QCOMPARE(names(visible), QStringList({"r4", "r1", "r2", "r3", "r0"}));  // lenet-5, then mlp
    const auto title = [&] {
      return visible.headerData(RunTableModel::kAccuracy, Qt::Horizontal, Qt::DisplayRole).toString();
    };
    QVERIFY2(title().endsWith("↓₂"), qPrintable(title()));
    visible.sort(RunTableModel::kModel, Qt::DescendingOrder);  // the other way round it stays
    QCOMPARE(names(visible), QStringList({"r3", "r0", "r4", "r1", "r2"}));
    visible.thenSort(RunTableModel::kAccuracy, Qt::AscendingOrder);
    QCOMPARE(names(visible), QStringList({"r0", "r3", "r1", "r4", "r2"}));
    visible.sort(RunTableModel::kName, Qt::AscendingOrder);  // by another it goes
    QCOMPARE(visible.thenColumn(), -1);
    QVERIFY(!title().contains("₂"));
    QCOMPARE(names(visible), QStringList({"r0", "r1", "r2", "r3", "r4"}));
    visible.thenSort(RunTableModel::kName, Qt::AscendingOrder);  // the same twice is once
    QCOMPARE(visible.thenColumn(), -1);
  }

  void figures_data() {
    QTest::addColumn<QVector<double>>("values");
    QTest::addColumn<int>("measured");
    QTest::addColumn<double>("mean");
    QTest::addColumn<double>("deviation");
    const double nan = qQNaN();
    QTest::newRow("none") << QVector<double>{} << 0 << nan << nan;
    QTest::newRow("one") << QVector<double>{3} << 1 << 3.0 << nan;
    QTest::newRow("several") << QVector<double>{2, 4, 4, 4, 5, 5, 7, 9} << 8 << 5.0 << std::sqrt(32.0 / 7);
    QTest::newRow("some not measured") << QVector<double>{nan, 1, nan, 3} << 2 << 2.0 << std::sqrt(2.0);
    // What is left of sum of squares minus square of the sum would be noise here.
    QTest::newRow("close ones") << QVector<double>{1e9 + 1, 1e9 + 2, 1e9 + 3} << 3 << 1e9 + 2 << 1.0;
  }
  void figures() {
    QFETCH(QVector<double>, values);
    QFETCH(int, measured);
    QFETCH(double, mean);
    QFETCH(double, deviation);
    const GroupFigures figures = figuresOf(values);
    QCOMPARE(figures.runs, int(values.size()));
    QCOMPARE(figures.measured, measured);
    QCOMPARE(figures.mean, mean);
    QCOMPARE(figures.deviation, deviation);
  }

  void aGroupSaysItsMean() {
    RunTableModel runs;
    RunsFilterModel visible(&runs);
    QAbstractItemModelTester tester(&visible, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (const auto& [number, accuracy] : {std::pair{0, 0.5}, {1, 0.8}, {2, 0.9}, {3, -1.0}})
      runs.upsert(makeRun(number, accuracy));
    runs.flush();
    visible.setGroup("model");
    QCOMPARE(names(visible), QStringList({"lenet-5", "r2", "r1", "mlp", "r3", "r0"}));
    QVERIFY(visible.isHeading(0) && !visible.isHeading(1) && visible.isHeading(3));
    const auto accuracy = [&](int row) {
      return visible.index(row, RunTableModel::kAccuracy).data().toString();
    };
    QCOMPARE(accuracy(0), QString("%1 ± %2").arg(formatPercent(0.85), formatPercent(std::sqrt(0.005))));
    QCOMPARE(accuracy(3), formatPercent(0.5));  // of one that was measured there is no deviation
    visible.setCollapsed("lenet-5", true);
    QCOMPARE(names(visible), QStringList({"lenet-5", "mlp", "r3", "r0"}));
    QCOMPARE(visible.runCount(), 4);
    QCOMPARE(visible.sourceRowsOfGroup("lenet-5").size(), 2);
    QCOMPARE(visible.index(0, RunTableModel::kState).data(Qt::AccessibleTextRole).toString(), "Closed group");
    runs.upsert(makeRun(4, 0.7));  // into the closed one
    runs.flush();
    QCOMPARE(names(visible), QStringList({"lenet-5", "mlp", "r3", "r0"}));
    QCOMPARE(accuracy(0), QString("%1 ± %2").arg(formatPercent(0.8), formatPercent(0.1)));
    visible.setGroup({});
    QCOMPARE(visible.rowCount(), 5);
  }

  // Numbers by their value, then words; "1z" between "10" and "9" would be before and behind both.
  void groupsStandInOneOrder() {
    const QStringList ordered = {"5", "9", "10", "20", "100", "1z", "2z", "8z", "inf", "nan"};
    RunTableModel runs;
    RunsFilterModel visible(&runs);
    visible.setGroup("name");
    for (int i = 0; i < ordered.size(); ++i) {
      proto::RunSummary run = makeRun(i, 0.5);
      run.set_name(ordered[i].toStdString());
      runs.upsert(run);
      visible.setCollapsed(ordered[i], true);
    }
    runs.flush();
    QCOMPARE(names(visible), ordered);
  }

  // However it came to be so, the table stands as one that was made at once, and whatever held on to a run
  // still holds that run.
  void anyHistoryEndsInTheSameTable_data() {
    QTest::addColumn<QString>("group");
    QTest::newRow("flat") << "";
    QTest::newRow("grouped") << "model";
  }
  void anyHistoryEndsInTheSameTable() {
    QFETCH(QString, group);
    for (unsigned seed = 0; seed < 20; ++seed) {
      std::mt19937 random(seed);
      const auto below = [&](int n) { return int(random() % unsigned(n)); };
      RunTableModel runs;
      RunsFilterModel visible(&runs);
      QAbstractItemModelTester tester(&visible, QAbstractItemModelTester::FailureReportingMode::QtTest);
      QAbstractItemModelTester source(&runs, QAbstractItemModelTester::FailureReportingMode::QtTest);
      visible.setGroup(group);
      visible.sort(RunTableModel::kAccuracy, Qt::DescendingOrder);
      for (int round = 0; round < 12; ++round) {
        QVector<QPair<QPersistentModelIndex, QString>> held;
        for (int row = 0; row < visible.rowCount(); ++row)
          held.push_back({visible.index(row, RunTableModel::kName),
                          visible.index(row, RunTableModel::kName).data().toString()});
        for (int change = below(40); change >= 0; --change) {
          if (below(3) == 0)
            runs.remove("r" + QString::number(below(40)));
          else
            runs.upsert(makeRun(below(40), below(10) / 10.0 - 0.1));
        }
        if (below(4) == 0) visible.setFilter(RunFilter::parse(below(2) == 0 ? "test_accuracy>0.3" : ""));
        if (below(4) == 0) visible.setCollapsed("mlp", below(2) == 0);
        if (below(4) == 0)
          visible.sort(below(2) == 0 ? RunTableModel::kName : RunTableModel::kAccuracy,
                       below(2) == 0 ? Qt::AscendingOrder : Qt::DescendingOrder);
        runs.flush();
        for (const auto& [index, name] : std::as_const(held))
          if (index.isValid()) QCOMPARE(index.data().toString(), name);
      }
      visible.setFilter({});
      visible.setCollapsed("mlp", false);
      visible.sort(RunTableModel::kAccuracy, Qt::AscendingOrder);

      RunTableModel others;
      for (int row = 0; row < runs.rowCount(); ++row) others.upsert(runs.run(row));
      others.flush();
      RunsFilterModel fresh(&others);
      fresh.setGroup(group);
      fresh.sort(RunTableModel::kAccuracy, Qt::AscendingOrder);
      QCOMPARE(names(visible), names(fresh));
      QCOMPARE(column(visible, RunTableModel::kAccuracy), column(fresh, RunTableModel::kAccuracy));
    }
  }

  // What a view hears costs it as much as what it draws, so of thousands of runs it hears a few words.
  void ofThousandsLittleIsTold() {
    constexpr int kRuns = 5000;
    RunTableModel runs;
    RunsFilterModel visible(&runs);
    int told = 0;
    const auto count = [&] { ++told; };
    connect(&visible, &QAbstractItemModel::rowsInserted, this, count);
    connect(&visible, &QAbstractItemModel::rowsRemoved, this, count);
    connect(&visible, &QAbstractItemModel::rowsMoved, this, count);
    connect(&visible, &QAbstractItemModel::layoutChanged, this, count);
    connect(&visible, &QAbstractItemModel::modelReset, this, count);
    QSignalSpy reordered(&visible, &RunsFilterModel::reordered);
    visible.sort(RunTableModel::kAccuracy, Qt::DescendingOrder);
    for (int i = 0; i < kRuns; ++i) runs.upsert(makeRun(i, i / double(kRuns)));
    runs.flush();
    QCOMPARE(visible.rowCount(), kRuns);
    QCOMPARE(told, 1);

    told = 0;
    reordered.clear();
    for (int i = 0; i < kRuns; i += 5) runs.upsert(makeRun(i, 1 - i / double(kRuns)));  // a thousand places
    runs.flush();
    QCOMPARE(reordered.count(), 1);
    QCOMPARE(told, 1);  // another order
    QCOMPARE(visible.index(0, RunTableModel::kName).data().toString(), "r0");

    told = 0;
    for (int i = 0; i < kRuns; i += 7) runs.remove("r" + QString::number(i));
    runs.flush();
    QVERIFY2(told <= 3, qPrintable(QString::number(told)));
    QCOMPARE(visible.rowCount(), kRuns - (kRuns + 6) / 7);

    told = 0;
    visible.setFilter(RunFilter::parse("test_accuracy>0.5"));
    QVERIFY2(told <= 2, qPrintable(QString::number(told)));
    QVERIFY(visible.rowCount() > 0 && visible.rowCount() < kRuns);
  }

  // A run that has changed is one row that goes elsewhere: what a person looks at stays.
  void oneThatChangesMoves() {
    RunTableModel runs;
    RunsFilterModel visible(&runs);
    QAbstractItemModelTester tester(&visible, QAbstractItemModelTester::FailureReportingMode::QtTest);
    visible.sort(RunTableModel::kAccuracy, Qt::DescendingOrder);
    for (int i = 0; i < 5; ++i) runs.upsert(makeRun(i, 0.1 * i));
    runs.flush();
    QSignalSpy moved(&visible, &QAbstractItemModel::rowsMoved),
        replaced(&visible, &RunsFilterModel::aboutToReplace);
    const QPersistentModelIndex held = visible.index(0, RunTableModel::kName);
    runs.upsert(makeRun(1, 0.9));
    runs.flush();
    QCOMPARE(names(visible), QStringList({"r1", "r4", "r3", "r2", "r0"}));
    runs.upsert(makeRun(1, 0.0));
    runs.flush();
    QCOMPARE(names(visible), QStringList({"r4", "r3", "r2", "r1", "r0"}));
    QCOMPARE(moved.count(), 2);
    QCOMPARE(replaced.count(), 0);
    QCOMPARE(held.row(), 0);
  }

  void whoIsReplacedHearsItBefore() {
    RunTableModel runs;
    RunsFilterModel visible(&runs);
    for (int i = 0; i < 9; ++i) runs.upsert(makeRun(i, 0.1 * i));
    runs.flush();
    int rows_before = 0;
    connect(&visible, &RunsFilterModel::aboutToReplace, this, [&] { rows_before = visible.rowCount(); });
    runs.remove("r1");
    runs.remove("r5");
    runs.upsert(makeRun(9, 0.5));
    runs.flush();
    QCOMPARE(rows_before, 9);
    QCOMPARE(visible.rowCount(), 8);
  }
};

CONCERTINA_TEST(RunsFilterModelTest)

}  // namespace concertina::ui::runs_filter_model_test

#include "runs_filter_model_test.moc"
