// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_staleness.h: how often each staleness was measured, as bars beside its curve.
// On the way of the data: client/staleness_feed.h -> here -> the eye.
#pragma once

#include <QWidget>

#include "core/analysis/value_counts.h"

class QLabel;

namespace concertina::ui {

class StalenessBars;

class MonitorStaleness : public QWidget {
  Q_OBJECT
 public:
  explicit MonitorStaleness(QWidget* parent = nullptr);

  // Of the newest `steps`; `is_of_workers`: each worker's own values, else the mean of all of them.
  void show(const ValueCounts& counts, qint64 steps, bool is_of_workers);
  QString words() const;

 signals:
  void sightChanged(bool is_in_sight);

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  StalenessBars* bars_;
  QLabel* words_;
};

}  // namespace concertina::ui
