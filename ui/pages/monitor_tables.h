// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_tables.h: the workers and the events of the watched run as item models.
// On the way of the data: RunSummary, RunEvent, RankLog -> here -> pages/monitor_page.h.
#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QVector>

#include "core/proto/engine.pb.h"

namespace concertina::ui {

class WorkersModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kRank, kPlace, kState, kStep, kBehind, kPid, kHost, kLastWords, kColumns };
  explicit WorkersModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
  void setWorkers(const google::protobuf::RepeatedPtrField<proto::Worker>& workers);
  void setLastWords(int rank, const QString& line);
  const proto::Worker& workerAt(int row) const { return workers_[row]; }
  void clear();

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QVector<proto::Worker> workers_;
  QHash<int, QString> last_words_;
  int64_t furthest_ = 0;
};

class EventsModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kTime, kStep, kKind, kMessage, kColumns };
  explicit EventsModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
  void setEvents(const QVector<proto::RunEvent>& events);
  void append(const proto::RunEvent& event);
  const QVector<proto::RunEvent>& events() const { return events_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  const proto::RunEvent& at(int row) const { return events_[events_.size() - 1 - row]; }  // the newest first

  QVector<proto::RunEvent> events_;
};

}  // namespace concertina::ui
