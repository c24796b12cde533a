// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_class_bars.h: how many samples of each class each worker gets, a row of small bars a worker: a
// partition that is not identical is seen at a glance.
#pragma once

#include <QStringList>
#include <QVector>
#include <QWidget>

namespace concertina::ui {

class DesignClassBars : public QWidget {
  Q_OBJECT
 public:
  static constexpr int kMostRows = 12;  // the rest is told in words

  explicit DesignClassBars(QWidget* parent = nullptr);
  void setCounts(const QVector<QVector<qint64>>& counts, const QStringList& class_names);
  QString textAt(const QPoint& position) const;  // "Worker 2, Shirt: 1,500 samples"; "" beside the bars

  // A worker's row, by click or arrow keys: its samples are shown. -1: none. choose() tells nobody.
  void choose(int worker);
  int chosen() const { return chosen_; }

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 signals:
  void workerChosen(int worker);  // by a person

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  qsizetype rows() const { return std::min<qsizetype>(counts_.size(), kMostRows); }
  int rowHeight() const;
  int labelWidth() const;
  QRectF barOf(qsizetype row, qsizetype column) const;  // the whole slot, as high as the row

  QVector<QVector<qint64>> counts_;
  QStringList class_names_;
  qint64 most_ = 0;
  int chosen_ = -1;
};

}  // namespace concertina::ui
