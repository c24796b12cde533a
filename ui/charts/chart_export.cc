// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chart_export.cc: see chart_export.h.
#include "ui/charts/chart_export.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QImage>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <cmath>

namespace concertina::ui {
namespace {

QString write(const QString& path, const QByteArray& bytes) {
  QSaveFile file(path);
  if (file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit()) return {};
  return QCoreApplication::translate("ChartExport", "%1 could not be written: %2")
      .arg(path, file.errorString());
}

QString quoted(QString text) {
  text.replace(QLatin1Char('"'), QLatin1String("\"\""));
  return QLatin1Char('"') + text + QLatin1Char('"');
}

QString exactly(double value) {
  return std::isfinite(value) ? QString::number(value, 'g', QLocale::FloatingPointShortest) : QString();
}

Painting paintingOf(SeriesChart& chart) {
  return {.size = chart.size(),
          .title = chart.title(),
          .ground = chart.palette().color(QPalette::Base),
          .paint = [&chart](QPainter& painter) { chart.paintTo(painter, chart.size()); }};
}

}  // namespace

QString chartCsv(const QVector<ChartCurve>& curves, XAxis axis) {
  QString text = QStringLiteral("series,%1,value,least,largest\n").arg(xAxisWord(axis));
  for (const ChartCurve& curve : curves) {
    const QString name = quoted(curve.id);
    for (qsizetype i = 0; i < curve.data.size(); ++i) {
      text += name + QLatin1Char(',') + exactly(curve.data.x[i]) + QLatin1Char(',') +
              exactly(curve.data.mean[i]) + QLatin1Char(',') + exactly(curve.data.min[i]) + QLatin1Char(',') +
              exactly(curve.data.max[i]) + QLatin1Char('\n');
    }
  }
  return text;
}

QString saveChartCsv(const SeriesChart& chart, const QString& path) {
  return write(path, chartCsv(chart.curves(), chart.xAxis()).toUtf8());
}

QString saveText(const QString& path, const QString& text) { return write(path, text.toUtf8()); }

QString savePng(const Painting& painting, const QString& path) {
  constexpr int kScale = 2;
  QImage image(painting.size * kScale, QImage::Format_ARGB32_Premultiplied);
  image.setDevicePixelRatio(kScale);
  image.fill(painting.ground);
  QPainter painter(&image);
  painting.paint(painter);
  painter.end();
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  image.save(&buffer, "PNG");
  return write(path, bytes);
}

QString saveSvg(const Painting& painting, const QString& path) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  QSvgGenerator generator;
  generator.setOutputDevice(&buffer);
  generator.setSize(painting.size);
  generator.setViewBox(QRect(QPoint(0, 0), painting.size));
  generator.setTitle(painting.title);
  QPainter painter(&generator);
  painter.fillRect(QRect(QPoint(0, 0), painting.size), painting.ground);
  painting.paint(painter);
  painter.end();
  return write(path, bytes);
}

QString savePdf(const Painting& painting, const QString& path) {
  constexpr double kPointsAPixel = 0.75;  // 72 points an inch, 96 pixels
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  {
    QPdfWriter writer(&buffer);
    writer.setTitle(painting.title);
    writer.setResolution(96);
    writer.setPageMargins({});
    writer.setPageSize(QPageSize(QSizeF(painting.size) * kPointsAPixel, QPageSize::Point));
    QPainter painter(&writer);
    painter.fillRect(QRect(QPoint(0, 0), painting.size), painting.ground);
    painting.paint(painter);
  }
  return write(path, bytes);
}

QString saveChartPng(SeriesChart& chart, const QString& path) { return savePng(paintingOf(chart), path); }
QString saveChartSvg(SeriesChart& chart, const QString& path) { return saveSvg(paintingOf(chart), path); }
QString saveChartPdf(SeriesChart& chart, const QString& path) { return savePdf(paintingOf(chart), path); }

}  // namespace concertina::ui
