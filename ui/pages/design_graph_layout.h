// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_graph_layout.h: where the layers of a model lie in its picture: what reads is below what it reads,
// branches lie beside each other, blocks may be folded into one box. Without a window.
// On the way of the data: `plan --json` -> here -> ui/pages/design_model_graph.h.
//
//   rank of a box = 1 + the greatest rank of what it reads        (longest path)
//   order within a rank: by the mean place of the neighbours, downwards and upwards in turns
// [Sugiyama, Tagawa, Toda. Methods for Visual Understanding of Hierarchical System Structures. IEEE
// Transactions on Systems, Man, and Cybernetics 1981]. An arrow over several ranks keeps a lane in each.
#pragma once

#include <QJsonObject>
#include <QPolygonF>
#include <QRectF>
#include <QSet>
#include <QString>
#include <QVector>

namespace concertina::ui {

struct ModelLayer {
  QString name, kind, output;
  qint64 parameters = 0;
  double flops = 0;  // forward, one sample
  int stage = 0;
  QVector<int> inputs;  // layers; -1: the sample

  friend bool operator==(const ModelLayer&, const ModelLayer&) = default;
};

// Of a plan by an older engine, which does not say what a layer reads: each reads the one before.
QVector<ModelLayer> modelLayers(const QJsonObject& plan);
QString sampleShape(const QJsonObject& plan);  // "1 × 28 × 28"

struct GraphBox {
  QString name, kind, output;  // of a folded block: its name, "" and the output of its last layer
  QString block;               // that it belongs to, or is; "": none
  bool folded = false;
  QVector<int> layers;  // none: the sample
  qint64 parameters = 0;
  double flops = 0;
  int stage = 0;
  int rank = 0;
  QVector<int> above, below;  // boxes that it reads, and that read it; from the left
  QRectF place;
};

struct GraphArrow {
  int from = 0, to = 0;  // boxes
  QPolygonF path;        // from the lower edge of one to the upper edge of the other
};

struct GraphBand {
  int stage = 0;
  double top = 0, bottom = 0;
};

struct GraphLayout {
  QVector<GraphBox> boxes;  // in the order of the model
  QVector<GraphArrow> arrows;
  QVector<GraphBand> bands;  // none where all layers are of one stage
  QSizeF size;

  int boxAt(const QPointF& point) const;  // -1: none
  int boxOf(int layer) const;             // -1: none
  int ranks() const;
};

struct GraphMeasures {
  QSizeF box;
  double beside = 0, between = 0;  // of boxes in a rank, and of ranks
  double margin = 0;
};

inline constexpr int kMostOpenLayers = 40;  // of more, blocks are folded at first

// "stage1.block2" of "stage1.block2.conv1"; layers without a name of their own (an activation, a sum) belong
// to the block that they follow. "": none. Layers of one block follow each other, and are of one stage.
QVector<QString> blocksOf(const QVector<ModelLayer>& layers);

// `folded`: these blocks are one box each.
GraphLayout graphLayout(const QVector<ModelLayer>& layers, const QString& sample, const QSet<QString>& folded,
                        const GraphMeasures& measures);

}  // namespace concertina::ui
