// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_table_model.cc: see run_table_model.h.
#include "ui/client/run_table_model.h"

#include <QDateTime>
#include <algorithm>
#include <cmath>

#include "ui/client/core_words.h"
#include "ui/client/number_format.h"
#include "ui/client/plain_tool_tip.h"
#include "ui/client/run_filter.h"
#include "ui/client/run_marks.h"
#include "ui/client/run_state.h"

namespace concertina::ui {
namespace {

// Before the first measurement a summary's numbers are zero; a zero there would be a claim.
double measured(double value, bool has) { return has ? value : qQNaN(); }
double accuracyOf(const proto::RunSummary& run) { return measured(run.test_accuracy(), run.has_test()); }
double lossOf(const proto::RunSummary& run) { return measured(run.train_loss(), run.has_train_loss()); }
double ratioOf(const proto::RunSummary& run) {
  return measured(run.compression_ratio(), run.payload_bytes_sent() > 0 && run.compression_ratio() > 0);
}
double rateOf(const proto::RunSummary& run) {
  return measured(run.samples_per_second(), run.samples_per_second() > 0);
}
double bytesOf(const proto::RunSummary& run) { return measured(double(run.bytes_sent()), run.steps() > 0); }
double durationOf(const proto::RunSummary& run) {
  return measured(wallSeconds(run, QDateTime::currentMSecsSinceEpoch()), run.started_unix_ms() > 0);
}

}  // namespace

RunTableModel::RunTableModel(QObject* parent) : QAbstractTableModel(parent) {
  notify_.setSingleShot(true);
  notify_.setInterval(kNotifyMs);
  connect(&notify_, &QTimer::timeout, this, &RunTableModel::flush);
}

void RunTableModel::upsert(const proto::RunSummary& run) {
  const QString id = QString::fromStdString(run.run());
  leaving_.remove(id);
  if (!pending_.contains(id)) pending_order_.push_back(id);
  pending_[id] = run;
  if (!notify_.isActive()) notify_.start();
}

void RunTableModel::touch(int row) {
  const QString& id = rows_[row].id;
  if (!pending_.contains(id) && !leaving_.contains(id)) upsert(proto::RunSummary(rows_[row].summary));
}

void RunTableModel::flush() {
  notify_.stop();
  removePending();
  QVector<Row> added;
  QVector<int> changed;
  bool is_baseline_other = false;
  for (const QString& id : std::as_const(pending_order_)) {
    const proto::RunSummary& next = pending_[id];
    const int row = rowOf(id);
    const bool was_pinned = id == pinned_;
    if (was_pinned || next.marks().pinned()) {
      is_baseline_other = true;  // another one, or with other figures
      pinned_ = next.marks().pinned() ? id : QString();
    }
    if (row < 0) {
      Row& put = added.emplace_back(Row{id, next, runFacts(next.spec_json()), {}});
      put.search_text = RunFilter::searchText(put.summary, put.facts);
      continue;
    }
    // A knob changes the spec; nothing else does, and reading JSON is what costs here.
    if (rows_[row].summary.spec_json() != next.spec_json()) rows_[row].facts = runFacts(next.spec_json());
    rows_[row].summary = next;
    rows_[row].search_text = RunFilter::searchText(next, rows_[row].facts);
    changed << row;
  }
  pending_.clear();
  pending_order_.clear();
  // Neighbours in one notice; the rest of the table is not looked at again.
  std::sort(changed.begin(), changed.end());
  for (qsizetype first = 0; first < changed.size();) {
    qsizetype last = first;
    while (last + 1 < changed.size() && changed[last + 1] <= changed[last] + 1) ++last;
    emit dataChanged(index(changed[first], 0), index(changed[last], columnCount() - 1));
    first = last + 1;
  }
  if (is_baseline_other && !rows_.isEmpty())
    emit dataChanged(index(0, kBaseline), index(int(rows_.size()) - 1, kBaseline));
  if (!added.isEmpty()) {
    const int first = int(rows_.size());
    beginInsertRows({}, first, first + int(added.size()) - 1);
    rows_ += added;
    reindex(first);
    endInsertRows();
  }
  emit settled();
}

void RunTableModel::remove(const QString& run) {
  if (pending_.remove(run) > 0) pending_order_.removeOne(run);
  if (rowOf(run) < 0) return;
  leaving_.insert(run);
  if (!notify_.isActive()) notify_.start();
}

void RunTableModel::removePending() {
  if (leaving_.isEmpty()) return;
  const bool is_baseline_gone = leaving_.contains(pinned_);
  if (is_baseline_gone) pinned_.clear();
  QVector<int> going;
  for (const QString& id : std::as_const(leaving_)) going << rowOf(id);
  std::sort(going.begin(), going.end());
  leaving_.clear();
  QVector<QPair<int, int>> ranges;  // first and last
  for (const int row : std::as_const(going)) {
    if (!ranges.isEmpty() && ranges.last().second + 1 == row)
      ranges.last().second = row;
    else
      ranges.push_back({row, row});
  }
  // Each range moves all rows behind it; of many, that is more than to begin anew.
  constexpr int kMostRanges = 8;
  const bool is_anew = ranges.size() > kMostRanges;
  if (is_anew) {
    beginResetModel();
    for (const int row : std::as_const(going)) {
      row_of_.remove(rows_[row].id);
      rows_[row].id.clear();
    }
    rows_.erase(std::remove_if(rows_.begin(), rows_.end(), [](const Row& row) { return row.id.isEmpty(); }),
                rows_.end());
    reindex(0);
    endResetModel();
    return;
  }
  for (auto range = ranges.crbegin(); range != ranges.crend(); ++range) {
    beginRemoveRows({}, range->first, range->second);
    for (int row = range->first; row <= range->second; ++row) row_of_.remove(rows_[row].id);
    rows_.remove(range->first, range->second - range->first + 1);
    reindex(range->first);
    endRemoveRows();
  }
  if (is_baseline_gone && !rows_.isEmpty())
    emit dataChanged(index(0, kBaseline), index(int(rows_.size()) - 1, kBaseline));
}

void RunTableModel::clear() {
  beginResetModel();
  rows_.clear();
  row_of_.clear();
  pinned_.clear();
  pending_.clear();
  pending_order_.clear();
  leaving_.clear();
  endResetModel();
}

void RunTableModel::reindex(int from) {
  for (int row = from; row < rows_.size(); ++row) row_of_[rows_[row].id] = row;
}

int RunTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(rows_.size());
}
int RunTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kColumns + int(extra_.size());
}

