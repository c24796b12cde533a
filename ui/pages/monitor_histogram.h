// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_histogram.h: how large the elements of a gradient are, by octaves, of a layer or of all; taken when
// one asks. On the way of the data: core/analysis/octaves.h -> here -> the eye.
#pragma once

#include <QFrame>
#include <vector>

#include "core/analysis/octaves.h"

class QLabel;
class QPushButton;

namespace concertina::ui {

class OctavePicture;

class MonitorHistogram : public QFrame {
  Q_OBJECT
 public:
  explicit MonitorHistogram(QWidget* parent = nullptr);

  void setHistogram(const std::vector<OctaveCounts>& layers, qint64 step);  // none: not taken yet
  void setLayer(const QString& layer);                                      // "": all of them
  void setTakeable(bool can);

 signals:
  void requested();

 private:
  void showLayer();

  std::vector<OctaveCounts> layers_;
  qint64 step_ = -1;
  QString layer_;
  OctavePicture* picture_;
  QLabel* words_;
  QPushButton* take_;
};

}  // namespace concertina::ui
