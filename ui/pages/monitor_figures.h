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

namespace concertina::ui {

// A title, a number with its unit, and a remark. Paints itself, ground and all, so that a new number costs
// its own text and neither the layout nor the card behind it.
class FigureCell : public QWidget {
  Q_OBJECT
  Q_PROPERTY(QString text READ text)
 public:
  FigureCell(const QString& title, QWidget* parent);
  void set(const QString& text,
           const QString& note);  // "12.3 MB/s": the unit is what follows the first space
  QString text() const { return text_; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QString title_, text_, note_;
};

class MonitorFigures : public QFrame {
  Q_OBJECT
 public:
  explicit MonitorFigures(QWidget* parent = nullptr);
  // The live value where there is one, else the summary's.
  void update(const proto::RunSummary& run, const MetricModel& metrics);
  void showLoss(const proto::RunSummary& run, const MetricModel& metrics);

 private:
  enum Figure { kLoss, kAccuracy, kSamples, kRate, kSent, kRatio, kFigures };
  std::array<FigureCell*, kFigures> cells_;
};

}  // namespace concertina::ui
