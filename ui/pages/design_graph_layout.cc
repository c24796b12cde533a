// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_graph_layout.cc: boxes, ranks, order, places (see design_graph_layout.h).
#include "ui/pages/design_graph_layout.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QMap>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace concertina::ui {
namespace {

constexpr int kSweeps = 8;      // down and up; the order of residual networks is found after two
constexpr int kSettlings = 12;  // of places, likewise

QString shapeOf(const QJsonArray& lengths) {
  QStringList texts;
  for (const QJsonValue& length : lengths) texts << QString::number(length.toInteger());
  return texts.join(QStringLiteral(" × "));
}

bool followsItsBlock(const QString& kind) {
  static const QSet<QString> kinds = {
      QStringLiteral("relu"), QStringLiteral("tanh"),       QStringLiteral("sigmoid"), QStringLiteral("gelu"),
      QStringLiteral("add"),  QStringLiteral("batch-norm"), QStringLiteral("dropout")};
  return kinds.contains(kind);
}

// A place in a rank: of a box, or of the lane of an arrow that goes past.
struct Spot {
  int box = -1;
  double width = 0;
  double x = 0;  // of its middle
  QVector<int> above, below;
};

struct Ranked {
  QVector<Spot> spots;
  QVector<QVector<int>> ranks;   // from the left
  QVector<QVector<int>> chains;  // of each arrow: its spots, from the top
};

void addBoxes(const QVector<ModelLayer>& layers, const QString& sample, const QSet<QString>& folded,
              GraphLayout& layout) {
  const bool reads_sample = std::any_of(layers.begin(), layers.end(),
                                        [](const ModelLayer& layer) { return layer.inputs.contains(-1); });
  if (reads_sample) {
    GraphBox box;
    //: What a model reads: one sample of the dataset.
    box.name = QCoreApplication::translate("DesignModelGraph", "Sample");
    box.output = sample;
    box.stage = layers.front().stage;
    layout.boxes.push_back(box);
  }
  const QVector<QString> blocks = blocksOf(layers);
  QVector<int> box_of(layers.size());
  for (int i = 0; i < layers.size(); ++i) {
    const ModelLayer& layer = layers[i];
    const bool joins =
        !blocks[i].isEmpty() && folded.contains(blocks[i]) && i > 0 && blocks[i - 1] == blocks[i];
    if (!joins) {
      GraphBox box;
      box.block = blocks[i];
      box.folded = !blocks[i].isEmpty() && folded.contains(blocks[i]);
      box.name = box.folded ? blocks[i] : layer.name;
      box.kind = box.folded ? QString() : layer.kind;
      box.stage = layer.stage;
      layout.boxes.push_back(box);
    }
    GraphBox& box = layout.boxes.back();
    box.layers << i;
    box.output = layer.output;
    box.parameters += layer.parameters;
    box.flops += layer.flops;
    box_of[i] = int(layout.boxes.size()) - 1;
  }
  QSet<qint64> drawn;
  for (int i = 0; i < layers.size(); ++i)
    for (const int input : layers[i].inputs) {
      const int from = input < 0 ? 0 : box_of[input], to = box_of[i];
      const qint64 key = (qint64(from) << 32) | to;
      if (from >= to || drawn.contains(key)) continue;
      drawn.insert(key);
      layout.arrows.push_back({from, to, {}});
      layout.boxes[from].below << to;
      layout.boxes[to].above << from;
    }
}

// The boxes come in an order in which each reads earlier ones only. A stage begins below all of the one
// before, so that stages are bands.
void rankBoxes(GraphLayout& layout) {
  int floor = 0, deepest = -1;
  for (int i = 0; i < layout.boxes.size(); ++i) {
    GraphBox& box = layout.boxes[i];
    if (i > 0 && box.stage != layout.boxes[i - 1].stage) floor = deepest + 1;
    box.rank = floor;
    for (const int above : box.above) box.rank = std::max(box.rank, layout.boxes[above].rank + 1);
    deepest = std::max(deepest, box.rank);
  }
}

Ranked withLanes(const GraphLayout& layout, const GraphMeasures& measures) {
  Ranked ranked;
  ranked.ranks.resize(layout.ranks());
  for (int i = 0; i < layout.boxes.size(); ++i) {
    ranked.spots.push_back({.box = i, .width = measures.box.width(), .x = 0, .above = {}, .below = {}});
    ranked.ranks[layout.boxes[i].rank] << i;
  }
  for (const GraphArrow& arrow : layout.arrows) {
    QVector<int> chain = {arrow.from};
    for (int rank = layout.boxes[arrow.from].rank + 1; rank < layout.boxes[arrow.to].rank; ++rank) {
      chain << int(ranked.spots.size());
      ranked.ranks[rank] << chain.back();
      ranked.spots.push_back({.box = -1, .width = measures.beside, .x = 0, .above = {}, .below = {}});
    }
    chain << arrow.to;
    for (qsizetype i = 1; i < chain.size(); ++i) {
      ranked.spots[chain[i - 1]].below << chain[i];
      ranked.spots[chain[i]].above << chain[i - 1];
    }
    ranked.chains << chain;
  }
  return ranked;
}

void orderRanks(Ranked& ranked) {
  QVector<int> place(ranked.spots.size());
  const auto note = [&](const QVector<int>& rank) {
    for (qsizetype i = 0; i < rank.size(); ++i) place[rank[i]] = int(i);
  };
  for (const QVector<int>& rank : ranked.ranks) note(rank);
  const auto sort = [&](QVector<int>& rank, bool downwards) {
    QMap<int, double> mean;
    for (const int spot : rank) {
      const QVector<int>& near = downwards ? ranked.spots[spot].above : ranked.spots[spot].below;
      double sum = 0;
      for (const int other : near) sum += place[other];
      mean[spot] = near.isEmpty() ? place[spot] : sum / double(near.size());
    }
    std::stable_sort(rank.begin(), rank.end(), [&](int a, int b) { return mean[a] < mean[b]; });
    note(rank);
  };
  const qsizetype count = ranked.ranks.size();
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (qsizetype rank = 1; rank < count; ++rank) sort(ranked.ranks[rank], true);
    for (qsizetype rank = count - 2; rank >= 0; --rank) sort(ranked.ranks[rank], false);
  }
}

