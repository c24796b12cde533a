// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh_layout.cc: see mesh_layout.h.
#include "ui/pages/mesh_layout.h"

#include <QHash>
#include <QtMath>
#include <algorithm>
#include <cmath>

namespace concertina::ui {
namespace {

QPointF unitVector(const QPointF& vector) {
  const double length = std::hypot(vector.x(), vector.y());
  return length > 0 ? vector / length : QPointF(0, -1);
}

// Where the way from the box's centre towards `to` leaves the box, and `gap` more.
QPointF edgeOf(const QRectF& box, const QPointF& to, double gap) {
  const QPointF centre = box.center(), way = to - centre;
  const double x = std::abs(way.x()), y = std::abs(way.y());
  if (x + y == 0) return centre;
  const double scale = std::min(x > 0 ? box.width() / 2 / x : 1e9, y > 0 ? box.height() / 2 / y : 1e9);
  return centre + way * scale + unitVector(way) * gap;
}

class Layouter {
 public:
  Layouter(const TrafficMap& map, const QSizeF& size, double unit, double digit, const MeshRates* rates)
      : map_(map), size_(size), unit_(unit), digit_(digit), rates_(rates) {
    for (const TrafficRank& rank : map.ranks) (rank.server ? servers_ : workers_).push_back(&rank);
  }

  MeshLayout run() {
    if (map_.lengths[1] > 1)
      placeInColumns();
    else
      placeOnCircle();
    for (qsizetype i = 0; i < layout_.nodes.size(); ++i) node_of_.insert(layout_.nodes[i].rank, i);
    drawArrows();
    return std::move(layout_);
  }

 private:
  // A box as large as its number wants, but no larger than the room.
  QSizeF boxSize(double room) {
    const int digits = static_cast<int>(QString::number(map_.ranks.back().rank).size());
    const QSizeF wanted(std::max(4.0 * unit_, digits * digit_ + 2 * unit_), 3 * unit_);
    if (room >= wanted.width()) {
      layout_.numbers = true;
      return wanted;
    }
    const double least = digits * digit_ + 0.6 * unit_;
    if (room >= least) {
      layout_.numbers = true;
      return {room, std::min(room, wanted.height())};
    }
    const double dot = std::clamp(room * 0.7, 0.5 * unit_, 1.5 * unit_);
    return {dot, dot};
  }

  void add(const TrafficRank& rank, const QPointF& centre, const QSizeF& box, const QPointF& outward) {
    layout_.nodes.push_back(
        {rank.rank, rank.server,
         QRectF(centre.x() - box.width() / 2, centre.y() - box.height() / 2, box.width(), box.height()),
         outward});
  }

  // Tensor groups (of one rank each where there are none) on an ellipse, servers within it.
  void placeOnCircle() {
    const int tensor = std::max(1, map_.lengths[2]);
    const auto groups = std::max<qsizetype>(1, (workers_.size() + tensor - 1) / tensor);
    const QPointF centre(size_.width() / 2, size_.height() / 2);
    const double margin_x = (groups > 1 ? 3.5 : 0) * unit_ + tensor * 2 * unit_, margin_y = 3.5 * unit_;
    const double ry = groups == 1 ? 0 : std::max(unit_, size_.height() / 2 - margin_y);
    const double rx = groups == 1   ? 0
                      : groups == 2 ? std::max(unit_, std::min(size_.width() / 2 - margin_x, 14 * unit_))
                                    : std::max(unit_, std::min(size_.width() / 2 - margin_x, 1.7 * ry));
    // The least distance of neighbours, at the flat sides of the ellipse.
    const double apart =
        groups < 2 ? size_.width() / 2 : 2 * std::min(rx, groups == 2 ? rx : ry) * std::sin(M_PI / groups);
    const QSizeF box = boxSize(std::min(apart * (groups > 2 ? 0.66 : 0.5), size_.width() / 3) / tensor);
    for (qsizetype i = 0; i < workers_.size(); ++i) {
      const auto group = i / tensor;
      const double angle = groups == 2 ? M_PI * (1 + group) : -M_PI / 2 + 2 * M_PI * group / groups;
      const QPointF outward(std::cos(angle), std::sin(angle));
      const double shift = (i % tensor - (tensor - 1) / 2.0) * (box.width() + 0.5 * unit_);
      add(*workers_[i], centre + QPointF(rx * outward.x() + shift, ry * outward.y()), box,
          unitVector({outward.x() / std::max(1.0, rx), outward.y() / std::max(1.0, ry)}));
    }
    placeServers(QRectF(centre.x() - rx / 2, centre.y() - ry / 4, rx, ry / 2));
  }

