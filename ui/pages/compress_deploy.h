// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_deploy.h: the small window in which a run's model goes to a device by ssh and is measured there;
// or is served here (pages/compress_serve.h). On the way of the data: the ssh launcher's descriptor -> here
// -> the engine's MeasureOnDevice -> ui/client/device_figures.h -> here.
#pragma once

#include <QDialog>
#include <QElapsedTimer>
#include <QJsonObject>
#include <QTimer>
#include <functional>

#include "ui/client/engine_client.h"

class QFormLayout;
class QFrame;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace concertina::ui {

class ParamForm;

class CompressDeploy : public QDialog {
  Q_OBJECT
 public:
  // `device`: an entry {"host": …} to begin with, as measureStarted told it; may be empty.
  CompressDeploy(EngineClient& client, const QString& run, const QString& name, const QJsonObject& device,
                 QWidget* parent = nullptr);
  ~CompressDeploy() override;

  // Esc and Cancel: what is being measured is ended, and the window stays; else it closes.
  void reject() override;

 signals:
  void measureStarted(const QJsonObject& device);

 private:
  void askForFields();
  void measure();
  void showAnswer(const proto::MeasureOnDeviceReply& reply, const QString& error);
  void setMeasuring(bool measuring);
  void showElapsed();
  void say(const QString& text, const char* tone);

  EngineClient& client_;
  const QString run_;
  QJsonObject device_;
  QVBoxLayout* form_place_;
  ParamForm* form_ = nullptr;
  QSpinBox* queries_;
  QLabel *help_, *message_;
  QProgressBar* progress_;
  QFrame* figures_;
  QFormLayout* rows_;
  QPushButton *measure_ = nullptr, *serve_ = nullptr, *close_ = nullptr;
  QTimer elapsed_timer_;
  QElapsedTimer began_;
  std::function<void()> cancel_;  // the call under way; empty: none is
  qint64 asked_ = 0;              // answers to earlier calls are dropped
};

}  // namespace concertina::ui
