// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_chart.cc: see series_chart.h. Interaction is in series_chart_events.cc, what is
// read off it in series_chart_reading.cc, axes are in series_chart_axes.cc.
#include "ui/charts/series_chart.h"

#include <QChart>
#include <QEvent>
#include <QGraphicsLayout>
#include <QLineSeries>
#include <QThreadPool>
#include <algorithm>
#include <cmath>

#include "ui/charts/layer.h"
#include "ui/charts/palette.h"
#include "ui/charts/series_chart_picture.h"
#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

constexpr double kFaded = 0.22;       // behind the curve that is looked at
constexpr double kThicker = 1.75;     // and it is wider than the others
constexpr double kRawOpacity = 0.28;  // beneath its average a curve is a shadow of itself

}  // namespace

int refreshPauseMs(double paint_ms, double share, double rested_ms) {
  const double pause = std::clamp(paint_ms / std::max(share, 1e-6), 33.0, 500.0);
  return int(std::max(0.0, pause - rested_ms));
}

SeriesChart::SeriesChart(QWidget* parent) : QChartView(parent), picture_(std::make_unique<Picture>(this)) {
  setFrameShape(QFrame::NoFrame);
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setViewportUpdateMode(QGraphicsView::MinimalViewportUpdate);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  // It paints its own ground, the card's: otherwise every picture would paint the card, the page and the
  // window again.
  viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
  QChart* chart = this->chart();
  chart->legend()->hide();
  chart->setBackgroundVisible(false);
  chart->setMargins({});
  chart->setMinimumSize(1, 1);  // its own asks for more than a low card has, and would be cut off below
  chart->layout()->setContentsMargins(0, 0, 0, 0);
  chart->setAcceptHoverEvents(false);
  // Axes show themselves only beside a series; this one has no points, ours are in the picture.
  auto* frame = new QLineSeries;
  chart->addSeries(frame);
  const auto addAxis = [&](Qt::Alignment side) {
    auto* axis = new QCategoryAxis;
    axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
    axis->setLineVisible(side == Qt::AlignBottom);
    axis->setTruncateLabels(false);
    chart->addAxis(axis, side);
    frame->attachAxis(axis);
    return axis;
  };
  picture_->x_axis = addAxis(Qt::AlignBottom);
  picture_->y_axis = addAxis(Qt::AlignLeft);
  picture_->x_axis->setGridLineVisible(false);
  picture_->y_axis->setGridLineVisible(false);
  picture_->item = new PictureItem(chart);
  picture_->item->setZValue(10);
  picture_->overlay = new PlotOverlay(chart);
  picture_->overlay->setZValue(11);
  picture_->timer.setSingleShot(true);
  connect(&picture_->timer, &QTimer::timeout, this, &SeriesChart::refresh);
  empty_text_ = tr("Nothing measured yet");
  applyColors();
}

SeriesChart::~SeriesChart() = default;

void SeriesChart::setTitle(const QString& title) {
  title_ = title;
  setAccessibleName(tr("Chart: %1").arg(title));
}

void SeriesChart::setXAxis(XAxis axis) {
  if (axis == x_axis_) return;
  if (axis != XAxis::kSeries) x_series_.clear();
  x_axis_ = axis;
  zoomed_ = false;  // a range of steps is none of seconds
  schedule();
}

void SeriesChart::setXSeries(const QString& name, const QString& title, const QString& unit) {
  x_series_title_ = title;
  x_series_unit_ = unit;
  if (name != x_series_) zoomed_ = false;
  x_series_ = name;
  if (isPath())
    schedule();
  else
    setXAxis(XAxis::kSeries);
}

void SeriesChart::setExtent(double from, double to) {
  if (extent_ == ValueRange{from, to}) return;
  extent_ = {from, to};
  if (marks_.isEmpty())
    scheduleData();  // while there is nothing, there are no axes either
  else
    schedule();
}

