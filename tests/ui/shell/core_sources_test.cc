// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// core_sources_test.cc: reads the texts that core's sources have for a person, and asks for the Chinese of
// each, so that a new fault or warning is missed here (see ui/client/core_words.h). What is only a piece of a
// sentence is tested as a whole by core_words_test.cc.
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTest>
#include <algorithm>
#include <optional>

#include "tests/test_program.h"
#include "tests/ui/shell/chinese.h"
#include "ui/client/core_words.h"

namespace concertina::ui::core_sources_test {
namespace {

QString readSource(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

// Without comments, and without raw texts, which are JSON.
QString codeOf(const QString& source) {
  static const QRegularExpression part(
      QStringLiteral("R\"\\((?:.|\n)*?\\)\"|(\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)')|//[^\n]*"));
  QString code;
  qsizetype at = 0;
  for (auto match = part.globalMatch(source); match.hasNext();) {
    const QRegularExpressionMatch found = match.next();
    code += source.sliced(at, found.capturedStart() - at) + found.captured(1);
    at = found.capturedEnd();
  }
  return code + source.sliced(at);
}

// Where the bracket that opens at `at` closes; texts and characters are passed over.
qsizetype endOfBracket(const QString& source, qsizetype at) {
  int depth = 0;
  for (; at < source.size(); ++at) {
    const QChar c = source.at(at);
    if (c == QLatin1Char('"') || (c == QLatin1Char('\'') && !source.at(at - 1).isLetterOrNumber())) {
      for (++at; at < source.size() && source.at(at) != c; ++at)
        if (source.at(at) == QLatin1Char('\\')) ++at;
    } else if (c == QLatin1Char('(')) {
      ++depth;
    } else if (c == QLatin1Char(')') && --depth == 0) {
      return at;
    }
  }
  return source.size();
}

// The texts within it, pieces that stand beside one another joined.
QStringList textsOf(const QString& code) {
  static const QRegularExpression text(QStringLiteral("\"((?:[^\"\\\\]|\\\\.)*)\"(\\s*)"));
  QStringList texts;
  qsizetype end = -1;
  for (auto match = text.globalMatch(code); match.hasNext();) {
    const QRegularExpressionMatch found = match.next();
    if (found.capturedStart() == end)
      texts.last() += found.captured(1);
    else
      texts << found.captured(1);
    end = found.capturedEnd();
  }
  for (QString& each : texts)
    each.replace(QRegularExpression(QStringLiteral("\\\\(.)")), QStringLiteral("\\1"));
  return texts;
}

// As fmt would fill it in, with sevens; `brief`: nothing for what is only added to a word ("{}{}").
QString filled(QString text, bool brief) {
  text.replace(QLatin1String("{{"), QStringLiteral("\u0001"))
      .replace(QLatin1String("}}"), QStringLiteral("\u0002"));
  if (brief)
    text.replace(QRegularExpression(QStringLiteral("(?:(?<=\\})|(?<=\\}\"))\\{[^{}]*\\}")), QString());
  text.replace(QRegularExpression(QStringLiteral("\\{[^{}\\x{2026}\"]*\\}")), QStringLiteral("7"));
  return text.replace(QChar(1), QLatin1Char('{')).replace(QChar(2), QLatin1Char('}'));
}

bool isSaid(const QString& text) {
  for (const bool brief : {false, true}) {
    const QString english = filled(text, brief);
    const QString said = corePhrase(english);
    if (said != english && englishIn(said).isEmpty()) return true;
  }
  return false;
}

}  // namespace

class CoreSourcesTest : public QObject {
  Q_OBJECT
  std::optional<Chinese> chinese_;

 private slots:
  void initTestCase() {
    chinese_.emplace();
    QVERIFY(chinese_->is_loaded());
  }
  void cleanupTestCase() { chinese_.reset(); }

