// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tone.h: the colours that QPalette has no role for (an error, a quiet line, a card's edge), for the palette
// in use. Text tones reach a contrast of 4.5 on the window and on a card in both themes
// (tests/ui/shell/theme_test.cc).
#pragma once

#include <QColor>
#include <QLabel>
#include <QPalette>

namespace concertina::ui {

enum class Tone {
  kQuiet,
  kError,
  kErrorSurface,
  kWarning,
  kWarningSurface,
  kGood,
  kAccent,
  kAccentSurface,
  kEdge,
  kField
};

bool isDark(const QPalette& palette);
QColor toneColor(const QPalette& palette, Tone tone);

// A label in a tone; the theme's style sheet colours it, so it follows a change of theme by itself.
// Names: "quiet", "error", "warning", "good", "accent".
void setTone(QWidget* widget, const char* tone);

// WCAG 2.1 contrast of two opaque colours, 1 to 21.
double contrastRatio(const QColor& a, const QColor& b);

}  // namespace concertina::ui
