// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fuzzy_match.h: how well a few typed letters name something: "lk" finds "Launch", "top k" finds "LeNet-5,
// top-k 1 %".
#pragma once

#include <QString>

namespace concertina::ui {

// Higher is better; -1 if the letters of `pattern` do not occur in `text` in this order. Case, accents' case
// and spaces in the pattern do not matter. Beginnings of words, letters in a row and short texts score
// higher.
int fuzzyScore(const QString& pattern, const QString& text);

}  // namespace concertina::ui
