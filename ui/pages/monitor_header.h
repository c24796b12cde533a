// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_header.h: what the run is, how far it has come, and the commands that its state allows; below, its
// key figures. On the way of the data: client/engine_client.h RunSummary -> here.
#pragma once

#include <QWidget>

#include "core/proto/engine.pb.h"
#include "ui/client/engine_client.h"

class QFrame;
class QLabel;
class QProgressBar;
class QPushButton;

namespace concertina::ui {

class MonitorHeader : public QWidget {
  Q_OBJECT
 public:
  explicit MonitorHeader(QWidget* parent = nullptr);

  void showRun(const proto::RunSummary& run, double bytes_per_second);
  // A command was refused, or a call failed; "" takes it away.
  void showTrouble(const QString& text);

 signals:
  void commanded(concertina::proto::ControlRunRequest::Action action);

 private:
  struct Figure {
    QLabel* value;
    QLabel* name;
  };
  QPushButton* addButton(const QString& name, const QString& text, const QString& icon, const QString& tip,
                         proto::ControlRunRequest::Action action);
  Figure addFigure(const QString& object_name, const QString& name);
  void paintChip(proto::RunState state);

  QLabel *title_, *facts_, *chip_, *progress_text_, *trouble_text_;
  QFrame* trouble_;
  QProgressBar* progress_;
  QPushButton *pause_, *go_on_, *stop_, *checkpoint_;
  QWidget* figures_;
  Figure loss_, accuracy_, speed_, rate_, sent_, ratio_;
};

}  // namespace concertina::ui
