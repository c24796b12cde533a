// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// picture_export.h: anything that paints itself as a file: PNG, SVG and PDF. On the way of the data:
// charts/series_chart.h, charts/heat_map.h -> here -> files.
#pragma once

#include <QColor>
#include <QSize>
#include <QString>
#include <functional>

class QPainter;

namespace concertina::ui {

struct PictureSource {
  QString title;
  QSize size;
  QColor ground;
  std::function<void(QPainter&)> paint;  // from the top left, `size` large
};

// "" if it went well, else what a person should read. PNG in twice the resolution; PDF one page of the
// picture's size, in vectors.
QString savePicturePng(const PictureSource& picture, const QString& path);
QString savePictureSvg(const PictureSource& picture, const QString& path);
QString savePicturePdf(const PictureSource& picture, const QString& path);
// The same, of whole files: what was there before stays until all is written.
QString saveFile(const QString& path, const QByteArray& bytes);

}  // namespace concertina::ui
