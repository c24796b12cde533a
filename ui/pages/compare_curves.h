// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_curves.h: the curves of several runs over each other, a chart a series, all on one x axis, zoomed
// and read off together; one legend hides and isolates runs in all of them, and the target is a line to move.
// On the way of the data: client/run_comparison.h -> here -> charts/chart_card.h.
#pragma once

#include <QJsonObject>
#include <QSet>
#include <QVector>
#include <QWidget>

#include "ui/charts/chart_card.h"
#include "ui/client/run_comparison.h"

class QLabel;
class QLayout;
class QMenu;
class QScrollArea;
class QToolButton;

namespace concertina::ui {

class AxisBar;
class SeriesSearch;
class SmoothingChoice;

// "Test accuracy" of "test/accuracy"; a series that the desktop does not know has its own name.
QString seriesTitle(const QString& series);
// As charts show it: "%" of an accuracy, whatever the runs say.
QString unitOfSeries(const QString& series, const RunComparison& comparison);

class CompareCurves : public QWidget {
  Q_OBJECT
 public:
  explicit CompareCurves(RunComparison& comparison, QWidget* parent = nullptr);

  const QVector<ChartCard*>& cards() const { return cards_; }  // of what is shown, in its order
  const QStringList& shown() const { return shown_; }
  void setShown(const QStringList& series);
  // The person's own: axis, its scale, smoothing, and which series are drawn. What a state does not say, or
  // says of what this version has not, is passed over.
  QJsonObject saveState() const;
  void restoreState(const QJsonObject& state);
  void resetLayout();
  void findSeries();                                   // the keyboard to the box
  void highlight(const QString& run);                  // the first of its group, in every chart; "": none
  QToolButton* tableButton() const { return table_; }  // whether the runs stand beside
  void showOnly(const QStringList& runs);              // groups by their first runs; the legend says so

 signals:
  void highlighted(const QString& run);  // by a hand on a line or on the legend; "": none is
  void saved(const QString& message);    // or not saved, and why

 protected:
  void showEvent(QShowEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  static QStringList firstShown();
  ChartCard* makeCard(const QString& series);
  QVector<ChartCurve> curvesOf(const QString& series) const;
  void rebuildMenu();
  void rebuildLegend();  // compare_curves_legend.cc; so are the next
  void hideOrShow(const QString& id, bool shown);
  void invalidate();
  void showTarget();
  void followAxis();
  void showAxis(SeriesChart& chart) const;
  void request();
  void place();

  RunComparison& comparison_;
  QStringList shown_;
  QVector<ChartCard*> cards_;
  QSet<QString> hidden_;  // first runs of groups, so that they stay hidden when others come
  AxisBar* axes_;
  SmoothingChoice* smoothing_;
  SeriesSearch* search_;
  QMenu* menu_;
  QToolButton* table_;
  QWidget* legend_;
  QLayout* legend_layout_;
  QScrollArea* scroll_;
  QWidget* canvas_;
  QLabel* nothing_found_;
};

}  // namespace concertina::ui
