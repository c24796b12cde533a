// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_setup.h: which codecs and which links an experiment is to be tried with. All are checked before any
// is started. On the way of the data: the Design page's experiment -> here -> ui/client/engine_client.h.
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QWidget>

#include "ui/client/engine_client.h"

class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace concertina::ui {

class CompareSetup : public QWidget {
  Q_OBJECT
 public:
  explicit CompareSetup(EngineClient& client, QWidget* parent = nullptr);

  void setSpec(const QString& spec);  // the experiment that is compared on
  double target() const;
  // One for each ticked codec on each ticked link, in that order.
  QVector<QJsonObject> specs() const;

 signals:
  void started(const QString& group);  // all of its runs are in the engine's queue
  void cancelled();
  void targetChanged(double accuracy);

 private:
  void askForCodecs();
  void fillCodecs(const QJsonObject& describe);
  // `name` goes into the runs' names, `words` beside it, `value` into their specs.
  void addItem(QListWidget* list, const QString& name, const QString& words, const QString& tip,
               const QJsonValue& value, bool ticked);
  void showCount();
  void start();
  void check(qsizetype at);
  void submit(qsizetype at);
  void setBusy(bool busy);
  void say(const QString& text, const char* tone);

  EngineClient& client_;
  QJsonObject spec_;
  QVector<QJsonObject> going_;  // being checked, then submitted
  QStringList faults_;
  QLabel *about_, *count_, *message_;
  QLineEdit* name_;
  QListWidget *codecs_, *links_;
  QDoubleSpinBox* target_;
  QPushButton *start_, *cancel_;
};

}  // namespace concertina::ui
