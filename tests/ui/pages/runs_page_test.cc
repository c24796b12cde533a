// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_test.cc: the Runs page driven through its widgets.
#include "ui/pages/runs_page.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/forms/ask.h"
#include "ui/pages/runs_columns.h"
#include "ui/pages/runs_filter_model.h"

namespace concertina::ui::runs_page_test {

class RunsPageTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<RunsPage> page_;

  template <class Object>
  Object* find(const char* name) const {
    return page_->findChild<Object*>(QLatin1String("runsPage.") + QLatin1String(name));
  }
  QTableView* table() const { return find<QTableView>("table"); }
  void select(const QString& name) const {
    for (int row = 0; row < table()->model()->rowCount(); ++row)
      if (table()->model()->index(row, RunTableModel::kName).data().toString() == name)
        table()->selectRow(row);
  }
  bool called(const std::string& call) const {
    const std::vector<std::string> calls = engine_->calls();
    return std::find(calls.begin(), calls.end(), call) != calls.end();
  }
  void openPage() {
    page_ = std::make_unique<RunsPage>(*client_);
    page_->resize(1280, 800);
    page_->show();
  }
  void putRuns() {
    for (const auto& [id, state] :
         {std::pair{"a", proto::FINISHED}, {"b", proto::RUNNING}, {"c", proto::FAILED}}) {
      proto::RunSummary run = FakeEngine::makeRun(id, std::string("run ") + id, state);
      engine_->synthetic.summarise(run, id[0] * 5);
      if (state == proto::FAILED) run.set_last_checkpoint_step(100);
      engine_->put(run);
    }
    QTRY_COMPARE(table()->model()->rowCount(), 3);
  }

  void connectToEngine() {
    client_->start({}, engine_->address());
    QTRY_VERIFY(client_->listed());
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->start(folder_.filePath("engine.sock"));
    client_ = std::make_unique<EngineClient>();
    openPage();
  }
  void cleanup() {
    setAskForTests({});
    setAskForFileForTests({});
    page_.reset();
    client_.reset();
    engine_.reset();
  }
  void withoutRunsItHelps() {
    QVERIFY(!find<QPushButton>("emptyButton")->isVisible());  // nobody knows yet whether there are any
    connectToEngine();
    QTRY_COMPARE(find<QLabel>("emptyTitle")->text(), "No runs yet");
    QSignalSpy asked(page_.get(), &RunsPage::designRequested);
    QTest::mouseClick(find<QPushButton>("emptyButton"), Qt::LeftButton);
    QCOMPARE(asked.count(), 1);
  }

  void anUnreachableEngineIsNoEmptyList() {
    engine_->stop();
    client_->start({}, engine_->address());
    QTRY_COMPARE(client_->state(), EngineClient::State::kLost);
    QTRY_COMPARE(find<QLabel>("emptyTitle")->text(), "The engine cannot be reached");
  }

  void runsAppearAndChange() {
    connectToEngine();
    putRuns();
    engine_->advance("b", 600);
    const auto state = [&] {
      select("run b");
      return table()->selectionModel()->selectedRows(RunTableModel::kState).value(0).data().toString();
    };
    QTRY_VERIFY(state().contains("85 %"));
  }

  void aPageMadeLateShowsThemToo() {
    connectToEngine();
    putRuns();
    openPage();
    QTRY_COMPARE(table()->model()->rowCount(), 3);
  }

  void theFilterHidesAndExplains() {
    connectToEngine();
    putRuns();
    auto* filter = find<QLineEdit>("filterEdit");
    filter->setText("state=failed");
    QCOMPARE(table()->model()->rowCount(), 1);
    filter->setText("nothing-like-it");
    QCOMPARE(find<QLabel>("emptyTitle")->text(), "No run matches the filter");
    QTest::mouseClick(find<QPushButton>("emptyButton"), Qt::LeftButton);
    QCOMPARE(table()->model()->rowCount(), 3);
    filter->setText("sate=failed");
    QVERIFY(find<QLabel>("filterFault")->isVisible());
    QVERIFY(find<QLabel>("filterFault")->text().contains("state"));
  }

  void returnOpens() {
    connectToEngine();
    putRuns();
    QSignalSpy opened(page_.get(), &RunsPage::opened);
    select("run a");
    find<QAction>("openAction")->trigger();
    QCOMPARE(opened.count(), 1);
    QCOMPARE(opened[0][0].toString(), "a");
  }

  void severalAreCompared() {
    connectToEngine();
    putRuns();
    QVERIFY(!find<QPushButton>("compareButton")->isEnabled());
    table()->sortByColumn(RunTableModel::kName, Qt::AscendingOrder);
    const auto click = [&](int row, Qt::KeyboardModifiers keys) {
      const QModelIndex index = table()->model()->index(row, RunTableModel::kName);
      QTest::mouseClick(table()->viewport(), Qt::LeftButton, keys, table()->visualRect(index).center());
    };
    click(2, {});
    click(0, Qt::ControlModifier);
    QVERIFY(find<QPushButton>("compareButton")->isEnabled());
    QSignalSpy compared(page_.get(), &RunsPage::compareRequested);
    QTest::mouseClick(find<QPushButton>("compareButton"), Qt::LeftButton);
    QCOMPARE(compared.count(), 1);
    const auto runs = compared[0][0].value<QVector<proto::RunSummary>>();
    QCOMPARE(runs.size(), 2);
    QCOMPARE(runs[0].run(), std::string("a"));  // as they stand in the table
    QCOMPARE(runs[1].run(), std::string("c"));
    find<QAction>("compareAction")->trigger();
    QCOMPARE(compared.count(), 2);
  }

