// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// picture_caption.cc: see picture_caption.h.
#include "ui/charts/picture_caption.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace concertina::ui {
namespace {

struct PlacedEntry {
  CaptionEntry entry;
  QRectF room;
};

// Entries in lines of the picture's width; what does not fit goes to the next.
struct CaptionPlaces {
  QVector<PlacedEntry> entries;
  double height = 0;
};

constexpr double kMark = 1.5, kGap = 0.6, kBetween = 1.6;  // of an entry, in half lines

CaptionPlaces placesOf(const Caption& caption, const QFontMetricsF& metrics, double width) {
  const double unit = metrics.height() / 2, line = metrics.height() * 1.25;
  CaptionPlaces places;
  QPointF at(unit, unit * 0.5 + line);
  if (caption.entries.size() > 1) {
    for (CaptionEntry entry : caption.entries) {
      const double beside = unit * (kMark + kGap), most = std::max(unit, width - 2 * unit - beside);
      entry.label = metrics.elidedText(entry.label, Qt::ElideMiddle, most);
      const double wide = beside + metrics.horizontalAdvance(entry.label);
      if (at.x() > unit && at.x() + wide > width - unit) at = QPointF(unit, at.y() + line);
      places.entries.push_back({entry, QRectF(at, QSizeF(wide, line))});
      at.rx() += wide + unit * kBetween;
    }
    at.ry() += line;
  }
  places.height = std::ceil(at.y() + unit * 0.5);
  return places;
}

void paintCaption(QPainter& painter, const QString& title, const Caption& caption,
                  const CaptionPlaces& places, double width) {
  const QFontMetricsF metrics(caption.font);
  const double unit = metrics.height() / 2, line = metrics.height() * 1.25;
  QFont bold = caption.font;
  bold.setWeight(QFont::DemiBold);
  const QRectF heading(unit, unit * 0.5, width - 2 * unit, line);
  painter.setFont(bold);
  painter.setPen(caption.ink);
  const QString words = QFontMetricsF(bold).elidedText(title, Qt::ElideRight, heading.width());
  painter.drawText(heading, int(Qt::AlignLeft | Qt::AlignVCenter), words);
  painter.setFont(caption.font);
  painter.setPen(caption.quiet);
  painter.drawText(heading.adjusted(QFontMetricsF(bold).horizontalAdvance(words) + unit, 0, 0, 0),
                   int(Qt::AlignLeft | Qt::AlignVCenter), caption.unit);
  for (const PlacedEntry& placed : places.entries) {
    const QRectF mark(placed.room.topLeft(), QSizeF(unit * kMark, placed.room.height()));
    if (placed.entry.area) {
      const double side = metrics.xHeight() * 1.3;
      painter.fillRect(QRectF(mark.left(), mark.center().y() - side / 2, side, side), placed.entry.color);
    } else {
      painter.setPen(
          QPen(placed.entry.color, 2.5, placed.entry.dashed ? Qt::DotLine : Qt::SolidLine, Qt::FlatCap));
      painter.drawLine(QPointF(mark.left(), mark.center().y()), QPointF(mark.right(), mark.center().y()));
    }
    painter.setPen(caption.ink);
    // Wider than the words: a device's own metrics are never quite those of the screen.
    painter.drawText(placed.room.adjusted(unit * (kMark + kGap), 0, unit, 0),
                     int(Qt::AlignLeft | Qt::AlignVCenter), placed.entry.label);
  }
}

}  // namespace

PictureSource captioned(const PictureSource& picture, const Caption& caption) {
  const CaptionPlaces places = placesOf(caption, QFontMetricsF(caption.font), picture.size.width());
  PictureSource whole = picture;
  whole.size.rheight() += int(places.height);
  whole.paint = [picture, caption, places](QPainter& painter) {
    painter.save();
    paintCaption(painter, picture.title, caption, places, picture.size.width());
    painter.restore();
    painter.save();
    painter.translate(0, places.height);
    picture.paint(painter);
    painter.restore();
  };
  return whole;
}

}  // namespace concertina::ui
