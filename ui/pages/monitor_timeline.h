// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_timeline.h: what each rank did from when to when: a recording asked for, chosen, looked at and
// saved, and beneath it what the time in sight went into.
// On the way of the data: ui/client/timeline_feed.h -> here -> ui/charts/timeline_chart.h.
#pragma once

#include <QString>
#include <QTimer>
#include <QVector>
#include <QWidget>
#include <memory>

#include "core/analysis/timeline.h"

class QComboBox;
class QLabel;
class QMenu;
class QPushButton;
class QScrollArea;
class QSpinBox;
class QToolButton;

namespace concertina::ui {

class LegendButton;
class RecordingBar;
class TimelineChart;

// What stands beneath the lanes: "62 %", "of the ranks' time is computing".
struct TimelineFigure {
  QString value, caption;
};
QVector<TimelineFigure> timelineFigures(const Timeline& timeline, const TimelineShares& shares,
                                        const PipelineShape& pipeline);

class MonitorTimeline : public QWidget {
  Q_OBJECT
 public:
  explicit MonitorTimeline(QWidget* parent = nullptr);

  // `recordings`: newest first, by number (milliseconds since 1970).
  void show(const std::shared_ptr<const Timeline>& timeline, const QVector<qint64>& recordings,
            const PipelineShape& pipeline);
  void setRecordable(bool can_record, bool is_recording);

 signals:
  void recordRequested(int steps);
  void recordingChosen(qint64 recording);
  void saved(const QString& problem);  // "" if it went well

 private:
  QWidget* makeControls();
  QWidget* makeLegend();
  void showRecordings(const QVector<qint64>& recordings);
  void showFigures();
  void updateButtons();
  void updateEmptyText();
  void save(const QString& suffix);

  TimelineChart* chart_;
  RecordingBar* bar_;
  QPushButton* record_;  // these four are the bar's
  QComboBox* recordings_;
  QToolButton* more_;
  QMenu* menu_;
  QSpinBox* steps_;
  QToolButton* nearer_;
  QToolButton* farther_;
  QToolButton* all_;
  QWidget* legend_;
  QScrollArea* scroll_;
  QWidget* figures_;
  QLabel* note_;
  QTimer figures_timer_;
  PipelineShape pipeline_;
  QVector<qint64> shown_recordings_;
  bool can_record_ = false, is_recording_ = false;
};

}  // namespace concertina::ui
