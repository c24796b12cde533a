// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_filter_model.cc: see runs_filter_model.h.
#include "ui/pages/runs_filter_model.h"

#include <QFont>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/client/number_format.h"
#include "ui/client/plain_tool_tip.h"

namespace concertina::ui {

GroupFigures figuresOf(const QVector<double>& values) {
  GroupFigures figures;
  figures.runs = int(values.size());
  double squares = 0;  // Welford's: a sum of squares loses what two close accuracies differ in
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    ++figures.measured;
    const double before = value - figures.mean;
    figures.mean += before / figures.measured;
    squares += before * (value - figures.mean);
  }
  if (figures.measured == 0) figures.mean = qQNaN();
  figures.deviation = figures.measured > 1 ? std::sqrt(squares / (figures.measured - 1)) : qQNaN();
  return figures;
}

RunsFilterModel::RunsFilterModel(RunTableModel* runs, QObject* parent)
    : QAbstractTableModel(parent), runs_(runs) {
  connect(runs, &QAbstractItemModel::dataChanged, this,
          [this](const QModelIndex& first, const QModelIndex& last) { onChanged(first.row(), last.row()); });
  connect(runs, &QAbstractItemModel::rowsInserted, this,
          [this](const QModelIndex&, int first, int last) { onInserted(first, last); });
  connect(runs, &QAbstractItemModel::rowsRemoved, this,
          [this](const QModelIndex&, int first, int last) { onRemoved(first, last); });
  connect(runs, &RunTableModel::settled, this, &RunsFilterModel::onSettled);
  connect(runs, &QAbstractItemModel::modelAboutToBeReset, this, [this] {
    emit aboutToReplace();
    beginResetModel();
  });
  connect(runs, &QAbstractItemModel::modelReset, this, [this] {
    is_other_order_ = false;
    touched_.clear();
    touched_groups_.clear();
    if (sort_column_ >= runs_->columnCount()) sort_column_ = RunTableModel::kCreated;
    if (then_column_ >= runs_->columnCount()) then_column_ = -1;
    remakeKeys();
    entries_.clear();
    view_of_.clear();
    members_.clear();
    endResetModel();  // empty, with the new columns
    reorder();
    if (entries_.isEmpty()) emit reordered();
  });
  remakeKeys();
  reorder();
}

RunsFilterModel::Key RunsFilterModel::keyOf(int source) const {
  const proto::RunSummary& run = runs_->run(source);
  Key key;
  key.passes = filter_.matches(run, runs_->facts(source), runs_->searchText(source));
  key.created = run.created_unix_ms();
  if (!group_.isEmpty()) key.group = RunFilter::value(group_, run, runs_->facts(source));
  key.first = partOf(source, sort_column_);
  if (then_column_ >= 0) key.second = partOf(source, then_column_);
  return key;
}

RunsFilterModel::Key::Part RunsFilterModel::partOf(int source, int column) const {
  const QVariant value = runs_->sortValue(source, column);
  Key::Part part;
  part.is_number = value.typeId() != QMetaType::QString;
  if (part.is_number) {
    part.number = value.toDouble();
    part.is_missing = std::isnan(part.number);
  } else {
    part.text = value.toString();
    part.is_missing = part.text.isEmpty();
  }
  return part;
}

// What was not measured comes last either way.
int RunsFilterModel::compare(const Key::Part& a, const Key::Part& b, Qt::SortOrder order) {
  if (a.is_missing != b.is_missing) return b.is_missing ? -1 : 1;
  if (a.is_missing) return 0;
  int result = 0;
  if (a.is_number != b.is_number)
    result = a.is_number ? -1 : 1;
  else if (a.is_number)
    result = a.number < b.number ? -1 : a.number > b.number ? 1 : 0;
  else
    result = a.text.compare(b.text, Qt::CaseInsensitive);
  return order == Qt::AscendingOrder ? result : -result;
}

