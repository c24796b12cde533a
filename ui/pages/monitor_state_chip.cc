// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_state_chip.cc: see monitor_state_chip.h.
#include "ui/pages/monitor_state_chip.h"

#include <QFontMetrics>

#include "ui/charts/palette.h"
#include "ui/client/run_state.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {

QColor stateInk(proto::RunState state, const QPalette& palette) {
  switch (state) {
    case proto::STARTING:
    case proto::RUNNING:
      return toneColor(palette, Tone::kAccent);
    case proto::PAUSED:
      return toneColor(palette, Tone::kWarning);
    case proto::FINISHED:
      return toneColor(palette, Tone::kGood);
    case proto::FAILED:
      return toneColor(palette, Tone::kError);
    default:
      return toneColor(palette, Tone::kQuiet);
  }
}

void paintStateGlyph(QPainter& painter, const QRectF& square, proto::RunState state, const QColor& color) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.translate(square.topLeft());
  painter.scale(square.width() / 16, square.height() / 16);
  painter.setBrush(color);
  painter.setPen(Qt::NoPen);
  const QPen stroke(color, 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
  switch (state) {
    case proto::RUNNING:
      painter.drawPolygon(QPolygonF({{4, 2.5}, {13.5, 8}, {4, 13.5}}));
      break;
    case proto::PAUSED:
      painter.drawRoundedRect(QRectF(3.5, 3, 3, 10), 1, 1);
      painter.drawRoundedRect(QRectF(9.5, 3, 3, 10), 1, 1);
      break;
    case proto::FINISHED:
      painter.setPen(stroke);
      painter.setBrush(Qt::NoBrush);
      painter.drawPolyline(QPolygonF({{3, 8.5}, {6.5, 12}, {13, 4.5}}));
      break;
    case proto::FAILED:
      painter.setPen(stroke);
      painter.drawLine(QPointF(4, 4), QPointF(12, 12));
      painter.drawLine(QPointF(12, 4), QPointF(4, 12));
      break;
    case proto::STOPPED:
      painter.drawRoundedRect(QRectF(3.5, 3.5, 9, 9), 1.5, 1.5);
      break;
    case proto::STARTING:
      painter.setPen(stroke);
      painter.setBrush(Qt::NoBrush);
      painter.drawArc(QRectF(3, 3, 10, 10), 90 * 16, -250 * 16);
      break;
    default:
      painter.setPen(stroke);
      painter.setBrush(Qt::NoBrush);
      painter.drawEllipse(QRectF(3, 3, 10, 10));
      break;
  }
  painter.restore();
}

StateChip::StateChip(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void StateChip::setState(proto::RunState state) {
  if (state == state_) return;
  state_ = state;
  setAccessibleName(tr("State: %1").arg(stateName(state)));
  updateGeometry();
  update();
}

QSize StateChip::sizeHint() const {
  const int unit = rhythmUnit(this);
  const QFontMetrics metrics(scaledFont(font(), 1, QFont::DemiBold));
  return {metrics.horizontalAdvance(stateName(state_)) + unit * 4, metrics.height() + unit / 2};
}

void StateChip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const int unit = rhythmUnit(this);
  const QColor ink = stateInk(state_, palette());
  QColor ground = ink;
  ground.setAlphaF(isDark(palette()) ? 0.2f : 0.12f);
  painter.setPen(Qt::NoPen);
  painter.setBrush(ground);
  painter.drawRoundedRect(rect(), height() / 2.0, height() / 2.0);
  const double side = unit * 1.4;
  paintStateGlyph(painter, QRectF(unit, (height() - side) / 2, side, side), state_, ink);
  painter.setFont(scaledFont(font(), 1, QFont::DemiBold));
  painter.setPen(ink);
  painter.drawText(QRectF(unit * 2.8, 0, width() - unit * 3, height()), Qt::AlignLeft | Qt::AlignVCenter,
                   stateName(state_));
}

}  // namespace concertina::ui
