// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_note_pane_test.cc: what a person writes of a run stays, whatever was on its way from the engine.
#include "ui/pages/runs_note_pane.h"

#include <QTest>
#include <memory>
#include <vector>

#include "tests/test_program.h"

namespace concertina::ui::runs_note_pane_test {

class RunsNotePaneTest : public QObject {
  Q_OBJECT

  std::unique_ptr<RunsNotePane> pane_;
  std::vector<std::string> told_;  // notes
  proto::MarkRunsRequest last_;

  void show(const std::string& id, const std::string& note) {
    proto::RunSummary run;
    run.set_run(id);
    run.set_name(id);
    run.mutable_marks()->set_note(note);
    pane_->setRun(&run);
  }
  QPlainTextEdit* edit() const { return pane_->findChild<QPlainTextEdit*>("runsPage.noteEdit"); }
  QString text() const { return edit()->toPlainText(); }

 private slots:
  void init() {
    pane_ = std::make_unique<RunsNotePane>();
    told_.clear();
    connect(pane_.get(), &RunsNotePane::marked, this, [this](const proto::MarkRunsRequest& request) {
      last_ = request;
      if (request.has_note()) told_.push_back(request.note());
    });
    show("a", "old");
  }
  void cleanup() { pane_.reset(); }

  void whatWasOnItsWayDoesNotReplaceIt() {
    edit()->setPlainText("new");
    pane_->flush();
    QCOMPARE(told_, std::vector<std::string>{"new"});
    show("a", "old");  // with another step, say
    QCOMPARE(text(), "new");
    pane_->flush();
    QCOMPARE(told_.size(), size_t{1});  // not twice
    show("a", "new");
    QCOMPARE(text(), "new");
    show("a", "from elsewhere");  // heard of again
    QCOMPARE(text(), "from elsewhere");
  }

  void aRefusedNoteStaysAndIsToldAgain() {
    edit()->setPlainText("new");
    pane_->flush();
    pane_->refuse(last_);
    show("a", "old");
    QCOMPARE(text(), "new");
    show("b", "of b");
    QCOMPARE(told_, (std::vector<std::string>{"new", "new"}));
    QCOMPARE(last_.runs(0), "a");
    QCOMPARE(text(), "of b");
    show("a", "old");  // another one was shown: what the engine says
    QCOMPARE(text(), "old");
  }
};

CONCERTINA_TEST(RunsNotePaneTest)

}  // namespace concertina::ui::runs_note_pane_test

#include "runs_note_pane_test.moc"
