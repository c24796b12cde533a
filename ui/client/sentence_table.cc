// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sentence_table.cc: see sentence_table.h.
#include "ui/client/sentence_table.h"

#include <QCoreApplication>
#include <algorithm>

namespace concertina::ui {
namespace {

// Of the thread; below 0: nothing counts it.
constinit thread_local int64_t effort_left = -1;
constexpr qsizetype kEffortOfFilling = 16;  // besides its length: it is copied

bool isPlace(QStringView text, qsizetype at) {
  return text.at(at) == QLatin1Char('%') && at + 1 < text.size() && text.at(at + 1) >= QLatin1Char('1') &&
         text.at(at + 1) <= QLatin1Char('9');
}

// In one pass: what is filled in may have a percent sign of its own.
QString fill(const QString& text, const QStringList& values) {
  QString filled;
  for (qsizetype at = 0; at < text.size(); ++at) {
    if (isPlace(text, at))
      filled += values.value(text.at(++at).digitValue() - 1);
    else
      filled += text.at(at);
  }
  return filled;
}

constexpr qsizetype kFewLetters = 32;

// Names and figures, with commas between them, a path, or JSON.
bool isNamed(const QString& text) {
  if (text.startsWith(QLatin1Char('"'))) return isQuoted(text);
  if (text.startsWith(QLatin1Char('{'))) return text.endsWith(QLatin1Char('}'));
  if (text.startsWith(QLatin1Char('['))) return text.endsWith(QLatin1Char(']'));
  if (text.startsWith(QLatin1Char('/'))) return !text.contains(QLatin1String(": "));
  for (qsizetype at = text.indexOf(QLatin1Char(' ')); at >= 0; at = text.indexOf(QLatin1Char(' '), at + 1))
    if (at == 0 || text.at(at - 1) != QLatin1Char(',')) return false;
  return true;
}

}  // namespace

SentenceEffort::SentenceEffort() : is_outermost_(effort_left < 0) {
  if (is_outermost_) effort_left = kMostEffort;
}
SentenceEffort::~SentenceEffort() {
  if (is_outermost_) effort_left = -1;
}
bool SentenceEffort::spend(qsizetype effort) {
  if (effort_left < effort) return false;
  effort_left -= effort;
  return true;
}

bool isQuoted(QStringView text) {
  if (text.size() < 2 || text.front() != QLatin1Char('"')) return false;
  for (qsizetype at = 1; at < text.size(); ++at) {
    if (text.at(at) == QLatin1Char('\\'))
      ++at;
    else if (text.at(at) == QLatin1Char('"'))
      return at + 1 == text.size();
  }
  return false;
}

SentenceTable::SentenceTable(const char* context, std::initializer_list<std::span<const Sentence>> lists)
    : context_(context) {
  for (const std::span<const Sentence> list : lists)
    for (const Sentence& sentence : list) {
      Pattern pattern{.source = sentence.text, .pieces = {QString()}, .inner = QLatin1String(sentence.inner)};
      const QString text = QString::fromUtf8(sentence.text);
      for (qsizetype at = 0; at < text.size(); ++at) {
        if (isPlace(text, at)) {
          ++at;
          pattern.pieces << QString();
        } else {
          pattern.pieces.last() += text.at(at);
          ++pattern.letters;
        }
      }
      patterns_.push_back(std::move(pattern));
    }
  std::stable_sort(patterns_.begin(), patterns_.end(),
                   [](const Pattern& a, const Pattern& b) { return a.letters > b.letters; });
  for (const Pattern& pattern : std::as_const(patterns_))
    if (!pattern.pieces.first().isEmpty()) by_letter_[pattern.pieces.first().front()];
  for (int i = 0; i < patterns_.size(); ++i) {
    const QString& first = patterns_.at(i).pieces.first();
    if (!first.isEmpty()) {
      by_letter_[first.front()] << i;
      continue;
    }
    open_ << i;
    for (QVector<int>& list : by_letter_) list << i;
  }
}

// Whether `filling` may stand before piece number `piece`.
bool SentenceTable::takes(const Pattern& pattern, qsizetype piece, const QString& filling) {
  if (pattern.inner.contains(QString::number(piece)) || isNamed(filling)) return true;
  if (filling.contains(QLatin1String("; "))) return false;  // where one sentence ends, and another begins
  const bool stands_in_quotes = pattern.pieces.at(piece - 1).endsWith(QLatin1Char('"')) &&
                                pattern.pieces.at(piece).startsWith(QLatin1Char('"'));
  return pattern.letters >= kFewLetters || stands_in_quotes;
}

// Whether `text` from `at` on is something that is filled in, then piece number `piece`, and so on.
bool SentenceTable::fits(const Pattern& pattern, QStringView text, qsizetype piece, qsizetype at,
                         QStringList& filled) {
  const QString& next = pattern.pieces.at(piece);
  if (piece + 1 == pattern.pieces.size()) {
    if (text.size() - next.size() <= at || !text.endsWith(next)) return false;
    const qsizetype size = text.size() - next.size() - at;
    if (!SentenceEffort::spend(kEffortOfFilling + size)) return false;
    filled << text.sliced(at, size).toString();
    if (takes(pattern, piece, filled.last())) return true;
    filled.removeLast();
    return false;
  }
  for (qsizetype found = text.indexOf(next, at + 1); found >= 0; found = text.indexOf(next, found + 1)) {
    if (!SentenceEffort::spend(kEffortOfFilling + found - at)) return false;
    filled << text.sliced(at, found - at).toString();
    if (takes(pattern, piece, filled.last()) && fits(pattern, text, piece + 1, found + next.size(), filled))
      return true;
    filled.removeLast();
  }
  return false;
}

std::optional<QString> SentenceTable::said(const QString& text, const Inner& inner) const {
  if (text.isEmpty() || text.size() > kMostCharacters) return std::nullopt;
  const SentenceEffort effort;
  const auto list = by_letter_.constFind(text.front());
  for (const int i : list == by_letter_.constEnd() ? open_ : *list) {
    const Pattern& pattern = patterns_.at(i);
    if (!SentenceEffort::spend(1)) return std::nullopt;
    if (pattern.letters > text.size() || !text.startsWith(pattern.pieces.first()) ||
        !text.endsWith(pattern.pieces.last()))
      continue;
    QStringList filled;
    if (pattern.pieces.size() == 1 ? text != pattern.pieces.first()
                                   : !fits(pattern, text, 1, pattern.pieces.first().size(), filled))
      continue;
    const QString words = QCoreApplication::translate(context_, pattern.source);
    if (words == QString::fromUtf8(pattern.source)) return std::nullopt;
    if (inner)
      for (const QChar number : pattern.inner) {
        QString& sentence = filled[number.digitValue() - 1];
        sentence = inner(sentence);
      }
    return fill(words, filled);
  }
  return std::nullopt;
}

}  // namespace concertina::ui
