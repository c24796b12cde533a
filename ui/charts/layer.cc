// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer.cc: see layer.h.
#include "ui/charts/layer.h"

#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "ui/charts/column_raster.h"
#include "ui/charts/polygon_clip.h"

namespace concertina::ui {
namespace {

// Indices of the points that matter to a picture of x.from..x.to: those inside, and the nearest on each side.
std::pair<qsizetype, qsizetype> visible(const QVector<double>& xs, const PlotScale& x) {
  const auto from = std::lower_bound(xs.begin(), xs.end(), x.from);
  const auto to = std::upper_bound(xs.begin(), xs.end(), x.to);
  // What has no logarithm is left out, not drawn at the edge.
  const qsizetype least = x.log ? std::upper_bound(xs.begin(), xs.end(), 0.0) - xs.begin() : 0;
  const qsizetype first = std::max<qsizetype>(least, from - xs.begin() - 1);
  return {first, std::max(first, std::min<qsizetype>(xs.size(), to - xs.begin() + 1))};
}

// Far outside the picture a coordinate costs the rasteriser time and precision, and shows nothing.
class Bounds {
 public:
  explicit Bounds(const PlotScale& scale)
      : low_(std::min(scale.pixel_from, scale.pixel_to) - 2 * scale.pixels() - 100),
        high_(std::max(scale.pixel_from, scale.pixel_to) + 2 * scale.pixels() + 100) {}
  double operator()(double pixel) const { return std::clamp(pixel, low_, high_); }

