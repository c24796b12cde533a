// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_blame.h: who keeps the others waiting: a sentence, and a bar a rank of the seconds it is charged,
// by what it was late with; and the collectives at which they wait. On the way of the data:
// ui/client/blame_feed.h, ui/client/arrival_feed.h -> here -> the eye.
#pragma once

#include <QString>
#include <QWidget>

#include "core/analysis/blame.h"
#include "core/analysis/collective_blame.h"

class QLabel;
class QScrollArea;
class QTableWidget;

namespace concertina::ui {

QString blameText(const Blame& blame);                             // the sentence
QString latePhaseText(LatePhase phase);                            // "Computing"
QString blameRankText(const Blame& blame, const RankBlame& rank);  // what a row says

class BlameBars : public QWidget {
  Q_OBJECT
 public:
  explicit BlameBars(QWidget* parent = nullptr);
  void setBlame(const Blame& blame);
  QString textAt(const QPoint& position) const;  // of the bar there; "" beside the bars
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  int rowHeight() const;
  int labelWidth() const;
  int figureWidth() const;
  QRectF barOf(qsizetype row) const;  // as long as what the rank is charged

  Blame blame_;
  double most_ = 0;
};

class MonitorBlame : public QWidget {
  Q_OBJECT
 public:
  explicit MonitorBlame(QWidget* parent = nullptr);
  // `obstacle`: why there is no answer, "" otherwise; `answered`: whether `blame` is one.
  void show(const Blame& blame, bool answered, const QString& obstacle);
  // Beneath the bars, the most charged first; of none nothing is shown.
  void showCollectives(const CollectiveBlame& blame);
  QString sentence() const;

 private:
  QLabel* sentence_;
  QLabel* about_;
  QWidget* legend_;
  QScrollArea* scroll_;
  BlameBars* bars_;
  QLabel* collectives_about_;
  QTableWidget* collectives_;
  bool seen_ = false, has_collectives_ = false;
};

}  // namespace concertina::ui
