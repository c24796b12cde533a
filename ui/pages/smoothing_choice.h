// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// smoothing_choice.h: how much the curves of a page are smoothed, by a slider, and by which average, by a
// menu, which says the figure. On the way of the data: a hand -> here -> charts/series_chart.h.
#pragma once

#include <QWidget>

#include "ui/charts/smoothing.h"

class QSlider;
class QToolButton;

namespace concertina::ui {

class SmoothingChoice : public QWidget {
  Q_OBJECT
 public:
  // `page` begins the names of what is within: "monitorPage".
  explicit SmoothingChoice(const QString& page, QWidget* parent = nullptr);

  Smoothing smoothing() const;
  int value() const;  // of the slider, 0 to 100
  void setValue(int percent);
  Smoothing::Kind kind() const { return kind_; }
  void setKind(Smoothing::Kind kind);
  // "exponential" or "running-mean", as a file of settings has it; what is neither leaves it as it is.
  QString kindWord() const;
  void setKindWord(const QString& word);

 signals:
  void changed();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void tell();
  void fit();

  Smoothing::Kind kind_ = Smoothing::Kind::kExponential;
  QSlider* slider_;
  QToolButton* button_;
};

}  // namespace concertina::ui
