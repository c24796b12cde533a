// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// picture_item.h: the picture of the curves as an item of the chart's scene. Painted as vectors where the
// device is one (SVG), as the ready image everywhere else. On the way of the data: charts/layer.h -> here ->
// charts/series_chart.h.
#pragma once

#include <QGraphicsItem>
#include <QImage>
#include <QPainter>
#include <QVector>
#include <functional>
#include <utility>

namespace concertina::ui {

class PictureItem : public QGraphicsItem {
 public:
  explicit PictureItem(QGraphicsItem* parent) : QGraphicsItem(parent) {
    setAcceptedMouseButtons(Qt::NoButton);
  }

  // `place`: where the image's corners belong; `area`: what may be seen of it.
  void setPicture(const QImage& image, const QRectF& area, const QRectF& place) {
    if (area != area_) prepareGeometryChange();
    image_ = image;
    area_ = area;
    place_ = place;
    update();
  }
  // Gives the image away, to be drawn into; the next setPicture comes before the next paint().
  QImage takeImage() { return std::exchange(image_, {}); }
  // Lines across the area at these heights, beneath the curves. (A category axis would draw one at its end,
  // too.)
  void setGrid(const QVector<double>& heights, const QColor& color) {
    grid_ = heights;
    grid_color_ = color;
  }
  // While set, it is called to paint with the origin at the area's top left instead of showing the image.
  void setVectorPainter(std::function<void(QPainter&)> paint) { vector_ = std::move(paint); }

  QRectF boundingRect() const override { return area_.adjusted(0, -1, 0, 1); }
  void paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) override {
    painter->save();
    painter->setClipRect(area_.adjusted(0, -1, 0, 1));
    painter->setPen(QPen(grid_color_, 1));
    for (const double height : grid_)
      painter->drawLine(QPointF(area_.left(), area_.top() + height),
                        QPointF(area_.right(), area_.top() + height));
    if (vector_) {
      painter->translate(area_.topLeft());
      vector_(*painter);
    } else if (!image_.isNull()) {
      const bool exact = qFuzzyCompare(place_.width() * image_.devicePixelRatio(), double(image_.width()));
      painter->setRenderHint(QPainter::SmoothPixmapTransform, !exact);
      if (exact)
        painter->drawImage(place_.topLeft(), image_);
      else
        painter->drawImage(place_, image_);
    }
    painter->restore();
  }

 private:
  QImage image_;
  QRectF area_, place_;
  QVector<double> grid_;
  QColor grid_color_;
  std::function<void(QPainter&)> vector_;
};

}  // namespace concertina::ui
