// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_state_delegate.h: the state column of the run table: a shape and a word, and how far a running one is.
// The heading of a group has none. On the way of the data: pages/runs_filter_model.h -> here.
#pragma once

#include <QPainter>

#include "ui/client/run_table_model.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_state_chip.h"
#include "ui/pages/monitor_table.h"
#include "ui/pages/runs_filter_model.h"

namespace concertina::ui {

class RunsStateDelegate : public TableDelegate {
  Q_OBJECT
 public:
  using TableDelegate::TableDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& given, const QModelIndex& index) const override {
    if (index.data(RunsFilterModel::kGroupRole).isValid()) return TableDelegate::paint(painter, given, index);
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    const QString text = option.text;
    const QRect cell = paintGround(painter, option);
    const auto state = proto::RunState(index.data(RunTableModel::kStateRole).toInt());
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const QColor ink = selected ? textColor(option) : stateInk(state, option.palette);
    const int unit = option.fontMetrics.height() / 2;
    const double side = unit * 1.5;
    painter->save();
    paintStateGlyph(*painter, QRectF(cell.left(), cell.center().y() - side / 2 + 0.5, side, side), state,
                    ink);
    painter->setPen(ink);
    painter->setFont(option.font);
    const QRect words = cell.adjusted(qRound(side) + unit * 3 / 4, 0, 0, 0);
    painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                      option.fontMetrics.elidedText(text, Qt::ElideRight, words.width()));
    if (state == proto::RUNNING) {
      const double progress = index.data(RunTableModel::kProgressRole).toDouble();
      const QRectF track(words.left(), option.rect.bottom() - unit * 0.55, words.width(), 2);
      painter->fillRect(track, toneColor(option.palette, Tone::kEdge));
      painter->fillRect(QRectF(track.topLeft(), QSizeF(track.width() * progress, track.height())), ink);
    }
    painter->restore();
  }

  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    return TableDelegate::sizeHint(option, index) + QSize(option.fontMetrics.height() * 5 / 4, 0);
  }
};

}  // namespace concertina::ui
