// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layers_model.h: what the gradient codec does to each layer of the watched run, a row a layer.
// On the way of the data: client/metric_model.h -> here (core/analysis/layer_table.h) ->
// ui/pages/monitor_layers.h.
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "core/analysis/layer_table.h"
#include "ui/client/metric_model.h"

namespace concertina::ui {

class LayersModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kLayer, kParameters, kShare, kError, kCosine, kResidual, kAge, kDirection, kColumns };
  // The length of the cell's bar, 0 to 1, or -1 to 1 where it begins in the middle; not a number: none.
  enum Role { kBarRole = Qt::UserRole };
  static bool isSigned(int column) { return column == kCosine || column == kDirection; }

  explicit LayersModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
  // The newest of every layer. Rows stay in their order; those of another run replace all.
  void take(const MetricModel& metrics);
  const std::vector<LayerRow>& rows() const { return rows_; }
  int rowOf(const QString& layer) const;  // -1: it has none

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  double value(const LayerRow& row, int column) const;

  std::vector<LayerRow> rows_;
};

}  // namespace concertina::ui
