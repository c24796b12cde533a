// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_charts.h: the run's charts in as many columns as fit, on one x axis, zoomed and read off together.
// On the way of the data: client/metric_model.h -> here -> charts/chart_card.h.
#pragma once

#include <QVector>
#include <QWidget>

#include "ui/charts/chart_card.h"
#include "ui/client/metric_model.h"
#include "ui/client/run_facts.h"

class QAbstractButton;
class QButtonGroup;
class QScrollArea;
class QSlider;
class QToolButton;

namespace concertina::ui {

// Cards in rows: as many columns as are wide enough to read, two rows to a view where they stay high enough.
struct CardGrid {
  int columns = 1;
  int card_width = 0, card_height = 0;
};
CardGrid cardGrid(int width, int view_height, int least_width, int least_height, int spacing, int cards);

class MonitorCharts : public QWidget {
  Q_OBJECT
 public:
  explicit MonitorCharts(const MetricModel& metrics, QWidget* parent = nullptr);

  void setFacts(const RunFacts& facts);  // why a chart may stay empty
  void setEvents(const QVector<proto::RunEvent>& events);
  void invalidate();  // there is something new to draw
  const QVector<ChartCard*>& cards() const { return cards_; }
  QToolButton* knobsButton() const { return knobs_; }
  XAxis xAxis() const { return axis_; }
  // Asks for a file and writes the chart to it: the error, "" if it went well, nothing if nobody wants it.
  static std::optional<QString> saveChart(QWidget* parent, ChartCard* card, ChartCard::Save what);

 signals:
  void saved(const QString& message);  // or not saved, and why

 protected:
  void changeEvent(QEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  ChartCard* addCard(const QString& name, const QString& title, const QString& unit,
                     std::function<QVector<ChartCurve>()> source);
  void addStrategyCards();
  void showWhatIsMeasured();
  ChartCurve seriesCurve(const QString& series, const QString& label, int color) const;
  void setAxis(XAxis axis);
  void setSmoothing(int percent);
  void placeCards();
  void placeMarks();
  void save(ChartCard* card, ChartCard::Save what);

  const MetricModel& metrics_;
  QVector<ChartCard*> cards_;
  QVector<ChartCard*> strategy_cards_;  // of kStrategyCharts, in its order; hidden until there is something
  QVector<proto::RunEvent> events_;
  XAxis axis_ = XAxis::kStep;
  QButtonGroup* axes_;
  QSlider* smoothing_;
  QToolButton* knobs_;
  QScrollArea* scroll_;
  QWidget* canvas_;
};

}  // namespace concertina::ui
