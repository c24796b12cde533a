// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chart_export.cc: see chart_export.h.
#include "ui/charts/chart_export.h"

#include <QLocale>
#include <QPainter>
#include <cmath>

#include "ui/charts/palette.h"
#include "ui/charts/picture_caption.h"
#include "ui/charts/picture_export.h"

namespace concertina::ui {
namespace {

// With its title, unit and legend, wherever these stand on the page.
PictureSource pictureOf(SeriesChart& chart) {
  chart.renderNow();  // the unit has its prefix, and the curves are the newest
  const QPalette palette = chart.palette();
  const bool dark = onDarkGround(palette);
  Caption caption{.unit = chart.scaledYUnit() == QStringLiteral("×") ? QString() : chart.scaledYUnit(),
                  .entries = {},
                  .font = chart.font(),
                  .ink = palette.color(QPalette::Text),
                  .quiet = quietTextColor(palette)};
  for (const ChartCurve& curve : chart.curves())
    if (chart.isCurveShown(curve.id) && !curve.data.isEmpty())
      caption.entries.push_back({.label = curve.label,
                                 .color = dark ? curve.dark : curve.light,
                                 .dashed = curve.dashed,
                                 .area = chart.stacked()});
  return captioned({.title = chart.title(),
                    .size = chart.size(),
                    .ground = palette.color(QPalette::Base),
                    .paint = [&chart](QPainter& painter) { chart.paintTo(painter, chart.size()); }},
                   caption);
}

QString quoted(QString text) {
  text.replace(QLatin1Char('"'), QLatin1String("\"\""));
  return QLatin1Char('"') + text + QLatin1Char('"');
}

QString exactly(double value) {
  return std::isfinite(value) ? QString::number(value, 'g', QLocale::FloatingPointShortest) : QString();
}

}  // namespace

QString chartCsv(const QVector<ChartCurve>& curves, XAxis axis, const QString& x_series) {
  const bool is_path = axis == XAxis::kSeries;
  QString text = is_path ? QStringLiteral("series,%1,value,least,largest,step\n").arg(quoted(x_series))
                         : QStringLiteral("series,%1,value,least,largest\n").arg(xAxisWord(axis));
  for (const ChartCurve& curve : curves) {
    const QString name = quoted(curve.source.isEmpty() ? curve.id : curve.source);
    for (qsizetype i = 0; i < curve.data.size(); ++i) {
      text += name + QLatin1Char(',') + exactly(curve.data.x[i]) + QLatin1Char(',') +
              exactly(curve.data.mean[i]) + QLatin1Char(',') + exactly(curve.data.min[i]) + QLatin1Char(',') +
              exactly(curve.data.max[i]) +
              (is_path ? QLatin1Char(',') + exactly(curve.data.step.value(i)) : QString()) +
              QLatin1Char('\n');
    }
  }
  return text;
}

QString saveChartCsv(const SeriesChart& chart, const QString& path) {
  return saveFile(path, chartCsv(chart.curves(), chart.xAxis(), chart.xSeries()).toUtf8());
}

QString saveChartPng(SeriesChart& chart, const QString& path) {
  return savePicturePng(pictureOf(chart), path);
}

QString saveChartSvg(SeriesChart& chart, const QString& path) {
  return savePictureSvg(pictureOf(chart), path);
}

QString saveChartPdf(SeriesChart& chart, const QString& path) {
  return savePicturePdf(pictureOf(chart), path);
}

}  // namespace concertina::ui
