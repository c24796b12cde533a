// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_rename.cc: a run gets another name where the old one stands (see runs_page_impl.h). A field over
// the cell, not one of the view's editors: rows come and move while somebody types.
#include <QHeaderView>
#include <QScrollBar>
#include <QShortcut>
#include <algorithm>
#include <utility>

#include "ui/forms/rhythm.h"
#include "ui/pages/runs_page_impl.h"

namespace concertina::ui {
namespace {

constexpr int kLongestRunName = 300;

}  // namespace

void RunsPage::Impl::rename() {
  const QVector<int> rows = selectedRows();
  if (rows.size() != 1 || name_edit != nullptr) return;
  const QString id = QString::fromStdString(runs.run(rows.front()).run());
  table->scrollTo(visible.index(visible.rowOfSource(rows.front()), RunTableModel::kName));
  name_edit = new QLineEdit(table->viewport());
  name_edit->setObjectName(QStringLiteral("runsPage.nameEdit"));
  name_edit->setAccessibleName(tr("Name of the run"));
  name_edit->setMaxLength(kLongestRunName);
  name_edit->setText(QString::fromStdString(runs.run(rows.front()).name()));
  name_edit->selectAll();
  const auto place = [this, id] {
    if (name_edit == nullptr) return;
    const int source = runs.rowOf(id), row = source < 0 ? -1 : visible.rowOfSource(source);
    if (row < 0) return endRename(id, false);
    const QRect cell = table->visualRect(visible.index(row, RunTableModel::kName));
    name_edit->setGeometry(cell.left(), cell.top(), std::max(cell.width(), charactersWide(table, 30)),
                           cell.height());
  };
  connect(&visible, &RunsFilterModel::reordered, name_edit, place);
  for (const QScrollBar* bar : {table->verticalScrollBar(), table->horizontalScrollBar()})
    connect(bar, &QScrollBar::valueChanged, name_edit, place);
  connect(table->horizontalHeader(), &QHeaderView::sectionResized, name_edit, place);
  connect(name_edit, &QLineEdit::editingFinished, &page, [this, id] { endRename(id, true); });
  connect(new QShortcut(Qt::Key_Escape, name_edit, nullptr, nullptr, Qt::WidgetShortcut),
          &QShortcut::activated, &page, [this, id] { endRename(id, false); });
  place();
  if (name_edit == nullptr) return;
  name_edit->show();
  name_edit->setFocus(Qt::OtherFocusReason);
}

// By Return, or by going elsewhere: kept. By Esc: as it was.
void RunsPage::Impl::endRename(const QString& id, bool is_kept) {
  QLineEdit* const edit = std::exchange(name_edit, nullptr);
  if (edit == nullptr) return;
  const bool had_focus = edit->hasFocus();
  edit->hide();
  edit->deleteLater();  // it may be the one that tells
  if (had_focus) table->setFocus();
  const int source = runs.rowOf(id);
  const std::string name = edit->text().trimmed().toStdString();
  if (!is_kept || source < 0 || name.empty() || name == runs.run(source).name()) return;
  proto::MarkRunsRequest request;
  request.add_runs(id.toStdString());
  request.set_name(name);
  mark(request);
}

}  // namespace concertina::ui
