// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_verify.h: the small window in which an experiment is compared with one worker: progress, then the
// verdict with its figures. On the way of the data: ui/client/equality_check.h -> here -> the eye.
#pragma once

#include <QDialog>

#include "ui/client/equality_check.h"

class QFormLayout;
class QLabel;
class QProgressBar;
class QPushButton;

namespace concertina::ui {

class DesignVerify : public QDialog {
  Q_OBJECT
 public:
  // Begins at once. Closing it before the end kills the run that goes.
  DesignVerify(EngineClient& client, const QString& spec, QWidget* parent = nullptr);

 private:
  void showResult();
  void showEnd(const QString& headline, const char* tone, const QString& text);

  EqualityCheck check_;
  QLabel* headline_;
  QLabel* text_;
  QProgressBar* progress_;
  QWidget* figures_;
  QFormLayout* rows_;
  QPushButton* close_;
};

}  // namespace concertina::ui