void SeriesChart::setYUnit(const QString& unit) {
  y_unit_ = unit;
  schedule();
}

void SeriesChart::setStacked(bool stacked) {
  stacked_ = stacked;
  schedule();
}

void SeriesChart::setFromZero(bool from_zero) {
  from_zero_ = from_zero;
  schedule();
}

void SeriesChart::setLogY(bool log) {
  if (log == log_y_) return;
  log_y_ = log;
  schedule();
  emit logYChanged(log);
}

void SeriesChart::setLogX(bool log) {
  if (log == log_x_) return;
  log_x_ = log;
  if (isSeen())
    renderNow();  // at once: a picture on the other scale cannot be stretched to this one
  else
    schedule();
  emit logXChanged(log);
}

void SeriesChart::setIgnoresOutliers(bool ignores) {
  if (ignores == ignores_outliers_) return;
  ignores_outliers_ = ignores;
  schedule();
}

void SeriesChart::setHighlighted(const QString& id) {
  if (id == highlighted_) return;
  highlighted_ = id;
  if (curves_.size() < 2 || stacked()) return;
  if (underMouse() && isSeen())
    renderNow();  // at once: a hand waits for it
  else
    schedule();
}

bool SeriesChart::fades(const ChartCurve& curve) const {
  if (highlighted_.isEmpty() || curve.id == highlighted_ || hidden_.contains(highlighted_)) return false;
  return std::any_of(curves_.begin(), curves_.end(),
                     [this](const ChartCurve& other) { return other.id == highlighted_; });
}

double SeriesChart::thickness(const ChartCurve& curve) const {
  return curves_.size() > 1 && curve.id == highlighted_ ? kThicker : 1;
}

void SeriesChart::setSmoothing(const Smoothing& smoothing) {
  if (smoothing == smoothing_) return;
  smoothing_ = smoothing;
  averages_.clear();
  schedule();
}

void SeriesChart::setEmptyText(const QString& text) {
  empty_text_ = text;
  schedule();
}

void SeriesChart::setBudget(double share_of_a_core) { budget_ = share_of_a_core; }

void SeriesChart::setCurves(const QVector<ChartCurve>& curves) {
  curves_ = curves;
  averages_.clear();
  scheduleData();
}

void SeriesChart::setSource(std::function<QVector<ChartCurve>()> source) {
  source_ = std::move(source);
  invalidate();
}

void SeriesChart::invalidate() {
  stale_ = true;
  scheduleData();
}

void SeriesChart::startAnew() {
  picture_->cost_ms = 0;
  picture_->timer.stop();
  invalidate();
}

void SeriesChart::pull() {
  if (!source_ || !std::exchange(stale_, false)) return;
  curves_ = source_();
  averages_.clear();
  emit curvesReplaced();
}

void SeriesChart::setMarks(const QVector<ChartMark>& marks) {
  marks_ = marks;
  picture_->overlay->setMarks(marks_);
}

void SeriesChart::setCurveShown(const QString& id, bool shown) {
  if (shown)
    hidden_.remove(id);
  else
    hidden_.insert(id);
  schedule();
}

void SeriesChart::setLevel(double value) {
  if (value == level_ || (std::isnan(value) && std::isnan(level_))) return;
  level_ = value;
  picture_->overlay->setLevel(level_, formatValue(level_, y_unit_));
  schedule();
}

bool SeriesChart::hasData() const {
  return std::any_of(curves_.begin(), curves_.end(), [&](const ChartCurve& curve) {
    return !hidden_.contains(curve.id) && !curve.data.isEmpty();
  });
}

bool SeriesChart::isSeen() const {
  return isVisible() && !window()->isMinimized() &&
         !viewport()->visibleRegion().isEmpty();  // not scrolled away either
}

void SeriesChart::schedule() {
  is_restyled_ = true;
  scheduleData();
}

