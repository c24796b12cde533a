// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_charts.cc: see monitor_charts.h.
#include "ui/pages/monitor_charts.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QSlider>
#include <QVBoxLayout>
#include <cmath>
#include <initializer_list>

#include "ui/charts/chart_export.h"
#include "ui/charts/palette.h"
#include "ui/client/series_names.h"
#include "ui/forms/ask.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

QString phaseName(int phase) {
  const QString names[] = {MonitorCharts::tr("data"),   MonitorCharts::tr("compute"),
                           MonitorCharts::tr("encode"), MonitorCharts::tr("exchange"),
                           MonitorCharts::tr("decode"), MonitorCharts::tr("update"),
                           MonitorCharts::tr("wait")};
  return names[phase];
}

}  // namespace

MonitorCharts::MonitorCharts(MetricModel& model, QWidget* parent) : QWidget(parent), model_(model) {
  auto* column = new QVBoxLayout(this);
  setRhythm(column, this, 0, 0, 1, 0, 1);
  auto* bar = new QHBoxLayout;
  bar->setSpacing(rhythmUnit(this));
  column->addLayout(bar);

  auto* x_label = new QLabel(tr("&Against"));
  x_axis_ = new QComboBox;
  x_axis_->setObjectName("monitorPage.xAxis");
  x_axis_->setAccessibleName(tr("What the charts are drawn against"));
  for (const XAxis axis : kXAxes) x_axis_->addItem(xAxisTitle(axis), static_cast<int>(axis));
  x_label->setBuddy(x_axis_);
  auto* smooth_label = new QLabel(tr("&Smoothing"));
  smoothing_ = new QSlider(Qt::Horizontal);
  smoothing_->setObjectName("monitorPage.smoothing");
  smoothing_->setAccessibleName(tr("Smoothing of noisy curves"));
  smoothing_->setRange(0, 99);
  smoothing_->setValue(60);
  smoothing_->setFixedWidth(charactersWide(this, 20));
  smooth_label->setBuddy(smoothing_);
  bar->addWidget(x_label);
  bar->addWidget(x_axis_);
  bar->addSpacing(rhythmUnit(this));
  bar->addWidget(smooth_label);
  bar->addWidget(smoothing_);
  auto* hint = new QLabel(tr("Drag to zoom, double-click to see all"));
  setTone(hint, "quiet");
  hint->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // gives way first
  hint->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  bar->addWidget(hint, 1);

  scroll_ = new QScrollArea;
  scroll_->setObjectName("monitorPage.charts");
  scroll_->setWidgetResizable(true);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  grid_widget_ = new QWidget;
  grid_ = new QGridLayout(grid_widget_);
  setRhythm(grid_, this, 0, 0, 0, 0, 1.5);
  scroll_->setWidget(grid_widget_);
  column->addWidget(scroll_, 1);

  loss_ = addChart("monitorPage.lossChart", tr("Loss"), "", tr("The first steps will show here"));
  accuracy_ = addChart("monitorPage.accuracyChart", tr("Test accuracy"), "%",
                       tr("Measured after each epoch, and at the end"));
  rate_ = addChart("monitorPage.rateChart", tr("Bytes on the wire per second"), "B/s",
                   tr("One worker sends nothing; take several to see traffic"));
  sent_ = addChart("monitorPage.sentChart", tr("Bytes sent so far, all workers"), "B",
                   tr("One worker sends nothing; take several to see traffic"));
  time_ = addChart("monitorPage.timeChart", tr("Where a step's time goes"), "s",
                   tr("The first steps will show here"));
  exchange_ = addChart("monitorPage.exchangeChart", tr("The exchange, beside the backward pass"), "s",
                       tr("With several workers, or a codec, the exchange shows here"));
  ratio_ =
      addChart("monitorPage.ratioChart", tr("Compression ratio"), "×", tr("Dense bytes over payload bytes"));
  error_ = addChart("monitorPage.errorChart", tr("Relative error of the gradient"), "",
                    tr("With a lossy codec: how far the decoded gradient is from the true one"));
  speed_ = addChart("monitorPage.speedChart", tr("Samples per second, all workers"), "samples/s",
                    tr("The first steps will show here"));
  norm_ = addChart("monitorPage.normChart", tr("Gradient norm"), "", tr("The first steps will show here"));
  time_->chart().setStacked(true);
  exchange_->chart().setStacked(true);
  for (ChartCard* card : {rate_, sent_, time_, exchange_, speed_}) card->chart().setFromZero(true);

  connect(&model_, &MetricModel::curvesChanged, this, &MonitorCharts::refresh);
  connect(x_axis_, &QComboBox::currentIndexChanged, this, [this] {
    for (ChartCard* card : cards_) {
      card->chart().resetZoom();
      card->chart().setXAxis(axis());
    }
    refresh();
    refreshMarks();
  });
  const auto smooth = [this] {
    for (ChartCard* card : cards_) card->chart().setSmoothing(smoothing_->value() / 100.0);
  };
  connect(smoothing_, &QSlider::valueChanged, this, smooth);
  smooth();
  arrange();
}

