// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fuzzy_match.cc: the best way of laying the pattern on the text, by dynamic programming (see fuzzy_match.h).
//   best[j] = the best score of the pattern's first i letters with the i-th on text[j]
#include "ui/shell/fuzzy_match.h"

#include <vector>

namespace concertina::ui {
namespace {

constexpr int kLetter = 1;
constexpr int kWordStart = 8;
constexpr int kInARow = 5;
constexpr int kVeryStart = 4;

bool startsWord(const QString& text, qsizetype at) {
  if (at == 0) return true;
  const QChar before = text[at - 1];
  return !before.isLetterOrNumber() || (before.isLower() && text[at].isUpper()) ||
         (before.isLetter() && text[at].isDigit());
}

}  // namespace

int fuzzyScore(const QString& pattern, const QString& text) {
  QString letters;
  for (const QChar letter : pattern.toCaseFolded())
    if (!letter.isSpace()) letters += letter;
  if (letters.isEmpty()) return 0;
  const QString folded = text.toCaseFolded();
  if (folded.size() != text.size())
    return folded.contains(letters) ? kLetter : -1;  // rare: ß folds to two letters

  std::vector<int> best(static_cast<size_t>(text.size()), -1);
  for (qsizetype i = 0; i < letters.size(); ++i) {
    std::vector<int> next(best.size(), -1);
    int before = i == 0 ? 0 : -1;  // the best of all that end left of the letter before j
    for (qsizetype j = 0; j < text.size(); ++j) {
      if (i > 0 && j >= 2) before = std::max(before, best[static_cast<size_t>(j - 2)]);
      const int in_a_row = i > 0 && j > 0 && best[static_cast<size_t>(j - 1)] >= 0
                               ? best[static_cast<size_t>(j - 1)] + kInARow
                               : -1;
      const int from = std::max(before, in_a_row);
      if (from < 0 || folded[j] != letters[i]) continue;
      int score = from + kLetter;
      if (startsWord(text, j)) score += kWordStart;
      if (j == 0) score += kVeryStart;
      next[static_cast<size_t>(j)] = score;
    }
    best = std::move(next);
  }
  int highest = -1;
  for (const int score : best) highest = std::max(highest, score);
  // Of two texts that fit equally well the shorter one is meant.
  return highest < 0 ? -1 : highest * 64 + std::max<int>(0, 63 - static_cast<int>(text.size()));
}

}  // namespace concertina::ui