void SeriesChart::scheduleData() {
  if (!isSeen()) {  // its next paintEvent asks again
    stale_ = stale_ || source_ != nullptr;
    behind_ = true;
    return;
  }
  if (picture_->timer.isActive()) return;
  // Since the last picture, not from now on: what comes after a rest is shown at once. An empty chart costs
  // nothing, and what it waits for is what a person waits for.
  picture_->timer.start(refreshPauseMs(picture_->is_empty ? 0 : picture_->cost_ms, budget_,
                                       picture_->shown.isValid() ? double(picture_->shown.elapsed()) : 0));
}

// Made when it is first asked for and kept while the curves stay: a hand that pans or reads off asks at every
// movement, and of a long run each point takes a power.
const QVector<double>& SeriesChart::averageOf(qsizetype curve) const {
  averages_.resize(curves_.size());
  QVector<double>& average = averages_[curve];
  const Curve& data = curves_[curve].data;
  if (average.size() != data.mean.size()) {
    average = smoothed(data.mean, data.count, smoothing_);
    ++averages_made_;
  }
  return average;
}

LayerRequest SeriesChart::layerRequest() const {
  const QRectF area = chart()->plotArea();
  const bool dark = onDarkGround(palette());
  LayerRequest request;
  request.size = area.size().toSize();
  request.pixel_ratio = devicePixelRatioF();
  request.x = xScale();
  request.y = yScale();
  request.stacked = stacked();
  QVector<qsizetype> order;  // the one that is highlighted last, above the others
  for (const bool is_highlighted : {false, true})
    for (qsizetype i = 0; i < curves_.size(); ++i)
      if (stacked() ? !is_highlighted : (curves_[i].id == highlighted_) == is_highlighted) order.push_back(i);
  for (const qsizetype i : std::as_const(order)) {
    const ChartCurve& curve = curves_[i];
    if (hidden_.contains(curve.id) || curve.data.isEmpty()) continue;
    const QColor color = dark ? curve.dark : curve.light;
    const Curve& data = curve.data;
    const bool smooth = smoothing_.isOn() && curve.smoothable;
    if (stacked()) {
      request.curves.push_back({.x = data.x, .y = smooth ? averageOf(i) : data.mean, .color = color});
      continue;
    }
    request.curves.push_back({.x = data.x,
                              .y = data.mean,
                              .low = data.min,
                              .high = data.max,
                              .color = color,
                              .width = (smooth ? 1.0 : 1.6) * thickness(curve),
                              .opacity = (smooth ? kRawOpacity : 1.0) * (fades(curve) ? kFaded : 1.0),
                              .dots = curve.dots,
                              .dashed = curve.dashed,
                              .is_path = isPath(),
                              .x_low = data.x_min,
                              .x_high = data.x_max});
  }
  if (smoothing_.isOn() && !stacked()) {
    for (const qsizetype i : std::as_const(order)) {  // on top of everything raw
      const ChartCurve& curve = curves_[i];
      if (hidden_.contains(curve.id) || !curve.smoothable || curve.data.isEmpty()) continue;
      request.curves.push_back({.x = curve.data.x,
                                .y = averageOf(i),
                                .color = dark ? curve.dark : curve.light,
                                .width = 2 * thickness(curve),
                                .opacity = fades(curve) ? kFaded : 1.0,
                                .dashed = curve.dashed,
                                .is_path = isPath()});
    }
  }
  return request;
}

int SeriesChart::columns() const {
  return std::max(1, int(std::ceil(chart()->plotArea().width() * devicePixelRatioF())));
}

PlotScale SeriesChart::xScale() const {
  return {x_range_.from, x_range_.to, 0, chart()->plotArea().width(), log_x_};
}

PlotScale SeriesChart::yScale() const {
  return {y_range_.from, y_range_.to, chart()->plotArea().height(), 0, log_y_ && !stacked()};
}