// Towards `wanted`, in their order and apart: from the left no spot lies further left than it may, from the
// right likewise, and the middle of both is apart, too.
void placeApart(QVector<Spot>& spots, const QVector<int>& rank, const QVector<double>& wanted,
                double beside) {
  const qsizetype count = rank.size();
  const auto apart = [&](qsizetype i) {
    return (spots[rank[i - 1]].width + spots[rank[i]].width) / 2 + beside;
  };
  QVector<double> right = wanted, left = wanted;
  for (qsizetype i = 1; i < count; ++i) right[i] = std::max(right[i], right[i - 1] + apart(i));
  for (qsizetype i = count - 1; i-- > 0;) left[i] = std::min(left[i], left[i + 1] - apart(i + 1));
  for (qsizetype i = 0; i < count; ++i) spots[rank[i]].x = (left[i] + right[i]) / 2;
}

void placeSpots(Ranked& ranked, double beside) {
  for (const QVector<int>& rank : ranked.ranks)
    placeApart(ranked.spots, rank, QVector<double>(rank.size()), beside);
  const auto settle = [&](const QVector<int>& rank, bool downwards) {
    QVector<double> wanted;
    for (const int spot : rank) {
      const QVector<int>& near = downwards ? ranked.spots[spot].above : ranked.spots[spot].below;
      double sum = 0;
      for (const int other : near) sum += ranked.spots[other].x;
      wanted << (near.isEmpty() ? ranked.spots[spot].x : sum / double(near.size()));
    }
    placeApart(ranked.spots, rank, wanted, beside);
  };
  const qsizetype count = ranked.ranks.size();
  for (int i = 0; i < kSettlings; ++i) {
    for (qsizetype rank = 1; rank < count; ++rank) settle(ranked.ranks[rank], true);
    for (qsizetype rank = count - 2; rank >= 0; --rank) settle(ranked.ranks[rank], false);
  }
}

}  // namespace

QVector<ModelLayer> modelLayers(const QJsonObject& plan) {
  QVector<ModelLayer> layers;
  for (const QJsonValue& entry : plan.value(QLatin1String("layers")).toArray()) {
    const QJsonObject object = entry.toObject();
    ModelLayer layer;
    layer.name = object.value(QLatin1String("name")).toString();
    layer.kind = object.value(QLatin1String("kind")).toString();
    layer.output = shapeOf(object.value(QLatin1String("output")).toArray());
    layer.parameters = object.value(QLatin1String("parameters")).toInteger();
    layer.flops = object.value(QLatin1String("forward_flops")).toDouble();
    layer.stage = object.value(QLatin1String("stage")).toInt();
    if (const QJsonValue inputs = object.value(QLatin1String("inputs")); inputs.isArray()) {
      for (const QJsonValue& input : inputs.toArray())
        if (const int number = input.toInt(-2); number >= -1 && number < layers.size())
          layer.inputs << number;  // what comes later cannot be read
    } else {
      layer.inputs << int(layers.size()) - 1;
    }
    layers << layer;
  }
  return layers;
}

