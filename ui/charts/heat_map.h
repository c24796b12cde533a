// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// heat_map.h: one figure over two settings: a cell each, coloured by the figure, with its number, and with a
// mark for what is not finished. Over one setting alone: points with their spread, joined where the setting
// is a number. On the way of the data: core/analysis/sweep_cells.h -> ui/pages/sweep_results.h -> here -> the
// eye, a file.
//
// The colours are viridis [Smith, van der Walt. A Better Default Colormap for Matplotlib. SciPy 2015]: even
// steps of the figure are even steps of lightness, for colour-blind eyes and in grey as well. What is better
// is lighter, whichever way the figure counts, and the scale beside the map says which way that is.
//
// The arrow keys choose a cell, Space or a click tells it, Return or a double click opens it.
#pragma once

#include <QColor>
#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

#include "core/analysis/sweep_cells.h"

namespace concertina::ui {

struct HeatMapCell {
  double value = qQNaN();                     // NaN: nothing measured
  double least = qQNaN(), largest = qQNaN();  // of several runs
  CellState state = CellState::kEmpty;
  QString detail;  // for the tooltip, lines
};

struct HeatMapPicture {
  QString title;  // of files and for screen readers
  QString x_title, y_title, value_title, unit;
  QStringList x_labels, y_labels;  // y_labels empty or one: points instead of cells
  QVector<double> x_numbers;       // as many as x_labels where they are numbers, else empty
  QVector<HeatMapCell> cells;      // row by row
  bool more_is_better = true;
  int columns() const { return int(x_labels.size()); }
  int rows() const { return columns() == 0 ? 0 : int(cells.size()) / columns(); }
};

// 0 is dark, 1 is light.
QColor viridis(double share);
// Where `value` lies between the least and the largest of the cells, the better end being 1; 0.5 where all
// are alike, NaN without a value.
double shareOf(double value, const HeatMapPicture& picture);
// A line a cell: x, y, value, least, largest, state. Numbers are exact, texts quoted (RFC 4180).
QString heatMapCsv(const HeatMapPicture& picture);
QString cellStateName(CellState state);  // for people

class HeatMap : public QWidget {
  Q_OBJECT
 public:
  explicit HeatMap(QWidget* parent = nullptr);

  void setPicture(const HeatMapPicture& picture);
  const HeatMapPicture& picture() const { return picture_; }
  void setEmptyText(const QString& text);
  bool isMap() const { return picture_.rows() > 1; }

  void paintTo(QPainter& painter, const QSize& size) const;  // as on the screen, without chosen and hovered
  QRectF cellRect(int cell, const QSize& size) const;        // of points: where its mark stands
  QRectF cellRect(int cell) const { return cellRect(cell, size()); }
  int cellAt(const QPointF& at) const;  // -1: none
  int chosen() const { return chosen_; }
  void setChosen(int cell);  // -1: none
  QSize sizeHint() const override;

 signals:
  void hovered(int cell);  // -1: none any more
  void cellChosen(int cell);
  void cellOpened(int cell);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  bool event(QEvent* event) override;

 private:
  QRectF plotArea(const QSize& size) const;
  QRectF legendArea(const QSize& size) const;
  void paintCells(QPainter& painter, const QSize& size) const;
  void paintPoints(QPainter& painter, const QSize& size) const;
  void paintXLabels(QPainter& painter, const QSize& size) const;
  void paintScale(QPainter& painter, const QSize& size) const;
  void paintMarkLegend(QPainter& painter, const QSize& size) const;
  double xOf(int column, const QRectF& area) const;  // of points
  double yOf(double value, const QRectF& area) const;
  bool isLogarithmic() const;  // along x of points
  void tell();

  HeatMapPicture picture_;
  QString empty_text_;
  int chosen_ = -1, hovered_ = -1;
};

}  // namespace concertina::ui
