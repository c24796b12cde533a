// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// parallel_axes.h: many settings and a result of many runs: an axis each, a line a run. A range dragged along
// an axis leaves only the lines that go through it [Inselberg. The plane with parallel coordinates. The
// Visual Computer 1, 1985]. On the way of the data: ui/pages/compare_plots.h -> here -> the eye.
//
// Drag along an axis: brush it. Click on it: let it go. Left and right choose an axis, up and down brush a
// quarter of it and move that, Delete lets it go, Esc all of them.
#pragma once

#include <QColor>
#include <QSet>
#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

#include "core/analysis/table_text.h"

namespace concertina::ui {

struct ParallelAxis {
  QString title;
  QVector<double> places;  // one a line: 0 at the lower end, 1 at the upper, NaN: it has no such value
  QVector<double> tick_places;
  QStringList tick_labels;
  QStringList values;  // one a line, for people
};
// Numbers lie on a scale, on a logarithmic one where all are above zero and span more than a factor of 30;
// one value alone lies in the middle.
ParallelAxis numberAxis(const QString& title, const QVector<double>& values, const QStringList& texts);
// Texts stand at even distances, in the order of their coming; an empty text is no value.
ParallelAxis textAxis(const QString& title, const QStringList& texts);

struct ParallelLine {
  QString label;
  QColor light, dark;
};

class ParallelAxes : public QWidget {
  Q_OBJECT
 public:
  explicit ParallelAxes(QWidget* parent = nullptr);

  // Brushes of axes that stay where they are, or at their end, are kept.
  void setAxes(const QVector<ParallelAxis>& axes, const QVector<ParallelLine>& lines);
  void setEmptyText(const QString& text);
  void brush(int axis, double from, double to);  // places; from >= to: none
  // Its upper end below: lines of settings that go together cross less. So it stays, by its title; its brush
  // keeps what it kept.
  void flip(int axis);
  bool isFlipped(int axis) const;
  bool isKept(int line) const;  // goes through every brush
  int axisCount() const { return int(axes_.size()); }
  TextTable numbers() const;  // a line a row, what stands at each axis, and whether it is kept
  QPointF placeOf(int axis, double place) const;  // in the widget
  QSize sizeHint() const override;

 signals:
  void brushed();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  bool event(QEvent* event) override;  // the tooltip names the line under the pointer

 private:
  struct Brush {
    double from = 0, to = 0;
    bool isSet() const { return from < to; }
  };
  QRectF area() const;
  int axisAt(const QPointF& at) const;   // -1: near none
  int titleAt(const QPointF& at) const;  // of which axis; -1: of none
  double placeAt(const QPointF& at) const;
  void tell();

  QVector<ParallelAxis> axes_;
  QVector<ParallelLine> lines_;
  QVector<Brush> brushes_;  // as many as axes
  QSet<QString> flipped_;   // titles
  QString empty_text_;
  int chosen_ = 0;    // axis of the keys
  int dragged_ = -1;  // axis under the hand
  double press_ = 0;
};

}  // namespace concertina::ui
