// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_charts.h: the run's charts in as many columns as fit, on one x axis, zoomed and read off together.
// On the way of the data: client/metric_model.h -> here -> charts/chart_card.h.
#pragma once

#include <QHash>
#include <QJsonArray>
#include <QJsonObject>
#include <QPoint>
#include <QSet>
#include <QVector>
#include <QWidget>

#include "ui/charts/chart_card.h"
#include "ui/client/metric_model.h"
#include "ui/client/run_facts.h"
#include "ui/client/series_zoom.h"
#include "ui/pages/monitor_arrangement.h"

class QLabel;
class QMenu;
class QMouseEvent;
class QScrollArea;
class QLayout;
class QToolButton;

namespace concertina::ui {

class AxisBar;
class CoarseNote;
class SeriesSearch;
class SmoothingChoice;

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
  // Where finer points of a range come from, and whose they are; without it a zoom shows what `metrics` has.
  void setZoom(SeriesZoom* zoom);
  void setRun(const QString& run);
  const QVector<ChartCard*>& cards() const { return cards_; }
  // Beside the curve of the chart that is called so: what else there is to see of the same.
  void placeBeside(const QString& chart, QWidget* widget);
  QToolButton* knobsButton() const { return knobs_; }
  // The person's own: axis, smoothing, and which charts stand where. What a state does not say, or says of
  // charts that this version has not, is passed over.
  QJsonObject saveState() const;
  void restoreState(const QJsonObject& state);
  void resetLayout();
  XAxis xAxis() const;
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
  QLayout* makeBar();  // monitor_charts_bar.cc
  void addCards();
  void addStrategyCards();  // monitor_charts_strategy.cc; so is the next
  void showWhatIsMeasured();
  // monitor_charts_own.cc
  void addOwnChart(const QString& series);  // nothing, if it is there already
  void removeOwnChart(ChartCard* card);
  bool isOwnChart(const ChartCard* card) const;
  bool showOwnMeasured();  // true: cards come or go
  void fillSeriesMenu(QMenu* menu);
  QJsonArray saveOwn() const;
  void restoreOwn(const QJsonArray& series);
  // With the finer points of what is zoomed into.
  Curve refined(const QString& series, const Curve& overview, bool is_measured) const;
  Curve fineCurve(const QString& series) const;
  Curve fineBytes() const;
  Curve fineRates() const;
  void zoomInto(double from, double to);  // from >= to: all of it
  void drawSoon();
  ChartCurve seriesCurve(const QString& series, const QString& label, int color) const;
  // monitor_charts_axes.cc
  void followAxis();
  void showAxis(SeriesChart& chart) const;
  Curve againstSeries(const Curve& over_steps) const;
  void smooth();
  void placeCards();
  // monitor_charts_bar.cc
  bool isFound(ChartCard* card) const;
  void showNothingFound(bool is_nothing);
  void placeMarks();
  QVector<ChartCard*> shownCards() const;  // in the person's order
  void makeArrangeable(ChartCard* card);
  void moveCard(ChartCard* card, int places);
  void setAlone(ChartCard* card);  // fills the view; null: all of them again
  void showNext(int places);       // of those that are shown, while one is alone
  void fillChartsMenu();
  bool dragCard(ChartCard* card, const QMouseEvent& event);  // true if it was part of one
  void save(ChartCard* card, ChartCard::Save what);

  const MetricModel& metrics_;
  SeriesZoom* zoom_ = nullptr;
  QString run_;
  QVector<ChartCard*> cards_;
  QVector<ChartCard*> strategy_cards_;  // of kStrategyCharts, in its order; hidden until there is something
  struct OwnChart {
    QString series;
    ChartCard* card;
    QString unit;
  };
  QVector<OwnChart> own_;                           // asked for by a person
  QSet<const ChartCard*> unmeasured_;               // of these two
  QHash<const ChartCard*, QStringList> series_of_;  // by which a card is found, besides its title
  CardArrangement arrangement_;
  ChartCard* alone_ = nullptr;
  ChartCard* dragged_ = nullptr;
  QPoint pressed_at_;  // on the canvas
  bool is_dragging_ = false;
  QVector<proto::RunEvent> events_;
  // In the order in which they stand, which is that of Tab.
  AxisBar* axes_;
  SmoothingChoice* smoothing_;
  SeriesSearch* search_;
  CoarseNote* coarse_;
  QToolButton* charts_;  // which are shown
  QToolButton* knobs_;
  QScrollArea* scroll_;
  QWidget* canvas_;
  QLabel* nothing_found_;
};

}  // namespace concertina::ui
