// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_cells.h: cells of the run table that are more than a line of text: the name with the run's colour and
// pin, tags as chips, a small curve, the heading of a group.
// On the way of the data: pages/runs_filter_model.h, client/run_curves.h -> here.
#pragma once

#include "ui/client/run_curves.h"
#include "ui/pages/monitor_table.h"

namespace concertina::ui {

// Which of `widths` (of chips, in pixels) fit into `room` with `gap` between them, the rest as one more of
// `rest_width`: how many whole ones are shown. All of them if they fit without that.
int chipsThatFit(const QVector<int>& widths, int room, int gap, int rest_width);

class RunsNameDelegate : public TableDelegate {
  Q_OBJECT
 public:
  using TableDelegate::TableDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

class RunsTagsDelegate : public TableDelegate {
  Q_OBJECT
 public:
  using TableDelegate::TableDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

class RunsCurveDelegate : public TableDelegate {
  Q_OBJECT
 public:
  RunsCurveDelegate(const RunCurves& curves, QObject* parent) : TableDelegate(parent), curves_(curves) {}
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 private:
  const RunCurves& curves_;
};

}  // namespace concertina::ui
