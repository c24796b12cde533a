// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// palette.h: the one list of colours for what is measured. Okabe and Ito's set for colour-blind readers
// [https://jfly.uni-koeln.de/color/, 2008], in two variants of equal hue: darker ones for a light ground,
// lighter ones for a dark ground, so that every line has a contrast of 3 to what is behind it
// (WCAG 2.1, 1.4.11). Colour is never the only sign: states have words and shapes, series have a legend and a
// read-out.
#pragma once

#include <QColor>
#include <QPalette>

namespace concertina::ui {

inline constexpr int kSeriesColors = 7;

bool onDarkGround(const QPalette& palette);

// Goes round after kSeriesColors; neighbours are the pairs that are easiest to tell apart.
QColor seriesColor(int index, bool dark);
// What a step's time goes into, by client/series_names.h kPhases. Work is blue and green, the gradient's
// packing orange, waiting grey.
QColor phaseColor(int phase, bool dark);
// A run's state by proto::RunState.
QColor stateColor(int state, bool dark);

// Between two colours: 0 gives `a`, 1 gives `b`.
QColor mixed(const QColor& a, const QColor& b, double share);
QColor gridColor(const QPalette& palette);
QColor quietTextColor(const QPalette& palette);

}  // namespace concertina::ui
