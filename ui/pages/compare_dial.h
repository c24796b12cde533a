// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_dial.h: the break-even dial: what a step of each codec takes on a link of any bandwidth, and who is
// the quickest where the dial stands. Lines are worked out from what finished runs measured
// (core/analysis/break_even.h), dots are steps of runs that go, on the link that they had.
// On the way of the data: ui/client/comparison_model.h -> here -> the eye; the dial -> links of runs that go.
#pragma once

#include <QVector>
#include <QWidget>

#include "core/analysis/break_even.h"
#include "core/analysis/table_text.h"

class QCheckBox;
class QLabel;
class QSlider;

namespace concertina::ui {

struct DialLine {
  QString label;
  MeasuredStep step;
  double latency_ms = 0;
  bool is_dense = false;
};
struct DialDot {
  QString label;  // of the line that it belongs to, if there is one
  double bandwidth_mbit = 0, seconds = 0;
};

class DialPicture;

class CompareDial : public QWidget {
  Q_OBJECT
 public:
  static constexpr double kLeastMbit = 1, kMostMbit = 100000;

  explicit CompareDial(QWidget* parent = nullptr);

  void setLines(const QVector<DialLine>& lines);
  void setDots(const QVector<DialDot>& dots);
  void setGoing(int runs);   // how many runs the dial would turn
  double bandwidth() const;  // Mbit/s
  void setBandwidth(double mbit);

 signals:
  // A person let the dial go, and wants the links of the runs that go to follow.
  void turned(double bandwidth_mbit);
  void saved(const QString& message, bool is_problem);  // the picture or its numbers, or why not

 private:
  void showBandwidth();
  TextTable numbers() const;

  DialPicture* picture_;
  QSlider* slider_;
  QLabel* value_;
  QLabel* verdict_;
  QCheckBox* follow_;
  QVector<DialLine> lines_;
};

}  // namespace concertina::ui