QString sampleShape(const QJsonObject& plan) {
  return shapeOf(plan.value(QLatin1String("dataset")).toObject().value(QLatin1String("sample")).toArray());
}

QVector<QString> blocksOf(const QVector<ModelLayer>& layers) {
  QVector<QString> blocks;
  QSet<QString> ended;
  for (qsizetype i = 0; i < layers.size(); ++i) {
    const qsizetype dot = layers[i].name.lastIndexOf(QLatin1Char('.'));
    const QString before = i > 0 ? blocks[i - 1] : QString();
    const bool same_stage = i > 0 && layers[i].stage == layers[i - 1].stage;
    QString block = dot > 0                                         ? layers[i].name.left(dot)
                    : same_stage && followsItsBlock(layers[i].kind) ? before
                                                                    : QString();
    if (block != before || !same_stage) {
      if (!before.isEmpty()) ended.insert(before);
      if (ended.contains(block)) block.clear();  // a second part of it would be a box of the same name
    }
    blocks << block;
  }
  return blocks;
}

int GraphLayout::boxAt(const QPointF& point) const {
  for (int i = 0; i < boxes.size(); ++i)
    if (boxes[i].place.contains(point)) return i;
  return -1;
}

int GraphLayout::boxOf(int layer) const {
  for (int i = 0; i < boxes.size(); ++i)
    if (boxes[i].layers.contains(layer)) return i;
  return -1;
}

int GraphLayout::ranks() const {
  int deepest = -1;
  for (const GraphBox& box : boxes) deepest = std::max(deepest, box.rank);
  return deepest + 1;
}

GraphLayout graphLayout(const QVector<ModelLayer>& layers, const QString& sample, const QSet<QString>& folded,
                        const GraphMeasures& measures) {
  GraphLayout layout;
  if (layers.isEmpty()) return layout;
  addBoxes(layers, sample, folded, layout);
  rankBoxes(layout);
  Ranked ranked = withLanes(layout, measures);
  orderRanks(ranked);
  placeSpots(ranked, measures.beside);
  double left = 0, right = 0;
  for (const Spot& spot : ranked.spots) {
    left = std::min(left, spot.x - spot.width / 2);
    right = std::max(right, spot.x + spot.width / 2);
  }
  const double step = measures.box.height() + measures.between;
  const auto top = [&](int rank) { return measures.margin + rank * step; };
  for (Spot& spot : ranked.spots) spot.x += measures.margin - left;
  for (int i = 0; i < layout.boxes.size(); ++i) {
    GraphBox& box = layout.boxes[i];
    box.place = QRectF(QPointF(ranked.spots[i].x - measures.box.width() / 2, top(box.rank)), measures.box);
  }
  const auto fromTheLeft = [&](int a, int b) {
    return layout.boxes[a].place.left() < layout.boxes[b].place.left();
  };
  for (GraphBox& box : layout.boxes) {
    std::sort(box.above.begin(), box.above.end(), fromTheLeft);
    std::sort(box.below.begin(), box.below.end(), fromTheLeft);
  }
  for (qsizetype i = 0; i < layout.arrows.size(); ++i) {
    GraphArrow& arrow = layout.arrows[i];
    const QVector<int>& chain = ranked.chains[i];
    const int first = layout.boxes[arrow.from].rank;
    for (qsizetype k = 0; k < chain.size(); ++k) {
      const double x = ranked.spots[chain[k]].x, upper = top(first + int(k));
      if (k > 0) arrow.path << QPointF(x, upper);
      if (k + 1 < chain.size()) arrow.path << QPointF(x, upper + measures.box.height());
    }
  }
  layout.size = QSizeF(right - left + 2 * measures.margin,
                       layout.ranks() * step - measures.between + 2 * measures.margin);
  for (const GraphBox& box : layout.boxes) {
    const double upper = box.place.top() - measures.between / 2,
                 lower = box.place.bottom() + measures.between / 2;
    if (layout.bands.isEmpty() || layout.bands.back().stage != box.stage)
      layout.bands.push_back({box.stage, upper, lower});
    layout.bands.back().bottom = std::max(layout.bands.back().bottom, lower);
  }
  if (layout.bands.size() < 2) layout.bands.clear();
  return layout;
}

}  // namespace concertina::ui
