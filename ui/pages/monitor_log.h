// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_log.h: what the engine and the ranks wrote, by rank and by words.
// On the way of the data: RankLog -> here -> the eye.
#pragma once

#include <QVector>
#include <QWidget>
#include <deque>

#include "core/proto/engine.pb.h"

class QComboBox;
class QLineEdit;
class QPlainTextEdit;

namespace concertina::ui {

class MonitorLog : public QWidget {
  Q_OBJECT
 public:
  static constexpr int kMaxLines = 5000;  // the newest; the run's folder has them all

  explicit MonitorLog(QWidget* parent = nullptr);
  void setLines(const QVector<proto::RankLog>& lines);
  void append(const proto::RankLog& line);
  void setRanks(int ranks);
  void focusFilter();
  void showRank(int rank);  // only its lines; below 0: everyone's

 private:
  struct Line {
    int rank;
    QString text;
  };
  bool shown(const Line& line) const;
  static QString written(const Line& line);
  void keep(const proto::RankLog& line);
  void fill();

  std::deque<Line> lines_;
  QComboBox* rank_;
  QLineEdit* words_;
  QPlainTextEdit* text_;
};

}  // namespace concertina::ui
