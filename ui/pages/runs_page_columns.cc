// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_columns.cc: which columns the run table has, how wide and in which order, and what it is grouped
// by (see runs_page_impl.h).
#include <QCompleter>
#include <QDialog>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QMenu>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/client/run_filter.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_table.h"
#include "ui/pages/runs_columns.h"
#include "ui/pages/runs_page_impl.h"
#include "ui/pages/runs_page_words.h"

namespace concertina::ui {
namespace {

// What a narrow window can do without, first to last.
const QVector<int> kDispensable = {RunTableModel::kDataset,  RunTableModel::kSamplesPerSecond,
                                   RunTableModel::kWorkers,  RunTableModel::kRatio,
                                   RunTableModel::kCurve,    RunTableModel::kLoss,
                                   RunTableModel::kDuration, RunTableModel::kModel,
                                   RunTableModel::kTags};

// In settings: never translated, and never used for another column.
constexpr const char* kColumnIds[RunTableModel::kColumns] = {
    "state", "name", "model",    "dataset", "workers", "codec", "test_accuracy", "train_loss", "bytes_sent",
    "ratio", "rate", "duration", "created", "tags",    "curve", "baseline",      "note"};

constexpr char kGroupPrefix[] = "group:";

}  // namespace

QString RunsPage::Impl::columnId(int column) const {
  return column < RunTableModel::kColumns ? QLatin1String(kColumnIds[column])
                                          : runs.extraColumns().value(column - RunTableModel::kColumns);
}

// "+name": asked for, "-name": not wanted, "=name": as there is room; in the order of the table.
QStringList RunsPage::Impl::layout() const {
  QStringList list;
  for (int place = 0; place < visible.columnCount(); ++place) {
    const int column = table->horizontalHeader()->logicalIndex(place);
    const QChar sign = kept_columns.contains(column)      ? QLatin1Char('+')
                       : dropped_columns.contains(column) ? QLatin1Char('-')
                                                          : QLatin1Char('=');
    list << sign + columnId(column);
  }
  if (!visible.group().isEmpty()) list << QLatin1String(kGroupPrefix) + visible.group();
  return list;
}

QStringList RunsPage::Impl::firstLayout() {
  QStringList list;
  for (const char* id : kColumnIds) list << QLatin1Char('=') + QLatin1String(id);
  return list;
}

void RunsPage::Impl::restore(const QStringList& layout) {
  constexpr int kMostExtra = 64;
  QStringList extra;
  QString group_field;
  for (const QString& entry : layout) {
    if (entry.startsWith(QLatin1String(kGroupPrefix))) group_field = entry.mid(int(qstrlen(kGroupPrefix)));
    const QString id = entry.mid(1);
    const bool is_own = std::any_of(std::begin(kColumnIds), std::end(kColumnIds),
                                    [&](const char* own) { return id == QLatin1String(own); });
    const bool is_field = id.startsWith(QLatin1Char('/')) || RunFilter::numberFields().contains(id);
    if (!is_own && is_field && !extra.contains(id) && extra.size() < kMostExtra) extra << id;
  }
  runs.setExtraColumns(extra);
  kept_columns.clear();
  dropped_columns.clear();
  QHeaderView* header = table->horizontalHeader();
  int place = 0;
  for (const QString& entry : layout) {
    for (int column = 0; column < visible.columnCount(); ++column) {
      if (columnId(column) != entry.mid(1)) continue;
      if (entry.startsWith(QLatin1Char('+'))) kept_columns.insert(column);
      if (entry.startsWith(QLatin1Char('-')) && column != RunTableModel::kName)
        dropped_columns.insert(column);
      const QSignalBlocker still(header);  // it would be told as a person's doing
      header->moveSection(header->visualIndex(column), place++);
      break;
    }
  }
  if (!group_field.isEmpty()) chooseGroup(group_field);
  fit.start();
}

void RunsPage::Impl::fitTable() {
  // Out of sight a table asks all of its rows how wide they are; being shown, it is fitted.
  if (visible.rowCount() == 0 || !table->isVisible()) return;
  // Asked, and not set and read back: each width that is set and each column that comes and goes lays out the
  // view anew, at every key of the filter.
  const auto* header = static_cast<const TableHeader*>(table->horizontalHeader());
  const QAbstractItemView* const view = table;
  QVector<int> needed;
  for (int column = 0; column < visible.columnCount(); ++column)
    needed.push_back(
        std::max(view->sizeHintForColumn(column), header->sectionSizeFromContents(column).width()));
  needed[RunTableModel::kState] = std::max(needed[RunTableModel::kState], charactersWide(table, 17));
  // Columns that would be empty come by themselves once there is something in them.
  QSet<int> dropped = dropped_columns;
  dropped.insert(RunTableModel::kNote);
  has_baseline = runs.pinnedRow() >= 0;
  has_tags = hasTags();
  if (!has_baseline) dropped.insert(RunTableModel::kBaseline);
  if (!has_tags) dropped.insert(RunTableModel::kTags);
  dropped.subtract(kept_columns);
  const ColumnFit fitted = fitColumns(needed, table->viewport()->width(), kDispensable, kept_columns, dropped,
                                      RunTableModel::kName, charactersWide(table, 24));
  for (int column = 0; column < visible.columnCount(); ++column) {
    const bool is_hidden = fitted.hidden.contains(column);
    if (table->isColumnHidden(column) != is_hidden) table->setColumnHidden(column, is_hidden);
    if (!is_hidden && table->columnWidth(column) != fitted.widths[column])
      table->setColumnWidth(column, fitted.widths[column]);
  }
  look.start();
}

// Once more: the other way round, and then by none.
void RunsPage::Impl::sortSecond(int column) {
  if (column < 0) return;
  if (column != visible.thenColumn())
    visible.thenSort(column, Qt::AscendingOrder);
  else if (visible.thenOrder() == Qt::AscendingOrder)
    visible.thenSort(column, Qt::DescendingOrder);
  else
    visible.thenSort(-1, Qt::AscendingOrder);
  fit.start();  // its title is another
}

void RunsPage::Impl::showColumnMenu(const QPoint& at) {
  QMenu* menu = new QMenu(&page);
  menu->setObjectName(QStringLiteral("runsPage.columnMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (int column = 0; column < visible.columnCount(); ++column) {
    if (column == RunTableModel::kName) continue;  // a run without a name is no row
    QAction* action = menu->addAction(runs.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
    action->setCheckable(true);
    action->setChecked(!table->isColumnHidden(column));
    connect(action, &QAction::toggled, &page, [this, column](bool shown) {
      (shown ? kept_columns : dropped_columns).insert(column);
      (shown ? dropped_columns : kept_columns).remove(column);
      if (column >= RunTableModel::kColumns && !shown) {  // it was added by hand, and goes by hand
        QStringList fields = layout();
        fields.removeAll(QLatin1Char('-') + columnId(column));
        restore(fields);
      }
      fitTable();
      emit page.layoutChosen(layout());
    });
  }
  menu->addSeparator();
  QMenu* second = menu->addMenu(tr("Then Sort By"));
  for (int column = 0; column < visible.columnCount(); ++column) {
    if (table->isColumnHidden(column) || column == table->horizontalHeader()->sortIndicatorSection())
      continue;
    QAction* action = second->addAction(runs.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
    action->setObjectName(QStringLiteral("runsPage.thenSort.") + columnId(column));
    action->setCheckable(true);
    action->setChecked(column == visible.thenColumn());
    connect(action, &QAction::triggered, &page, [this, column] { sortSecond(column); });
  }
  menu->addAction(tr("Add a Column…"), &page, [this] { askForColumn(); });
  menu->addAction(tr("Choose by Width"), &page, [this] {
    kept_columns.clear();
    dropped_columns.clear();
    fitTable();
    emit page.layoutChosen(layout());
  });
  menu->popup(at);
}

void RunsPage::Impl::askForColumn() {
  auto* dialog = new QDialog(&page);
  dialog->setObjectName(QStringLiteral("runsPage.columnDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Add a Column"));
  auto* text = new QLabel(
      tr("A setting, as /optimizer/learning_rate, or a final figure, as peak_memory_bytes:"), dialog);
  text->setWordWrap(true);
  auto* field = new QComboBox(dialog);
  field->setObjectName(QStringLiteral("runsPage.columnField"));
  field->setAccessibleName(tr("Setting or figure"));
  field->setEditable(true);
  QStringList fields = RunFilter::numberFields();
  const QVector<int> rows = selectedRows();
  if (runs.rowCount() > 0) fields += specPointers(runs.facts(rows.isEmpty() ? 0 : rows.front()).spec);
  field->addItems(fields);
  field->setCurrentText({});
  field->completer()->setFilterMode(Qt::MatchContains);
  field->completer()->setCompletionMode(QCompleter::PopupCompletion);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, dialog);
  auto* column = new QVBoxLayout(dialog);
  setRhythm(column, dialog, 2, 2, 2, 2, 1.5);
  for (QWidget* widget : std::initializer_list<QWidget*>{text, field, buttons}) column->addWidget(widget);
  dialog->setMinimumWidth(charactersWide(dialog, 56));
  connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, dialog, [this, dialog, text, field] {
    const QString id = field->currentText().trimmed();
    if (!id.startsWith(QLatin1Char('/')) && !RunFilter::numberFields().contains(id)) {
      text->setText(tr("“%1” is no figure, and no setting such as /optimizer/learning_rate.").arg(id));
      setTone(text, "error");
      field->setFocus();
      return;
    }
    restore(layout() << QLatin1Char('+') + id);
    fitTable();
    emit page.layoutChosen(layout());
    dialog->accept();
  });
  dialog->open();
}

void RunsPage::Impl::chooseGroup(const QString& field) {
  const bool is_known =
      field.isEmpty() || field.startsWith(QLatin1Char('/')) || RunFilter::fields().contains(field);
  if (!is_known)
    return say(
        tr("Runs cannot be grouped by “%1”: it is no field, and no setting like /model/kind.").arg(field),
        true);
  visible.setGroup(field);
  const int row = group->findData(field);
  if (row >= 0)
    group->setCurrentIndex(row);
  else
    group->setEditText(field);
  applyFilter();
  emit page.layoutChosen(layout());
}

}  // namespace concertina::ui