bool RunsFilterModel::isBefore(int left, int right) const {
  const Key& a = keys_[left];
  const Key& b = keys_[right];
  if (const int order = compare(a.first, b.first, sort_order_); order != 0) return order < 0;
  if (then_column_ >= 0)
    if (const int order = compare(a.second, b.second, then_order_); order != 0) return order < 0;
  // Equals stay in one order, the newest first either way.
  return a.created != b.created ? a.created > b.created : left < right;
}

bool RunsFilterModel::isOther(const Key::Part& a, const Key::Part& b) {
  return a.is_missing != b.is_missing || (!a.is_missing && a.number != b.number) || a.text != b.text;
}

void RunsFilterModel::remakeKeys() {
  keys_.resize(runs_->rowCount());
  for (int source = 0; source < keys_.size(); ++source) keys_[source] = keyOf(source);
}

void RunsFilterModel::reorder() {
  QVector<int> shown;
  shown.reserve(keys_.size());
  for (int source = 0; source < keys_.size(); ++source)
    if (keys_[source].passes) shown << source;
  shown_runs_ = int(shown.size());
  std::sort(shown.begin(), shown.end(), [this](int a, int b) { return isBefore(a, b); });
  QVector<Entry> next;
  members_.clear();
  if (group_.isEmpty()) {
    next.reserve(shown.size());
    for (const int source : std::as_const(shown)) next << Entry{source, {}};
    return apply(std::move(next));
  }
  for (const int source : std::as_const(shown)) members_[keys_[source].group] << source;
  QStringList names = members_.keys();
  const bool newest_first = group_ == QLatin1String("day");
  std::sort(names.begin(), names.end(), [&](const QString& a, const QString& b) {
    if (a.isEmpty() != b.isEmpty()) return b.isEmpty();  // what has none of it comes last
    // Numbers by their value before all words, so that any three stand one way; "nan" is a word.
    bool is_a = false, is_b = false;
    const double x = a.toDouble(&is_a), y = b.toDouble(&is_b);
    is_a = is_a && std::isfinite(x);
    is_b = is_b && std::isfinite(y);
    if (is_a != is_b) return is_a;
    if (is_a && x != y) return x < y;
    return newest_first ? a > b : a < b;
  });
  for (const QString& name : std::as_const(names)) {
    next << Entry{-1, name};
    if (collapsed_.contains(name)) continue;
    for (const int source : std::as_const(members_[name])) next << Entry{source, name};
  }
  apply(std::move(next));
  if (!entries_.isEmpty())  // of the headings: how many runs they have, and their mean
    emit dataChanged(index(0, 0), index(int(entries_.size()) - 1, columnCount() - 1));
}

void RunsFilterModel::settleOn(const QVector<Entry>& next) {
  entries_ = next;
  view_of_.fill(-1, keys_.size());
  for (int row = 0; row < entries_.size(); ++row)
    if (entries_[row].source >= 0) view_of_[entries_[row].source] = row;
}

void RunsFilterModel::apply(QVector<Entry> next) {
  int front = 0;
  const int old_rows = int(entries_.size()), new_rows = int(next.size());
  while (front < old_rows && front < new_rows && entries_[front] == next[front]) ++front;
  int back = 0;
  while (back < old_rows - front && back < new_rows - front &&
         entries_[old_rows - 1 - back] == next[new_rows - 1 - back])
    ++back;
  const int going = old_rows - front - back, coming = new_rows - front - back;
  if (going == 0 && coming == 0) return settleOn(next);
  const auto old_at = entries_.cbegin() + front;
  const auto new_at = next.cbegin() + front;
  if (going == coming && std::equal(old_at + 1, old_at + going, new_at) && *old_at == *(new_at + going - 1)) {
    beginMoveRows({}, front, front, {}, front + going);  // the first one went behind the others
    settleOn(next);
    endMoveRows();
  } else if (going == coming && std::equal(old_at, old_at + going - 1, new_at + 1) &&
             *(old_at + going - 1) == *new_at) {
    beginMoveRows({}, front + going - 1, front + going - 1, {}, front);
    settleOn(next);
    endMoveRows();
  } else if (going != coming || !applyAsLayout(next, front, going)) {
    if (going > 0 && coming > 0) emit aboutToReplace();
    if (going > 0) {
      beginRemoveRows({}, front, front + going - 1);
      entries_.remove(front, going);
      view_of_.clear();
      endRemoveRows();
    }
    if (coming > 0) {
      beginInsertRows({}, front, front + coming - 1);
      settleOn(next);
      endInsertRows();
    } else {
      settleOn(next);
    }
  }
  emit reordered();
}

