// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_chart.h: what each rank did from when to when: a lane a rank, a bar a span, and beneath it a thin
// row of the thread that communicates. On the way of the data: core/analysis/timeline.h -> here -> the eye.
//
// A row is an image one pixel high with a pixel a column, made of at most one cell a column however many
// spans there are (CellsOf), and drawn as high as the row; vectors (SVG, PDF) get the cells as rectangles.
//
// Drag: move. Wheel: zoom around the pointer. Left and right move, + and - zoom, Home shows all; up and down
// choose a lane, whose bar in the middle is read out.
#pragma once

#include <QImage>
#include <QString>
#include <QVector>
#include <QWidget>
#include <array>
#include <memory>

#include "core/analysis/timeline.h"

namespace concertina::ui {

QString spanKindText(SpanKind kind);  // "Forward"
QColor spanColor(SpanKind kind, bool dark);

class TimelineChart : public QWidget {
  Q_OBJECT
 public:
  explicit TimelineChart(QWidget* parent = nullptr);

  // Shows all of it; never null.
  void setTimeline(const std::shared_ptr<const Timeline>& timeline);
  void setKindShown(SpanKind kind, bool shown);
  void setEmptyText(const QString& text);
  const Timeline& timeline() const { return *timeline_; }

  // Seconds of the timeline that are in sight.
  double from() const { return from_; }
  double to() const { return to_; }
  void zoomTo(double from, double to);
  void zoomBy(double factor);  // around the middle; above 1: nearer
  void resetZoom();
  bool isZoomed() const;

  QString textAt(const QPointF& position) const;  // of the bar there; "" beside the bars
  QRectF rowRect(int lane) const;                 // of timeline().lanes, in the widget
  // All of it at a size, vectors as vectors.
  void paintTo(QPainter& painter, const QSize& size);
  QSize paintedSize() const { return {width(), std::max(height(), sizeHint().height())}; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 signals:
  void rangeChanged(double from, double to);
  void contextMenuRequested(const QPoint& global_position);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  bool event(QEvent* event) override;

 private:
  struct Row {  // of a lane, for the range and width that it was made for
    double from = 0, to = -1;
    int columns = 0;
    std::vector<TimelineCell> cells;
    QImage image;
  };
  int line() const;
  int labelWidth() const;
  int axisHeight() const;
  QRectF plotRect(const QSize& size) const;
  QRectF rowRect(int lane, const QSize& size) const;
  double secondsAt(double x) const;
  int laneAt(double y) const;
  void forgetRows();
  const Row& rowOf(int lane, int columns);
  void paint(QPainter& painter, const QSize& size, const QRect& seen, bool vectors);
  void paintAxis(QPainter& painter, const QSize& size) const;
  void paintRow(QPainter& painter, int lane, const QSize& size, bool vectors);
  QString textOf(int lane, int bar) const;
  void readOut();

  std::shared_ptr<const Timeline> timeline_ = std::make_shared<Timeline>();
  std::array<bool, kSpanKinds> shown_;
  QString empty_text_;
  double from_ = 0, to_ = 0;
  std::vector<Row> rows_;
  int chosen_ = 0;  // lane of the keys
  bool is_dragged_ = false;
  double press_x_ = 0, press_from_ = 0;
};

}  // namespace concertina::ui
