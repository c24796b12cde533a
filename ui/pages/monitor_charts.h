// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_charts.h: the charts of one run, side by side and linked: one x axis, one zoom, one cross-hair, one
// smoothing. On the way of the data: client/metric_model.h -> here -> charts/series_chart.h.
#pragma once

#include <QVector>
#include <QWidget>

#include "ui/charts/chart_card.h"
#include "ui/client/metric_model.h"

class QComboBox;
class QGridLayout;
class QScrollArea;
class QSlider;

namespace concertina::ui {

class MonitorCharts : public QWidget {
  Q_OBJECT
 public:
  explicit MonitorCharts(MetricModel& model, QWidget* parent = nullptr);

  void clear();
  // Something happened at `step`: a line on every chart.
  void addMark(qint64 step, const QString& text, const QColor& color);
  // Every series that a chart here shows.
  static QStringList shownSeries();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  struct Mark {
    qint64 step;
    QString text;
    QColor color;
  };
  ChartCard* addChart(const QString& name, const QString& title, const QString& y_unit,
                      const QString& empty_text);
  ChartCurve curveOf(const QString& id, const QString& label, int color, const Curve& data) const;
  void refresh();
  void refreshMarks();
  void arrange();
  void link(SeriesChart& chart);
  void save(ChartCard& card, ChartCard::Save what);
  XAxis axis() const;

  MetricModel& model_;
  QComboBox* x_axis_;
  QSlider* smoothing_;
  QScrollArea* scroll_;
  QWidget* grid_widget_;
  QGridLayout* grid_;
  int columns_ = 0;
  bool linking_ = false;
  QVector<ChartCard*> cards_;
  ChartCard *loss_, *accuracy_, *rate_, *sent_, *time_, *exchange_, *ratio_, *error_, *speed_, *norm_;
  QVector<Mark> marks_;
};

}  // namespace concertina::ui
