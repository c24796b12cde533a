// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// core_words.cc: see core_words.h.
#include "ui/client/core_words.h"

#include <QCoreApplication>

namespace concertina::ui {
namespace {

constexpr const char* kCore = "Core";
constexpr int kMostPlaces = 8;         // one in the other: "a file: a field: …"
constexpr qsizetype kMostPieces = 16;  // of one line; the work grows with their square

const SentenceTable& sentences() {
  static const SentenceTable table(kCore, {planSentences(), partSentences(), runSentences(),
                                           machineSentences(), eventSentences(), refusalSentences()});
  return table;
}

const SentenceTable& sentencesAndPhrases() {
  static const SentenceTable table(
      kCore, {planSentences(), partSentences(), runSentences(), machineSentences(), eventSentences(),
              refusalSentences(), faultPhrases(), listPhrases(), runPhrases()});
  return table;
}

QString innerText(const QString& text);

// Where the place ends that `text` is about ("/mesh/tensor: …", "data.csv:3: …"); 0 if it names none.
qsizetype endOfPlace(const QString& text) {
  const qsizetype colon = text.indexOf(QLatin1String(": "));
  if (colon <= 0) return 0;
  // A field that nobody knows may have a space in its name.
  const bool is_fault =
      text.startsWith(QLatin1Char('/')) && text.sliced(colon + 2).startsWith(QLatin1String("found "));
  return is_fault || text.lastIndexOf(QLatin1Char(' '), colon) < 0 ? colon : 0;
}

// The whole of `text`, with or without its places, of which there are `places` before it, and its full stop.
std::optional<QString> saidBy(const SentenceTable& table, const QString& text, int places = 0) {
  const auto behind_its_place = [&]() -> std::optional<QString> {
    const qsizetype colon = places < kMostPlaces ? endOfPlace(text) : 0;
    if (colon == 0) return std::nullopt;
    if (const auto said = saidBy(table, text.sliced(colon + 2), places + 1))
      //: a place in an experiment or a file, and what is wrong there
      return QCoreApplication::translate("Core", "%1: %2").arg(text.first(colon), *said);
    return std::nullopt;
  };
  // A pointer is a place, and nothing that a sentence could begin with; "failed: …" begins one.
  const bool is_pointer = text.startsWith(QLatin1Char('/'));
  if (is_pointer)
    if (const auto said = behind_its_place()) return said;
  if (const auto said = table.said(text, innerText)) return said;
  if (text.endsWith(QLatin1Char('.')))
    if (const auto said = table.said(text.chopped(1), innerText))
      //: the end of a sentence
      return QCoreApplication::translate("Core", "%1.").arg(*said);
  return is_pointer ? std::nullopt : behind_its_place();
}

std::optional<QString> sentenceIn(const QString& text) { return saidBy(sentences(), text); }

struct Piece {
  qsizetype end = 0, next = 0;  // where it may end, and where the next one begins
};

QVector<Piece> piecesOf(const QString& line) {
  QVector<Piece> pieces;
  for (qsizetype at = 0; at + 1 < line.size(); ++at) {
    if (line.at(at + 1) != QLatin1Char(' ')) continue;
    if (line.at(at) == QLatin1Char(';')) pieces.push_back({at, at + 2});
    if (line.at(at) == QLatin1Char('.')) pieces.push_back({at + 1, at + 2});
  }
  pieces.push_back({line.size(), line.size()});
  return pieces;
}

// The longest part that is known first: a sentence may have a semicolon of its own.
QString sentenceBySentence(const QString& line) {
  const QVector<Piece> pieces = piecesOf(line);
  if (pieces.size() == 1 || pieces.size() > kMostPieces) return line;
  QString all;
  bool was_known = false, is_any_known = false;
  qsizetype begin = 0;
  for (qsizetype first = 0; first < pieces.size();) {
    std::optional<QString> said;
    qsizetype last = pieces.size();
    while (!said && last > first) said = sentenceIn(line.sliced(begin, pieces.at(--last).end - begin));
    const QString piece = said.value_or(line.sliced(begin, pieces.at(last).end - begin));
    if (begin == 0) {
      all = piece;
    } else if (line.at(begin - 2) == QLatin1Char(';')) {
      //: two sentences that belong together
      all = QCoreApplication::translate("Core", "%1; %2").arg(all, piece);
    } else {
      //: two sentences, each with its full stop
      all = was_known && said ? QCoreApplication::translate("Core", "%1 %2").arg(all, piece)
                              : all + QLatin1Char(' ') + piece;
    }
    was_known = said.has_value();
    is_any_known |= was_known;
    begin = pieces.at(last).next;
    first = last + 1;
  }
  return is_any_known ? all : line;
}

QString lineText(const QString& line) {
  if (line.isEmpty() || line.at(0).isSpace()) return line;
  return sentenceIn(line).value_or(sentenceBySentence(line));
}

// A phrase, a text, or the words of a component: what a field is for.
QString innerText(const QString& text) {
  if (const auto said = saidBy(sentencesAndPhrases(), text)) return *said;
  const QString lines = coreText(text);
  return lines != text ? lines : QCoreApplication::translate("Descriptor", text.toUtf8().constData());
}

}  // namespace

QString coreText(const QString& text) {
  const SentenceEffort effort;  // one for all lines
  QStringList lines = text.split(QLatin1Char('\n'));
  for (QString& line : lines) line = lineText(line);
  return lines.join(QLatin1Char('\n'));
}

QString coreText(const std::string& text) { return coreText(QString::fromStdString(text)); }

QString corePhrase(const QString& text) {
  const SentenceEffort effort;
  return isQuoted(text) ? text : innerText(text);
}

}  // namespace concertina::ui
