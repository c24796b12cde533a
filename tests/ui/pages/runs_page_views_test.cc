// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_views_test.cc: how the table of runs is looked at: order, groups, columns, and views that keep
// all of it.
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDialog>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>

#include "tests/test_program.h"
#include "tests/ui/pages/runs_room.h"
#include "ui/pages/runs_columns.h"
#include "ui/pages/runs_filter_model.h"

namespace concertina::ui::runs_page_views_test {

class RunsPageViewsTest : public RunsRoom {
  Q_OBJECT

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

 private slots:
  void initTestCase() { useEnglish(); }
  void init() { openRoom(); }
  void cleanup() { closeRoom(); }

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

CONCERTINA_TEST(RunsPageViewsTest)

}  // namespace concertina::ui::runs_page_views_test

#include "runs_page_views_test.moc"
