// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer.h: all curves of a chart as one picture over its plot area. However long a curve is, at most two
// points a pixel column are drawn: the lowest and the highest, in the order in which they came. On the way of
// the data: client/metric_model.h -> here, on a thread of its own -> charts/series_chart.h.
#pragma once

#include <QColor>
#include <QImage>
#include <QPainter>
#include <QPolygonF>
#include <QVector>

#include "ui/charts/plot_scale.h"

namespace concertina::ui {

struct LayerCurve {
  QVector<double> x, y;       // ascending x
  QVector<double> low, high;  // the band of what was merged; empty: none
  QColor color;
  double width = 1.5;  // logical pixels
  double opacity = 1;
  bool dots = false;    // a mark at each point, where they are few
  bool dashed = false;  // beside colour, the second sign by which lines are told apart
  // x does not ascend: a path in the order of the points, none of which is left out. What was merged in a
  // point lies in the box of these and of low and high; empty: no box.
  bool is_path = false;
  QVector<double> x_low, x_high;
};

struct LayerRequest {
  QSize size;  // logical pixels
  double pixel_ratio = 1;
  PlotScale x, y;
  QVector<LayerCurve> curves;
  bool stacked = false;  // areas, each on top of those before it
};

// The curve in pixels, at most two points a column of one pixel. Points beyond the ends are left out but for
// the nearest on each side, so that the line reaches the edge.
QPolygonF thinned(const LayerCurve& curve, const PlotScale& x, const PlotScale& y);
// Its band as a closed outline: along the highest and back along the lowest; empty if there is none.
QPolygonF thinnedBand(const LayerCurve& curve, const PlotScale& x, const PlotScale& y);
// A path in pixels, in pieces where a point cannot be shown.
QVector<QPolygonF> joinedPath(const LayerCurve& curve, const PlotScale& x, const PlotScale& y);
// Of each curve of a stack the upper edge in every pixel column, in values; columns outside the data are NaN.
QVector<QVector<double>> stackedEdges(const QVector<LayerCurve>& curves, const PlotScale& x);

void paintLayer(QPainter& painter, const LayerRequest& request);  // origin: the plot area's top left
// Any thread. `used`: a picture that nobody shows any more; of the right size it is drawn into, for the
// system takes its time to hand out megabytes.
QImage renderLayer(const LayerRequest& request, QImage used = {});

}  // namespace concertina::ui