// Of `rows` entries from `first` on, in which the two orders differ.
bool RunsFilterModel::applyAsLayout(const QVector<Entry>& next, int first, int rows) {
  QHash<int, int> row_of_run;
  QHash<QString, int> row_of_heading;
  for (int row = first; row < first + rows; ++row) {
    if (next[row].source >= 0)
      row_of_run[next[row].source] = row;
    else
      row_of_heading[next[row].key] = row;
  }
  const auto newRow = [&](int row) {
    if (row < first || row >= first + rows) return row;
    const Entry& entry = entries_[row];
    return entry.source >= 0    ? row_of_run.value(entry.source, -1)
           : entry.source == -1 ? row_of_heading.value(entry.key, -1)
                                : -1;  // it has gone
  };
  for (int row = first; row < first + rows; ++row)
    if (newRow(row) < 0) return false;
  emit layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
  const QModelIndexList before = persistentIndexList();
  QModelIndexList after;
  after.reserve(before.size());
  for (const QModelIndex& index : before) after << createIndex(newRow(index.row()), index.column());
  settleOn(next);
  changePersistentIndexList(before, after);
  emit layoutChanged({}, QAbstractItemModel::VerticalSortHint);
  return true;
}

void RunsFilterModel::onChanged(int first, int last) {
  for (int source = first; source <= last; ++source) {
    const Key key = keyOf(source);
    Key& old = keys_[source];
    is_other_order_ |= key.passes != old.passes || key.group != old.group || isOther(key.first, old.first) ||
                       isOther(key.second, old.second) || key.created != old.created;
    touched_groups_ << old.group << key.group;
    touched_ << source;
    old = key;
  }
}

void RunsFilterModel::onInserted(int first, int last) {
  keys_.insert(first, last - first + 1, Key());
  for (int source = first; source <= last; ++source) keys_[source] = keyOf(source);
  for (Entry& entry : entries_)
    if (entry.source >= first) entry.source += last - first + 1;
  for (int& source : touched_)
    if (source >= first) source += last - first + 1;
  is_other_order_ = true;
}

void RunsFilterModel::onRemoved(int first, int last) {
  keys_.remove(first, last - first + 1);
  constexpr int kGone = -2;  // differs from every other, and so is told as removed
  const auto shift = [&](int& source) {
    if (source >= first && source <= last)
      source = kGone;
    else if (source > last)
      source -= last - first + 1;
  };
  for (Entry& entry : entries_) shift(entry.source);
  for (int& source : touched_) shift(source);
  is_other_order_ = true;
}

void RunsFilterModel::onSettled() {
  if (std::exchange(is_other_order_, false)) reorder();
  QVector<int> rows;
  for (const int source : std::as_const(touched_))
    if (const int row = rowOfSource(source); row >= 0) rows << row;
  if (!group_.isEmpty() && !touched_groups_.isEmpty())
    for (int row = 0; row < entries_.size(); ++row)
      if (isHeading(row) && touched_groups_.contains(entries_[row].key)) rows << row;
  touched_.clear();
  touched_groups_.clear();
  std::sort(rows.begin(), rows.end());
  int begin = -1, end = -1;  // neighbours in the table are mostly not neighbours here
  const auto tell = [&] {
    if (begin >= 0) emit dataChanged(index(begin, 0), index(end, columnCount() - 1));
  };
  for (const int row : std::as_const(rows)) {
    if (begin >= 0 && row <= end + 1) {
      end = row;
      continue;
    }
    tell();
    begin = end = row;
  }
  tell();
}

void RunsFilterModel::setFilter(const RunFilter& filter) {
  filter_ = filter;
  for (int source = 0; source < keys_.size(); ++source)
    keys_[source].passes =
        filter_.matches(runs_->run(source), runs_->facts(source), runs_->searchText(source));
  reorder();
}

