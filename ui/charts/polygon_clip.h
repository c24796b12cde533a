// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// polygon_clip.h: lines and areas cut off at the edges of a rectangle, as numbers. QSvgGenerator (Qt 6.4)
// leaves a painter's clip out of its files: a curve that is zoomed into would run across axes and labels. On
// the way of the data: charts/layer.h, painted as vectors -> here.
#pragma once

#include <QPolygonF>
#include <QRectF>
#include <QVector>

namespace concertina::ui {

// What of the line lies in `room`, its edges included: in pieces, for it may leave and come back.
QVector<QPolygonF> clippedLine(const QPolygonF& line, const QRectF& room);
// What of the area lies in `room` [Sutherland and Hodgman. Reentrant polygon clipping. CACM 17, 1974]; empty
// if nothing does.
QPolygonF clippedArea(const QPolygonF& area, const QRectF& room);

}  // namespace concertina::ui
