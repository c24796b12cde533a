// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_chart.h: one live chart. Qt Charts draws the axes; the curves are one picture over the plot area
// (charts/layer.h), made on another thread; marks, cross-hair and hints lie above it (charts/plot_overlay.h).
// On the way of the data: client/metric_model.h -> here -> the eye.
//
// Drag: zoom into a range of x. Double click, Esc or Home: all of it again. Middle button, or Shift or Alt
// and drag, left and right: move along. Ctrl or Alt and wheel, + and -: zoom. Ctrl and left and
// right: the cross-hair; Ctrl+C: what it says. X and Y: that axis logarithmic, or not. The line under the
// pointer is told. y follows what is visible. A level, if there is one, is dragged, or moved by the keys up
// and down.
#pragma once

#include <QChartView>
#include <QSet>
#include <QString>
#include <QVector>
#include <functional>
#include <memory>

#include "ui/charts/layer.h"
#include "ui/charts/plot_overlay.h"
#include "ui/charts/smoothing.h"
#include "ui/charts/ticks.h"
#include "ui/client/metric_model.h"

namespace concertina::ui {

struct ChartCurve {
  QString id;          // stays the same while the curve grows
  QString label;       // for legend and read-out
  QColor light, dark;  // on a light and on a dark ground (charts/palette.h)
  Curve data;
  bool smoothable = true;  // raw and faint beneath, the average on top
  bool dots = false;       // few points, worth a mark each
  bool dashed = false;     // where there are more curves than colours
  QString source = {};     // where several are shown and hidden under one id: which this is, for exports
};

// How long to wait before the next picture, so that a chart takes at most `share` of a core: from the last
// one on, which was `rested_ms` ago, never less than a frame of 30 a second, never more than half a second.
int refreshPauseMs(double paint_ms, double share, double rested_ms = 0);

class SeriesChart : public QChartView {
  Q_OBJECT
 public:
  explicit SeriesChart(QWidget* parent = nullptr);
  ~SeriesChart() override;

  void setTitle(const QString& title);  // told to screen readers and written into exports
  void setXAxis(XAxis axis);
  // Against another series, as its name, its title and its unit say it: the curves are paths in the order of
  // steps (Curve::step), and the cross-hair, and what the charts of a group tell each other of it, is a step.
  void setXSeries(const QString& name, const QString& title, const QString& unit);
  // The x that all charts of a group show while none is zoomed, whatever their own curves cover. from >= to:
  // own.
  void setExtent(double from, double to);
  void setYUnit(const QString& unit);  // "", "B", "B/s", "s", "%", "×", "samples/s"
  void setStacked(bool stacked);       // areas on top of each other
  void setFromZero(bool from_zero);
  void setLogY(bool log);
  // What has no logarithm (x at 0 and below) is left out, and the axis says how much that is. A range that is
  // zoomed into stays, as far as it is above 0.
  void setLogX(bool log);
  // The y axis is that of most points: a spike at the start leaves it.
  void setIgnoresOutliers(bool ignores);
  void setSmoothing(const Smoothing& smoothing);  // what was measured stays beneath, fainter
  void setEmptyText(const QString& text);
  void setBudget(double share_of_a_core);
  void setCurves(
      const QVector<ChartCurve>& curves);  // shown with the next picture, if the chart is to be seen
  // Or: asked for its curves when the next picture is made, after invalidate(). What is not seen is not asked
  // for.
  void setSource(std::function<QVector<ChartCurve>()> source);
  void invalidate();
  // Its curves are another run's from now on, or finer ones: what the last picture cost does not hold the
  // next one back.
  void startAnew();
  void setMarks(const QVector<ChartMark>& marks);
  const QVector<ChartMark>& marks() const { return marks_; }
  void setCurveShown(const QString& id, bool shown);
  // It comes forward and is thicker, and the others fade, if it is among those that are shown here; "": all
  // alike.
  void setHighlighted(const QString& id);
  // A horizontal line that a person moves; always within what is visible. NaN: none.
  void setLevel(double value);

