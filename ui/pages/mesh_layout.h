// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh_layout.h: where ranks and arrows of the mesh picture lie. A data-parallel group stands on a
// circle, pipeline stages are columns, tensor groups stand close together, servers are apart in the middle.
// On the way of the data: core/analysis/traffic_map.h -> here -> ui/pages/mesh_picture.h.
#pragma once

#include <QHash>
#include <QPainterPath>
#include <QPointF>
#include <QRectF>
#include <QSizeF>
#include <QVector>

#include "core/analysis/traffic_map.h"

namespace concertina::ui {

struct MeshNode {
  int rank = 0;
  bool server = false;
  QRectF box;
  QPointF outward;  // unit vector to where a label may stand; (0, 0): only within the box
};

struct MeshArrow {
  enum Kind { kData, kPipeline, kTensor, kServer, kKinds };
  int from = 0, to = 0;
  double bytes = 0;  // a step, or with rates a second; NaN: not measured
  Kind kind = kData;
  double width = 1;
  QPainterPath path;                   // without its head
  QPointF tip, back_left, back_right;  // the head
  QPointF middle;                      // where a label may stand
  QPointF beside;                      // unit vector away from the bow's inner side
};

struct MeshLayout {
  QVector<MeshNode> nodes;
  QVector<MeshArrow> arrows;                  // the busiest are last, and so on top
  qsizetype omitted = 0;                      // flows that are not drawn
  bool labels = false;                        // few enough that their bytes may be written beside them
  bool numbers = false;                       // boxes are large enough for their rank
  QVector<std::pair<QRectF, int>> columns;    // pipeline stages: where the number of the stage is written
  QVector<MeshArrow::Kind> kinds;             // those that occur
  int rankAt(const QPointF& position) const;  // -1: none; a little beside counts
};

// What goes over links now, in bytes a second, by (from, to); what is not there was not measured.
using MeshRates = QHash<std::pair<int, int>, double>;

inline constexpr qsizetype kMostArrows = 256, kMostFullArrows = 24;

// `unit`: half a line of text; `digit`: the width of one digit. With `rates` arrows are as wide as those say,
// and stand where they stand without.
MeshLayout meshLayout(const TrafficMap& map, const QSizeF& size, double unit, double digit,
                      const MeshRates* rates = nullptr);
// How high the picture wants to be at that width, in the same measure.
double meshHeight(const TrafficMap& map, double width, double unit);
// Pixels, from bytes a step or second: a step for each power of ten from a kilobyte on.
double arrowWidth(double bytes, double unit);

}  // namespace concertina::ui
