// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_plots.h: groups of runs by any two figures with their front, against the baseline as bars, and
// their settings with a result on parallel axes. On the way of the data: client/run_comparison.h -> here.
#pragma once

#include <QWidget>

#include "ui/client/run_comparison.h"
#include "ui/client/run_comparison_models.h"

class QComboBox;

namespace concertina::ui {

class CompareBars;
class CompareScatter;
class ParallelAxes;

class ComparePlots : public QWidget {
  Q_OBJECT
 public:
  ComparePlots(const RunComparison& comparison, const SpecDifferenceModel& settings,
               QWidget* parent = nullptr);

 signals:
  // Someone brushed the parallel axes: these groups (their first runs) are kept.
  void kept(const QStringList& runs);
  void saved(const QString& message, bool is_problem);  // a picture or its numbers, or why not

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void refresh();
  void showScatter();
  void showBars();
  void showAxes();

  const RunComparison& comparison_;
  const SpecDifferenceModel& settings_;
  QComboBox *scatter_x_, *scatter_y_, *bars_figure_, *axes_figure_;
  CompareScatter* scatter_;
  CompareBars* bars_;
  ParallelAxes* axes_;
};

}  // namespace concertina::ui
