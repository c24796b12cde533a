// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_test.cc: the Runs page driven through its widgets: which runs there are, and what is done with
// them. Its models are tested in runs_filter_model_test.cc.
#include "ui/pages/runs_page.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QUrl>

#include "tests/test_program.h"
#include "tests/ui/pages/runs_room.h"

namespace concertina::ui::runs_page_test {

class RunsPageTest : public RunsRoom {
  Q_OBJECT

 private slots:
  void initTestCase() { useEnglish(); }
  void init() { openRoom(); }
  void cleanup() { closeRoom(); }

  // What a run was made of leaves the table: as JSON, and as a line for the terminal.
  void aRunIsCopiedAsJsonAndCommand() {
    connectToEngine();
    putRuns();
    select("run a");
    QSignalSpy asked(page_.get(), &RunsPage::commandLineWanted);
    find<QAction>("copySpecAction")->trigger();
    QVERIFY(QApplication::clipboard()->text().contains("\"learning_rate\": 0.05"));
    find<QAction>("copyCommandAction")->trigger();
    QCOMPARE(asked.count(), 1);
    QCOMPARE(asked[0][0].toString().toStdString(), engine_->run("a").spec_json());
    table()->selectAll();  // of several there is none
    QVERIFY(!find<QAction>("copySpecAction")->isEnabled());
    // Ctrl+C: the chosen rows with their headings, of any table.
    useKeyboard();
    select("run b");
    QTest::keyClick(table(), Qt::Key_C, Qt::ControlModifier);
    const QStringList lines = QApplication::clipboard()->text().split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 2);
    QVERIFY(lines[0].contains("Name\t") && lines[1].contains("run b\t"));
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

  void aRunIsRunAgain() {
    connectToEngine();
    putRuns();
    select("run a");
    find<QAction>("againAction")->trigger();
    QTRY_VERIFY(called("submit"));
    QTRY_COMPARE(table()->model()->rowCount(), 4);
    QTRY_COMPARE(chosen(), QStringList("new"));
    QCOMPARE(engine_->submitted().back(), std::string(kSpecOfTests));
  }

  void filesAreImportedByDropping() {
    connectToEngine();
    putRuns();
    const auto make = [&](const char* name, const QByteArray& bytes) {
      QFile file(folder_.filePath(name));
      if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) qFatal("no room");
      return QUrl::fromLocalFile(file.fileName());
    };
    const auto drop = [&](const QList<QUrl>& urls) {
      QMimeData data;
      data.setUrls(urls);
      QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
      enter.ignore();
      QApplication::sendEvent(page_.get(), &enter);
      if (!enter.isAccepted()) return false;
      QDropEvent drop(QPoint(50, 50), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
      QApplication::sendEvent(page_.get(), &drop);
      return true;
    };
    QVERIFY(!drop({make("notes.txt", "text")}));
    QVERIFY(drop({make("notes.txt", "text"), make("b.concertina-run", QByteArray(300000, 'x'))}));
    QTRY_VERIFY(called("import 300000"));
    QTRY_COMPARE(chosen(), QStringList("imported"));
    QTRY_COMPARE(find<QLabel>("messageLabel")->text(), "Imported b.concertina-run.");
    page_->importFiles({folder_.filePath("absent.concertina-run")});
    QTRY_VERIFY(find<QLabel>("messageLabel")->text().startsWith("absent.concertina-run was not imported"));
  }

  void whatIsChosenStaysWhileRunsComeAndGo() {
    connectToEngine();
    for (int i = 0; i < 200; ++i) {
      proto::RunSummary run =
          FakeEngine::makeRun("r" + std::to_string(i), "run " + std::to_string(i), proto::FINISHED);
      run.set_created_unix_ms(1000 + i);
      engine_->put(run);
    }
    QTRY_COMPARE(table()->model()->rowCount(), 200);
    select("run 100");
    table()->scrollTo(table()->currentIndex());
    const int scrolled = table()->verticalScrollBar()->value();
    QVERIFY(scrolled > 0);
    // Many others change, so that they stand elsewhere: what is looked at does not jump to the top.
    for (int i = 150; i < 190; ++i) {
      proto::RunSummary run = engine_->run("r" + std::to_string(i));
      run.set_created_unix_ms(1300 - i);
      run.set_name("other");
      engine_->put(run);
    }
    QTRY_COMPARE(text("run 189", 0), QString());
    QCOMPARE(chosen(), QStringList("run 100"));
    QVERIFY(table()->verticalScrollBar()->value() > 0);
    find<QLineEdit>("filterEdit")->setText("run");
    QCOMPARE(chosen(), QStringList("run 100"));
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
      if (action->menu() == find<QMenu>("exportMenu")) csv = action->menu()->actions().value(0);
    QVERIFY(csv != nullptr);
    QVERIFY(find<QMenu>("exportMenu")->actions().last()->text().startsWith("The Whole Run"));
    csv->trigger();
    menu->close();
    QTRY_VERIFY(QFile::exists(path));
    QTRY_VERIFY(find<QLabel>("messageLabel")->text().contains(path));
  }
};

CONCERTINA_TEST(RunsPageTest)

}  // namespace concertina::ui::runs_page_test

#include "runs_page_test.moc"
