// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_motion_model.cc: see monitor_motion_model.h.
#include "ui/pages/monitor_motion_model.h"

#include <algorithm>
#include <cmath>

#include "ui/client/motion_words.h"
#include "ui/client/number_format.h"

namespace concertina::ui {

void MotionModel::setReplay(const std::shared_ptr<const MessageReplay>& replay) {
  const size_t before = replay_->messages.size(), after = replay->messages.size();
  // What was lived only grows at its end; its orders, which stand for times, tell whether that is so.
  const bool grew = before > 0 && before < after && replay->recording == 0 && replay_->recording == 0 &&
                    replay_->messages.front().sent_seconds == replay->messages.front().sent_seconds &&
                    replay_->dropped == replay->dropped;
  if (grew) {
    beginInsertRows({}, static_cast<int>(before), static_cast<int>(after) - 1);
    replay_ = replay;
    endInsertRows();
    return;
  }
  beginResetModel();
  replay_ = replay;
  endResetModel();
}

int MotionModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(replay_->messages.size());
}
int MotionModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QVariant MotionModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const ReplayMessage& message = replay_->messages[static_cast<size_t>(index.row())];
  if (role == Qt::TextAlignmentRole)
    return static_cast<int>(Qt::AlignVCenter | (index.column() == kWhat ? Qt::AlignLeft : Qt::AlignRight));
  if (role == Qt::ToolTipRole) return messageSentence(message);
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case kStep:
      return formatCount(message.step);
    case kFrom:
      return message.from;
    case kTo:
      return message.to;
    case kBytes:
      return formatBytes(static_cast<double>(message.bytes));
    case kWhat:
      return messageWords(message.note);
    case kTook:
      return replay_->recording != 0 && std::isfinite(message.arrived_seconds)
                 ? formatDuration(std::max(0.0, message.arrived_seconds - message.sent_seconds))
                 : notMeasured();
    default:
      return {};
  }
}

QVariant MotionModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return static_cast<int>(Qt::AlignVCenter | (section == kWhat ? Qt::AlignLeft : Qt::AlignRight));
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kStep:
      return tr("Step");
    case kFrom:
      return tr("From");
    case kTo:
      return tr("To");
    case kBytes:
      return tr("Bytes");
    case kWhat:
      return tr("What it is");
    case kTook:
      return tr("Until it had come");
    default:
      return {};
  }
}

}  // namespace concertina::ui
