// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plot_overlay.h: what lies over the curves: marks of events, the cross-hair with its read-out, the range
// being dragged, and the words in an empty chart. On the way of the data: charts/series_chart.h -> here.
#pragma once

#include <QColor>
#include <QFont>
#include <QGraphicsItem>
#include <QPalette>
#include <QString>
#include <QVector>

#include "ui/charts/plot_scale.h"

namespace concertina::ui {

// Something that happened to the run: a vertical line, with words when the pointer is near.
struct ChartMark {
  double x = 0;
  QString text;
  QColor color;
};

// Those that a picture of that scale shows, in their order: of a colour at most one a pixel column, however
// many checkpoints a run has written.
QVector<ChartMark> marksInSight(const QVector<ChartMark>& marks, const PlotScale& x);

struct ReadOut {
  double x = qQNaN();    // where the cross-hair is; NaN: nowhere. Of a path: at which step
  bool is_path = false;  // no x is that of all lines: each dot has its own
  QString heading;       // "Step 1,240"
  struct Line {
    QString label, value;
    QColor color;
    double y = qQNaN();  // of the dot on the curve
    double x = qQNaN();  // and where it is, on a path
  };
  QVector<Line> lines;
};

class PlotOverlay : public QGraphicsItem {
 public:
  explicit PlotOverlay(QGraphicsItem* parent);

  void setArea(const QRectF& area);  // the plot area, in the chart's coordinates
  void setScales(const PlotScale& x, const PlotScale& y);
  void setMarks(const QVector<ChartMark>& marks);
  void setReadOut(const ReadOut& read_out);
  void setLevel(double y, const QString& text);  // a horizontal line and what it stands for; NaN: none
  void setSelection(double from, double to);     // pixels within the area; from >= to: none
  void setEmptyText(const QString& text);        // "": the chart is not empty
  void setPalette(const QPalette& palette, const QFont& font);
  void setFocused(bool focused);

  QRectF boundingRect() const override { return area_.adjusted(-2, -2, 2, 2); }
  void paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) override;

 private:
  void paintMarks(QPainter& painter) const;
  void paintLevel(QPainter& painter) const;
  void paintReadOut(QPainter& painter) const;
  // Words on a small card beside `x`, within the area; `lines` may have coloured squares before them.
  void paintCard(QPainter& painter, double x, double y, const QString& heading,
                 const QVector<ReadOut::Line>& lines) const;

  QRectF area_;
  PlotScale x_, y_;
  QVector<ChartMark> marks_;
  ReadOut read_out_;
  double selection_from_ = 0, selection_to_ = 0;
  double level_ = qQNaN();
  QString level_text_;
  QString empty_text_;
  QPalette palette_;
  QFont font_;
  bool focused_ = false;
};

}  // namespace concertina::ui
