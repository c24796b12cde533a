// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_start_lines.h: the lines with which a person starts workers by hand, to be copied. They hold
// tokens: they are asked for when the window opens, and gone when it closes. On the way of the data: the
// engine's StartLines -> here -> the clipboard.
#pragma once

#include <QDialog>

#include "ui/client/engine_client.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace concertina::ui {

class MonitorStartLines : public QDialog {
  Q_OBJECT
 public:
  MonitorStartLines(EngineClient& client, const QString& run, QWidget* parent = nullptr);

 private:
  void ask();

  EngineClient& client_;
  const QString run_;
  QLabel* lead_;
  QPlainTextEdit* lines_;
  QPushButton* copy_;
};

}  // namespace concertina::ui
