// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_figures.h: the six numbers that say how a run is doing, large.
// On the way of the data: RunSummary, client/metric_model.h -> here -> the eye.
#pragma once

#include <QFrame>
#include <array>

#include "core/proto/run.pb.h"
#include "ui/client/metric_model.h"

class QLabel;

namespace concertina::ui {

class MonitorFigures : public QFrame {
  Q_OBJECT
 public:
  explicit MonitorFigures(QWidget* parent = nullptr);
  // The live value where there is one, else the summary's.
  void update(const proto::RunSummary& run, const MetricModel& metrics);

 private:
  enum Figure { kLoss, kAccuracy, kSamples, kRate, kSent, kRatio, kFigures };
  struct Cell {
    QLabel* value = nullptr;
    QLabel* unit = nullptr;
    QLabel* note = nullptr;
  };
  void set(Figure figure, const QString& text, const QString& note);

  std::array<Cell, kFigures> cells_;
};

}  // namespace concertina::ui
