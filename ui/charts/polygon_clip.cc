// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// polygon_clip.cc: see polygon_clip.h.
#include "ui/charts/polygon_clip.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace concertina::ui {
namespace {

// The part from `a` to `b` in the room, as shares of the way [Liang and Barsky, ACM TOG 3, 1984].
std::optional<std::pair<double, double>> partInside(const QPointF& a, const QPointF& b, const QRectF& room) {
  const QPointF way = b - a;
  double from = 0, to = 1;
  const std::array<std::pair<double, double>, 4> edges{{{-way.x(), a.x() - room.left()},
                                                        {way.x(), room.right() - a.x()},
                                                        {-way.y(), a.y() - room.top()},
                                                        {way.y(), room.bottom() - a.y()}}};
  for (const auto& [speed, distance] : edges) {
    if (speed == 0) {
      if (distance < 0) return std::nullopt;
      continue;
    }
    const double share = distance / speed;
    if (speed < 0)
      from = std::max(from, share);
    else
      to = std::min(to, share);
  }
  if (from > to) return std::nullopt;
  return std::pair(from, to);
}

}  // namespace

QVector<QPolygonF> clippedLine(const QPolygonF& line, const QRectF& room) {
  QVector<QPolygonF> pieces;
  if (line.size() == 1 && room.contains(line[0])) pieces.push_back(line);
  bool goes_on = false;  // the last piece ends where the next segment begins
  for (qsizetype i = 0; i + 1 < line.size(); ++i) {
    const auto part = partInside(line[i], line[i + 1], room);
    if (!part) {
      goes_on = false;
      continue;
    }
    const QPointF way = line[i + 1] - line[i];
    if (!goes_on) pieces.push_back(QPolygonF(QList<QPointF>{line[i] + way * part->first}));
    pieces.last().push_back(part->second == 1 ? line[i + 1] : line[i] + way * part->second);
    goes_on = part->second == 1;
  }
  return pieces;
}

QPolygonF clippedArea(const QPolygonF& area, const QRectF& room) {
  QPolygonF now = area;
  // How far inside of each edge a point is.
  const std::array<double (*)(const QPointF&, const QRectF&), 4> insides = {
      [](const QPointF& p, const QRectF& r) { return p.x() - r.left(); },
      [](const QPointF& p, const QRectF& r) { return r.right() - p.x(); },
      [](const QPointF& p, const QRectF& r) { return p.y() - r.top(); },
      [](const QPointF& p, const QRectF& r) { return r.bottom() - p.y(); }};
  for (const auto inside : insides) {
    QPolygonF next;
    for (qsizetype i = 0; i < now.size(); ++i) {
      const QPointF &a = now[i == 0 ? now.size() - 1 : i - 1], &b = now[i];
      const double at_a = inside(a, room), at_b = inside(b, room);
      if ((at_a < 0) != (at_b < 0)) next.push_back(a + (b - a) * (at_a / (at_a - at_b)));
      if (at_b >= 0) next.push_back(b);
    }
    now = std::move(next);
  }
  return now;
}

}  // namespace concertina::ui
