// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_tables.cc: see monitor_tables.h.
#include "ui/pages/monitor_tables.h"

#include <QDateTime>
#include <QLocale>
#include <algorithm>

#include "ui/client/core_words.h"
#include "ui/client/number_format.h"
#include "ui/client/plain_tool_tip.h"
#include "ui/client/run_table_model.h"

namespace concertina::ui {
namespace {

QVariant aligned(bool number) {
  return QVariant::fromValue(Qt::Alignment((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
}

QString workerState(const std::string& state) {
  if (state == "joining") return WorkersModel::tr("Joining");
  if (state == "ready") return WorkersModel::tr("Ready");
  if (state == "running") return WorkersModel::tr("Running");
  if (state == "frozen") return WorkersModel::tr("Frozen");
  if (state == "gone") return WorkersModel::tr("Ended");
  return QString::fromStdString(state);
}

QString eventKind(const std::string& kind) {
  if (kind == "knob") return EventsModel::tr("Knob");
  if (kind == "checkpoint") return EventsModel::tr("Checkpoint");
  if (kind == "histogram") return EventsModel::tr("Histogram");
  if (kind == "paused") return EventsModel::tr("Paused");
  if (kind == "resumed") return EventsModel::tr("Resumed");
  if (kind == "worker-lost") return EventsModel::tr("Worker lost");
  if (kind == "fault") return EventsModel::tr("Fault");
  if (kind == "resuming") return EventsModel::tr("Goes on");
  if (kind == "engine") return EventsModel::tr("Engine");
  if (kind == "group") return EventsModel::tr("Group");
  if (kind == "state") return EventsModel::tr("State");
  return QString::fromStdString(kind);
}

}  // namespace

void WorkersModel::setWorkers(const google::protobuf::RepeatedPtrField<proto::Worker>& workers) {
  const int before = int(workers_.size()), after = workers.size();
  if (after > before) beginInsertRows({}, before, after - 1);
  if (after < before) beginRemoveRows({}, after, before - 1);
  workers_ = QVector<proto::Worker>(workers.begin(), workers.end());
  furthest_ = 0;
  for (const proto::Worker& worker : std::as_const(workers_)) furthest_ = std::max(furthest_, worker.step());
  if (after > before) endInsertRows();
  if (after < before) endRemoveRows();
  if (after > 0) emit dataChanged(index(0, 0), index(after - 1, kColumns - 1));
}

void WorkersModel::setLastWords(int rank, const QString& line) {
  last_words_[rank] = line;
  for (int row = 0; row < workers_.size(); ++row)
    if (int(workers_[row].rank()) == rank) emit dataChanged(index(row, kLastWords), index(row, kLastWords));
}

void WorkersModel::clear() {
  beginResetModel();
  workers_.clear();
  last_words_.clear();
  endResetModel();
}

int WorkersModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(workers_.size());
}
int WorkersModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QVariant WorkersModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const proto::Worker& worker = workers_[index.row()];
  const int column = index.column();
  if (role == Qt::TextAlignmentRole)
    return aligned(column == kRank || column == kStep || column == kBehind || column == kPid);
  if (role == Qt::ToolTipRole && column == kLastWords)
    return plainToolTip(last_words_.value(int(worker.rank())));
  if (role != Qt::DisplayRole) return {};
  switch (column) {
    case kRank:
      return formatCount(worker.rank());
    case kPlace: {
      QStringList axes;
      for (const uint32_t coordinate : worker.axis()) axes.push_back(QString::number(coordinate));
      return axes.join(QStringLiteral(" · "));
    }
    case kState:
      return workerState(worker.state());
    case kStep:
      return formatCount(worker.step());
    case kBehind:
      return worker.step() == furthest_ ? QString() : formatCount(worker.step() - furthest_);
    case kPid:
      return worker.pid() > 0 ? QString::number(worker.pid()) : notMeasured();
    case kHost:
      return QString::fromStdString(worker.host());
    case kLastWords:
      return last_words_.value(int(worker.rank()));
    default:
      return {};
  }
}

QVariant WorkersModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return aligned(section == kRank || section == kStep || section == kBehind || section == kPid);
  if (role == Qt::ToolTipRole && section == kPlace) return tr("Place on the mesh: data · pipeline · tensor");
  if (role == Qt::ToolTipRole && section == kBehind) return tr("Steps behind the furthest rank");
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kRank:
      return tr("Rank");
    case kPlace:
      return tr("Mesh");
    case kState:
      return tr("State");
    case kStep:
      return tr("Step");
    case kBehind:
      return tr("Behind");
    case kPid:
      return tr("Process");
    case kHost:
      return tr("Host");
    case kLastWords:
      return tr("Last words");
    default:
      return {};
  }
}

void EventsModel::setEvents(const QVector<proto::RunEvent>& events) {
  beginResetModel();
  events_ = events;
  endResetModel();
}

void EventsModel::append(const proto::RunEvent& event) {
  beginInsertRows({}, 0, 0);
  events_.push_back(event);
  endInsertRows();
}

int EventsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(events_.size());
}
int EventsModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QVariant EventsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const proto::RunEvent& event = at(index.row());
  if (role == Qt::TextAlignmentRole) return aligned(index.column() == kStep);
  if (role == Qt::ToolTipRole && index.column() == kMessage) return plainToolTip(coreText(event.message()));
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case kTime:
      return event.unix_ms() <= 0 ? notMeasured()
                                  : QLocale().toString(QDateTime::fromMSecsSinceEpoch(event.unix_ms()).time(),
                                                       QStringLiteral("HH:mm:ss"));
    case kStep:
      return formatCount(event.step());
    case kKind:
      return eventKind(event.kind());
    case kMessage:
      return coreText(event.message());
    default:
      return {};
  }
}

QVariant EventsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return aligned(section == kStep);
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kTime:
      return tr("Time");
    case kStep:
      return tr("Step");
    case kKind:
      return tr("Kind");
    case kMessage:
      return tr("What happened");
    default:
      return {};
  }
}

}  // namespace concertina::ui
