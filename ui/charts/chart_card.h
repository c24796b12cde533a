// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chart_card.h: a chart with what belongs to it: its name and unit, a legend whose entries hide and show
// curves, and a menu (logarithmic axis, zoom, saving). On the way of the data: ui/pages -> here ->
// charts/series_chart.h.
#pragma once

#include <QAbstractButton>
#include <QFrame>
#include <QMenu>
#include <memory>

#include "ui/charts/series_chart.h"

class QHBoxLayout;
class QLabel;
class QToolButton;
class QVBoxLayout;

namespace concertina::ui {

// A curve's colour and name; unchecked, the curve is hidden.
class LegendButton : public QAbstractButton {
  Q_OBJECT
 public:
  LegendButton(const ChartCurve& curve, bool area, QWidget* parent);
  const QString& curve() const { return id_; }
  void setLit(bool lit);  // as under the pointer: its curve is pointed at elsewhere
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

 signals:
  // Ctrl and click, or Return: this one alone; once more, all of them.
  void isolated();
  // The pointer or the keyboard came to it, or left it.
  void pointedAt(bool is_here);

 protected:
  void enterEvent(QEnterEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  QString id_;
  QColor light_, dark_;
  bool area_;  // a square instead of a line
  bool lit_ = false;
  bool dashed_;
};

// Of the entries of a legend `only` alone is checked, or all if it was so already.
void isolate(const QVector<LegendButton*>& legend, LegendButton* only);

class ChartCard : public QFrame {
  Q_OBJECT
 public:
  enum class Save { kPng, kSvg, kPdf, kCsv };

  // `name` begins the object names: "monitorPage.lossChart".
  ChartCard(const QString& name, const QString& title, QWidget* parent = nullptr);

  SeriesChart& chart() { return *chart_; }
  void setCurves(const QVector<ChartCurve>& curves);  // and their legend, when the set of curves changed
  void setNote(const QString& note);                  // a figure beside the title
  void setLogY(bool log);                             // and the menu says so; so it is with the others
  void setLogX(bool log);
  void setIgnoresOutliers(bool ignores);
  void setLegendShown(bool shown);             // not where several charts share one that is elsewhere
  void setBeside(QWidget* widget, int width);  // right of the chart; the card takes it over
  QMenu* menu() { return menu_; }
  void setMovable(
      const QString& tip);  // whoever places it listens to the mouse; the title shows that it can be
  QSize sizeHint() const override;

 signals:
  void saveRequested(concertina::ui::ChartCard::Save what);

 private:
  void updateHeading();
  void updateLegend();
  void rebuildLegend();

  SeriesChart* chart_;
  QLabel* title_;
  QLabel* unit_;
  QToolButton* more_;
  QWidget* legend_;
  QLayout* legend_layout_;
  QHBoxLayout* beside_;
  QVBoxLayout* below_;
  QHBoxLayout* middle_;
  QMenu* menu_;
  QAction* log_;
  QAction* log_x_;
  QAction* outliers_;
  QAction* reset_;
  QStringList legend_ids_;
  bool legend_is_here_ = true;
  QString note_;
};

}  // namespace concertina::ui
