// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_dial.cc: see compare_dial.h.
#include "ui/pages/compare_dial.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QSlider>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ui/charts/palette.h"
#include "ui/charts/plot_scale.h"
#include "ui/charts/ticks.h"
#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/picture_button.h"

namespace concertina::ui {
namespace {

constexpr int kSliderSteps = 500;  // a hundred for every power of ten

QString secondsText(double seconds) { return formatValue(seconds, QStringLiteral("s")); }

double secondsOn(const DialLine& line, double mbit) {
  return StepSecondsOn(line.step, {.bandwidth_mbit = mbit, .latency_ms = line.latency_ms});
}

}  // namespace

class DialPicture : public QWidget {
 public:
  using QWidget::QWidget;
  QVector<DialLine> lines;
  QVector<DialDot> dots;
  double bandwidth = 1000;

  QSize sizeHint() const override { return {charactersWide(this, 70), rhythmUnit(this) * 22}; }
  QSize minimumSizeHint() const override { return {charactersWide(this, 40), rhythmUnit(this) * 14}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    if (lines.isEmpty()) return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const int unit = rhythmUnit(this);
    const QFontMetrics metrics(font());
    double least = qInf(), largest = 0;
    for (const DialLine& line : std::as_const(lines))
      for (const double mbit : {CompareDial::kLeastMbit, CompareDial::kMostMbit}) {
        least = std::min(least, secondsOn(line, mbit));
        largest = std::max(largest, secondsOn(line, mbit));
      }
    for (const DialDot& dot : std::as_const(dots)) {
      least = std::min(least, dot.seconds);
      largest = std::max(largest, dot.seconds);
    }
    const ValueRange range = roomyLogRange(std::max(1e-6, least), std::max(2e-6, largest));
    const double left = metrics.horizontalAdvance(QStringLiteral("000 ms")) + unit;
    const double ranking = rankingWidth(metrics, unit);
    const QRectF plot(left, unit / 2.0, width() - left - ranking - unit,
                      height() - metrics.height() - 2.0 * unit);
    const PlotScale x{CompareDial::kLeastMbit, CompareDial::kMostMbit, plot.left(), plot.right(), true};
    const PlotScale y{range.from, range.to, plot.bottom(), plot.top(), true};

    painter.setPen(QPen(gridColor(palette()), 1));
    for (double mbit = CompareDial::kLeastMbit; mbit <= CompareDial::kMostMbit * 1.01; mbit *= 10)
      painter.drawLine(QPointF(x.toPixel(mbit), plot.top()), QPointF(x.toPixel(mbit), plot.bottom()));
    const Ticks marks = logTicks(range.from, range.to, std::max(2, int(plot.height() / (4 * unit))));
    for (const double value : marks.values)
      painter.drawLine(QPointF(plot.left(), y.toPixel(value)), QPointF(plot.right(), y.toPixel(value)));
    painter.setPen(quietTextColor(palette()));
    for (const double value : marks.values)
      painter.drawText(
          QRectF(0, y.toPixel(value) - metrics.height() / 2.0, left - unit / 2.0, metrics.height()),
          Qt::AlignRight | Qt::AlignVCenter, secondsText(value));
    double free_from = 0;  // labels that would touch the one before are left out
    for (double mbit = CompareDial::kLeastMbit; mbit <= CompareDial::kMostMbit * 1.01; mbit *= 10) {
      const QString text =
          mbit < 1000 ? QStringLiteral("%1 Mbit/s").arg(mbit) : QStringLiteral("%1 Gbit/s").arg(mbit / 1000);
      const double wide = metrics.horizontalAdvance(text) + 1;
      const QRectF room(x.toPixel(mbit) - wide / 2, plot.bottom() + unit / 4.0, wide, metrics.height());
      if (room.left() < free_from) continue;
      free_from = room.right() + unit / 2.0;
      painter.drawText(room, Qt::AlignHCenter | Qt::AlignVCenter, text);
    }

    const bool dark = onDarkGround(palette());
    painter.setClipRect(plot.adjusted(-1, -1, 1, 1));
    for (qsizetype i = 0; i < lines.size(); ++i) {
      QPolygonF curve;
      for (double px = plot.left(); px <= plot.right() + 0.5; px += 2)
        curve << QPointF(px, y.toPixel(secondsOn(lines[i], x.toValue(px))));
      painter.setPen(penOf(i, dark));
      painter.drawPolyline(curve);
    }
    for (const DialDot& dot : std::as_const(dots)) {
      qsizetype line = -1;
      for (qsizetype i = 0; i < lines.size(); ++i)
        if (lines[i].label == dot.label) line = i;
      const bool is_dense = line >= 0 && lines[line].is_dense;
      painter.setPen(Qt::NoPen);
      painter.setBrush(line < 0 || is_dense ? palette().color(QPalette::Text) : seriesColor(int(line), dark));
      painter.drawEllipse(QPointF(x.toPixel(dot.bandwidth_mbit), y.toPixel(dot.seconds)), 3, 3);
    }
    painter.setPen(QPen(toneColor(palette(), Tone::kAccent), 1.5));
    painter.drawLine(QPointF(x.toPixel(bandwidth), plot.top()), QPointF(x.toPixel(bandwidth), plot.bottom()));
    painter.setClipping(false);
    if (ranking > 0)
      drawRanking(painter, QRectF(plot.right() + unit, plot.top(), ranking - unit, plot.height()), dark);
  }

