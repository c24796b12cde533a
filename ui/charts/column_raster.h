// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// column_raster.h: curves of many points into pixels, a column at a time. QPainter makes one path of a curve,
// whose cost grows with the square of its corners: 20 noisy curves of 2,400 points took it 1.8 s. Here a
// column is one span of pixels a curve, however its line goes up and down within. On the way of the data:
// charts/layer.h thins a curve -> here -> the layer's image.
#pragma once

#include <QColor>
#include <QImage>
#include <QPointF>
#include <QPolygonF>
#include <span>
#include <vector>

namespace concertina::ui {

// One picture: used by one thread.
class ColumnRaster {
 public:
  // `size` in pixels of the device, of which a logical one has `pixel_ratio`.
  ColumnRaster(const QSize& size, double pixel_ratio);

  // Above those before it. x ascends, in logical pixels; what lies outside the picture is left out.
  void drawLine(std::span<const QPointF> line, double width, const QColor& color, bool dashed);
  // Between `top` and `bottom`, of which each has its own x.
  void drawBand(std::span<const QPointF> top, std::span<const QPointF> bottom, const QColor& color);
  // Lays what was drawn over an image of that size (premultiplied), and begins anew.
  void paintOnto(QImage& image);

 private:
  struct Extent {  // of a line within a column; low > high: it does not come here
    float low, high;
  };
  struct Stroke {  // what one line covers, a span of each column
    std::vector<Extent> spans;
    QRgb premultiplied = 0;
  };
  void measure(std::span<const QPointF> line, std::vector<Extent>& extents) const;

  int width_, height_;
  double ratio_;
  std::vector<Stroke> strokes_;
};

}  // namespace concertina::ui
