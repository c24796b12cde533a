// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_host_test.h: the button that asks whether the machine of a group of workers is ready for them, and
// the answer below it. On the way of the data: ui/pages/design_workers_card.h -> here -> DesignService ->
// here.
#pragma once

#include <QElapsedTimer>
#include <QJsonObject>
#include <QTimer>
#include <QWidget>
#include <functional>

#include "core/proto/engine.pb.h"

class QLabel;
class QPushButton;

namespace concertina::ui {

// Asks about an entry of /workers, as JSON; what comes back ends the question.
using AskHost = std::function<std::function<void()>(
    QObject*, const QString& entry,
    std::function<void(const proto::TestLauncherReply&, const QString& error)>)>;

class DesignHostTest : public QWidget {
  Q_OBJECT
 public:
  // `group` from 0; null `ask`: there is nobody to ask, and no button.
  DesignHostTest(int group, AskHost ask, QWidget* parent = nullptr);
  ~DesignHostTest() override;

  // The entry as it stands; what was said of another one goes.
  void setEntry(const QJsonObject& entry);

 private:
  void press();
  void showAsking();
  void say(const QString& text, const char* tone);
  void rest();

  AskHost ask_;
  QJsonObject entry_;
  std::function<void()> cancel_;  // while it is asked
  qint64 asked_ = 0;              // answers to older questions are dropped
  QElapsedTimer began_;
  QTimer tick_;
  QPushButton* button_;
  QLabel* answer_;
};

}  // namespace concertina::ui