 private:
  QPen penOf(qsizetype line, bool dark) const {
    if (lines[line].is_dense) return QPen(palette().color(QPalette::Text), 2.2);
    QPen pen(seriesColor(int(line), dark), 1.8);
    if (line >= kSeriesColors) pen.setStyle(Qt::DashLine);
    return pen;
  }

  // Who is how quick where the dial stands, beside the lines; 0 where there is no room for it.
  double rankingWidth(const QFontMetrics& metrics, int unit) const {
    double widest = 0;
    for (const DialLine& line : lines)
      widest = std::max<double>(widest, metrics.horizontalAdvance(line.label));
    const double wide =
        std::min(widest, width() / 4.0) + metrics.horizontalAdvance(QStringLiteral("00.0 ms")) + 5.0 * unit;
    return wide < 0.5 * width() ? wide : 0;
  }
  void drawRanking(QPainter& painter, const QRectF& room, bool dark) const {
    const int unit = rhythmUnit(this);
    const QFontMetrics metrics(font());
    QVector<qsizetype> order(lines.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [this](qsizetype a, qsizetype b) {
      return secondsOn(lines[a], bandwidth) < secondsOn(lines[b], bandwidth);
    });
    const double high = metrics.height() * 1.15,
                 seconds = metrics.horizontalAdvance(QStringLiteral("00.0 ms"));
    double top = room.top();
    for (const qsizetype i : std::as_const(order)) {
      if (top + high > room.bottom() + 1) break;
      painter.setPen(penOf(i, dark));
      painter.drawLine(QPointF(room.left(), top + high / 2), QPointF(room.left() + 2 * unit, top + high / 2));
      painter.setPen(palette().color(QPalette::Text));
      const QRectF text(room.left() + 2.5 * unit, top, room.width() - 2.5 * unit - seconds - unit, high);
      painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter,
                       metrics.elidedText(lines[i].label, Qt::ElideRight, int(text.width())));
      painter.setPen(quietTextColor(palette()));
      painter.drawText(QRectF(room.right() - seconds - unit / 2.0, top, seconds + unit / 2.0, high),
                       Qt::AlignRight | Qt::AlignVCenter, secondsText(secondsOn(lines[i], bandwidth)));
      top += high;
    }
  }
};

