// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_state_chip.h: a run's state as a shape, a word and a colour: never by colour alone.
// On the way of the data: client/run_state.h -> here -> pages/monitor_header.h, pages/runs_state_delegate.h.
#pragma once

#include <QPainter>
#include <QWidget>

#include "core/proto/run.pb.h"

namespace concertina::ui {

// A triangle runs, two bars pause, a tick is finished, a cross failed, a square stopped, a ring waits.
void paintStateGlyph(QPainter& painter, const QRectF& square, proto::RunState state, const QColor& color);
QColor stateInk(proto::RunState state, const QPalette& palette);  // readable as text on a card

class StateChip : public QWidget {
  Q_OBJECT
 public:
  explicit StateChip(QWidget* parent = nullptr);
  void setState(proto::RunState state);
  proto::RunState state() const { return state_; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  proto::RunState state_ = proto::RUN_STATE_UNSPECIFIED;
};

}  // namespace concertina::ui
