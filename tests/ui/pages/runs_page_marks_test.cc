// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_marks_test.cc: what a person says of a run on the Runs page: its name, tags, note, colour, and
// that others are held against it.
#include <QAction>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>

#include "tests/test_program.h"
#include "tests/ui/pages/runs_room.h"

namespace concertina::ui::runs_page_marks_test {

class RunsPageMarksTest : public RunsRoom {
  Q_OBJECT

 private slots:
  void initTestCase() { useEnglish(); }
  void init() { openRoom(); }
  void cleanup() { closeRoom(); }

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
};

CONCERTINA_TEST(RunsPageMarksTest)

}  // namespace concertina::ui::runs_page_marks_test

#include "runs_page_marks_test.moc"