  void theTestReadsSources() {
    const QString source =
        codeOf(QStringLiteral("f(\"a b\"\n  \" c\", R\"(d e)\", 'x', \"g \\\"h\\\"\") + \"i\""));
    QCOMPARE(textsOf(source.first(endOfBracket(source, 1))), QStringList({"a b c", "g \"h\""}));
    QCOMPARE(filled(QStringLiteral("{{\"a\": 7}} of {:.3g}{}"), true), QStringLiteral("{\"a\": 7} of 7"));
    QVERIFY(!isSaid(QStringLiteral("a warning of tomorrow with {} words")));
  }

  // Whoever adds one is told here; its line goes into a list of ui/client/core_words_*.cc.
  void everyTextOfTheSourcesIsKnown_data() {
    QTest::addColumn<QString>("files");
    QTest::addColumn<QString>("call");
    QTest::addColumn<int>("atLeast");
    const QString faults = QStringLiteral("MakeFault\\("),
                  warnings = QStringLiteral("(?:warnings|remarks)\\.(?:push|emplace)_back\\(");
    QTest::newRow("faults of an experiment") << "experiment/*.cc" << faults << 60;
    QTest::newRow("warnings of a plan") << "experiment/plan*.cc" << warnings << 19;
    QTest::newRow("warnings of layers' chains") << "experiment/layer_chains.cc" << warnings << 2;
    QTest::newRow("warnings of exchanges") << "parallel/*.cc" << warnings << 14;
    QTest::newRow("what an exchange refuses") << "parallel/*_exchange*.cc"
                                              << "InvalidArgumentError\\(" << 15;
    QTest::newRow("what a graph of workers refuses") << "parallel/mixing_graph.cc"
                                                     << "InvalidArgumentError\\(" << 6;
    QTest::newRow("faults of a value") << "base/descriptor.cc" << faults << 2;
    QTest::newRow("faults of a chain") << "gradient/chain.cc" << faults << 3;
    QTest::newRow("cuts of a model") << "graph/cut.cc"
                                     << "InvalidArgumentError\\(" << 3;
    QTest::newRow("how a run ends") << "engine/run*.cc"
                                    << "End\\(proto::" << 6;
    QTest::newRow("what is refused of a run") << "engine/run_messages.cc"
                                              << "refuse\\(" << 4;
  }
  void everyTextOfTheSourcesIsKnown() {
    QFETCH(QString, files);
    QFETCH(QString, call);
    QFETCH(int, atLeast);
    // Pieces of a sentence, which are tested as they come in the tables below; and what no person is shown.
    static const QStringList pieces = {
        QStringLiteral(" has none: leave it out"),
        QStringLiteral(" with dedicated servers"),
        QStringLiteral("an object with a \"kind\", "),
        QStringLiteral("an object like {\"kind\": \""),
        QStringLiteral("what the run that is forked has, "),
        QStringLiteral("a list of whole numbers, each "),
        QStringLiteral(" takes no parameters"),
        QStringLiteral("a parameter of "),
        QStringLiteral("no stage can begin with layer"),
        QStringLiteral("the model has no layer"),
        QStringLiteral(": more than one activation would cross, or it goes with the layer before it"),
        QStringLiteral("{} \"{}\"{}; a stage can begin with {}"),
        QStringLiteral("no layer of this model"),
        QStringLiteral("{} {} left, and /elastic/min_workers is {}; {}"),
        QStringLiteral("; take all-reduce or parameter-server"),
        QStringLiteral("/exchange/kind: single is for one worker, there are ")};
    const QDir folder(QStringLiteral(CONCERTINA_SOURCE_DIR "/core/") + files.section(QLatin1Char('/'), 0, 0));
    const QRegularExpression calls(QStringLiteral("\\b(?:%1)").arg(call));
    int seen = 0;
    QStringList missing;
    for (const QString& name : folder.entryList({files.section(QLatin1Char('/'), 1)}, QDir::Files)) {
      const QString source = codeOf(readSource(folder.filePath(name)));
      for (auto match = calls.globalMatch(source); match.hasNext();) {
        const qsizetype bracket = match.next().capturedEnd() - 1;
        const qsizetype open = source.lastIndexOf(QLatin1Char('('), bracket);
        for (const QString& text : textsOf(source.mid(open, endOfBracket(source, open) - open))) {
          if (text.count(QLatin1Char(' ')) < 2 || pieces.contains(text) ||
              englishIn(filled(text, true)).isEmpty())
            continue;
          ++seen;
          if (!isSaid(text)) missing << name + ": " + text;
        }
      }
    }
    QVERIFY2(missing.isEmpty(),
             qPrintable("not in ui/client/core_words_*.cc:\n" + missing.join(QLatin1Char('\n'))));
    QVERIFY2(seen >= atLeast, qPrintable(QStringLiteral("only %1 texts were seen").arg(seen)));
  }

