// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sentence_table.h: finds an English sentence again, figures and names in it or not, among those that are
// known, and says it in the person's language with the same figures and names. On the way of the data:
// core's texts -> ui/client/core_words.h, ui/client/analysis_words.h -> here -> the translators.
#pragma once

#include <QHash>
#include <QString>
#include <QStringList>
#include <QVector>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>

namespace concertina::ui {

struct Sentence {
  const char* text;        // %1, %2, … in their order stand for what is filled in
  const char* inner = "";  // "13": what stands for %1 and %3 are sentences themselves
};

// Whether `text` is one JSON text, from its first quotation mark to its last.
bool isQuoted(QStringView text);

// While the outermost of these lives, all tables of this thread together spend at most kMostEffort on it, and
// what is not known by then stays as it is: who writes a log chooses its texts, and a text may fit a sentence
// with several places in more ways than there is time to look at.
class SentenceEffort {
 public:
  static constexpr int64_t kMostEffort = 1'000'000;  // some 20 ms
  SentenceEffort();
  ~SentenceEffort();
  SentenceEffort(const SentenceEffort&) = delete;
  SentenceEffort& operator=(const SentenceEffort&) = delete;

  // A look at a sentence is 1, at something that is filled in as much as it is long. False: it is spent.
  static bool spend(qsizetype effort);

 private:
  const bool is_outermost_;
};

class SentenceTable {
 public:
  using Inner = std::function<QString(const QString&)>;

  // Of the `context` of the catalogue; the sentences outlive the table.
  SentenceTable(const char* context, std::initializer_list<std::span<const Sentence>> lists);

  // Nothing if no sentence fits, or the one that does has no translation. Where several fit, the one that
  // says most itself counts; one that says little ("at most %1") takes names, figures and what it has in
  // quotation marks, or it would fit what it does not mean. What was filled in comes back as it was, or as
  // `inner` says it. Cost: a look at the beginning and the end of each sentence, and at most what is left
  // of the effort; a text of more than kMostCharacters is not looked at.
  std::optional<QString> said(const QString& text, const Inner& inner = {}) const;

  static constexpr qsizetype kMostCharacters = 2000;

 private:
  struct Pattern {
    const char* source;
    QStringList pieces;  // between what is filled in; one more than that
    QString inner;
    qsizetype letters = 0;  // of all pieces
  };
  static bool takes(const Pattern& pattern, qsizetype piece, const QString& filling);
  static bool fits(const Pattern& pattern, QStringView text, qsizetype piece, qsizetype at,
                   QStringList& filled);

  const char* context_;
  QVector<Pattern> patterns_;             // the longest first
  QVector<int> open_;                     // those of them that begin with what is filled in
  QHash<QChar, QVector<int>> by_letter_;  // those that begin with a letter, and the open ones
};

}  // namespace concertina::ui