QStringList MonitorCharts::shownSeries() {
  QStringList names = {kTrainLoss,        kTestLoss,      kTestAccuracy, kBytesSent,   kSamplesPerSecond,
                       kCompressionRatio, kRelativeError, kGradientNorm, kLearningRate};
  for (int phase = 0; phase < static_cast<int>(kPhases.size()); ++phase) names << phaseSeries(phase);
  return names;
}

XAxis MonitorCharts::axis() const { return static_cast<XAxis>(x_axis_->currentData().toInt()); }

ChartCard* MonitorCharts::addChart(const QString& name, const QString& title, const QString& y_unit,
                                   const QString& empty_text) {
  auto* card = new ChartCard(name, title, grid_widget_);
  card->chart().setYUnit(y_unit);
  card->chart().setEmptyText(empty_text);
  // Narrower than its legend would like to be: the legend wraps, the chart is what matters.
  card->setMinimumSize(charactersWide(this, 28), QFontMetrics(font()).height() * 13);
  connect(card, &ChartCard::saveRequested, this, [this, card](ChartCard::Save what) { save(*card, what); });
  link(card->chart());
  cards_.push_back(card);
  return card;
}

// One zoom and one cross-hair for all, so that what happened at one moment can be read across.
void MonitorCharts::link(SeriesChart& chart) {
  connect(&chart, &SeriesChart::zoomChanged, this, [this, &chart](double from, double to, bool zoomed) {
    if (linking_) return;
    linking_ = true;
    for (ChartCard* card : cards_) {
      if (&card->chart() == &chart) continue;
      if (zoomed) {
        card->chart().zoomTo(from, to);
      } else {
        card->chart().resetZoom();
      }
    }
    linking_ = false;
  });
  connect(&chart, &SeriesChart::crossHairMoved, this, [this, &chart](double x) {
    for (ChartCard* card : cards_)
      if (&card->chart() != &chart) card->chart().showCrossHair(x);
  });
}

ChartCurve MonitorCharts::curveOf(const QString& id, const QString& label, int color,
                                  const Curve& data) const {
  ChartCurve curve;
  curve.id = id;
  curve.label = label;
  curve.light = seriesColor(color, false);
  curve.dark = seriesColor(color, true);
  curve.data = data;
  return curve;
}

