// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_bars.cc: see compare_bars.h.
#include "ui/pages/compare_bars.h"

#include <QLocale>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/charts/palette.h"
#include "ui/charts/plot_scale.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/picture_button.h"

namespace concertina::ui {
namespace {

QString percentText(double percent) {
  const QString text = QLocale().toString(std::abs(percent), 'f', 2) + QStringLiteral(" %");
  return percent > 0 ? QLatin1Char('+') + text : percent < 0 ? QChar(0x2212) + text : text;
}

}  // namespace

CompareBars::CompareBars(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("compareRuns.bars"));
  setAccessibleName(tr("Differences to the baseline in percent"));
}

void CompareBars::setBars(const QVector<DifferenceBar>& bars, const QString& empty_text) {
  bars_.clear();
  QStringList words;
  for (const DifferenceBar& bar : bars) {
    if (!std::isfinite(bar.percent)) continue;
    bars_ << bar;
    words << tr("%1: %2").arg(bar.label, percentText(bar.percent));
  }
  empty_text_ = empty_text;
  setAccessibleDescription(words.join(QStringLiteral("; ")));
  updateGeometry();
  update();
}

QSize CompareBars::sizeHint() const {
  return {charactersWide(this, 50), int(rhythmUnit(this) * (3 * std::max<qsizetype>(4, bars_.size()) + 1))};
}

TextTable CompareBars::numbers() const {
  TextTable table{{tr("Name").toStdString(), tr("Difference (%)").toStdString(),
                   tr("95 % from (%)").toStdString(), tr("95 % to (%)").toStdString()},
                  {}};
  for (const DifferenceBar& bar : bars_)
    table.rows.push_back(
        {bar.label.toStdString(), exactNumber(bar.percent), exactNumber(bar.low), exactNumber(bar.high)});
  return table;
}

void CompareBars::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QFontMetrics metrics(font());
  const int unit = rhythmUnit(this);
  if (bars_.isEmpty()) {
    painter.setPen(quietTextColor(palette()));
    painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, empty_text_);
    return;
  }
  painter.setRenderHint(QPainter::Antialiasing);
  double least = 0, most = 0, widest = 0;
  for (const DifferenceBar& bar : std::as_const(bars_)) {
    least = std::min({least, bar.percent, std::isfinite(bar.low) ? bar.low : 0});
    most = std::max({most, bar.percent, std::isfinite(bar.high) ? bar.high : 0});
    widest = std::max<double>(widest, metrics.horizontalAdvance(bar.label));
  }
  if (!(most > least)) most = least + 1;
  const double names = std::min(widest, width() * 0.35) + unit;
  const double figures = metrics.horizontalAdvance(QStringLiteral("+000.00 %")) + unit;
  const PlotScale x{least, most, names, width() - figures};
  const double each = std::min(double(height()) / double(bars_.size()), 3.0 * unit);
  const bool dark = onDarkGround(palette());
  for (qsizetype i = 0; i < bars_.size(); ++i) {
    const DifferenceBar& bar = bars_[i];
    const double top = each * double(i), middle = top + each / 2;
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(QRectF(0, top, names - unit / 2.0, each), Qt::AlignRight | Qt::AlignVCenter,
                     metrics.elidedText(bar.label, Qt::ElideMiddle, int(names - unit / 2.0)));
    const double from = x.toPixel(0), to = x.toPixel(bar.percent);
    painter.setPen(Qt::NoPen);
    painter.setBrush(bar.is_better ? seriesColor(0, dark) : quietTextColor(palette()));
    painter.drawRect(QRectF(QPointF(std::min(from, to), middle - each * 0.3),
                            QPointF(std::max({from, to, std::min(from, to) + 1}), middle + each * 0.3)));
    double right = std::max(from, to);
    if (std::isfinite(bar.low) && std::isfinite(bar.high)) {
      painter.setPen(QPen(palette().color(QPalette::Text), 1.5));
      const double low = x.toPixel(bar.low), high = x.toPixel(bar.high);
      painter.drawLine(QPointF(low, middle), QPointF(high, middle));
      for (const double end : {low, high})
        painter.drawLine(QPointF(end, middle - each * 0.12), QPointF(end, middle + each * 0.12));
      right = std::max(right, high);
    }
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(QRectF(right + unit / 2.0, top, figures, each), Qt::AlignLeft | Qt::AlignVCenter,
                     percentText(bar.percent));
  }
  painter.setPen(QPen(mixed(palette().color(QPalette::Base), palette().color(QPalette::Text), 0.4), 1));
  painter.drawLine(QPointF(x.toPixel(0), 0), QPointF(x.toPixel(0), each * double(bars_.size())));
}

}  // namespace concertina::ui
