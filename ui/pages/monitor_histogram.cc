// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_histogram.cc: see monitor_histogram.h.
#include "ui/pages/monitor_histogram.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/charts/palette.h"
#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

OctaveCounts sumOf(const std::vector<OctaveCounts>& layers) {
  OctaveCounts sum;
  for (const OctaveCounts& layer : layers) {
    if (sum.counts.empty()) sum.least_exponent = layer.least_exponent;
    sum.counts.resize(std::max(sum.counts.size(), layer.counts.size()));
    for (size_t i = 0; i < layer.counts.size(); ++i) sum.counts[i] += layer.counts[i];
    sum.zeros += layer.zeros;
  }
  return sum;
}

}  // namespace

class OctavePicture : public QWidget {
 public:
  using QWidget::QWidget;
  OctaveCounts counts;
  std::pair<int, int> octaves;

  QSize minimumSizeHint() const override { return {charactersWide(this, 24), rhythmUnit(this) * 6}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    if (counts.total() == 0) return;
    QPainter painter(this);
    const QFontMetrics metrics(font());
    const int unit = rhythmUnit(this);
    const QRectF plot(unit / 2.0, unit / 2.0, width() - unit, height() - metrics.height() - unit);
    const int shown = octaves.second - octaves.first + 1;
    const double wide = plot.width() / std::max(1, shown), most = double(std::max<int64_t>(1, counts.most()));
    painter.setPen(QPen(gridColor(palette()), 1));
    painter.drawLine(plot.bottomLeft(), plot.bottomRight());
    painter.setPen(Qt::NoPen);
    painter.setBrush(seriesColor(0, onDarkGround(palette())));
    for (int i = 0; i < shown; ++i) {
      const int64_t count = counts.at(octaves.first + i);
      if (count == 0) continue;
      const double high = std::max(1.0, plot.height() * double(count) / most);
      painter.drawRect(QRectF(plot.left() + i * wide, plot.bottom() - high, std::max(1.0, wide - 1), high));
    }
    painter.setPen(quietTextColor(palette()));
    const double room = metrics.horizontalAdvance(QStringLiteral("1e-00")) * 1.4;
    const int every = std::max(1, int(std::ceil(room / wide)));
    for (int i = 0; i < shown; i += every) {
      const QString text = QLocale().toString(std::exp2(octaves.first + i), 'g', 1);
      painter.drawText(QRectF(plot.left() + i * wide, plot.bottom() + 2, room, metrics.height()),
                       Qt::AlignLeft | Qt::AlignTop, text);
    }
  }
};

MonitorHistogram::MonitorHistogram(QWidget* parent)
    : QFrame(parent),
      picture_(new OctavePicture(this)),
      words_(new QLabel(this)),
      take_(new QPushButton(this)) {
  setProperty("card", true);
  const int unit = rhythmUnit(this);
  auto* title = new QLabel(tr("Gradient by Size"), this);
  title->setFont(scaledFont(font(), 1, QFont::DemiBold));
  title->setToolTip(tr("How many elements of rank 0's own gradient have which size, in octaves"));
  take_->setText(tr("Count"));
  take_->setObjectName(QStringLiteral("monitorPage.histogramButton"));
  take_->setToolTip(tr("Counts the elements of the next step's gradient"));
  words_->setObjectName(QStringLiteral("monitorPage.histogramWords"));
  words_->setWordWrap(true);
  setTone(words_, "quiet");
  picture_->setAccessibleName(title->text());
  auto* row = new QHBoxLayout;
  row->addWidget(title, 1);
  row->addWidget(take_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(unit * 2, unit, unit * 3 / 2, unit);
  column->setSpacing(unit / 2);
  column->addLayout(row);
  column->addWidget(picture_, 1);
  column->addWidget(words_);
  words_->setMinimumHeight(unit * 4);
  connect(take_, &QPushButton::clicked, this, &MonitorHistogram::requested);
  setTakeable(false);
  showLayer();
}

void MonitorHistogram::setHistogram(const std::vector<OctaveCounts>& layers, qint64 step) {
  layers_ = layers;
  step_ = step;
  showLayer();
}

void MonitorHistogram::setLayer(const QString& layer) {
  if (layer == layer_) return;
  layer_ = layer;
  showLayer();
}

void MonitorHistogram::setTakeable(bool can) { take_->setEnabled(can); }

void MonitorHistogram::showLayer() {
  const auto found = std::find_if(layers_.begin(), layers_.end(), [this](const OctaveCounts& counts) {
    return counts.layer == layer_.toStdString();
  });
  picture_->counts = found == layers_.end() ? sumOf(layers_) : *found;
  picture_->octaves = OctavesInUse(layers_);
  picture_->update();
  const OctaveCounts& counts = picture_->counts;
  // Where there is no picture the words stand in its place.
  picture_->setVisible(counts.total() > 0);
  words_->setAlignment(counts.total() > 0 ? Qt::AlignLeft | Qt::AlignVCenter : Qt::AlignCenter);
  words_->setSizePolicy(QSizePolicy::Preferred,
                        counts.total() > 0 ? QSizePolicy::Preferred : QSizePolicy::Expanding);
  if (counts.total() == 0) {
    words_->setText(step_ < 0 ? tr("Not counted yet.")
                              : tr("This exchange makes no gradient that could be counted."));
    return;
  }
  //: %1 a step's number, %2 and %3 sizes, %4 a percentage
  words_->setText(tr("Step %1: half of it is below %2, 99 % below %3; %4 are zero.")
                      .arg(formatCount(step_), formatNumber(counts.Quantile(0.5)),
                           formatNumber(counts.Quantile(0.99)),
                           formatPercent(double(counts.zeros) / double(counts.total()))));
}

}  // namespace concertina::ui
