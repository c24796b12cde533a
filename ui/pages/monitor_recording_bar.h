// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_recording_bar.h: the line above what shows a recording: to make one, to choose one, to save it.
// On the way of the data: ui/pages/monitor_timeline.h, ui/pages/monitor_motion.h -> here.
#pragma once

#include <QVector>
#include <QWidget>
#include <initializer_list>

class QComboBox;
class QMenu;
class QPushButton;
class QToolButton;

namespace concertina::ui {

class RecordingBar : public QWidget {
  Q_OBJECT
 public:
  struct Names {  // of the parts, after "monitorPage."
    const char *record, *recordings, *more;
  };
  explicit RecordingBar(const Names& names, QWidget* parent);

  QPushButton* record() const { return record_; }
  QComboBox* recordings() const { return recordings_; }  // the data is the recording
  QToolButton* more() const { return more_; }
  QMenu* menu() const { return menu_; }  // behind `more`

  // The parts among others of the page's own; null is a little room.
  void arrange(std::initializer_list<QWidget*> left, std::initializer_list<QWidget*> right);
  // Newest first, by number (milliseconds since 1970). Nobody is told of a choice.
  void setRecordings(const QVector<qint64>& recordings, const QString& live = {});
  // `what`: what a recording of so many steps is, while one can be made.
  void showRecord(int steps, bool can_record, bool is_recording, const QString& what);

 private:
  QPushButton* record_;
  QComboBox* recordings_;
  QToolButton* more_;
  QMenu* menu_;
};

}  // namespace concertina::ui
