// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_serving.h: a run's model that answers on this machine: `concertinactl serve` as a child of the
// desktop, and `concertinactl bench served`, which asks it. On the way of the data: here -> the two programs
// -> their JSON -> ui/pages/compress_serve.h.
#pragma once

#include <QJsonObject>
#include <QObject>
#include <QPointer>
#include <QProcess>
#include <QStringList>
#include <QTimer>
#include <QVector>
#include <utility>

namespace concertina::ui {

// What was served, and what was measured, in words: what, and how much. Trusts nothing: figures that are no
// numbers are not measured.
QVector<std::pair<QString, QString>> servedWords(const QJsonObject& served);
QVector<std::pair<QString, QString>> servedLatencyWords(const QJsonObject& bench);

class ModelServing : public QObject {
  Q_OBJECT
 public:
  // Until `serve` has said where it answers: the model is fetched from the engine first.
  static constexpr int kStartSeconds = 60;
  static constexpr int kMeasureSeconds = 180;
  static constexpr int kEndSeconds = 8;  // then it is killed

  explicit ModelServing(QObject* parent = nullptr) : QObject(parent) {}
  // What runs is told to end; the window does not wait for it.
  ~ModelServing() override;

  // `engine`: the address of the engine that has the run. Once.
  void start(const QString& engine, const QString& run);
  void measure(int queries);  // while it is served; one at a time
  void stop();

  bool isServed() const { return !address_.isEmpty(); }
  bool isMeasuring() const { return !bench_.isNull(); }
  QString address() const { return address_; }  // "unix:/…"; empty: it does not answer (yet)

 signals:
  void served(const QJsonObject& served);  // as `serve --json` prints it
  void measured(const QJsonObject& bench, const QString& error);
  void ended(const QString& error);  // "": it was stopped

 private:
  QProcess* launch(const QStringList& arguments, QString& error);
  void readServed();
  void end(QPointer<QProcess>& process);

  QPointer<QProcess> server_, bench_;
  QString address_;
  QByteArray said_;
  bool is_stopping_ = false;
};

}  // namespace concertina::ui
