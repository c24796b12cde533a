// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_cells.cc: see runs_cells.h.
#include "ui/pages/runs_cells.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "core/analysis/run_colors.h"
#include "ui/charts/palette.h"
#include "ui/client/run_marks.h"
#include "ui/forms/tone.h"
#include "ui/pages/runs_filter_model.h"

namespace concertina::ui {
namespace {

static_assert(concertina::kRunColors == kSeriesColors, "a run's colour is one of the palette");

int chipWidth(const QFontMetrics& metrics, const QString& tag) {
  return metrics.horizontalAdvance(tag) + metrics.height();
}
QString restText(int more) { return QStringLiteral("+%1").arg(more); }

// A pin: a head and a point, so that it is one without its colour too.
void paintPin(QPainter& painter, const QRectF& room, const QColor& color) {
  const double side = room.height(), x = room.center().x(), top = room.top();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(color, std::max(1.0, side / 9)));
  painter.setBrush(color);
  painter.drawEllipse(QPointF(x, top + side * 0.3), side * 0.24, side * 0.24);
  painter.drawLine(QPointF(x, top + side * 0.5), QPointF(x, top + side * 0.95));
}

}  // namespace

int chipsThatFit(const QVector<int>& widths, int room, int gap, int rest_width) {
  int used = 0;
  for (const int width : widths) used += width + gap;
  if (used - gap <= room) return int(widths.size());
  used = rest_width;
  int shown = 0;
  for (const int width : widths) {
    if (used + gap + width > room) break;
    used += gap + width;
    ++shown;
  }
  return shown;
}

void RunsNameDelegate::paint(QPainter* painter, const QStyleOptionViewItem& given,
                             const QModelIndex& index) const {
  if (index.data(RunsFilterModel::kGroupRole).isValid()) return TableDelegate::paint(painter, given, index);
  QStyleOptionViewItem option = given;
  initStyleOption(&option, index);
  const QString text = option.text;
  const QRect cell = paintGround(painter, option);
  const int unit = option.fontMetrics.height() / 2;
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  const bool is_mirrored = option.direction == Qt::RightToLeft;
  const auto place = [&](int from, int width) {  // from the side where reading begins
    const int left = is_mirrored ? cell.right() - from - width + 1 : cell.left() + from;
    return QRect(left, cell.top(), width, cell.height());
  };
  const QRectF dot(place(0, unit).center() - QPoint(unit / 2, unit / 2), QSizeF(unit, unit));
  painter->setPen(option.state.testFlag(QStyle::State_Selected) ? textColor(option)
                                                                : QColor(Qt::transparent));
  painter->setBrush(seriesColor(index.data(RunTableModel::kColorRole).toInt(), onDarkGround(option.palette)));
  painter->drawEllipse(dot);
  int from = unit * 7 / 4;
  if (index.data(RunTableModel::kPinnedRole).toBool()) {
    const QRect room = place(from, 2 * unit);
    paintPin(*painter, QRectF(room.left(), room.center().y() - unit, 2 * unit, 2 * unit), textColor(option));
    from += unit * 9 / 4;
  }
  painter->setPen(textColor(option));
  painter->setFont(option.font);
  const QRect words = place(from, std::max(0, cell.width() - from));
  painter->drawText(words, int(QStyle::visualAlignment(option.direction, Qt::AlignLeft) | Qt::AlignVCenter),
                    option.fontMetrics.elidedText(text, Qt::ElideRight, words.width()));
  painter->restore();
}

QSize RunsNameDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const int unit = option.fontMetrics.height() / 2;
  return TableDelegate::sizeHint(option, index) +
         QSize(unit * 7 / 4 + (index.data(RunTableModel::kPinnedRole).toBool() ? unit * 9 / 4 : 0), 0);
}