  void placeServers(const QRectF& room) {
    for (qsizetype i = 0; i < servers_.size(); ++i) {
      const double slot = room.width() / servers_.size();
      const double wide = std::clamp(slot * 0.8, 0.8 * unit_, 5 * unit_);
      add(*servers_[i], {room.left() + slot * (i + 0.5), room.center().y()},
          {wide, std::min(wide, 3 * unit_)}, {});
    }
  }

  // A column a stage, a row a replica.
  void placeInColumns() {
    const int stages = map_.lengths[1], replicas = map_.lengths[0], tensor = map_.lengths[2];
    const double top = 3.5 * unit_, bottom = (servers_.isEmpty() ? 2 : 5) * unit_;
    const double left = 3 * unit_, column = (size_.width() - 2 * left) / stages,
                 row = (size_.height() - top - bottom) / replicas;
    const QSizeF box = boxSize(std::min(column * 0.6 / tensor, std::max(row * 0.9, unit_)));
    const QSizeF flat(box.width(), std::min(box.height(), row * 0.6));
    for (int stage = 0; stage < stages; ++stage)
      layout_.columns.push_back({QRectF(left + stage * column, 0, column, 2.5 * unit_), stage});
    for (const TrafficRank* rank : workers_) {
      const double shift = (rank->axis[2] - (tensor - 1) / 2.0) * (flat.width() + 0.4 * unit_);
      add(*rank, {left + (rank->axis[1] + 0.5) * column + shift, top + (rank->axis[0] + 0.5) * row}, flat,
          {});
    }
    placeServers({size_.width() / 4, size_.height() - bottom, size_.width() / 2, bottom - unit_});
  }

  MeshArrow::Kind kindOf(const TrafficRank& from, const TrafficRank& to) const {
    if (from.server || to.server) return MeshArrow::kServer;
    if (from.axis[1] != to.axis[1]) return MeshArrow::kPipeline;
    if (from.axis[0] != to.axis[0]) return MeshArrow::kData;
    return from.axis[2] != to.axis[2] ? MeshArrow::kTensor : MeshArrow::kData;
  }

  void drawArrows() {
    QHash<int, const TrafficRank*> rank_of;
    for (const TrafficRank& rank : map_.ranks) rank_of.insert(rank.rank, &rank);
    // Of flows with the same bytes: the neighbours, then those across, then those between, so that what is
    // left out is left out of all ranks alike, and a part looks like the whole.
    std::vector<TrafficFlow> flows = map_.flows;
    const auto count = static_cast<unsigned>(map_.ranks.back().rank + 1);
    const auto turn = [count](const TrafficFlow& flow) {
      unsigned distance = (static_cast<unsigned>(flow.to - flow.from) + count) % count - 1, reversed = 0;
      for (unsigned bit = 1; bit < count; bit *= 2, distance /= 2) reversed = reversed * 2 + distance % 2;
      return reversed;
    };
    std::stable_sort(flows.begin(), flows.end(), [&](const TrafficFlow& a, const TrafficFlow& b) {
      return a.bytes != b.bytes ? a.bytes > b.bytes : turn(a) < turn(b);
    });
    const auto drawn = std::min<qsizetype>(kMostArrows, static_cast<qsizetype>(flows.size()));
    layout_.omitted = static_cast<qsizetype>(flows.size()) - drawn;
    const double thin = drawn > kMostFullArrows ? 0.5 : 1;
    layout_.labels = drawn <= kMostFullArrows;
    for (qsizetype i = drawn; i-- > 0;) {
      const TrafficFlow& flow = flows[static_cast<size_t>(i)];
      MeshArrow arrow;
      arrow.from = flow.from;
      arrow.to = flow.to;
      arrow.bytes = rates_ == nullptr ? flow.bytes : rates_->value({flow.from, flow.to}, qQNaN());
      arrow.kind = kindOf(*rank_of[flow.from], *rank_of[flow.to]);
      arrow.width =
          std::max(0.1 * unit_, arrowWidth(std::isnan(arrow.bytes) ? 0 : arrow.bytes, unit_) * thin);
      bend(arrow);
      layout_.arrows.push_back(arrow);
      if (!layout_.kinds.contains(arrow.kind)) layout_.kinds.push_back(arrow.kind);
    }
    std::sort(layout_.kinds.begin(), layout_.kinds.end());
  }

