// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_layers.h: the residual microscope: what the codec does to each layer and what waits of it, as a
// table with bars, and the curves of the layer that is chosen.
// On the way of the data: ui/client/layers_model.h, metric_model.h -> here -> the eye.
#pragma once

#include <QWidget>

#include "core/analysis/octaves.h"
#include "ui/charts/series_chart.h"
#include "ui/client/layers_model.h"
#include "ui/client/metric_model.h"

class QLabel;
class QPushButton;
class QTableView;

namespace concertina::ui {

class ChartCard;
class MonitorHistogram;

class MonitorLayers : public QWidget {
  Q_OBJECT
 public:
  explicit MonitorLayers(const MetricModel& metrics, QWidget* parent = nullptr);
  // Takes the newest, if it is to be seen. `obstacle`: why there is nothing, "" if there is or will be.
  void refresh(const QString& obstacle);
  // `why_not`: why the codec cannot be changed now; "": it can.
  void setChangeable(const QString& why_not);
  void setHistogram(const std::vector<OctaveCounts>& layers, qint64 step);  // none: not taken yet
  void setCountable(bool can);
  QString layer() const;  // the one that is chosen; "" if there is none

 signals:
  void changeRequested(const QString& layer);
  void histogramRequested();
  void saved(const QString& error);

 private:
  ChartCard* addChart(const QString& name, const QString& title, const QString& unit, QWidget* parent);
  void showLayer();
  ChartCurve curveOf(LayerFigure figure, const QString& label, int color) const;

  const MetricModel& metrics_;
  LayersModel model_;
  QLabel* empty_;
  QWidget* body_;
  QTableView* table_;
  QLabel* chosen_;
  QPushButton* change_;
  QVector<ChartCard*> charts_;
  MonitorHistogram* histogram_;
};

}  // namespace concertina::ui
