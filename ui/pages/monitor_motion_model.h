// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_motion_model.h: messages as rows, in the order in which they were sent.
// On the way of the data: core/analysis/message_replay.h -> here -> pages/monitor_motion.h.
#pragma once

#include <QAbstractTableModel>
#include <memory>

#include "core/analysis/message_replay.h"

namespace concertina::ui {

class MotionModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kStep, kFrom, kTo, kBytes, kWhat, kTook, kColumns };
  explicit MotionModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  // Rows that were there stay where what is shown only grew.
  void setReplay(const std::shared_ptr<const MessageReplay>& replay);
  const MessageReplay& replay() const { return *replay_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::shared_ptr<const MessageReplay> replay_ = std::make_shared<MessageReplay>();
};

}  // namespace concertina::ui