  // A bow to the left of the way, so that there and back are two lines; wider where other ranks lie between.
  void bend(MeshArrow& arrow) const {
    const QRectF from = layout_.nodes[node_of_[arrow.from]].box, to = layout_.nodes[node_of_[arrow.to]].box;
    const QPointF way = to.center() - from.center();
    const double length = std::hypot(way.x(), way.y());
    const QPointF left = QPointF(way.y(), -way.x()) / std::max(1e-9, length);
    double bow = std::min(0.14 * length, 4 * unit_);
    if (map_.lengths[1] > 1 && (std::abs(way.x()) < unit_ || std::abs(way.y()) < unit_)) {
      const double room = std::abs(way.x()) < unit_ ? rowStep() : columnStep();
      if (room > 0 && length > 1.5 * room) bow = std::min(0.3 * length, 6 * unit_);
    }
    const double gap = 0.25 * unit_;
    const QPointF control = (from.center() + to.center()) / 2 + left * 2 * bow;
    const QPointF begin = edgeOf(from, control, gap), tip = edgeOf(to, control, gap);
    const QPointF along = unitVector(tip - control), across(-along.y(), along.x());
    const double head =
        std::clamp(1.6 * arrow.width + 0.5 * unit_, 0.4 * unit_, std::max(0.4 * unit_, 0.4 * length));
    arrow.tip = tip;
    arrow.back_left = tip - along * head + across * head * 0.45;
    arrow.back_right = tip - along * head - across * head * 0.45;
    arrow.path.moveTo(begin);
    arrow.path.quadTo(control, tip - along * head * 0.8);
    arrow.middle = (begin + tip) / 4 + control / 2;  // the curve at its half
    arrow.beside = left;
  }
  double rowStep() const { return (size_.height() - 4.5 * unit_) / std::max(1, map_.lengths[0]); }
  double columnStep() const { return (size_.width() - 6 * unit_) / std::max(1, map_.lengths[1]); }

  const TrafficMap& map_;
  const QSizeF size_;
  const double unit_, digit_;
  const MeshRates* const rates_;
  QVector<const TrafficRank*> workers_, servers_;
  QHash<int, qsizetype> node_of_;
  MeshLayout layout_;
};

}  // namespace

int MeshLayout::rankAt(const QPointF& position) const {
  int best = -1;
  double nearest = 1e9;
  for (const MeshNode& node : nodes) {
    const double reach = std::max(2.0, node.box.height() / 3);
    if (!node.box.adjusted(-reach, -reach, reach, reach).contains(position)) continue;
    const QPointF way = node.box.center() - position;
    if (std::hypot(way.x(), way.y()) >= nearest) continue;
    nearest = std::hypot(way.x(), way.y());
    best = node.rank;
  }
  return best;
}

double arrowWidth(double bytes, double unit) {
  return unit * std::clamp(0.12 + 0.09 * (std::log10(std::max(1.0, bytes)) - 3), 0.12, 0.7);
}

double meshHeight(const TrafficMap& map, double width, double unit) {
  const auto ranks = map.ranks.size();
  if (ranks <= 1) return 5 * unit;
  if (map.lengths[1] > 1) {
    const double rows = map.lengths[0];
    return std::min((rows <= 8 ? 7 : 3.5) * rows + 5 + (ranks > 64 ? 4 : 0), 60.0) * unit;
  }
  if (ranks == 2) return 12 * unit;
  return std::min(width * 0.8, (ranks <= 8 ? 26 : ranks <= 24 ? 34 : 42) * unit);
}

MeshLayout meshLayout(const TrafficMap& map, const QSizeF& size, double unit, double digit,
                      const MeshRates* rates) {
  if (map.ranks.empty() || size.isEmpty()) return {};
  return Layouter(map, size, unit, digit, rates).run();
}

}  // namespace concertina::ui
