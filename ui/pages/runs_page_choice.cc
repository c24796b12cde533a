// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_choice.cc: which runs are chosen in the table, and how they stay so while its rows come and go
// (see runs_page_impl.h).
#include <QItemSelectionModel>
#include <algorithm>

#include "ui/client/run_marks.h"
#include "ui/pages/runs_page_impl.h"

namespace concertina::ui {

QVector<int> RunsPage::Impl::selectedRows() const {
  QVector<int> shown;
  for (const QModelIndex& index : table->selectionModel()->selectedRows()) shown << index.row();
  std::sort(shown.begin(), shown.end());  // as they stand in the table, not as they were clicked
  QVector<int> rows;
  QSet<int> taken;
  const auto take = [&](int source) {
    if (source < 0 || taken.contains(source)) return;  // below 0: it is just going
    taken.insert(source);
    rows << source;
  };
  for (const int row : std::as_const(shown)) {
    const QVariant heading = visible.index(row, 0).data(RunsFilterModel::kGroupRole);
    if (!heading.isValid()) take(visible.sourceRow(row));
    if (heading.isValid())
      for (const int source : visible.sourceRowsOfGroup(heading.toString())) take(source);
  }
  return rows;
}

QStringList RunsPage::Impl::selectedIds() const {
  QStringList ids;
  for (const int row : selectedRows()) ids << QString::fromStdString(runs.run(row).run());
  return ids;
}

RunsPage::Impl::Chosen RunsPage::Impl::chosen() const {
  Chosen chosen;
  for (const QModelIndex& index : table->selectionModel()->selectedRows()) {
    const QVariant heading = index.data(RunsFilterModel::kGroupRole);
    (heading.isValid() ? chosen.groups : chosen.runs)
        << (heading.isValid() ? heading : index.data(RunTableModel::kRunRole)).toString();
  }
  chosen.current = table->currentIndex().data(RunTableModel::kRunRole).toString();
  return chosen;
}

void RunsPage::Impl::choose(const Chosen& chosen) {
  QItemSelection selection;
  QModelIndex current;
  const auto take = [&](int row, bool is_current) {
    selection.select(visible.index(row, 0), visible.index(row, visible.columnCount() - 1));
    if (is_current || !current.isValid()) current = visible.index(row, RunTableModel::kName);
  };
  for (const QString& id : chosen.runs)
    if (const int source = runs.rowOf(id); source >= 0 && visible.rowOfSource(source) >= 0)
      take(visible.rowOfSource(source), id == chosen.current);
  for (int row = 0; row < visible.rowCount() && !chosen.groups.isEmpty(); ++row)
    if (visible.isHeading(row) &&
        chosen.groups.contains(visible.index(row, 0).data(RunsFilterModel::kGroupRole).toString()))
      take(row, false);
  if (!current.isValid()) return;
  table->selectionModel()->setCurrentIndex(current, QItemSelectionModel::NoUpdate);
  table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
}

void RunsPage::Impl::showRun(const QString& id) {
  const QString run = id;  // of its own: it may be to_show
  const int source = runs.rowOf(run);
  to_show = source < 0 ? run : QString();
  if (source < 0 || visible.rowOfSource(source) < 0) return;  // a filter or a closed group hides it
  choose({{run}, {}, run});
  table->scrollTo(table->currentIndex());
}

bool RunsPage::Impl::hasTags() const {
  for (int row = 0; row < runs.rowCount(); ++row)
    if (runs.run(row).marks().tags_size() > 0) return true;
  return false;
}

QStringList RunsPage::Impl::knownTags() const {
  QSet<QString> tags;
  for (int row = 0; row < runs.rowCount(); ++row)
    for (const QString& tag : tagsOfRun(runs.run(row))) tags << tag;
  QStringList sorted(tags.begin(), tags.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace concertina::ui
