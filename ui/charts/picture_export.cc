// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// picture_export.cc: see picture_export.h.
#include "ui/charts/picture_export.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QImage>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>

namespace concertina::ui {

QString saveFile(const QString& path, const QByteArray& bytes) {
  QSaveFile file(path);
  if (file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit()) return {};
  return QCoreApplication::translate("ChartExport", "%1 could not be written: %2")
      .arg(path, file.errorString());
}

QString savePicturePng(const PictureSource& picture, const QString& path) {
  constexpr int kScale = 2;
  QImage image(picture.size * kScale, QImage::Format_ARGB32_Premultiplied);
  image.setDevicePixelRatio(kScale);
  image.fill(picture.ground);
  QPainter painter(&image);
  picture.paint(painter);
  painter.end();
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  image.save(&buffer, "PNG");
  return saveFile(path, bytes);
}

QString savePictureSvg(const PictureSource& picture, const QString& path) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  QSvgGenerator generator;
  generator.setOutputDevice(&buffer);
  generator.setSize(picture.size);
  generator.setViewBox(QRect(QPoint(0, 0), picture.size));
  generator.setTitle(picture.title);
  QPainter painter(&generator);
  painter.fillRect(QRect(QPoint(0, 0), picture.size), picture.ground);
  picture.paint(painter);
  painter.end();
  return saveFile(path, bytes);
}

QString savePicturePdf(const PictureSource& picture, const QString& path) {
  constexpr double kPointsAPixel = 0.75;  // 72 points an inch, 96 pixels
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  {
    QPdfWriter writer(&buffer);
    writer.setTitle(picture.title);
    writer.setResolution(96);
    writer.setPageMargins({});
    writer.setPageSize(QPageSize(QSizeF(picture.size) * kPointsAPixel, QPageSize::Point));
    QPainter painter(&writer);
    painter.fillRect(QRect(QPoint(0, 0), picture.size), picture.ground);
    picture.paint(painter);
  }
  return saveFile(path, bytes);
}

}  // namespace concertina::ui
