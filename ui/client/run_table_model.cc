// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_table_model.cc: see run_table_model.h.
#include "ui/client/run_table_model.h"

#include <QDateTime>
#include <algorithm>

#include "ui/client/number_format.h"
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
  if (!pending_.contains(id)) pending_order_.push_back(id);
  pending_[id] = run;
  if (!notify_.isActive()) notify_.start();
}

void RunTableModel::flush() {
  notify_.stop();
  QVector<Row> added;
  int first_changed = int(rows_.size()), last_changed = -1;
  for (const QString& id : std::as_const(pending_order_)) {
    const proto::RunSummary& next = pending_[id];
    const int row = rowOf(id);
    if (row < 0) {
      added.push_back({id, next, runFacts(next.spec_json())});
      continue;
    }
    // A knob changes the spec; nothing else does, and reading JSON is what costs here.
    if (rows_[row].summary.spec_json() != next.spec_json()) rows_[row].facts = runFacts(next.spec_json());
    rows_[row].summary = next;
    first_changed = std::min(first_changed, row);
    last_changed = std::max(last_changed, row);
  }
  pending_.clear();
  pending_order_.clear();
  if (last_changed >= 0) emit dataChanged(index(first_changed, 0), index(last_changed, kColumns - 1));
  if (added.isEmpty()) return;
  const int first = int(rows_.size());
  beginInsertRows({}, first, first + int(added.size()) - 1);
  rows_ += added;
  reindex(first);
  endInsertRows();
}

void RunTableModel::remove(const QString& run) {
  if (pending_.remove(run) > 0) pending_order_.removeOne(run);
  const int row = rowOf(run);
  if (row < 0) return;
  beginRemoveRows({}, row, row);
  row_of_.remove(run);
  rows_.removeAt(row);
  reindex(row);
  endRemoveRows();
}

void RunTableModel::clear() {
  beginResetModel();
  rows_.clear();
  row_of_.clear();
  pending_.clear();
  pending_order_.clear();
  endResetModel();
}

void RunTableModel::reindex(int from) {
  for (int row = from; row < rows_.size(); ++row) row_of_[rows_[row].id] = row;
}

int RunTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(rows_.size());
}
int RunTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

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
    case Qt::ToolTipRole:
      if (index.column() == kState && !row.summary.error().empty())
        return QString::fromStdString(row.summary.error());
      if (index.column() == kName)
        return tr("%1\n%2").arg(display(row, kName).toString(), factsLine(row.facts));
      return display(row, index.column());
    case Qt::TextAlignmentRole: {
      const bool number = index.column() == kWorkers || index.column() >= kAccuracy;
      return QVariant::fromValue(Qt::Alignment((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
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
    default:
      return {};
  }
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
    default:
      return display(row, column).toString();
  }
}

QVariant RunTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) {
    const bool number = section == kWorkers || section >= kAccuracy;
    return QVariant::fromValue(Qt::Alignment((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
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
    default:
      return {};
  }
}

}  // namespace concertina::ui