 private:
  double low_, high_;
};

}  // namespace

QPolygonF thinned(const LayerCurve& curve, const PlotScale& x, const PlotScale& y) {
  QPolygonF line;
  const auto [first, last] = visible(curve.x, x);
  const Bounds bounded_x(x), bounded_y(y);
  const double* const xs = curve.x.constData();
  const double* const ys = curve.y.constData();
  line.reserve(std::min<qsizetype>(last - first, 2 * qsizetype(x.pixels()) + 8));
  int column = std::numeric_limits<int>::min();
  QPointF lowest, highest;
  bool lowest_first = true, any = false;
  const auto finish = [&] {
    if (!any) return;
    line.push_back(lowest_first ? lowest : highest);
    if (lowest != highest) line.push_back(lowest_first ? highest : lowest);
    any = false;
  };
  for (qsizetype i = first; i < last; ++i) {
    if (!std::isfinite(ys[i])) continue;
    const QPointF point(bounded_x(x.toPixel(xs[i])), bounded_y(y.toPixel(ys[i])));
    const int here = pixelColumn(point.x());
    if (here != column || !any) {
      finish();
      column = here;
      lowest = highest = point;
      lowest_first = any = true;
      continue;
    }
    if (point.y() > lowest.y()) {
      lowest = point;
      lowest_first = false;
    } else if (point.y() < highest.y()) {
      highest = point;
      lowest_first = true;
    }
  }
  finish();
  return line;
}

QPolygonF thinnedBand(const LayerCurve& curve, const PlotScale& x, const PlotScale& y) {
  if (curve.low.size() != curve.x.size() || curve.high.size() != curve.x.size()) return {};
  const auto [first, last] = visible(curve.x, x);
  const Bounds bounded_x(x), bounded_y(y);
  const double* const xs = curve.x.constData();
  const double* const lows = curve.low.constData();
  const double* const highs = curve.high.constData();
  const qsizetype room = std::min<qsizetype>(last - first, qsizetype(x.pixels()) + 8);
  QPolygonF top, bottom;
  top.reserve(2 * room);
  bottom.reserve(room);
  bool wide = false;
  int column = 0;
  for (qsizetype i = first; i < last; ++i) {
    if (!std::isfinite(lows[i]) || !std::isfinite(highs[i])) continue;
    wide |= lows[i] < highs[i];
    const double px = bounded_x(x.toPixel(xs[i])), high = bounded_y(y.toPixel(highs[i])),
                 low = bounded_y(y.toPixel(lows[i]));
    const int here = pixelColumn(px);
    if (!top.isEmpty() && column == here) {
      top.last().setY(std::min(top.last().y(), high));
      bottom.last().setY(std::max(bottom.last().y(), low));
      continue;
    }
    column = here;
    top.push_back({px, high});
    bottom.push_back({px, low});
  }
  if (!wide) return {};
  std::reverse(bottom.begin(), bottom.end());
  top += bottom;
  return top;
}

QVector<QPolygonF> joinedPath(const LayerCurve& curve, const PlotScale& x, const PlotScale& y) {
  constexpr double kNear = 0.5;  // px; nearer to the last point another adds nothing to see
  QVector<QPolygonF> pieces;
  bool is_joined = false;
  for (qsizetype i = 0; i < std::min(curve.x.size(), curve.y.size()); ++i) {
    if (!std::isfinite(curve.x[i]) || !std::isfinite(curve.y[i]) || (x.log && !(curve.x[i] > 0))) {
      is_joined = false;
      continue;
    }
    const QPointF point(x.toPixel(curve.x[i]), y.toPixel(curve.y[i]));
    if (!is_joined) pieces.push_back({});
    is_joined = true;
    QPolygonF& piece = pieces.back();
    if (piece.isEmpty() || (point - piece.back()).manhattanLength() >= kNear) piece.push_back(point);
  }
  return pieces;
}

QVector<QVector<double>> stackedEdges(const QVector<LayerCurve>& curves, const PlotScale& x) {
  const int columns = std::max(1, int(std::ceil(x.pixels())));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  QVector<QVector<double>> edges;
  QVector<double> below(columns, 0.0);
  for (const LayerCurve& curve : curves) {
    QVector<double> mean(columns, nan), sum(columns, 0.0), number(columns, 0.0);
    const auto [first, last] = visible(curve.x, x);
    // Means of what falls into a column; between columns that have some, straight lines.
    int previous = -1;
    double previous_value = 0;
    for (qsizetype i = first; i < last; ++i) {
      if (!std::isfinite(curve.y[i])) continue;
      const int column = std::clamp(int(std::floor(x.toPixel(curve.x[i]))), 0, columns - 1);
      sum[column] += curve.y[i];
      number[column] += 1;
    }
    for (int column = 0; column < columns; ++column) {
      if (number[column] == 0) continue;
      mean[column] = sum[column] / number[column];
      for (int between = previous + 1; previous >= 0 && between < column; ++between)
        mean[between] =
            previous_value + (mean[column] - previous_value) * (between - previous) / (column - previous);
      previous = column;
      previous_value = mean[column];
    }
    for (int column = 0; column < columns; ++column) {
      if (std::isfinite(mean[column])) below[column] += std::max(0.0, mean[column]);
      mean[column] = std::isfinite(mean[column]) ? below[column] : nan;
    }
    edges.push_back(mean);
  }
  return edges;
}

namespace {

// Each area reaches a hair below the edge beneath it, so that no ground shines through between two.
void paintStack(QPainter& painter, const LayerRequest& request) {
  const QVector<QVector<double>> edges = stackedEdges(request.curves, request.x);
  const Bounds bounded(request.y);
  painter.setPen(Qt::NoPen);
  for (qsizetype i = edges.size(); i-- > 0;) {
    painter.setBrush(request.curves[i].color);
    QPolygonF top, bottom;
    const auto close = [&] {
      if (top.size() > 1) {
        std::reverse(bottom.begin(), bottom.end());
        painter.drawPolygon(top + bottom);
      }
      top.clear();
      bottom.clear();
    };
    const auto add = [&](double x, int column) {
      const double below = i == 0 ? 0 : edges[i - 1][column];
      top.push_back({x, bounded(request.y.toPixel(edges[i][column]))});
      bottom.push_back({x, std::min(request.y.pixel_from,
                                    bounded(request.y.toPixel(std::isfinite(below) ? below : 0)) + 0.75)});
    };
    for (int column = 0; column < edges[i].size(); ++column) {
      if (!std::isfinite(edges[i][column])) {
        close();
        continue;
      }
      if (top.isEmpty()) add(column, column);
      add(column + 0.5, column);
      if (column + 1 == edges[i].size() || !std::isfinite(edges[i][column + 1])) add(column + 1, column);
    }
    close();
  }
}

// The same straight into the pixels of an image, a column at a time: a tenth of the polygons' cost. Where an
// edge crosses a pixel the colours on both sides are mixed by their shares of it.
void renderStack(QImage& image, const LayerRequest& request) {
  const QVector<QVector<double>> edges = stackedEdges(request.curves, request.x);
  const double ratio = request.pixel_ratio;
  const int height = image.height();
  QVector<double> tops(edges.size());
  for (int px = 0; px < image.width() && !edges.isEmpty(); ++px) {
    const int column = std::min(int(px / ratio), int(edges[0].size()) - 1);
    for (qsizetype i = 0; i < edges.size(); ++i) {
      const double edge = edges[i][column];
      const double floor = i == 0 ? request.y.pixel_from * ratio : tops[i - 1];
      tops[i] =
          std::isfinite(edge) ? std::clamp(request.y.toPixel(edge) * ratio, 0.0, double(height)) : floor;
    }
    double bottom = std::min(double(height), request.y.pixel_from * ratio);
    for (qsizetype i = 0; i < edges.size(); bottom = tops[i], ++i) {
      const QRgb color = request.curves[i].color.rgb();
      for (int py = std::max(0, int(std::floor(tops[i]))); py < int(std::ceil(bottom)); ++py) {
        const double share = std::min<double>(py + 1, bottom) - std::max<double>(py, tops[i]);
        auto* pixel = reinterpret_cast<QRgb*>(image.scanLine(py)) + px;
        if (share >= 1) {
          *pixel = color;
          continue;
        }
        // Premultiplied, and the shares of all areas in a pixel add up to one at most.
        const auto add = [&](int below, int above) {
          return std::min(255, below + int(above * share + 0.5));
        };
        *pixel = qRgba(add(qRed(*pixel), qRed(color)), add(qGreen(*pixel), qGreen(color)),
                       add(qBlue(*pixel), qBlue(color)), add(qAlpha(*pixel), 255));
      }
    }
  }
}

}  // namespace

namespace {

QColor bandColor(const LayerCurve& curve) {
  QColor color = curve.color;
  color.setAlphaF(float(0.16 * curve.opacity));
  return color;
}

QColor lineColor(const LayerCurve& curve) {
  QColor color = curve.color;
  color.setAlphaF(float(curve.opacity));
  return color;
}

// Marks only where they stay apart, or where one point is all there is.
bool hasMarks(const LayerCurve& curve, const QPolygonF& line, const LayerRequest& request) {
  return line.size() == 1 || (curve.dots && line.size() * 10 < request.size.width());
}

void paintBand(QPainter& painter, const LayerCurve& curve, const QPolygonF& band) {
  if (band.isEmpty()) return;
  painter.setPen(Qt::NoPen);
  painter.setBrush(bandColor(curve));
  painter.drawPolygon(band);
}

void paintLine(QPainter& painter, const LayerCurve& curve, const QPolygonF& line) {
  painter.setPen(QPen(lineColor(curve), curve.width, curve.dashed ? Qt::DashLine : Qt::SolidLine, Qt::FlatCap,
                      Qt::BevelJoin));
  painter.setBrush(Qt::NoBrush);
  painter.drawPolyline(line);
}

void paintMarks(QPainter& painter, const LayerCurve& curve, const QPolygonF& points) {
  painter.setPen(Qt::NoPen);
  painter.setBrush(lineColor(curve));
  for (const QPointF& point : points) painter.drawEllipse(point, curve.width * 1.4, curve.width * 1.4);
}

// All boxes as one area, for where many lie over each other they are no darker.
void paintBoxes(QPainter& painter, const LayerCurve& curve, const LayerRequest& request) {
  const qsizetype size = curve.x.size();
  for (const QVector<double>* values : {&curve.x_low, &curve.x_high, &curve.low, &curve.high})
    if (values->size() != size) return;
  const QRectF room(QPointF(0, 0), QSizeF(request.size));
  QPainterPath area;
  area.setFillRule(Qt::WindingFill);
  for (qsizetype i = 0; i < size; ++i) {
    if (!(curve.x_low[i] < curve.x_high[i]) && !(curve.low[i] < curve.high[i])) continue;
    if (request.x.log && !(curve.x_high[i] > 0)) continue;
    QRectF box = QRectF(QPointF(request.x.toPixel(curve.x_low[i]), request.y.toPixel(curve.high[i])),
                        QPointF(request.x.toPixel(curve.x_high[i]), request.y.toPixel(curve.low[i])));
    if (box.width() < 1) box.adjust(-0.5, 0, 0.5, 0);
    if (box.height() < 1) box.adjust(0, -0.5, 0, 0.5);
    box = box.intersected(room);
    if (!box.isEmpty()) area.addRect(box);
  }
  if (area.isEmpty()) return;
  painter.setPen(Qt::NoPen);
  painter.fillPath(area, bandColor(curve));
}

// The last point has a mark: it is where the run is.
void paintPath(QPainter& painter, const LayerCurve& curve, const LayerRequest& request) {
  const double beyond = 2 * curve.width;  // of the room; half of a line is on its far side
  const QRectF room = QRectF(QPointF(0, 0), QSizeF(request.size)).adjusted(-beyond, -beyond, beyond, beyond);
  paintBoxes(painter, curve, request);
  const QVector<QPolygonF> pieces = joinedPath(curve, request.x, request.y);
  QPolygonF marks;
  for (const QPolygonF& piece : pieces) {
    for (const QPolygonF& part : clippedLine(piece, room)) paintLine(painter, curve, part);
    if (hasMarks(curve, piece, request)) marks += piece;
  }
  if (!pieces.isEmpty() && marks.isEmpty()) marks.push_back(pieces.back().back());
  QPolygonF inside;
  std::copy_if(marks.begin(), marks.end(), std::back_inserter(inside),
               [&](const QPointF& point) { return room.contains(point); });
  paintMarks(painter, curve, inside);
}

// So many points that a column of pixels shows no single stroke: at least one in four columns.
bool isDense(const QPolygonF& line) {
  return line.size() > 64 && double(line.size()) * 4 > line.back().x() - line.front().x();
}

}  // namespace

void paintLayer(QPainter& painter, const LayerRequest& request) {
  painter.setRenderHint(QPainter::Antialiasing);
  if (request.stacked) {
    paintStack(painter, request);
    return;
  }
  // Cut off by hand: not every device does so.
  const QRectF room(QPointF(0, 0), QSizeF(request.size));
  for (const LayerCurve& curve : request.curves) {
    if (curve.is_path) {
      paintPath(painter, curve, request);
      continue;
    }
    const QPolygonF line = thinned(curve, request.x, request.y);
    paintBand(painter, curve, clippedArea(thinnedBand(curve, request.x, request.y), room));
    for (const QPolygonF& piece : clippedLine(line, room)) paintLine(painter, curve, piece);
    if (!hasMarks(curve, line, request)) continue;
    QPolygonF inside;
    std::copy_if(line.begin(), line.end(), std::back_inserter(inside),
                 [&](const QPointF& point) { return room.contains(point); });
    paintMarks(painter, curve, inside);
  }
}

QImage renderLayer(const LayerRequest& request, QImage used) {
  const QSize size = request.size * request.pixel_ratio;
  constexpr auto kFormat = QImage::Format_ARGB32_Premultiplied;
  const bool fits = used.size() == size && used.format() == kFormat && used.isDetached();
  QImage image = fits ? std::move(used) : QImage(size, kFormat);
  image.setDevicePixelRatio(request.pixel_ratio);
  image.fill(Qt::transparent);
  if (image.isNull()) return image;
  if (request.stacked) {
    renderStack(image, request);
    return image;
  }
  ColumnRaster columns(image.size(), request.pixel_ratio);
  for (const LayerCurve& curve : request.curves) {
    if (curve.is_path) {
      columns.paintOnto(image);  // curves lie in their order
      QPainter painter(&image);
      painter.setRenderHint(QPainter::Antialiasing);
      paintPath(painter, curve, request);
      continue;
    }
    const QPolygonF line = thinned(curve, request.x, request.y);
    const QPolygonF band = thinnedBand(curve, request.x, request.y);
    if (isDense(line) && !hasMarks(curve, line, request)) {
      // The outline goes back along the lowest.
      const std::span<const QPointF> top(band.data(), size_t(band.size() / 2));
      const std::vector<QPointF> bottom(band.rbegin(), band.rbegin() + band.size() / 2);
      columns.drawBand(top, bottom, bandColor(curve));
      columns.drawLine({line.data(), size_t(line.size())}, curve.width, lineColor(curve), curve.dashed);
      continue;
    }
    columns.paintOnto(image);  // curves lie in their order
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    paintBand(painter, curve, band);
    paintLine(painter, curve, line);
    if (hasMarks(curve, line, request)) paintMarks(painter, curve, line);
  }
  columns.paintOnto(image);
  return image;
}

}  // namespace concertina::ui
