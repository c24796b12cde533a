// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_bin_dialog.cc: see runs_bin_dialog.h.
#include "ui/pages/runs_bin_dialog.h"

#include <QDateTime>
#include <QDialogButtonBox>
#include <QItemSelectionModel>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <memory>

#include "ui/client/number_format.h"
#include "ui/client/plain_tool_tip.h"
#include "ui/client/run_state.h"
#include "ui/client/run_table_model.h"
#include "ui/forms/ask.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_table.h"
#include "ui/pages/runs_page_words.h"

namespace concertina::ui {

void RunsBinModel::setRuns(QVector<proto::RunSummary> runs) {
  beginResetModel();
  runs_ = std::move(runs);
  std::stable_sort(runs_.begin(), runs_.end(), [](const proto::RunSummary& a, const proto::RunSummary& b) {
    return a.marks().deleted_unix_ms() > b.marks().deleted_unix_ms();
  });
  endResetModel();
}

int RunsBinModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(runs_.size());
}
int RunsBinModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(kColumns);
}

QVariant RunsBinModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const proto::RunSummary& run = runs_[index.row()];
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(
        Qt::Alignment((index.column() >= kAccuracy ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
  switch (index.column()) {
    case kName: {
      const QString name = QString::fromStdString(run.name().empty() ? run.run() : run.name());
      return role == Qt::ToolTipRole ? plainToolTip(name) : name;
    }
    case kState:
      return stateName(run.state());
    case kAccuracy:
      return formatPercent(run.has_test() ? run.test_accuracy() : qQNaN());
    case kDeleted:
      return formatMoment(run.marks().deleted_unix_ms(), QDateTime::currentMSecsSinceEpoch());
    default:
      return {};
  }
}

QVariant RunsBinModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(
        Qt::Alignment((section >= kAccuracy ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kName:
      return tr("Name");
    case kState:
      return tr("State");
    case kAccuracy:
      return tr("Accuracy");
    case kDeleted:
      return tr("Deleted");
    default:
      return {};
  }
}

RunsBinDialog::RunsBinDialog(EngineClient& client, QWidget* parent) : QDialog(parent), client_(client) {
  setObjectName(QStringLiteral("runsBin"));
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(tr("Deleted Runs"));
  auto* lead =
      new QLabel(tr("A deleted run stays here for seven days; until then it can be restored with all "
                    "that was measured."),
                 this);
  lead->setWordWrap(true);
  table_ = makeTable(QStringLiteral("runsBin.table"), &runs_, 4, this);
  table_->setAccessibleName(tr("Deleted runs"));
  table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table_->horizontalHeader()->setStretchLastSection(false);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setSectionResizeMode(RunsBinModel::kName, QHeaderView::Stretch);
  message_ = new QLabel(this);
  message_->setObjectName(QStringLiteral("runsBin.message"));
  message_->setTextFormat(Qt::PlainText);
  message_->setWordWrap(true);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
  restore_ = buttons->addButton(tr("&Restore"), QDialogButtonBox::ActionRole);
  restore_->setObjectName(QStringLiteral("runsBin.restoreButton"));
  restore_->setIcon(lineIcon(QStringLiteral("undo")));
  empty_ = buttons->addButton(tr("&Empty the Bin…"), QDialogButtonBox::DestructiveRole);
  empty_->setObjectName(QStringLiteral("runsBin.emptyButton"));
  for (QPushButton* button : {restore_, empty_}) button->setAutoDefault(false);
  auto* column = new QVBoxLayout(this);
  setRhythm(column, this, 2, 2, 2, 2, 1.5);
  column->addWidget(lead);
  column->addWidget(inCard(table_, this), 1);
  column->addWidget(message_);
  column->addWidget(buttons);
  resize(charactersWide(this, 90), rhythmUnit(this) * 48);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(restore_, &QPushButton::clicked, this, &RunsBinDialog::restore);
  connect(empty_, &QPushButton::clicked, this, &RunsBinDialog::empty);
  connect(table_, &QTableView::doubleClicked, this, &RunsBinDialog::restore);
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
          &RunsBinDialog::updateButtons);
  updateButtons();
  say(tr("Looking into the bin…"), "quiet");
  list();
}

void RunsBinDialog::list() {
  client_.listBin(this, [this](const QVector<proto::RunSummary>& runs, const QString& error) {
    if (!error.isEmpty()) return say(error, "error");
    runs_.setRuns(runs);
    if (!runs.isEmpty()) table_->selectRow(0);
    say(runs.isEmpty() ? tr("The bin is empty.") : QString(), "quiet");
    updateButtons();
  });
}

QStringList RunsBinDialog::chosen() const {
  QStringList ids;
  for (const QModelIndex& index : table_->selectionModel()->selectedRows())
    ids << QString::fromStdString(runs_.run(index.row()).run());
  return ids;
}

void RunsBinDialog::updateButtons() {
  const int chosen_runs = int(table_->selectionModel()->selectedRows().size()), all = runs_.rowCount();
  restore_->setEnabled(chosen_runs > 0);
  empty_->setEnabled(all > 0);
  empty_->setText(chosen_runs > 0 && chosen_runs < all ? tr("&Delete for Good…") : tr("&Empty the Bin…"));
}

void RunsBinDialog::restore() {
  const QStringList ids = chosen();
  auto waiting = std::make_shared<int>(int(ids.size()));
  auto problem = std::make_shared<QString>();
  for (const QString& id : ids)
    client_.restoreRun(this, id, [this, id, waiting, problem](int, const QString& error) {
      if (error.isEmpty())
        emit restored(id);
      else
        *problem = error;
      if (--*waiting > 0) return;
      if (problem->isEmpty()) return list();
      say(*problem, "error");
    });
}

void RunsBinDialog::empty() {
  QStringList ids = chosen();
  const QModelIndex first =
      ids.isEmpty() ? runs_.index(0, 0) : table_->selectionModel()->selectedRows().first();
  if (ids.isEmpty() || ids.size() == runs_.rowCount()) {  // those that are shown, and none that came since
    ids.clear();
    for (int row = 0; row < runs_.rowCount(); ++row) ids << QString::fromStdString(runs_.run(row).run());
  }
  const QString what =
      ids.size() == 1 ? QStringLiteral("“%1”").arg(first.data().toString()) : runsText(int(ids.size()));
  const Question::Answer answer = ask(
      this, {.title = tr("Delete for Good"),
             .text = tr("%1 will be gone with all measurements, checkpoints and parameters. This cannot be "
                        "undone.")
                         .arg(what),
             .yes = tr("Delete for Good"),
             .no = {},
             .destructive = true});
  if (answer != Question::Answer::kYes) return;
  client_.emptyBin(this, ids, [this](qint64, const QString& error) {
    if (!error.isEmpty()) return say(error, "error");
    list();
  });
}

void RunsBinDialog::say(const QString& text, const char* tone) {
  message_->setText(text);
  setTone(message_, tone);
  message_->setVisible(!text.isEmpty());
}

}  // namespace concertina::ui