  void actionsFitTheState_data() {
    QTest::addColumn<QString>("run");
    QTest::addColumn<QStringList>("enabled");
    QTest::newRow("finished") << "run a" << QStringList{"open", "duplicate", "delete"};
    QTest::newRow("running") << "run b" << QStringList{"open", "pause", "stop", "duplicate"};
    QTest::newRow("failed") << "run c" << QStringList{"open", "resume", "duplicate", "delete"};
  }
  void actionsFitTheState() {
    QFETCH(QString, run);
    QFETCH(QStringList, enabled);
    connectToEngine();
    putRuns();
    select(run);
    for (const char* name : {"open", "pause", "stop", "resume", "duplicate", "delete"})
      QCOMPARE(find<QAction>(qPrintable(QLatin1String(name) + "Action"))->isEnabled(),
               enabled.contains(name));
  }

  void actionsAskTheEngine() {
    connectToEngine();
    putRuns();
    select("run b");
    find<QAction>("pauseAction")->trigger();
    QTRY_VERIFY(called("control pause b"));
    QTRY_COMPARE(find<QAction>("pauseAction")->text(), "&Continue");
    find<QAction>("stopAction")->trigger();
    QTRY_VERIFY(called("control stop b"));
    select("run c");
    find<QAction>("resumeAction")->trigger();
    QTRY_VERIFY(called("control resume c"));
  }

  void duplicatingGivesTheSpec() {
    connectToEngine();
    putRuns();
    QSignalSpy edited(page_.get(), &RunsPage::editAsNew);
    select("run a");
    find<QAction>("duplicateAction")->trigger();
    QCOMPARE(edited.count(), 1);
    QCOMPARE(edited[0][0].toString(), QString(kSpecOfTests));
  }

  void deletingAsksFirst() {
    connectToEngine();
    putRuns();
    select("run a");
    QString asked;
    setAskForTests([&](const Question& question) {
      asked = question.text;
      return Question::Answer::kCancel;
    });
    find<QAction>("deleteAction")->trigger();
    QVERIFY(asked.contains("run a"));
    QVERIFY(!called("delete a"));
    setAskForTests([](const Question&) { return Question::Answer::kYes; });
    find<QAction>("deleteAction")->trigger();
    QTRY_VERIFY(called("delete a"));
    QTRY_COMPARE(table()->model()->rowCount(), 2);
  }

  void aRefusalIsTold() {
    connectToEngine();
    putRuns();
    engine_->refuseWith({grpc::StatusCode::FAILED_PRECONDITION, "it is just ending"});
    select("run b");
    find<QAction>("stopAction")->trigger();
    QTRY_COMPARE(find<QLabel>("messageLabel")->text(), "it is just ending");
  }

  void aRunIsExported() {
    connectToEngine();
    putRuns();
    select("run a");
    const QString path = folder_.filePath("a.csv");
    setAskForFileForTests([&](const FileQuestion&) { return path; });
    emit table()->customContextMenuRequested(QPoint(10, 10));
    auto* menu = find<QMenu>("contextMenu");
    QVERIFY(menu != nullptr);
    QAction* csv = nullptr;
    for (QAction* action : menu->actions())
      if (action->menu() != nullptr) csv = action->menu()->actions().value(0);
    QVERIFY(csv != nullptr);
    csv->trigger();
    menu->close();
    QTRY_VERIFY(QFile::exists(path));
    QTRY_VERIFY(find<QLabel>("messageLabel")->text().contains(path));
  }

  void whatWasNotMeasuredSortsLast() {
    RunTableModel runs;
    RunsFilterModel visible(&runs);
    QAbstractItemModelTester tester(&visible, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (const auto& [id, accuracy] : {std::pair{"low", 0.1}, {"none", -1.0}, {"high", 0.9}}) {
      proto::RunSummary run = FakeEngine::makeRun(id, id, proto::FINISHED);
      run.set_has_test(accuracy >= 0);
      run.set_test_accuracy(accuracy);
      runs.upsert(run);
    }
    runs.flush();
    const auto order = [&] {
      QStringList names;
      for (int row = 0; row < visible.rowCount(); ++row)
        names << visible.index(row, RunTableModel::kName).data().toString();
      return names;
    };
    visible.sort(RunTableModel::kAccuracy, Qt::AscendingOrder);
    QCOMPARE(order(), QStringList({"low", "high", "none"}));
    visible.sort(RunTableModel::kAccuracy, Qt::DescendingOrder);
    QCOMPARE(order(), QStringList({"high", "low", "none"}));
  }

  void columnsGiveWay() {
    const QVector<int> needed = {100, 0, 80, 80, 60};
    const ColumnFit wide = fitColumns(needed, 1000, {3, 4}, {}, {}, 1, 200);
    QVERIFY(wide.hidden.isEmpty());
    QCOMPARE(wide.widths[1], 1000 - 320);
    const ColumnFit narrow = fitColumns(needed, 460, {3, 4}, {}, {}, 1, 200);
    QCOMPARE(narrow.hidden, QSet<int>{3});
    QCOMPARE(narrow.widths[1], 460 - 240);
    QCOMPARE(fitColumns(needed, 460, {3, 4}, {3}, {}, 1, 200).hidden, QSet<int>{4});   // a person wants it
    QCOMPARE(fitColumns(needed, 1000, {3, 4}, {}, {0}, 1, 200).hidden, QSet<int>{0});  // or does not
    QCOMPARE(fitColumns(needed, 10, {3, 4}, {}, {}, 1, 200).widths[1], 200);  // then the table scrolls
  }
};

CONCERTINA_TEST(RunsPageTest)

}  // namespace concertina::ui::runs_page_test

#include "runs_page_test.moc"
