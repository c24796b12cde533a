// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_actions.cc: what is done with the chosen runs, by key and by menu (see runs_page_impl.h; what
// goes out and comes in is runs_page_files.cc).
#include <QApplication>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QMenu>
#include <algorithm>

#include "ui/client/run_marks.h"
#include "ui/client/run_state.h"
#include "ui/forms/line_icon.h"
#include "ui/pages/runs_page_impl.h"
#include "ui/pages/runs_page_words.h"
#include "ui/pages/runs_tag_completer.h"

namespace concertina::ui {

QAction* RunsPage::Impl::addAction(const char* name, const QString& text, const QString& icon,
                                   const QKeySequence& keys, std::function<void()> triggered) {
  auto* action = new QAction(icon.isEmpty() ? QIcon() : lineIcon(icon), text, &page);
  action->setObjectName(QStringLiteral("runsPage.%1Action").arg(QLatin1String(name)));
  action->setShortcut(keys);
  action->setShortcutContext(Qt::WidgetShortcut);
  connect(action, &QAction::triggered, &page, std::move(triggered));
  table->addAction(action);
  return action;
}

void RunsPage::Impl::makeActions() {
  using Request = proto::ControlRunRequest;
  open_action = addAction("open", tr("&Open"), QStringLiteral("monitor"), Qt::Key_Return, [this] { open(); });
  compare_action =
      addAction("compare", tr("&Compare"), QStringLiteral("compare"), kCompareKeys, [this] { compare(); });
  pause_action = addAction("pause", tr("&Pause"), QStringLiteral("pause"), {}, [this] {
    const QVector<int> rows = selectedRows();
    const bool go_on = !rows.isEmpty() && canContinue(runs.run(rows.front()).state());
    if (go_on)
      control(Request::RESUME, [](const proto::RunSummary& run) { return canContinue(run.state()); });
    else
      control(Request::PAUSE, [](const proto::RunSummary& run) { return canPause(run.state()); });
  });
  stop_action = addAction("stop", tr("&Stop"), QStringLiteral("stop"), {}, [this] {
    control(Request::STOP, [](const proto::RunSummary& run) { return canStop(run.state()); });
  });
  resume_action = addAction("resume", tr("&Resume from Checkpoint"), QStringLiteral("launch"), {},
                            [this] { control(Request::RESUME, canRestart); });
  duplicate_action =
      addAction("duplicate", tr("D&uplicate as New Experiment"), QStringLiteral("copy"), {}, [this] {
        const QVector<int> rows = selectedRows();
        if (rows.size() == 1) emit page.editAsNew(QString::fromStdString(runs.run(rows.front()).spec_json()));
      });
  copy_spec_action =
      addAction("copySpec", tr("Copy as &JSON"), QStringLiteral("copy"), {}, [this] { copySpec(); });
  copy_command_action = addAction("copyCommand", tr("Cop&y as Command Line"), QStringLiteral("terminal"), {},
                                  [this] { copyCommand(); });
  again_action = addAction("again", tr("Run A&gain"), QStringLiteral("reset"), {}, [this] { runAgain(); });
  rename_action = addAction("rename", tr("Rena&me"), {}, Qt::Key_F2, [this] { rename(); });
  tags_action = addAction("tags", tr("&Tags…"), {}, Qt::CTRL | Qt::Key_T, [this] { editTags(); });
  pin_action = addAction("pin", tr("Pin as &Baseline"), {}, Qt::CTRL | Qt::Key_B, [this] { pin(); });
  note_action = addAction("note", tr("&Note"), QStringLiteral("design"), Qt::CTRL | Qt::Key_E, [] {});
  note_action->setCheckable(true);
  connect(note_action, &QAction::toggled, &page, [this](bool shown) { showNote(shown); });
  delete_action = addAction("delete", tr("&Delete"), QStringLiteral("remove"), QKeySequence::Delete,
                            [this] { deleteSelected(); });
  undo_action =
      addAction("undo", tr("Undo"), QStringLiteral("undo"), QKeySequence::Undo, [this] { undoDelete(); });
  undo_action->setShortcutContext(Qt::WidgetWithChildrenShortcut);  // also where the table is empty
  page.addAction(undo_action);
  import_action =
      addAction("import", tr("&Import Runs…"), QStringLiteral("open"), {}, [this] { askForImport(); });
  bin_action = addAction("bin", tr("&Deleted Runs…"), QStringLiteral("remove"), {}, [this] { showBin(); });
  columns_action = addAction("columns", tr("&Columns…"), {}, {}, [this] {
    const QHeaderView* header = table->horizontalHeader();
    showColumnMenu(header->mapToGlobal(header->rect().bottomLeft()));
  });
}

void RunsPage::Impl::updateActions() {
  const QVector<int> rows = selectedRows();
  const auto any = [&](auto may) {
    return std::any_of(rows.begin(), rows.end(), [&](int row) { return may(runs.run(row)); });
  };
  const bool one = rows.size() == 1, some = !rows.isEmpty();
  const QModelIndex at = table->currentIndex();
  open_action->setEnabled(one || (at.isValid() && visible.isHeading(at.row())));
  for (QAction* action : {duplicate_action, rename_action, copy_spec_action, copy_command_action})
    action->setEnabled(one);
  for (QAction* action : {again_action, compare_action, tags_action}) action->setEnabled(some);
  compare_button->setEnabled(some);
  const bool is_pinned = one && runs.run(rows.front()).marks().pinned();
  pin_action->setText(is_pinned ? tr("Unpin the &Baseline") : tr("Pin as &Baseline"));
  pin_action->setEnabled(one);
  const bool goes_on = some && canContinue(runs.run(rows.front()).state());
  pause_action->setText(goes_on ? tr("&Continue") : tr("&Pause"));
  pause_action->setIcon(lineIcon(goes_on ? QStringLiteral("launch") : QStringLiteral("pause")));
  pause_action->setEnabled(
      any([](const proto::RunSummary& run) { return canPause(run.state()) || canContinue(run.state()); }));
  stop_action->setEnabled(any([](const proto::RunSummary& run) { return canStop(run.state()); }));
  resume_action->setEnabled(any(canRestart));
  delete_action->setEnabled(any([](const proto::RunSummary& run) { return canDelete(run.state()); }));
  if (!note->isHidden()) note->setRun(one ? &runs.run(rows.front()) : nullptr);
}

void RunsPage::Impl::showContextMenu(const QPoint& at) {
  const QVector<int> rows = selectedRows();
  if (rows.isEmpty()) return;
  QMenu* menu = new QMenu(&page);
  menu->setObjectName(QStringLiteral("runsPage.contextMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->addAction(open_action);
  menu->addAction(compare_action);
  menu->setDefaultAction(open_action);
  menu->addSeparator();
  menu->addActions({pause_action, stop_action, resume_action});
  menu->addSeparator();
  menu->addActions({duplicate_action, again_action, copy_spec_action, copy_command_action});
  addExports(menu->addMenu(tr("&Export")));
  menu->addSeparator();
  menu->addActions({rename_action, tags_action});
  QMenu* colors = menu->addMenu(tr("Co&lour"));
  colors->setObjectName(QStringLiteral("runsPage.colorMenu"));
  const QStringList names = RunsNotePane::colorNames();
  for (int color = 0; color < names.size(); ++color) {
    QAction* action = colors->addAction(names[color], &page, [this, color] {
      markChosen([color](proto::MarkRunsRequest& request) { request.set_color(uint32_t(color)); });
    });
    if (color > 0) action->setIcon(RunsNotePane::colorIcon(&page, color - 1));
    action->setCheckable(true);
    action->setChecked(std::all_of(rows.begin(), rows.end(),
                                   [&](int row) { return int(runs.run(row).marks().color()) == color; }));
  }
  menu->addActions({pin_action, note_action});
  menu->addSeparator();
  menu->addAction(delete_action);
  menu->popup(table->viewport()->mapToGlobal(at));
}

void RunsPage::Impl::control(proto::ControlRunRequest::Action action, bool (*may)(const proto::RunSummary&)) {
  for (const int row : selectedRows()) {
    if (!may(runs.run(row))) continue;
    client.control(&page, QString::fromStdString(runs.run(row).run()), action,
                   [this](int, const QString& error) {
                     if (!error.isEmpty()) say(error, true);
                   });
  }
}

void RunsPage::Impl::open() {
  const QModelIndex at = table->currentIndex();
  if (at.isValid() && visible.isHeading(at.row())) {
    const QString key = at.data(RunsFilterModel::kGroupRole).toString();
    return visible.setCollapsed(key, !visible.isCollapsed(key));
  }
  const QVector<int> rows = selectedRows();
  if (rows.size() == 1) emit page.opened(QString::fromStdString(runs.run(rows.front()).run()));
}

void RunsPage::Impl::compare() {
  QVector<proto::RunSummary> chosen;
  for (const int row : selectedRows()) chosen << runs.run(row);
  if (!chosen.isEmpty()) emit page.compareRequested(chosen);
}

// The same experiment, seed included, as a new run of its own.
void RunsPage::Impl::runAgain() {
  for (const int row : selectedRows()) {
    client.submit(&page, QString::fromStdString(runs.run(row).spec_json()),
                  [this](const QString& run, const QVector<SpecFault>& faults, const QString& error) {
                    if (!faults.isEmpty()) return say(faults.first().message, true);
                    if (!error.isEmpty()) return say(error, true);
                    showRun(run);
                    say(tr("It runs again, as a new run."), false);
                  });
  }
}

void RunsPage::Impl::mark(const proto::MarkRunsRequest& request) {
  client.markRuns(&page, request, [this, request](int, const QString& error) {
    if (error.isEmpty()) return;
    note->refuse(request);
    say(error, true);
  });
}

void RunsPage::Impl::markChosen(const std::function<void(proto::MarkRunsRequest&)>& fill) {
  proto::MarkRunsRequest request;
  for (const QString& id : selectedIds()) request.add_runs(id.toStdString());
  if (request.runs().empty()) return;
  fill(request);
  mark(request);
}

void RunsPage::Impl::editTags() {
  if (selectedRows().isEmpty()) return;
  new TagCompleter(knownTags(), tag_edit);
  tag_edit->clear();
  tag_edit->show();
  tag_edit->setFocus(Qt::ShortcutFocusReason);
}

void RunsPage::Impl::applyTags(const QString& text) {
  const TagChange change = parseTagChange(text);
  if (change.add.isEmpty() && change.remove.isEmpty()) return;
  markChosen([&](proto::MarkRunsRequest& request) {
    for (const QString& tag : change.add) request.add_add_tags(tag.toStdString());
    for (const QString& tag : change.remove) request.add_remove_tags(tag.toStdString());
  });
}

void RunsPage::Impl::pin() {
  const QVector<int> rows = selectedRows();
  if (rows.size() != 1) return;
  const bool is_pinned = runs.run(rows.front()).marks().pinned();
  markChosen([is_pinned](proto::MarkRunsRequest& request) { request.set_pinned(!is_pinned); });
}

void RunsPage::Impl::showNote(bool shown) {
  if (!shown) {
    note->flush();
    const bool had_focus = note->isAncestorOf(QApplication::focusWidget());
    note->hide();
    if (had_focus) table->setFocus();
    return;
  }
  note->setTagsKnown(knownTags());
  note->show();
  updateActions();
  note->setFocus(Qt::ShortcutFocusReason);
}

}  // namespace concertina::ui
