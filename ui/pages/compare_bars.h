// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_bars.h: what each group of runs is against the baseline by one figure, in percent, as bars with
// their interval. On the way of the data: pages/compare_plots.h -> here -> the eye.
#pragma once

#include <QString>
#include <QVector>
#include <QWidget>

#include "core/analysis/table_text.h"

namespace concertina::ui {

struct DifferenceBar {
  QString label;
  double percent = 0;                    // not finite: left out
  double low = qQNaN(), high = qQNaN();  // percent; NaN: one seed
  bool is_better = false;
};

class CompareBars : public QWidget {
  Q_OBJECT
 public:
  explicit CompareBars(QWidget* parent = nullptr);

  void setBars(const QVector<DifferenceBar>& bars, const QString& empty_text);
  const QVector<DifferenceBar>& bars() const { return bars_; }
  TextTable numbers() const;
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QVector<DifferenceBar> bars_;
  QString empty_text_;
};

}  // namespace concertina::ui