void MonitorCharts::refresh() {
  const XAxis x = axis();
  const auto of = [&](const char* series, const QString& label, int color) {
    return curveOf(series, label, color, model_.curve(series, x));
  };
  const auto set = [](ChartCard* card, QVector<ChartCurve> curves) {
    curves.removeIf([](const ChartCurve& curve) { return curve.data.isEmpty(); });
    card->setCurves(curves);
  };
  ChartCurve test_loss = of(kTestLoss, tr("test"), 1), accuracy = of(kTestAccuracy, tr("test"), 1);
  for (ChartCurve* curve : {&test_loss, &accuracy}) {
    curve->smoothable = false;
    curve->dots = true;
  }
  set(loss_, {of(kTrainLoss, tr("training"), 0), test_loss});
  set(accuracy_, {accuracy});
  const bool traffic =
      model_.has(kBytesSent) && model_.bytesSent(x).size() > 0 && model_.bytesSent(x).mean.last() > 0;
  ChartCurve sent = curveOf("sent", tr("sent"), 0, traffic ? model_.bytesSent(x) : Curve());
  sent.smoothable = false;
  set(sent_, {sent});
  set(rate_, {curveOf("rate", tr("sent per second"), 0, traffic ? model_.bytesPerSecond(x) : Curve())});
  set(ratio_, {of(kCompressionRatio, tr("ratio"), 2)});
  set(error_, {of(kRelativeError, tr("relative error"), 4)});
  set(speed_, {of(kSamplesPerSecond, tr("samples per second"), 0)});
  set(norm_, {of(kGradientNorm, tr("gradient"), 3)});

  const auto phases = [&](std::initializer_list<int> list) {
    QVector<ChartCurve> curves;
    for (const int phase : list) {
      ChartCurve curve =
          curveOf(phaseSeries(phase), phaseName(phase), 0, model_.curve(phaseSeries(phase), x));
      curve.light = phaseColor(phase, false);
      curve.dark = phaseColor(phase, true);
      const bool any =
          std::any_of(curve.data.mean.cbegin(), curve.data.mean.cend(), [](double v) { return v > 0; });
      if (any) curves.push_back(std::move(curve));
    }
    return curves;
  };
  // The step thread's time adds up to the step; what the communication thread does beside it is a picture of
  // its own.
  set(time_, phases({0, 1, 5, 6}));
  set(exchange_, phases({2, 3, 4}));
  if (!marks_.isEmpty() && x != XAxis::kStep)
    refreshMarks();  // their places on this axis may be known only now
}

void MonitorCharts::clear() {
  marks_.clear();
  for (ChartCard* card : cards_) {
    card->chart().resetZoom();
    card->setCurves({});
    card->chart().setMarks({});
  }
}

void MonitorCharts::addMark(qint64 step, const QString& text, const QColor& color) {
  marks_.push_back({step, text, color});
  refreshMarks();
}

void MonitorCharts::refreshMarks() {
  QVector<ChartMark> marks;
  for (const Mark& mark : marks_) {
    const double x = model_.position(static_cast<double>(mark.step), axis());
    if (std::isfinite(x)) marks.push_back({x, mark.text, mark.color});
  }
  for (ChartCard* card : cards_) card->chart().setMarks(marks);
}

void MonitorCharts::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

// As many columns as are wide enough to be read.
void MonitorCharts::arrange() {
  const int wide_enough = charactersWide(this, 52);
  const int columns = std::clamp(width() / std::max(1, wide_enough), 1, 3);
  if (columns == columns_) return;
  columns_ = columns;
  for (ChartCard* card : cards_) grid_->removeWidget(card);
  for (int i = 0; i < 3; ++i) grid_->setColumnStretch(i, i < columns ? 1 : 0);
  for (int i = 0; i < cards_.size(); ++i) grid_->addWidget(cards_[i], i / columns, i % columns);
}

void MonitorCharts::save(ChartCard& card, ChartCard::Save what) {
  const QString suffix = what == ChartCard::Save::kPng   ? "png"
                         : what == ChartCard::Save::kSvg ? "svg"
                                                         : "csv";
  FileQuestion question;
  question.what = FileQuestion::What::kSaveFile;
  question.title = tr("Save Chart");
  question.start = card.chart().title() + "." + suffix;
  question.filter = tr("%1 files (*.%2)").arg(suffix.toUpper(), suffix);
  question.suffix = suffix;
  const QString path = askForFile(this, question);
  if (path.isEmpty()) return;
  const QString error = what == ChartCard::Save::kPng   ? saveChartPng(card.chart(), path)
                        : what == ChartCard::Save::kSvg ? saveChartSvg(card.chart(), path)
                                                        : saveChartCsv(card.chart(), path);
  if (!error.isEmpty()) tell(this, tr("The chart was not saved"), error);
}

}  // namespace concertina::ui