  // A sentence that nobody says any more goes: three of its words in a row must stand in a text of the core.
  void everyKnownTextIsInTheSources() {
    static const QStringList of_others = {// the C library's, the parser's, and what is put together of names
                                          QStringLiteral("No such file or directory"),
                                          QStringLiteral("Disk quota exceeded"),
                                          QStringLiteral("Is a directory"),
                                          QStringLiteral("Not a directory"),
                                          QStringLiteral("Too many open files"),
                                          QStringLiteral("a number of at least %1"),
                                          QStringLiteral("a number of at most %1"),
                                          QStringLiteral("a whole number of at least %1"),
                                          QStringLiteral("a whole number of at most %1"),
                                          QStringLiteral("was not ready within %1 s"),
                                          QStringLiteral("invalid literal"),
                                          QStringLiteral("invalid literal, expected %1"),
                                          QStringLiteral("string literal"),
                                          QStringLiteral("number literal"),
                                          QStringLiteral("end of input"),
                                          QStringLiteral("'%1' or '%2'"),
                                          QStringLiteral("stopping"),
                                          QStringLiteral("By /faults/%1: %2"),
                                          QStringLiteral("By hand: %1"),
                                          QStringLiteral("%1 or %2"),
                                          QStringLiteral("%1 of %2")};
    QString all;
    QDirIterator files(QStringLiteral(CONCERTINA_SOURCE_DIR "/core"), {QStringLiteral("*.cc")}, QDir::Files,
                       QDirIterator::Subdirectories);
    while (files.hasNext()) {
      QFile file(files.next());
      QVERIFY(file.open(QIODevice::ReadOnly));
      QString text = QString::fromUtf8(file.readAll());
      all +=
          text.replace(QRegularExpression(QStringLiteral("\"\\s*\"")), QString()).remove(QLatin1Char('\\')) +
          "\n";
    }
    all.replace(QLatin1String("{{"), QLatin1String("{")).replace(QLatin1String("}}"), QLatin1String("}"));
    const auto is_there = [&all](const QString& sentence) {
      static const QRegularExpression place(QStringLiteral("%[1-9]"));
      for (const QString& piece : sentence.split(place)) {
        const QStringList words = piece.split(QLatin1Char(' '), Qt::SkipEmptyParts);
        const qsizetype many = std::min<qsizetype>(3, words.size());
        for (qsizetype i = 0; many > 0 && i + many <= words.size(); ++i)
          if (const QString part = words.mid(i, many).join(QLatin1Char(' '));
              part.size() > 2 && all.contains(part))
            return true;
      }
      return false;
    };
    QVERIFY(!is_there(QStringLiteral("a warning of %1 tomorrow")));
    QStringList stale;
    for (const auto list :
         {planSentences(), partSentences(), runSentences(), machineSentences(), eventSentences(),
          refusalSentences(), faultPhrases(), listPhrases(), runPhrases()})
      for (const Sentence& sentence : list)
        if (const QString text = QString::fromUtf8(sentence.text);
            !of_others.contains(text) && !is_there(text))
          stale << text;
    QVERIFY2(stale.isEmpty(), qPrintable("in no source:\n" + stale.join(QLatin1Char('\n'))));
  }
};

CONCERTINA_TEST(CoreSourcesTest)

}  // namespace concertina::ui::core_sources_test

#include "core_sources_test.moc"
