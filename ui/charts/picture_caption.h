// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// picture_caption.h: a title and a legend above a picture that leaves the window: on the page they stand
// around it, in a paper they would be missing. On the way of the data: charts/chart_export.h -> here ->
// charts/picture_export.h.
#pragma once

#include <QColor>
#include <QFont>
#include <QVector>

#include "ui/charts/picture_export.h"

namespace concertina::ui {

struct CaptionEntry {
  QString label;
  QColor color;
  bool dashed = false;
  bool area = false;  // a square instead of a line
};

struct Caption {
  QString unit;                   // behind the picture's title; "": none
  QVector<CaptionEntry> entries;  // of one curve the title says everything
  QFont font;
  QColor ink, quiet;
};

// As wide as before, and higher by the caption: what is below stays as large as it was.
PictureSource captioned(const PictureSource& picture, const Caption& caption);

}  // namespace concertina::ui
