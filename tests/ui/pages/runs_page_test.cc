// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_test.cc: the Runs page driven through its widgets. Its models are tested in
// runs_filter_model_test.cc.
#include "ui/pages/runs_page.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDialog>
#include <QDialogButtonBox>
#include <QDragEnterEvent>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/client/number_format.h"
#include "ui/forms/ask.h"
#include "ui/pages/runs_bin_dialog.h"
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
  QString text(const QString& name, int column) const {
    for (int row = 0; row < table()->model()->rowCount(); ++row)
      if (table()->model()->index(row, RunTableModel::kName).data().toString() == name)
        return table()->model()->index(row, column).data().toString();
    return {};
  }
  QStringList chosen() const {
    QStringList names;
    for (const QModelIndex& index : table()->selectionModel()->selectedRows(RunTableModel::kName))
      names << index.data().toString();
    names.sort();
    return names;
  }
  void useKeyboard() const {
    page_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(page_.get()));
    table()->setFocus();
    QVERIFY(table()->hasFocus());
  }
  // The entry of More → Views that is called so; false: there is none, or it cannot be chosen.
  bool triggerView(const char* name, const QString& text = {}) const {
    auto* menu = find<QMenu>("viewsMenu");
    emit menu->aboutToShow();
    for (QAction* action : menu->findChildren<QAction*>(QLatin1String("runsPage.") + QLatin1String(name)))
      if ((text.isEmpty() || action->text() == text) && action->isEnabled()) {
        action->trigger();
        return true;
      }
    return false;
  }
  void setAccuracy(const std::string& id, double accuracy) {
    proto::RunSummary run = engine_->run(id);
    run.set_has_test(true);
    run.set_test_accuracy(accuracy);
    engine_->put(run);
    QTRY_COMPARE(text("run " + QString::fromStdString(id), RunTableModel::kAccuracy),
                 formatPercent(accuracy));
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
  // Shift and click: up, down, and by none again; a view keeps it.
  void aSecondColumnSortsWhatIsAlike() {
    connectToEngine();
    putRuns();
    QHeaderView* header = table()->horizontalHeader();
    QTRY_VERIFY(!table()->isColumnHidden(RunTableModel::kCodec));
    const auto* model = qobject_cast<RunsFilterModel*>(table()->model());
    QVERIFY(model != nullptr);
    const auto click = [&](int column) {
      const QPoint at(header->sectionViewportPosition(column) + header->sectionSize(column) / 2,
                      header->height() / 2);
      QTest::mouseClick(header->viewport(), Qt::LeftButton, Qt::ShiftModifier, at);
    };
    const int first = header->sortIndicatorSection();
    click(RunTableModel::kCodec);
    QCOMPARE(model->thenColumn(), int(RunTableModel::kCodec));
    QCOMPARE(header->sortIndicatorSection(), first);  // the first key is the same still
    click(RunTableModel::kCodec);
    QCOMPARE(model->thenOrder(), Qt::DescendingOrder);
    click(RunTableModel::kCodec);
    QCOMPARE(model->thenColumn(), -1);
  }

  // A way to look at the runs has a name: filter, groups, columns and order come back with it, at the next
  // start too, and as text at somebody else's.
  void aViewIsSavedAndComesBack() {
    connectToEngine();
    putRuns();
    QSignalSpy told(page_.get(), &RunsPage::viewsChosen);
    const auto save = [&](const QString& name) {
      QVERIFY(triggerView("saveView"));
      auto* dialog = page_->findChild<QDialog*>("runsPage.viewDialog");
      QVERIFY(dialog != nullptr);
      auto* edit = dialog->findChild<QLineEdit*>("runsPage.viewName");
      edit->setText(name);
      QTest::mouseClick(dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok), Qt::LeftButton);
      QTRY_VERIFY(page_->findChild<QDialog*>("runsPage.viewDialog") == nullptr);
    };
    find<QLineEdit>("filterEdit")->setText("state=finished");
    QTRY_COMPARE(table()->model()->rowCount(), 1);
    table()->sortByColumn(RunTableModel::kName, Qt::AscendingOrder);
    save("finished ones");
    QCOMPARE(told.count(), 1);
    find<QLineEdit>("filterEdit")->clear();
    table()->sortByColumn(RunTableModel::kCreated, Qt::DescendingOrder);
    QTRY_COMPARE(table()->model()->rowCount(), 3);
    QVERIFY(triggerView("view", "finished ones"));
    QTRY_COMPARE(table()->model()->rowCount(), 1);
    QCOMPARE(find<QLineEdit>("filterEdit")->text(), "state=finished");
    QCOMPARE(table()->horizontalHeader()->sortIndicatorSection(), int(RunTableModel::kName));
    QVERIFY(triggerView("copyView"));
    const QString text = QApplication::clipboard()->text();
    QVERIFY(text.startsWith('{') && !text.contains('\n'));

    const QStringList kept = told[0][0].toStringList();
    openPage();  // the next start
    page_->restoreViews(kept + QStringList{"{}", "no view"});
    QTRY_COMPARE(table()->model()->rowCount(), 3);
    QVERIFY(triggerView("view", "finished ones"));
    QTRY_COMPARE(table()->model()->rowCount(), 1);
    QVERIFY(triggerView("forgetView", "finished ones"));
    QVERIFY(!triggerView("view"));
    QVERIFY(triggerView("pasteView"));
    QVERIFY(triggerView("view"));
    QApplication::clipboard()->setText("{\"name\": \"of something else\"}");
    QVERIFY(!triggerView("pasteView"));
  }

  // F2: where the name stands; Return keeps it, Esc leaves it, and other rows may come meanwhile.
  void aRunIsRenamedInItsPlace() {
    connectToEngine();
    putRuns();
    useKeyboard();
    select("run a");
    QTest::keyClick(table(), Qt::Key_F2);
    auto* edit = find<QLineEdit>("nameEdit");
    QVERIFY(edit != nullptr && edit->hasFocus());
    QCOMPARE(edit->text(), "run a");
    QCOMPARE(edit->selectedText(), "run a");
    engine_->put(FakeEngine::makeRun("d", "run d", proto::RUNNING));
    QTRY_COMPARE(table()->model()->rowCount(), 4);
    QCOMPARE(find<QLineEdit>("nameEdit"), edit);
    int row = 0;
    while (table()->model()->index(row, RunTableModel::kName).data().toString() != "run a") ++row;
    QCOMPARE(edit->y(), table()->visualRect(table()->model()->index(row, RunTableModel::kName)).top());
    QTest::keyClicks(edit, "  the one of the paper ");
    QTest::keyClick(edit, Qt::Key_Return);
    QTRY_VERIFY(called("mark a name=the one of the paper"));
    QTRY_COMPARE(chosen(), QStringList{"the one of the paper"});
    QVERIFY(table()->hasFocus());
    const size_t calls = engine_->calls().size();
    QTRY_VERIFY(find<QLineEdit>("nameEdit") == nullptr);
    QTest::keyClick(table(), Qt::Key_F2);
    QTest::keyClicks(find<QLineEdit>("nameEdit"), "something else");
    QTest::keyClick(find<QLineEdit>("nameEdit"), Qt::Key_Escape);
    QTRY_VERIFY(find<QLineEdit>("nameEdit") == nullptr);
    QTest::keyClick(table(), Qt::Key_F2);  // and an empty one is none
    find<QLineEdit>("nameEdit")->clear();
    QTest::keyClick(find<QLineEdit>("nameEdit"), Qt::Key_Return);
    QTRY_VERIFY(find<QLineEdit>("nameEdit") == nullptr);
    QCOMPARE(engine_->calls().size(), calls);
    QCOMPARE(chosen(), QStringList{"the one of the paper"});
  }

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

  void tagsAreEditedFromTheKeyboard() {
    connectToEngine();
    putRuns();
    QTRY_VERIFY(table()->isColumnHidden(RunTableModel::kTags));  // nobody has any
    select("run a");
    useKeyboard();
    QTest::keyClick(table(), Qt::Key_T, Qt::ControlModifier);
    auto* edit = find<QLineEdit>("tagEdit");
    QVERIFY(edit->isVisible() && edit->hasFocus());
    QTest::keyClicks(edit, "ablation, warm-up");
    QTest::keyClick(edit, Qt::Key_Return);
    QTRY_VERIFY(called("mark a +ablation +warm-up"));
    QVERIFY(!edit->isVisible() && table()->hasFocus());
    QTRY_COMPARE(text("run a", RunTableModel::kTags), "ablation, warm-up");
    QTRY_VERIFY(!table()->isColumnHidden(RunTableModel::kTags));
    table()->selectAll();
    QTest::keyClick(table(), Qt::Key_T, Qt::ControlModifier);
    QTest::keyClicks(edit, "-ablation");
    QTest::keyClick(edit, Qt::Key_Return);
    QTRY_COMPARE(text("run a", RunTableModel::kTags), "warm-up");
    QCOMPARE(chosen().size(), 3);  // still
    const size_t calls = engine_->calls().size();
    QTest::keyClick(table(), Qt::Key_T, Qt::ControlModifier);
    QTest::keyClicks(edit, "no");
    QTest::keyClick(edit, Qt::Key_Escape);
    QVERIFY(!edit->isVisible() && table()->hasFocus());
    QCOMPARE(engine_->calls().size(), calls);
    find<QLineEdit>("filterEdit")->setText("tag=warm-up");
    QCOMPARE(table()->model()->rowCount(), 1);
  }

  void aPinnedRunIsHeldAgainst() {
    connectToEngine();
    putRuns();
    setAccuracy("a", 0.84);
    setAccuracy("c", 0.872);
    QTRY_VERIFY(table()->isColumnHidden(RunTableModel::kBaseline));
    select("run a");
    find<QAction>("pinAction")->trigger();
    QTRY_VERIFY(called("mark a pin"));
    QTRY_COMPARE(text("run a", RunTableModel::kBaseline), "Baseline");
    QCOMPARE(text("run c", RunTableModel::kBaseline), "+" + formatPercent(0.032));
    QTRY_VERIFY(!table()->isColumnHidden(RunTableModel::kBaseline));
    QTRY_VERIFY(find<QAction>("pinAction")->text().contains("Unpin"));
    find<QAction>("pinAction")->trigger();
    QTRY_VERIFY(called("mark a unpin"));
    QTRY_VERIFY(table()->isColumnHidden(RunTableModel::kBaseline));
  }

  void groupsHaveAMeanAndFold() {
    connectToEngine();
    putRuns();
    auto* group = find<QComboBox>("groupBox");
    const int codec = group->findText("Codec");
    QVERIFY(codec >= 0);
    group->setCurrentIndex(codec);
    emit group->activated(codec);
    QCOMPARE(table()->model()->rowCount(), 4);
    setAccuracy("a", 0.8);
    setAccuracy("b", 0.9);
    setAccuracy("c", 0.7);
    const QString heading = "top-k 1 %";
    QTRY_COMPARE(text(heading, RunTableModel::kAccuracy),
                 QString("%1 ± %2").arg(formatPercent(0.8), formatPercent(0.1)));
    QVERIFY(text(heading, RunTableModel::kState).endsWith(" 3"));
    useKeyboard();
    select(heading);
    QTest::keyClick(table(), Qt::Key_Left);
    QCOMPARE(table()->model()->rowCount(), 1);
    QVERIFY(find<QLabel>("countLabel")->text().contains("3 runs"));  // they are there
    QSignalSpy compared(page_.get(), &RunsPage::compareRequested);
    find<QAction>("compareAction")->trigger();  // of a group: all of it
    QCOMPARE(compared.value(0).value(0).value<QVector<proto::RunSummary>>().size(), 3);
    QTest::keyClick(table(), Qt::Key_Right);
    QCOMPARE(table()->model()->rowCount(), 4);
    QTest::keyClick(table(), Qt::Key_Return);  // the same as a click
    QCOMPARE(table()->model()->rowCount(), 1);
    group->lineEdit()->setFocus();
    group->lineEdit()->setText("/optimizer/momentum");
    QTest::keyClick(group->lineEdit(), Qt::Key_Return);
    QCOMPARE(table()->model()->index(0, RunTableModel::kName).data().toString(), "0.9");
    group->lineEdit()->setText("nonsense");
    QTest::keyClick(group->lineEdit(), Qt::Key_Return);
    QVERIFY(find<QLabel>("messageLabel")->text().contains("nonsense"));
  }

  void aNoteIsKeptByItself() {
    connectToEngine();
    putRuns();
    select("run a");
    find<QAction>("noteAction")->setChecked(true);
    auto* note = find<QPlainTextEdit>("noteEdit");
    QVERIFY(note->isVisible());
    QTest::keyClicks(note, "diverged late");
    engine_->advance("b", 600);  // what happens elsewhere does not disturb
    QTRY_COMPARE(engine_->run("a").marks().note(), std::string("diverged late"));
    QCOMPARE(note->toPlainText(), "diverged late");
    QTest::keyClicks(note, "!");
    QTest::keyClick(note, Qt::Key_Escape);
    QVERIFY(!note->isVisible());
    QTRY_COMPARE(engine_->run("a").marks().note(), std::string("diverged late!"));
  }

  void aColourIsChosen() {
    connectToEngine();
    putRuns();
    select("run a");
    emit table()->customContextMenuRequested(QPoint(10, 10));
    auto* colors = find<QMenu>("colorMenu");
    QVERIFY(colors != nullptr);
    QCOMPARE(colors->actions().size(), 8);
    QVERIFY(colors->actions().value(0)->isChecked());
    colors->actions().value(3)->trigger();
    find<QMenu>("contextMenu")->close();
    QTRY_VERIFY(called("mark a color=3"));
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

  void columnsArePutInAndKept() {
    connectToEngine();
    putRuns();
    QSignalSpy told(page_.get(), &RunsPage::layoutChosen);
    find<QAction>("columnsAction")->trigger();
    auto* menu = find<QMenu>("columnMenu");
    QVERIFY(menu != nullptr);
    for (QAction* action : menu->actions())
      if (action->text() == "Dataset") action->setChecked(!action->isChecked());
    QAction* add = nullptr;
    for (QAction* action : menu->actions())
      if (action->text().startsWith("Add a Column")) add = action;
    QVERIFY(add != nullptr);
    add->trigger();
    menu->close();
    auto* field = page_->findChild<QComboBox*>("runsPage.columnField");
    QVERIFY(field != nullptr);
    QVERIFY(field->findText("/optimizer/momentum") >= 0);  // what there is, is offered
    field->setEditText("/optimizer/momentum");
    field->window()->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok)->click();
    const int added = RunTableModel::kColumns;
    QCOMPARE(table()->model()->columnCount(), added + 1);
    QCOMPARE(text("run a", added), "0.9");
    table()->horizontalHeader()->moveSection(table()->horizontalHeader()->visualIndex(added), 2);
    auto* group = find<QComboBox>("groupBox");
    emit group->activated(group->findText("Model"));
    QVERIFY(!told.isEmpty());
    const QStringList layout = told.last().value(0).toStringList();
    const bool is_dataset_hidden = table()->isColumnHidden(RunTableModel::kDataset);

    openPage();
    page_->restoreLayout(layout);
    QTRY_COMPARE(table()->model()->rowCount(), 4);  // with a heading
    QCOMPARE(table()->model()->headerData(added, Qt::Horizontal).toString(), "/optimizer/momentum");
    QCOMPARE(table()->horizontalHeader()->visualIndex(added), 2);
    QTRY_VERIFY(!table()->isColumnHidden(added));
    QTRY_COMPARE(table()->isColumnHidden(RunTableModel::kDataset), is_dataset_hidden);
    QCOMPARE(find<QComboBox>("groupBox")->currentText(), "Model");
    page_->resetLayout();
    QTRY_COMPARE(table()->model()->rowCount(), 3);
    QCOMPARE(table()->model()->columnCount(), added);
  }

  void aDamagedLayoutIsTaken() {
    page_->restoreLayout({"", "+", "group:", "+nothing", "+/a", "+/a", "-name", "group:nonsense", "=state"});
    connectToEngine();
    putRuns();
    QCOMPARE(table()->model()->columnCount(), RunTableModel::kColumns + 1);
    QVERIFY(!table()->isColumnHidden(RunTableModel::kName));
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