void RunsFilterModel::setGroup(const QString& field) {
  if (field == group_) return;
  group_ = field;
  collapsed_.clear();
  remakeKeys();
  reorder();
}

void RunsFilterModel::setCollapsed(const QString& key, bool collapsed) {
  if (collapsed == collapsed_.contains(key)) return;
  if (collapsed)
    collapsed_.insert(key);
  else
    collapsed_.remove(key);
  reorder();
  for (int row = 0; row < entries_.size(); ++row)
    if (isHeading(row) && entries_[row].key == key) emit dataChanged(index(row, 0), index(row, 0));
}

void RunsFilterModel::sort(int column, Qt::SortOrder order) {
  if (column < 0 || column >= columnCount()) return;
  const int then = std::exchange(then_column_, column == sort_column_ ? then_column_ : -1);
  sort_column_ = column;
  sort_order_ = order;
  remakeKeys();
  reorder();
  if (then >= 0 && then_column_ < 0) emit headerDataChanged(Qt::Horizontal, then, then);
}

void RunsFilterModel::thenSort(int column, Qt::SortOrder order) {
  if (column < -1 || column >= columnCount() || column == sort_column_) return;
  then_column_ = column;
  then_order_ = order;
  remakeKeys();
  reorder();
  if (columnCount() > 0) emit headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
}

int RunsFilterModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(entries_.size());
}
int RunsFilterModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : runs_->columnCount();
}

QVariant RunsFilterModel::data(const QModelIndex& at, int role) const {
  if (!checkIndex(at, CheckIndexOption::IndexIsValid)) return {};
  const Entry& entry = entries_[at.row()];
  if (entry.source >= 0) return runs_->data(runs_->index(entry.source, at.column()), role);
  return entry.source == -1 ? headingData(entry, at.column(), role) : QVariant();
}

QVariant RunsFilterModel::headingData(const Entry& entry, int column, int role) const {
  const QVector<int> members = members_.value(entry.key);
  switch (role) {
    case kGroupRole:
      return entry.key;
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(Qt::Alignment(
          (RunTableModel::isNumber(column) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    case Qt::FontRole: {
      QFont font;
      font.setWeight(QFont::DemiBold);
      return font;
    }
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
      break;
    default:
      return {};
  }
  if (column == RunTableModel::kState) {
    // A screen reader says the words; the eye sees the arrow.
    if (role == Qt::AccessibleTextRole)
      return collapsed_.contains(entry.key) ? tr("Closed group") : tr("Open group");
    return QString(collapsed_.contains(entry.key) ? QChar(0x25B8) : QChar(0x25BE)) +
           QStringLiteral(" %1").arg(members.size());
  }
  if (column == RunTableModel::kName) {
    if (entry.key.isEmpty()) return tr("None of it");
    return role == Qt::ToolTipRole ? plainToolTip(entry.key) : entry.key;
  }
  if (column != RunTableModel::kAccuracy && column != RunTableModel::kLoss) return QString();
  QVector<double> values;
  for (const int source : members) values << runs_->sortValue(source, column).toDouble();
  const GroupFigures figures = figuresOf(values);
  const auto text = [&](double value) {
    return column == RunTableModel::kAccuracy ? formatPercent(value) : formatNumber(value);
  };
  if (figures.measured == 0) return notMeasured();
  if (figures.measured == 1) return text(figures.mean);
  return QStringLiteral("%1 ± %2").arg(text(figures.mean), text(figures.deviation));
}

QVariant RunsFilterModel::headerData(int section, Qt::Orientation orientation, int role) const {
  const QVariant value = runs_->headerData(section, orientation, role);
  if (orientation != Qt::Horizontal || section != then_column_ || role != Qt::DisplayRole) return value;
  // The arrow of the first key is the style's.
  return value.toString() +
         (then_order_ == Qt::AscendingOrder ? QStringLiteral(" ↑₂") : QStringLiteral(" ↓₂"));
}

}  // namespace concertina::ui