void RunTableModel::setExtraColumns(const QStringList& fields) {
  if (fields == extra_) return;
  beginResetModel();
  extra_ = fields;
  endResetModel();
}

bool RunTableModel::isNumber(int column) {
  return column == kWorkers || (column >= kAccuracy && column <= kCreated) || column == kBaseline ||
         column >= kColumns;
}

double RunTableModel::againstBaseline(const Row& row) const {
  const int pinned = pinnedRow();
  if (pinned < 0 || rows_[pinned].id == row.id) return qQNaN();
  const proto::RunSummary& base = rows_[pinned].summary;
  if (row.summary.has_test() && base.has_test()) return row.summary.test_accuracy() - base.test_accuracy();
  return lossOf(base) - lossOf(row.summary);
}

QString RunTableModel::baselineText(const Row& row) const {
  if (row.id == pinned_) return tr("Baseline");
  const double better = againstBaseline(row);
  if (qIsNaN(better)) return notMeasured();
  const QString sign = better > 0 ? QStringLiteral("+") : better < 0 ? QStringLiteral("−") : QString();
  const proto::RunSummary& base = rows_[pinnedRow()].summary;
  if (row.summary.has_test() && base.has_test()) return sign + formatPercent(std::abs(better));
  const QString loss = better > 0 ? QStringLiteral("−") : better < 0 ? QStringLiteral("+") : QString();
  return tr("loss %1").arg(loss + formatNumber(std::abs(better)));
}

// Views take what looks like markup for markup, and a name, a note or an error is anybody's text.
QString RunTableModel::toolTip(const Row& row, int column) const {
  if (column == kNote) return QString::fromStdString(row.summary.marks().note());
  if (column == kState && !row.summary.error().empty()) return coreText(row.summary.error());
  const QString text = display(row, column).toString();
  return column == kName ? tr("%1\n%2").arg(text, factsLine(row.facts)) : text;
}