CompareDial::CompareDial(QWidget* parent)
    : QWidget(parent),
      picture_(new DialPicture(this)),
      slider_(new QSlider(Qt::Horizontal, this)),
      value_(new QLabel(this)),
      verdict_(new QLabel(this)),
      follow_(new QCheckBox(this)) {
  const int unit = rhythmUnit(this);
  auto* title = new QLabel(tr("Break-Even Dial"), this);
  title->setFont(scaledFont(font(), 1.15, QFont::DemiBold));
  picture_->setObjectName(QStringLiteral("comparePage.dialPicture"));
  picture_->setAccessibleName(tr("What a step takes, by the bandwidth of the link"));
  slider_->setObjectName(QStringLiteral("comparePage.dialSlider"));
  slider_->setRange(0, kSliderSteps);
  slider_->setPageStep(50);
  slider_->setAccessibleName(tr("Bandwidth of the link"));
  value_->setObjectName(QStringLiteral("comparePage.dialValue"));
  value_->setFont(scaledFont(font(), 1.15, QFont::DemiBold));
  value_->setMinimumWidth(charactersWide(this, 14));
  verdict_->setObjectName(QStringLiteral("comparePage.dialVerdict"));
  verdict_->setWordWrap(true);
  follow_->setObjectName(QStringLiteral("comparePage.dialFollow"));
  setTone(verdict_, "quiet");

  auto* row = new QHBoxLayout;
  row->setSpacing(unit);
  row->addWidget(value_);
  row->addWidget(slider_, 1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(unit / 2);
  auto* heading = new QHBoxLayout;
  heading->addWidget(title);
  heading->addStretch(1);
  heading->addWidget(makePictureButton(
      QStringLiteral("comparePage.dialMenu"),
      {.title = title->text(),
       .widget = picture_,
       .numbers = [this] { return numbers(); },
       .tell = [this](const QString& message, bool is_problem) { emit saved(message, is_problem); }},
      this));
  column->addLayout(heading);
  column->addWidget(picture_, 1);
  column->addLayout(row);
  column->addWidget(verdict_);
  column->addWidget(follow_);

  connect(slider_, &QSlider::valueChanged, this, [this] {
    showBandwidth();
    if (!slider_->isSliderDown() && follow_->isChecked()) emit turned(bandwidth());
  });
  connect(slider_, &QSlider::sliderReleased, this, [this] {
    if (follow_->isChecked()) emit turned(bandwidth());
  });
  setGoing(0);
  setBandwidth(1000);
}

void CompareDial::setLines(const QVector<DialLine>& lines) {
  lines_ = lines;
  picture_->lines = lines;
  picture_->update();
  showBandwidth();
}

void CompareDial::setDots(const QVector<DialDot>& dots) {
  picture_->dots = dots;
  picture_->update();
}

// What a step takes on links of 1, 2 and 5 times each power of ten.
TextTable CompareDial::numbers() const {
  TextTable table{
      {tr("Codec").toStdString(), tr("Bandwidth (Mbit/s)").toStdString(), tr("Step (s)").toStdString()}, {}};
  for (const DialLine& line : lines_)
    for (double decade = kLeastMbit; decade <= kMostMbit; decade *= 10)
      for (const double times : {1.0, 2.0, 5.0})
        if (const double mbit = decade * times; mbit <= kMostMbit)
          table.rows.push_back(
              {line.label.toStdString(), exactNumber(mbit), exactNumber(secondsOn(line, mbit))});
  return table;
}

void CompareDial::setGoing(int runs) {
  follow_->setText(runs == 0 ? tr("Turn the link of the runs that go: none goes now")
                             : tr("Turn the link of the %n run(s) that go", nullptr, runs));
  follow_->setEnabled(runs > 0);
}

double CompareDial::bandwidth() const {
  return kLeastMbit * std::pow(kMostMbit / kLeastMbit, double(slider_->value()) / kSliderSteps);
}

void CompareDial::setBandwidth(double mbit) {
  slider_->setValue(
      int(std::lround(kSliderSteps * std::log(mbit / kLeastMbit) / std::log(kMostMbit / kLeastMbit))));
  showBandwidth();
}

void CompareDial::showBandwidth() {
  value_->setText(formatBandwidth(bandwidth()));
  picture_->bandwidth = bandwidth();
  picture_->update();
  if (lines_.isEmpty()) {
    verdict_->setText(tr("Nothing to say before a run has finished."));
    return;
  }
  const auto on = [this](const DialLine& line) { return secondsOn(line, bandwidth()); };
  const auto best = std::min_element(lines_.cbegin(), lines_.cend(),
                                     [&](const DialLine& a, const DialLine& b) { return on(a) < on(b); });
  const auto dense =
      std::find_if(lines_.cbegin(), lines_.cend(), [](const DialLine& line) { return line.is_dense; });
  QString text = best->is_dense
                     ? tr("Here no codec pays: a step takes %1 without one.").arg(secondsText(on(*best)))
                     : tr("Here the quickest is %1: %2 a step").arg(best->label, secondsText(on(*best)));
  if (!best->is_dense && dense == lines_.cend()) text += QLatin1Char('.');
  if (!best->is_dense && dense != lines_.cend())
    text += tr(", %1 without a codec, %2 as long.")
                .arg(secondsText(on(*dense)), formatRatio(on(*dense) / on(*best)));
  verdict_->setText(text);
}

}  // namespace concertina::ui
