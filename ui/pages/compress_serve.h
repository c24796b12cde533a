// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_serve.h: the small window in which a run's model answers on this machine, and is measured as who
// asks it sees it. It answers as long as the window is there.
// On the way of the data: pages/compress_deploy.h -> here -> ui/client/model_serving.h -> here.
#pragma once

#include <QDialog>
#include <QJsonObject>

#include "ui/client/model_serving.h"

class QFormLayout;
class QFrame;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace concertina::ui {

class CompressServe : public QDialog {
  Q_OBJECT
 public:
  // `engine`: the address of the engine that has the run. Begins at once.
  CompressServe(const QString& engine, const QString& run, const QString& name, QWidget* parent = nullptr);

 private:
  void showServed(const QJsonObject& served);
  void showMeasured(const QJsonObject& bench, const QString& error);
  void showEnded(const QString& error);
  void measure();
  void fillRows();
  void say(const QString& text, const char* tone);

  ModelServing* serving_;
  QJsonObject served_, bench_;
  QLabel* message_;
  QProgressBar* progress_;
  QFrame* figures_;
  QFormLayout* rows_;
  QSpinBox* queries_;
  QPushButton *measure_ = nullptr, *stop_ = nullptr, *close_ = nullptr;
};

}  // namespace concertina::ui