QVariant RunTableModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = rows_[index.row()];
  switch (role) {
    case Qt::DisplayRole:
      return display(row, index.column());
    case kSortRole:
      return sortValue(row, index.column());
    case kRunRole:
      return row.id;
    case kStateRole:
      return int(row.summary.state());
    case kProgressRole:
      return progress(row.summary);
    case kTagsRole:
      return tagsOfRun(row.summary);
    case kColorRole:
      return colorOfRun(row.summary);
    case kPinnedRole:
      return row.summary.marks().pinned();
    case Qt::AccessibleTextRole:  // what the delegates draw, in words
      if (index.column() == kName && row.summary.marks().pinned())
        return tr("%1, the baseline").arg(display(row, kName).toString());
      if (index.column() == kCurve) return tr("Curve of the training loss");
      return display(row, index.column());
    case Qt::ToolTipRole:
      return plainToolTip(toolTip(row, index.column()));
    case Qt::TextAlignmentRole: {
      return QVariant::fromValue(
          Qt::Alignment((isNumber(index.column()) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    }
    default:
      return {};
  }
}

QVariant RunTableModel::display(const Row& row, int column) const {
  const proto::RunSummary& run = row.summary;
  switch (column) {
    case kState:
      if (run.state() == proto::RUNNING)
        return tr("%1 %2 %").arg(stateName(run.state())).arg(int(100 * progress(run)));
      if (run.state() == proto::QUEUED && run.queue_position() > 0)
        return tr("%1 (%2)").arg(stateName(run.state())).arg(run.queue_position());
      return stateName(run.state());
    case kName:
      return run.name().empty() ? row.id : QString::fromStdString(run.name());
    case kModel:
      return row.facts.model;
    case kDataset:
      return row.facts.dataset;
    case kWorkers:
      return formatCount(std::max<int>(row.facts.workers, run.workers_size()));
    case kCodec:
      return row.facts.codec;
    case kAccuracy:
      return formatPercent(accuracyOf(run));
    case kLoss:
      return formatNumber(lossOf(run));
    case kBytes:
      return formatBytes(bytesOf(run));
    case kRatio:
      return formatRatio(ratioOf(run));
    case kSamplesPerSecond:
      return formatNumber(rateOf(run));
    case kDuration:
      return formatDuration(durationOf(run));
    case kCreated:
      return formatMoment(run.created_unix_ms(), QDateTime::currentMSecsSinceEpoch());
    case kTags:
      return tagsOfRun(run).join(tr(", "));
    case kBaseline:
      return baselineText(row);
    case kNote:
      return QString::fromStdString(run.marks().note()).simplified();
    default:
      break;
  }
  if (column < kColumns) return {};
  const QString& field = extra_[column - kColumns];
  if (field.startsWith(QLatin1Char('/'))) return specText(specValue(row.facts.spec, field));
  return formatNumber(RunFilter::number(field, run, row.facts), 4);
}

QVariant RunTableModel::sortValue(const Row& row, int column) const {
  const proto::RunSummary& run = row.summary;
  switch (column) {
    case kState:
      return int(run.state());
    case kWorkers:
      return std::max<int>(row.facts.workers, run.workers_size());
    case kAccuracy:
      return accuracyOf(run);
    case kLoss:
      return lossOf(run);
    case kBytes:
      return bytesOf(run);
    case kRatio:
      return ratioOf(run);
    case kSamplesPerSecond:
      return rateOf(run);
    case kDuration:
      return durationOf(run);
    case kCreated:
      return qlonglong(run.created_unix_ms());
    case kBaseline:
      return againstBaseline(row);
    default:
      break;
  }
  if (column >= kColumns) {
    const double number = RunFilter::number(extra_[column - kColumns], run, row.facts);
    if (!qIsNaN(number) || !extra_[column - kColumns].startsWith(QLatin1Char('/'))) return number;
  }
  return display(row, column).toString();
}

QVariant RunTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) {
    return QVariant::fromValue(
        Qt::Alignment((isNumber(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
  }
  if (role == Qt::ToolTipRole) {
    switch (section) {
      case kCodec:
        return tr("The chain of gradient codecs");
      case kBytes:
        return tr("Bytes sent by all workers, framing included");
      case kRatio:
        return tr("Dense bytes over payload bytes sent: above 1 when compression helps");
      case kSamplesPerSecond:
        return tr("Samples a second, all workers together, median after warm-up");
      case kBaseline:
        return tr("Final accuracy, or loss, against the pinned run");
      default:
        break;
    }
  }
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
  switch (section) {
    case kState:
      return tr("State");
    case kName:
      return tr("Name");
    case kModel:
      return tr("Model");
    case kDataset:
      return tr("Dataset");
    case kWorkers:
      return tr("Workers");
    case kCodec:
      return tr("Codec");
    case kAccuracy:
      return tr("Accuracy");
    case kLoss:
      return tr("Loss");
    case kBytes:
      return tr("Sent");
    case kRatio:
      return tr("Ratio");
    case kSamplesPerSecond:
      return tr("Samples/s");
    case kDuration:
      return tr("Duration");
    case kCreated:
      return tr("Created");
    case kTags:
      return tr("Tags");
    case kCurve:
      return tr("Loss curve");
    case kBaseline:
      return tr("Against baseline");
    case kNote:
      return tr("Note");
    default:
      return section < columnCount() ? extra_[section - kColumns] : QVariant();
  }
}

}  // namespace concertina::ui