void SeriesChart::refresh() {
  if (picture_->under_way) {  // its end asks again
    picture_->again = true;
    return;
  }
  const double before = cpuMs();
  behind_ = false;
  pull();
  if (!hasData() && picture_->is_empty && !is_restyled_) {  // it says so already
    picture_->shown.start();
    return;
  }
  is_restyled_ = false;
  updateRanges();
  updateAxes();
  layOut();
  picture_->under_way = true;
  QThreadPool::globalInstance()->start(
      [this, mailbox = picture_->mailbox, request = layerRequest(), spent = cpuMs() - before] {
        const double start = cpuMs();
        QImage image = renderLayer(request);
        const double cost = spent + cpuMs() - start;
        mailbox->Post([this, image = std::move(image), x = request.x, y = request.y, cost] {
          picture_->under_way = false;
          if (x.log == log_x_)
            showPicture(image, x, y);
          else
            picture_->again = true;  // it was begun on the other scale
          picture_->cost_ms = cost + std::exchange(picture_->paint_ms, 0);
          if (std::exchange(picture_->again, false)) schedule();
        });
      });
}

void SeriesChart::renderNow() {
  behind_ = false;
  pull();
  updateRanges();
  updateAxes();
  layOut();
  const LayerRequest request = layerRequest();
  showPicture(renderLayer(request, picture_->item->takeImage()), request.x, request.y);
}

void SeriesChart::paintTo(QPainter& painter, const QSizeF& size) {
  renderNow();
  picture_->item->setVectorPainter([request = layerRequest()](QPainter& p) { paintLayer(p, request); });
  render(&painter, QRectF(QPointF(0, 0), size), viewport()->rect());
  picture_->item->setVectorPainter({});
}

// A picture that was asked for before the axes moved on is stretched to where its values now are, until the
// next.
void SeriesChart::showPicture(const QImage& image, const PlotScale& x, const PlotScale& y) {
  const QRectF area = chart()->plotArea();
  const PlotScale now_x = xScale(), now_y = yScale();
  QRectF place(QPointF(now_x.toPixel(x.from), now_y.toPixel(y.to)),
               QPointF(now_x.toPixel(x.to), now_y.toPixel(y.from)));
  QVector<double> grid;
  for (const double value : hasData() ? y_ticks_.values : QVector<double>())
    grid.push_back(std::floor(now_y.toPixel(value)) + 0.5);
  picture_->item->setGrid(grid, gridColor(palette()));
  picture_->item->setPicture(image, area, place.translated(area.topLeft()));
  picture_->is_empty = !hasData();
  picture_->shown.start();
  ++pictures_;
  updateOverlay();
}

void SeriesChart::updateOverlay() {
  PlotOverlay* overlay = picture_->overlay;
  overlay->setArea(chart()->plotArea());
  overlay->setScales(xScale(), yScale());
  const bool is_all_left_out = hasData() && log_x_ && std::isinf(leastShownX());
  overlay->setEmptyText(is_all_left_out
                            ? tr("No x is above 0, and a logarithmic axis shows no other. X: a linear one.")
                        : hasData() ? QString()
                                    : empty_text_);
  // An empty chart says so, and pretends no axes.
  if (picture_->x_axis->isVisible() != hasData()) {
    picture_->x_axis->setVisible(hasData());
    picture_->y_axis->setVisible(hasData());
  }
  overlay->setReadOut(readOut());
}

void SeriesChart::applyColors() {
  const QPalette palette = this->palette();
  const QColor quiet = quietTextColor(palette);
  QFont small = font();
  if (small.pointSizeF() > 0) small.setPointSizeF(small.pointSizeF() * 0.9);
  for (QCategoryAxis* axis : {picture_->x_axis, picture_->y_axis}) {
    axis->setLabelsFont(small);
    axis->setLabelsColor(quiet);
    axis->setTitleFont(small);
    axis->setTitleBrush(quiet);
    axis->setLinePen(QPen(mixed(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.3), 1));
  }
  setBackgroundBrush(palette.color(QPalette::Base));
  picture_->overlay->setPalette(palette, small);
}

}  // namespace concertina::ui
