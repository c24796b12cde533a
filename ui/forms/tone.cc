// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tone.cc: two columns of colours, light and dark (see tone.h).
#include "ui/forms/tone.h"

#include <QStyle>
#include <QVariant>
#include <algorithm>
#include <cmath>

namespace concertina::ui {

bool isDark(const QPalette& palette) {
  return palette.color(QPalette::Window).lightnessF() < palette.color(QPalette::WindowText).lightnessF();
}

QColor toneColor(const QPalette& palette, Tone tone) {
  const bool dark = isDark(palette);
  switch (tone) {
    case Tone::kQuiet:
      return dark ? QColor(0xa4, 0xae, 0xba) : QColor(0x57, 0x61, 0x6e);
    case Tone::kError:
      return dark ? QColor(0xff, 0x9a, 0x8f) : QColor(0xb0, 0x26, 0x1e);
    case Tone::kErrorSurface:
      return dark ? QColor(0x43, 0x29, 0x29) : QColor(0xfd, 0xf0, 0xee);
    case Tone::kWarning:
      return dark ? QColor(0xf0, 0xc0, 0x6c) : QColor(0x84, 0x54, 0x00);
    case Tone::kWarningSurface:
      return dark ? QColor(0x3d, 0x34, 0x22) : QColor(0xfd, 0xf6, 0xe6);
    case Tone::kGood:
      return dark ? QColor(0x84, 0xd0, 0x9b) : QColor(0x1c, 0x6e, 0x3c);
    case Tone::kAccent:
      return dark ? QColor(0x8f, 0xbc, 0xf0) : QColor(0x27, 0x5d, 0x9e);
    case Tone::kAccentSurface:
      return dark ? QColor(0x2b, 0x38, 0x48) : QColor(0xe8, 0xf0, 0xf9);
    case Tone::kEdge:
      return dark ? QColor(0x3a, 0x41, 0x4a) : QColor(0xdc, 0xe0, 0xe5);
    case Tone::kField:
      return dark ? QColor(0x58, 0x62, 0x6e) : QColor(0xb8, 0xc0, 0xca);
  }
  return palette.color(QPalette::WindowText);
}

void setTone(QWidget* widget, const char* tone) {
  if (widget->property("tone").toByteArray() == tone) return;
  widget->setProperty("tone", QByteArray(tone));
  widget->style()->unpolish(widget);
  widget->style()->polish(widget);
}

double contrastRatio(const QColor& a, const QColor& b) {
  const auto luminance = [](const QColor& color) {
    const auto linear = [](double c) {
      return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
  };
  const double light = std::max(luminance(a), luminance(b));
  const double dark = std::min(luminance(a), luminance(b));
  return (light + 0.05) / (dark + 0.05);
}

}  // namespace concertina::ui
