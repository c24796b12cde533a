// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_staleness.cc: see monitor_staleness.h.
#include "ui/pages/monitor_staleness.h"

#include <QHelpEvent>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/charts/palette.h"
#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

// "3" of a bin that is one wide, "6 to 8" of a wider one.
QString binText(const ValueCounts& counts, qsizetype bin) {
  const QString from = QLocale().toString(qint64(bin * counts.width));
  return counts.width == 1 ? from
                           : MonitorStaleness::tr("%1 to %2")
                                 .arg(from, QLocale().toString(qint64((bin + 1) * counts.width - 1)));
}

}  // namespace

class StalenessBars : public QWidget {
 public:
  explicit StalenessBars(QWidget* parent) : QWidget(parent) {}
  ValueCounts counts;

  QSize minimumSizeHint() const override { return {charactersWide(this, 18), rhythmUnit(this) * 4}; }
  QSize sizeHint() const override { return {charactersWide(this, 26), rhythmUnit(this) * 10}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    if (counts.total == 0) return;
    QPainter painter(this);
    const QFontMetrics metrics(font());
    const QRectF plot = plotArea();
    const auto bins = qsizetype(counts.counts.size());
    const double wide = plot.width() / double(bins), most = double(counts.most());
    painter.setPen(QPen(gridColor(palette()), 1));
    painter.drawLine(plot.bottomLeft(), plot.bottomRight());
    painter.setPen(Qt::NoPen);
    painter.setBrush(seriesColor(0, onDarkGround(palette())));
    for (qsizetype bin = 0; bin < bins; ++bin) {
      const int64_t count = counts.counts[size_t(bin)];
      if (count == 0) continue;
      const double high = std::max(1.0, plot.height() * double(count) / most);
      painter.drawRect(
          QRectF(plot.left() + double(bin) * wide, plot.bottom() - high, std::max(1.0, wide - 1), high));
    }
    painter.setPen(quietTextColor(palette()));
    const double room = metrics.horizontalAdvance(QLocale().toString(qint64(bins * counts.width))) * 1.5;
    const auto every = std::max<qsizetype>(1, qsizetype(std::ceil(room / wide)));
    for (qsizetype bin = 0; bin < bins; bin += every) {
      const double middle = plot.left() + (double(bin) + 0.5) * wide;
      painter.drawText(QRectF(middle - room, plot.bottom() + 2, 2 * room, metrics.height()), Qt::AlignHCenter,
                       QLocale().toString(qint64(bin * counts.width)));
    }
  }
  bool event(QEvent* event) override {
    if (event->type() != QEvent::ToolTip || counts.total == 0) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QRectF plot = plotArea();
    const auto bin =
        qsizetype(std::floor((help->pos().x() - plot.left()) / plot.width() * double(counts.counts.size())));
    if (bin < 0 || bin >= qsizetype(counts.counts.size())) return QWidget::event(event);
    const int64_t count = counts.counts[size_t(bin)];
    //: a bar: %1 a staleness or a range of it, %2 how many gradients, %3 their share of all
    QToolTip::showText(help->globalPos(),
                       MonitorStaleness::tr("%1 behind: %2 gradients, %3")
                           .arg(binText(counts, bin), formatCount(count),
                                formatPercent(double(count) / double(counts.total))),
                       this);
    return true;
  }

 private:
  QRectF plotArea() const {
    const int unit = rhythmUnit(this);
    return QRectF(unit, unit / 2.0, width() - 2 * unit, height() - QFontMetrics(font()).height() - unit);
  }
};

MonitorStaleness::MonitorStaleness(QWidget* parent)
    : QWidget(parent), bars_(new StalenessBars(this)), words_(new QLabel(this)) {
  setObjectName(QStringLiteral("monitorPage.staleness"));
  bars_->setObjectName(QStringLiteral("monitorPage.stalenessBars"));
  words_->setObjectName(QStringLiteral("monitorPage.stalenessWords"));
  words_->setWordWrap(true);
  words_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  setTone(words_, "quiet");
  bars_->setAccessibleName(tr("Gradients by staleness"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(rhythmUnit(this) / 2);
  column->addWidget(bars_, 1);
  column->addWidget(words_);
  show({}, 0, true);
}

void MonitorStaleness::show(const ValueCounts& counts, qint64 steps, bool is_of_workers) {
  bars_->counts = counts;
  bars_->update();
  words_->setText(counts.total == 0 ? tr("No gradient was counted yet.")
                  //: %1, %2 and %3 are counts of updates, %4 of steps
                  : is_of_workers
                      ? tr("Gradients by staleness: half at most %1, 99 % at most %2, the largest %3, in the "
                           "newest %4 steps of each worker.")
                            .arg(formatCount(counts.Quantile(0.5)), formatCount(counts.Quantile(0.99)),
                                 formatCount(qRound64(counts.largest)), formatCount(steps))
                      : tr("Steps by mean staleness of all workers: half at most %1, 99 % at most %2, the "
                           "largest %3, in the newest %4 steps.")
                            .arg(formatCount(counts.Quantile(0.5)), formatCount(counts.Quantile(0.99)),
                                 formatNumber(counts.largest), formatCount(steps)));
  bars_->setAccessibleDescription(words_->text());
}

QString MonitorStaleness::words() const { return words_->text(); }

void MonitorStaleness::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  emit sightChanged(true);
}

void MonitorStaleness::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  emit sightChanged(false);
}

}  // namespace concertina::ui
