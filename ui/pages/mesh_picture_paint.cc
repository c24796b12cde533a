// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh_picture_paint.cc: boxes, arrows, what stands beside them, and the legend (see mesh_picture.h).
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "core/proto/run.pb.h"
#include "ui/charts/palette.h"
#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/mesh_picture.h"
#include "ui/pages/mesh_words.h"

namespace concertina::ui {
namespace {

// Never colour alone: each kind of flow has a stroke of its own, and the legend its words.
QPen arrowPen(MeshArrow::Kind kind, double width, const QColor& color) {
  QPen pen(color, width, Qt::SolidLine, Qt::FlatCap);
  if (kind == MeshArrow::kPipeline) pen.setDashPattern({5, 2});
  if (kind == MeshArrow::kTensor) pen.setDashPattern({1.5, 1.5});
  if (kind == MeshArrow::kServer) pen.setDashPattern({6, 1.5, 1.5, 1.5});
  return pen;
}

// QPainterPath::intersects closes the path first; a bow is not its area.
bool openPathMeets(const QPainterPath& path, const QRectF& room) {
  for (int i = 0; i <= 16; ++i)
    if (room.contains(path.pointAtPercent(i / 16.0))) return true;
  return false;
}

QFont labelFont(const QWidget* widget) { return scaledFont(widget->font(), 0.88); }

// As a run's state has it; who is dead is grey, like a run that is stopped.
QColor lookColor(WorkerLook look, bool dark) {
  switch (look) {
    case WorkerLook::kRunning:
    case WorkerLook::kWaiting:
      return stateColor(proto::RUNNING, dark);
    case WorkerLook::kPaused:
    case WorkerLook::kSilent:
      return stateColor(proto::PAUSED, dark);
    default:
      return stateColor(proto::STOPPED, dark);
  }
}

Qt::PenStyle lookStroke(WorkerLook look) {
  switch (look) {
    case WorkerLook::kWaiting:
      return Qt::DashLine;
    case WorkerLook::kSilent:
    case WorkerLook::kLeft:
      return Qt::DotLine;
    default:
      return Qt::SolidLine;
  }
}

}  // namespace

QColor MeshPicture::arrowColor(const MeshArrow& arrow, bool dark) const {
  if (live_ && std::isnan(arrow.bytes)) return toneColor(palette(), Tone::kEdge);
  if (live_ && live_->strained.contains({arrow.from, arrow.to})) return toneColor(palette(), Tone::kWarning);
  return seriesColor(arrow.kind, dark);
}

void MeshPicture::paintArrows(QPainter& painter, bool dark) const {
  const auto paint = [&](const MeshArrow& arrow, double share, double wider) {
    const QColor color = mixed(palette().color(QPalette::Window), arrowColor(arrow, dark), share);
    painter.setPen(arrowPen(arrow.kind, arrow.width * wider, color));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(arrow.path);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawPolygon(QPolygonF({arrow.tip, arrow.back_left, arrow.back_right}));
    if (!live_ || !live_->strained.contains({arrow.from, arrow.to})) return;
    painter.setPen(QPen(color, 0.2 * rhythmUnit(this)));  // a bar across it: not by colour alone
    const QPointF reach = arrow.beside * (arrow.width * wider / 2 + 0.6 * rhythmUnit(this));
    painter.drawLine(arrow.middle - reach, arrow.middle + reach);
  };
  const bool many = layout_.arrows.size() > kMostFullArrows;
  for (const MeshArrow& arrow : layout_.arrows)
    if (chosen_ < 0 || (arrow.from != chosen_ && arrow.to != chosen_))
      paint(arrow, chosen_ >= 0 ? 0.18 : many ? 0.6 : 0.9, 1);
  if (chosen_ < 0) return;
  for (const MeshArrow& arrow : layout_.arrows)
    if (arrow.from == chosen_ || arrow.to == chosen_) paint(arrow, 1, many ? 1.6 : 1.15);
}

void MeshPicture::paintBox(QPainter& painter, const MeshNode& node) const {
  const QRectF& box = node.box;
  if (node.server) {  // a server is another shape, not only another place
    const double cut = std::min(box.width(), box.height()) * 0.3;
    painter.drawPolygon(QPolygonF({{box.left() + cut, box.top()},
                                   {box.right() - cut, box.top()},
                                   {box.right(), box.center().y()},
                                   {box.right() - cut, box.bottom()},
                                   {box.left() + cut, box.bottom()},
                                   {box.left(), box.center().y()}}));
  } else {
    const double round = std::min(rhythmUnit(this) * 0.6, box.height() / 2);
    painter.drawRoundedRect(box, round, round);
  }
}

// A lost worker is crossed out, one that pauses has two bars on its left.
void MeshPicture::paintMark(QPainter& painter, const QRectF& box, WorkerLook look) const {
  if (look == WorkerLook::kLost) {
    painter.drawLine(box.topLeft(), box.bottomRight());
    painter.drawLine(box.bottomLeft(), box.topRight());
  } else if (look == WorkerLook::kPaused) {
    for (const double at : {0.1, 0.2}) {
      const double x = box.left() + at * box.width();
      painter.drawLine(QPointF(x, box.top() + 0.25 * box.height()),
                       QPointF(x, box.bottom() - 0.25 * box.height()));
    }
  }
}

void MeshPicture::paintNodes(QPainter& painter) const {
  const double unit = rhythmUnit(this);
  const bool dark = onDarkGround(palette());
  for (const MeshNode& node : layout_.nodes) {
    const bool chosen = node.rank == chosen_;
    // Of a worker that nothing is known of yet: as one that waits.
    const WorkerLook look =
        live_ ? live_->looks.value(node.rank, WorkerLook::kWaiting) : WorkerLook::kRunning;
    const QColor edge = live_ ? lookColor(look, dark) : toneColor(palette(), Tone::kAccent);
    QPen pen(edge, chosen ? unit * 0.3 : unit * 0.14);
    if (live_) pen.setStyle(lookStroke(look));
    painter.setPen(pen);
    painter.setBrush(live_ ? mixed(palette().color(QPalette::Window), edge, 0.16)
                           : toneColor(palette(), Tone::kAccentSurface));
    paintBox(painter, node);
    if (live_) {
      pen.setWidthF(unit * 0.1);
      pen.setStyle(Qt::SolidLine);
      painter.setPen(pen);
      paintMark(painter, node.box, look);
    }
    if (!layout_.numbers) continue;
    painter.setPen(look >= WorkerLook::kFinished ? toneColor(palette(), Tone::kQuiet)
                                                 : palette().color(QPalette::WindowText));
    painter.setFont(chosen ? scaledFont(font(), 1, QFont::DemiBold) : font());
    painter.drawText(node.box, Qt::AlignCenter, QString::number(node.rank));
  }
}

// Greedy: a label that would lie on another, on a box, on another arrow or outside is left out.
void MeshPicture::paintLabels(QPainter& painter) const {
  const QFont font = labelFont(this);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  QVector<QRectF> taken;
  for (const MeshNode& node : layout_.nodes) taken.push_back(node.box);
  const auto isFree = [&](const QRectF& room) {
    return QRectF(0, 0, width(), height() - legendHeight()).contains(room) &&
           std::none_of(taken.begin(), taken.end(),
                        [&](const QRectF& other) { return other.intersects(room); });
  };
  if (!layout_.numbers) {  // dots: their numbers outside the ring, as many as fit
    painter.setPen(toneColor(palette(), Tone::kQuiet));
    for (const MeshNode& node : layout_.nodes) {
      if (node.outward.isNull()) continue;
      const QString text = QString::number(node.rank);
      QRectF room(0, 0, metrics.horizontalAdvance(text), metrics.height() * 0.8);
      room.moveCenter(node.box.center() + node.outward * (metrics.height() * 0.95 + node.box.height() / 2));
      if (!isFree(room.adjusted(-2, 0, 2, 0)) && node.rank != chosen_) continue;
      taken.push_back(room);
      painter.drawText(room, Qt::AlignCenter | Qt::TextDontClip, text);
    }
  }
  if (!layout_.labels && chosen_ < 0) return;
  for (qsizetype i = layout_.arrows.size(); i-- > 0;) {
    const MeshArrow& arrow = layout_.arrows[i];
    if (chosen_ >= 0 && arrow.from != chosen_ && arrow.to != chosen_) continue;
    if (std::isnan(arrow.bytes)) continue;  // what was not measured has no figure
    const QString text = live_ ? formatRate(arrow.bytes) : formatBytes(arrow.bytes);
    const QSizeF size(metrics.horizontalAdvance(text) + 4, metrics.height());
    QRectF room(QPointF(), size);
    // On the outer side of the bow, as far as the text is wide in that direction.
    const double reach = std::abs(arrow.beside.x()) * size.width() / 2 +
                         std::abs(arrow.beside.y()) * size.height() / 2 + arrow.width / 2 + 1;
    room.moveCenter(arrow.middle + arrow.beside * reach);
    const auto isClear = [&] {
      return isFree(room) &&
             std::none_of(layout_.arrows.begin(), layout_.arrows.end(), [&](const MeshArrow& other) {
               return &other != &arrow && other.path.boundingRect().intersects(room) &&
                      openPathMeets(other.path, room);
             });
    };
    if (!isClear()) {
      room.moveCenter(arrow.middle - arrow.beside * reach);
      if (!isClear()) continue;
    }
    taken.push_back(room);
    painter.setPen(Qt::NoPen);
    QColor ground = palette().color(QPalette::Window);
    ground.setAlphaF(0.85F);
    painter.setBrush(ground);
    painter.drawRect(room);
    painter.setPen(toneColor(palette(), Tone::kQuiet));
    painter.drawText(room, Qt::AlignCenter, text);
  }
}

void MeshPicture::paintLegend(QPainter& painter, bool dark) const {
  const double unit = rhythmUnit(this);
  const QFont font = labelFont(this);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  painter.setPen(toneColor(palette(), Tone::kQuiet));
  for (const auto& [room, stage] : layout_.columns)
    painter.drawText(room, Qt::AlignCenter,
                     metrics.elidedText(tr("Stage %1").arg(stage), Qt::ElideRight, room.width()));
  if (!hasLegend()) return;
  double left = 0;
  const double middle = height() - metrics.height() * 0.7;
  // One that has no room any more is left out, and all after it.
  const auto add = [&](const QString& text, const auto& paint_sign) {
    const double advance = 3.6 * unit + metrics.horizontalAdvance(text) + 2 * unit;
    if (left > 0 && left + advance - 2 * unit > width()) left = width();
    if (left >= width()) return;
    paint_sign(QRectF(left, middle - 0.6 * unit, 3 * unit, 1.2 * unit));
    painter.setPen(toneColor(palette(), Tone::kQuiet));
    painter.drawText(QPointF(left + 3.6 * unit, middle + metrics.ascent() * 0.38), text);
    left += advance;
  };
  if (live_)
    for (int i = 0; i < static_cast<int>(WorkerLook::kLooks); ++i) {
      const auto look = static_cast<WorkerLook>(i);
      if (std::none_of(live_->looks.cbegin(), live_->looks.cend(), [&](WorkerLook of) { return of == look; }))
        continue;
      add(workerLookText(look), [&](const QRectF& box) {
        const QColor edge = lookColor(look, dark);
        painter.setPen(QPen(edge, unit * 0.14, lookStroke(look)));
        painter.setBrush(mixed(palette().color(QPalette::Window), edge, 0.16));
        painter.drawRoundedRect(box, 0.3 * unit, 0.3 * unit);
        painter.setPen(QPen(edge, unit * 0.1));
        paintMark(painter, box, look);
      });
    }
  const auto add_line = [&](const QString& text, MeshArrow::Kind kind, const QColor& color,
                            bool has_bar = false) {
    add(text, [&](const QRectF& box) {
      painter.setPen(arrowPen(kind, unit * 0.25, color));
      painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle));
      painter.setPen(QPen(color, unit * 0.2));
      if (has_bar)
        painter.drawLine(QPointF(box.center().x(), box.top()), QPointF(box.center().x(), box.bottom()));
    });
  };
  if (layout_.kinds.size() > 1)
    for (const MeshArrow::Kind kind : layout_.kinds)
      add_line(flowKindText(kind), kind, seriesColor(kind, dark));
  if (live_ && !live_->strained.isEmpty())
    add_line(tr("Full or slowest link"), MeshArrow::kData, toneColor(palette(), Tone::kWarning), true);
  const bool has_unmeasured = std::any_of(layout_.arrows.cbegin(), layout_.arrows.cend(),
                                          [](const MeshArrow& arrow) { return std::isnan(arrow.bytes); });
  if (has_unmeasured) add_line(tr("Not measured now"), MeshArrow::kData, toneColor(palette(), Tone::kEdge));
}

void MeshPicture::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool dark = onDarkGround(palette());
  paintArrows(painter, dark);
  paintLabels(painter);
  paintNodes(painter);
  paintLegend(painter, dark);
  if (hasFocus()) {
    painter.setPen(palette().color(QPalette::Highlight));
    painter.setBrush(Qt::NoBrush);
    const double round = rhythmUnit(this) / 2.0;
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), round, round);
  }
}

}  // namespace concertina::ui
