// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rhythm.h: every distance of the desktop is a multiple of one unit, half a line of text (8 px at the usual
// font size), so that pages keep their proportions at any font and any scale. No other length is written in
// pixels.
#pragma once

#include <QFont>
#include <QFontMetrics>
#include <QLayout>
#include <QWidget>
#include <algorithm>

namespace concertina::ui {

inline int rhythmUnit(const QWidget* widget) {
  return std::max(4, qRound(QFontMetrics(widget->font()).height() / 2.0));
}

// Margins in units, in the order of QLayout.
inline void setRhythm(QLayout* layout, const QWidget* widget, double left, double top, double right,
                      double bottom, double spacing) {
  const int unit = rhythmUnit(widget);
  layout->setContentsMargins(qRound(left * unit), qRound(top * unit), qRound(right * unit),
                             qRound(bottom * unit));
  layout->setSpacing(qRound(spacing * unit));
}

// The width of `characters` average characters: how wide a column of labels or a field should be.
inline int charactersWide(const QWidget* widget, int characters) {
  return QFontMetrics(widget->font()).averageCharWidth() * characters;
}

// A step on the type scale: 1 is text, 1.25 a card's title, 1.6 a page's.
inline QFont scaledFont(const QFont& font, double scale, QFont::Weight weight = QFont::Normal) {
  QFont scaled = font;
  if (scaled.pointSizeF() > 0) {
    scaled.setPointSizeF(scaled.pointSizeF() * scale);
  } else {
    scaled.setPixelSize(qRound(scaled.pixelSize() * scale));
  }
  scaled.setWeight(weight);
  return scaled;
}

}  // namespace concertina::ui