  const QVector<ChartCurve>& curves() const { return curves_; }
  QString title() const { return title_; }
  bool isCurveShown(const QString& id) const { return !hidden_.contains(id); }
  double level() const { return level_; }
  bool logY() const { return log_y_; }
  bool logX() const { return log_x_; }
  qint64 leftOut() const { return left_out_; }  // points of what is shown that a logarithmic x cannot show
  bool ignoresOutliers() const { return ignores_outliers_; }
  QString highlighted() const { return highlighted_; }
  bool stacked() const { return stacked_ && !isPath(); }  // paths cannot lie on each other
  QString scaledYUnit() const { return y_unit_scaled_; }  // with the prefix in use: "MB/s"
  QString scaledXUnit() const { return x_unit_scaled_; }
  XAxis xAxis() const { return x_axis_; }
  const QString& xSeries() const { return x_series_; }
  ValueRange xRange() const { return x_range_; }
  ValueRange yRange() const { return y_range_; }
  bool isZoomed() const { return zoomed_; }
  int columns() const;  // of pixels that a curve is drawn on
  void zoomTo(double from, double to);
  void resetZoom();
  void showCrossHair(double x);  // where another chart of the group has it; NaN hides it
  ReadOut readOut() const;       // at the cross-hair, or over the range that is being dragged
  // Draws everything as it stands now, here and not later: for exports and tests.
  void renderNow();
  // Of `size`, at any scale; vectors (SVG) as vectors.
  void paintTo(QPainter& painter, const QSizeF& size);
  int picturesDrawn() const { return pictures_; }
  int averagesMade() const { return averages_made_; }  // once for each curve that came and each smoothing

 signals:
  void zoomChanged(double from, double to, bool zoomed);
  void crossHairMoved(double x);           // NaN: it left
  void curvePointedAt(const QString& id);  // the pointer is on its line; "": on none
  void levelMoved(double value);           // by a hand or a key
  void logXChanged(bool log);
  void logYChanged(bool log);
  void scaledUnitsChanged();
  void curvesReplaced();  // by what the source gave
  void contextMenuRequested(const QPoint& global_position);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void changeEvent(QEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  struct Picture;
  void schedule();      // a picture soon
  void scheduleData();  // the same, if there is or was anything to draw
  void refresh();       // the timer's: axes now, the picture on another thread
  void updateRanges();
  ValueRange rangeOfX();
  double leastShownX() const;  // of what the axis can show; infinity: there is none
  void updateAxes();
  bool isPath() const { return x_axis_ == XAxis::kSeries; }
  QString xTitle() const;
  QString xUnit() const;
  QString axisTitle(const QString& unit) const;
  void layOut();
  void applyColors();
  void updateOverlay();
  void showPicture(const QImage& image, const PlotScale& x, const PlotScale& y);
  LayerRequest layerRequest() const;
  QString curveAt(const QPoint& position) const;    // "": none is near
  bool fades(const ChartCurve& curve) const;        // behind the one that is highlighted
  double thickness(const ChartCurve& curve) const;  // of its line, beside the others
  void pointAt(const QString& id);
  void leaveOutliers(double& least, double& largest) const;
  const QVector<double>& averageOf(qsizetype curve) const;
  PlotScale xScale() const;
  PlotScale yScale() const;
  ReadOut readOutAt(double x) const;
  ReadOut readOutAtStep(double step) const;  // of paths
  double stepNear(const QPoint& position) const;
  QString pathAt(const QPoint& position) const;
  ReadOut readOutOver(double from, double to) const;
  const ChartCurve* densest() const;  // of those that are shown; null: none is
  QString placeText(double x) const;
  void stepCrossHair(int by);
  QString readOutText() const;
  void copyReadOut();
  double valueAt(const QPoint& position) const;
  void zoomAround(double x, double scale);
  void pan(double share);
  ValueRange moved(const ValueRange& range, double share) const;  // along x, by a share of it
  bool isOnLevel(const QPoint& position) const;
  void moveLevel(double value);
  bool hasData() const;
  bool isSeen() const;
  void pull();  // the newest from the source

  std::unique_ptr<Picture> picture_;
  QVector<ChartCurve> curves_;
  QVector<ChartMark> marks_;
  std::function<QVector<ChartCurve>()> source_;
  bool behind_ = false;      // what is drawn is old
  bool stale_ = false;       // the source has something newer
  bool is_restyled_ = true;  // an empty picture would look different, too
  QSet<QString> hidden_;
  QString title_, y_unit_, y_unit_scaled_, x_unit_scaled_, empty_text_;
  XAxis x_axis_ = XAxis::kStep;
  QString x_series_, x_series_title_, x_series_unit_;
  QString highlighted_, pointed_at_;
  bool stacked_ = false, from_zero_ = false, log_x_ = false, log_y_ = false, zoomed_ = false,
       ignores_outliers_ = false;
  qint64 left_out_ = 0;
  Smoothing smoothing_;
  double budget_ = 0.005, level_ = qQNaN();
  ValueRange x_range_, y_range_, extent_{0, 0};
  Ticks y_ticks_;
  QString drawn_axes_;  // what the axes show, to leave them alone while it is the same
  double cross_hair_ = qQNaN();
  int pictures_ = 0;
  mutable QVector<QVector<double>> averages_;  // of curves_, as far as they were asked for
  mutable int averages_made_ = 0;
};

}  // namespace concertina::ui