void RunsTagsDelegate::paint(QPainter* painter, const QStyleOptionViewItem& given,
                             const QModelIndex& index) const {
  QStyleOptionViewItem option = given;
  initStyleOption(&option, index);
  const QRect cell = paintGround(painter, option);
  const QStringList tags = index.data(RunTableModel::kTagsRole).toStringList();
  if (tags.isEmpty()) return;
  const QFontMetrics& metrics = option.fontMetrics;
  const int gap = metrics.height() / 3, high = metrics.height() * 5 / 4;
  QVector<int> widths;
  for (const QString& tag : tags) widths << std::min(chipWidth(metrics, tag), cell.width());
  const int rest_width = metrics.horizontalAdvance(restText(int(tags.size())));
  const int shown = chipsThatFit(widths, cell.width(), gap, rest_width);
  const bool is_mirrored = option.direction == Qt::RightToLeft;
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  painter->setFont(option.font);
  const bool is_selected = option.state.testFlag(QStyle::State_Selected);
  int from = 0;
  const auto next = [&](int width) {
    const int left = is_mirrored ? cell.right() - from - width + 1 : cell.left() + from;
    from += width + gap;
    return QRect(left, cell.center().y() - high / 2, width, high);
  };
  for (int i = 0; i < shown; ++i) {
    const QRect chip = next(widths[i]);
    painter->setPen(is_selected ? textColor(option) : toneColor(option.palette, Tone::kEdge));
    painter->setBrush(is_selected ? QBrush(Qt::NoBrush)
                                  : QBrush(toneColor(option.palette, Tone::kAccentSurface)));
    painter->drawRoundedRect(QRectF(chip).adjusted(0.5, 0.5, -0.5, -0.5), high / 2.0, high / 2.0);
    painter->setPen(textColor(option));
    // Each chip's own text decides which way it is read; it is centred, so nothing of it is cut off.
    painter->drawText(chip, Qt::AlignCenter,
                      metrics.elidedText(tags[i], Qt::ElideRight, chip.width() - metrics.height() + 2));
  }
  if (shown < tags.size()) {
    painter->setPen(textColor(option));
    painter->drawText(next(rest_width), Qt::AlignCenter, restText(int(tags.size()) - shown));
  }
  painter->restore();
}

QSize RunsTagsDelegate::sizeHint(const QStyleOptionViewItem& given, const QModelIndex& index) const {
  QStyleOptionViewItem option = given;
  initStyleOption(&option, index);
  const QFontMetrics& metrics = option.fontMetrics;
  int width = 0;
  // A few chips ask for room; hundreds are counted, and stand in the tip.
  constexpr int kAsking = 3;
  const QStringList tags = index.data(RunTableModel::kTagsRole).toStringList();
  for (const QString& tag : tags.mid(0, kAsking)) width += chipWidth(metrics, tag) + metrics.height() / 3;
  if (tags.size() > kAsking) width += metrics.horizontalAdvance(restText(int(tags.size())));
  return {std::min(width + metrics.height() + 2, metrics.averageCharWidth() * 40), metrics.height()};
}

void RunsCurveDelegate::paint(QPainter* painter, const QStyleOptionViewItem& given,
                              const QModelIndex& index) const {
  QStyleOptionViewItem option = given;
  initStyleOption(&option, index);
  const QRect cell = paintGround(painter, option);
  const QVector<float> values = curves_.curve(index.data(RunTableModel::kRunRole).toString());
  float least = INFINITY, most = -INFINITY;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  if (values.size() < 2 || !(most >= least)) return;
  const QRectF room = QRectF(cell).adjusted(0, cell.height() * 0.2, 0, -cell.height() * 0.2);
  const double span = most > least ? double(most - least) : 1;
  QPainterPath path;
  bool is_begun = false;
  for (int i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    const QPointF at(room.left() + room.width() * i / (values.size() - 1),
                     room.bottom() - room.height() * (double(values[i] - least) / span));
    if (is_begun)
      path.lineTo(at);
    else
      path.moveTo(at);
    is_begun = true;
  }
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  const bool is_selected = option.state.testFlag(QStyle::State_Selected);
  painter->setPen(QPen(
      is_selected ? textColor(option)
                  : seriesColor(index.data(RunTableModel::kColorRole).toInt(), onDarkGround(option.palette)),
      1.4));
  painter->drawPath(path);
  painter->restore();
}

QSize RunsCurveDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const {
  return {option.fontMetrics.averageCharWidth() * 14, option.fontMetrics.height()};
}

}  // namespace concertina::ui
