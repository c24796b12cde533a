// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// translation_test.cc: the catalogues have the words that are in the sources, every message is translated,
// and it keeps what the program fills in.
#include <QApplication>
#include <QDir>
#include <QFile>
#include <QLibraryInfo>
#include <QLocale>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QTranslator>
#include <QXmlStreamReader>

#include "core/analysis/blame.h"
#include "core/analysis/equality.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"
#include "tests/ui/forms/offscreen.h"
#include "ui/client/analysis_words.h"
#include "ui/client/run_facts.h"
#include "ui/client/run_state.h"
#include "ui/forms/catalog.h"

namespace concertina::ui::translation_test {
namespace {

struct Message {
  QString context, source;
  QStringList translations;  // one for each plural form
  bool finished = true;
};

QVector<Message> readCatalogue(const QString& path) {
  QVector<Message> messages;
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return messages;
  QString context;
  bool plural = false;
  for (QXmlStreamReader xml(&file); !xml.atEnd();) {
    if (xml.readNext() != QXmlStreamReader::StartElement) continue;
    if (xml.name() == QLatin1String("name")) {
      context = xml.readElementText();
    } else if (xml.name() == QLatin1String("message")) {
      plural = xml.attributes().hasAttribute(QLatin1String("numerus"));
      messages.push_back({.context = context});
    } else if (xml.name() == QLatin1String("source")) {
      messages.back().source = xml.readElementText();
    } else if (xml.name() == QLatin1String("translation")) {
      messages.back().finished = !xml.attributes().hasAttribute(QLatin1String("type"));
      if (!plural) messages.back().translations << xml.readElementText();
    } else if (xml.name() == QLatin1String("numerusform")) {
      messages.back().translations << xml.readElementText();
    }
  }
  return messages;
}

// %1, %n: each once, however often it stands there.
QStringList placeholders(const QString& text) {
  static const QRegularExpression placeholder(QStringLiteral("%(?:[1-9]|n)"));
  QStringList found;
  for (auto match = placeholder.globalMatch(text); match.hasNext();) found << match.next().captured();
  found.removeDuplicates();
  found.sort();
  return found;
}

QString mnemonic(const QString& text) {
  static const QRegularExpression letter(QStringLiteral("&(\\w)"));
  return letter.match(text).captured(1).toLower();
}

QStringList catalogues() {
  return QDir(QStringLiteral(CONCERTINA_SOURCE_DIR "/resources/translations"))
      .entryList({QStringLiteral("*.ts")}, QDir::Files, QDir::Name);
}

QStringList sourcesOf(const QVector<Message>& messages) {
  QStringList sources;
  for (const Message& message : messages) sources << message.context + ": " + message.source;
  return sources;
}

// What the analysis tells the desktop: why there is nothing to blame anyone for, why a run is not meant to
// equal one worker, and what is allowed between them where it is.
QStringList sentencesOfTheAnalysis() {
  QStringList sentences = {QString::fromStdString(BlameObstacle({}, 1, 1)),
                           QString::fromStdString(BlameObstacle({}, 2, 2)),
                           QString::fromStdString(BlameObstacle({{"kind", "ad-psgd"}}, 2, 1))};
  const std::string plan =
      R"({"global_batch_size": 64, "total_steps": 30, "world_size": 4,
          "layers": [{"kind": "batch-norm"}, {"kind": "dropout"}]})";
  for (const char* exchange : {"all-reduce", "ad-psgd", "gossip", "local-sgd", "fedavg", "of-tomorrow"})
    for (const char* optimizer : {"sgd", "adam"}) {
      const std::string spec = fmt::format(
          R"({{"training": {{}}, "optimizer": {{"kind": "{}"}}, "exchange": {{"kind": "{}"}},
              "dataset": {{"partition": {{"kind": "dirichlet"}}}}, "gradient": [{{"kind": "top-k"}}]}})",
          optimizer, exchange);
      const auto pair = MakeEqualityPair(spec, plan, 30);
      if (!pair.ok()) qFatal("%s", std::string(pair.status().message()).c_str());
      for (const std::string& reason : pair->reasons) sentences << QString::fromStdString(reason);
      sentences << QString::fromStdString(pair->tolerance_reason);
    }
  sentences.removeDuplicates();
  return sentences;
}

}  // namespace

class TranslationTest : public QObject {
  Q_OBJECT
 private slots:
  void everyCatalogueIsEmbedded() {
    QVERIFY(catalogues().contains(QStringLiteral("concertina_zh_CN.ts")));
    QVERIFY(catalogues().contains(QStringLiteral("descriptors_zh_CN.ts")));
    for (const QString& name : catalogues()) {
      QTranslator translator;
      QVERIFY2(translator.load(QStringLiteral(":/translations/") + name.chopped(3)), qPrintable(name));
    }
  }

  // Whoever adds a sentence to the desktop, or changes one, is told here which.
  void cataloguesHaveTheWordsOfTheSources_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QStringList>("options");
    QTest::newRow("Chinese") << "concertina_zh_CN.ts" << QStringList();
    QTest::newRow("English plurals") << "concertina_en.ts" << QStringList{"-pluralonly"};
  }
  void cataloguesHaveTheWordsOfTheSources() {
    QFETCH(QString, name);
    QFETCH(QStringList, options);
    const QString root = QStringLiteral(CONCERTINA_SOURCE_DIR);
    const QString lupdate = QStandardPaths::findExecutable(
        QStringLiteral("lupdate"), {QLibraryInfo::path(QLibraryInfo::BinariesPath),
                                    QLibraryInfo::path(QLibraryInfo::LibraryExecutablesPath)});
    QVERIFY2(!lupdate.isEmpty(), "no lupdate, which comes with lrelease: see packaging/setup");
    QTemporaryDir folder;
    const QString kept = root + "/resources/translations/" + name, updated = folder.filePath(name);
    QVERIFY(QFile::copy(kept, updated));
    QProcess process;
    process.setWorkingDirectory(root);
    // As in resources/translations/README.md.
    process.start(lupdate, options + QStringList{"-I", ".", "-locations", "none", "-no-obsolete", "ui",
                                                 "app/desktop", "-ts", updated});
    QVERIFY2(process.waitForFinished(50000), qPrintable(process.errorString()));
    const QString complaints = QString::fromUtf8(process.readAllStandardError());
    QVERIFY2(process.exitCode() == 0, qPrintable(complaints));
    // tr() where there is no class for it: the program would look in another context than the catalogue has.
    QVERIFY2(!complaints.contains(QLatin1String("lacks Q_OBJECT")), qPrintable(complaints));
    const QStringList known = sourcesOf(readCatalogue(kept)), used = sourcesOf(readCatalogue(updated));
    QVERIFY(!used.isEmpty());
    QStringList missing, stale;
    for (const QString& source : used)
      if (!known.contains(source)) missing << source;
    for (const QString& source : known)
      if (!used.contains(source)) stale << source;
    QVERIFY2(missing.isEmpty(), qPrintable("not in " + name + ":\n" + missing.join(QLatin1Char('\n'))));
    QVERIFY2(stale.isEmpty(), qPrintable("no longer in the sources:\n" + stale.join(QLatin1Char('\n'))));
  }

  void everyMessageIsTranslated_data() { rows(); }
  void everyMessageIsTranslated() {
    QFETCH(QString, path);
    const QVector<Message> messages = readCatalogue(path);
    QVERIFY(!messages.isEmpty());
    for (const Message& message : messages) {
      QVERIFY2(
          message.finished && !message.translations.isEmpty() && !message.translations.contains(QString()),
          qPrintable(message.context + ": " + message.source));
    }
  }

  void placeholdersAndMnemonicsAreKept_data() { rows(); }
  void placeholdersAndMnemonicsAreKept() {
    QFETCH(QString, path);
    for (const Message& message : readCatalogue(path)) {
      for (const QString& text : message.translations) {
        const QString both = message.context + ": " + message.source + " -> " + text;
        QVERIFY2(placeholders(text) == placeholders(message.source), qPrintable(both));
        QVERIFY2(mnemonic(text) == mnemonic(message.source), qPrintable(both));
        QVERIFY2(text.endsWith(QChar(0x2026)) == message.source.endsWith(QChar(0x2026)), qPrintable(both));
      }
    }
  }

  // A catalogue says nothing if its contexts are not those that the program asks for.
  void theProgramFindsItsWords() {
    QTranslator words, descriptors;
    const QLocale chinese(QStringLiteral("zh_CN"));
    QVERIFY(words.load(chinese, QStringLiteral("concertina"), QStringLiteral("_"),
                       QStringLiteral(":/translations")));
    QVERIFY(descriptors.load(chinese, QStringLiteral("descriptors"), QStringLiteral("_"),
                             QStringLiteral(":/translations")));
    QApplication::installTranslator(&words);
    QApplication::installTranslator(&descriptors);
    ParamInfo rate;
    rate.name = QStringLiteral("learning_rate");
    rate.minimum = 0;
    QCOMPARE(fieldLabel(rate), QStringLiteral("学习率"));
    QCOMPARE(rangeText(rate), QStringLiteral("不小于 0"));
    QCOMPARE(stateName(proto::PAUSED), QStringLiteral("已暂停"));
    QCOMPARE(workersText(4), QStringLiteral("4 个工作进程"));
    QCOMPARE(descriptorText(QStringLiteral("a component of tomorrow")),
             QStringLiteral("a component of tomorrow"));
    QApplication::removeTranslator(&descriptors);
    QApplication::removeTranslator(&words);
  }

  // core/analysis has sentences and no translator: each is found again, whatever is filled in.
  void theAnalysisIsUnderstood() {
    const QString reason = QStringLiteral("the exchange \"%2 of %1\" makes no promise to equal one worker");
    QCOMPARE(analysisSentence(reason), "T" + reason.mid(1) + ".");
    QCOMPARE(analysisSentence(QStringLiteral("élan")), QStringLiteral("Élan."));
    QCOMPARE(analysisSentence(QString()), QString());
    QTranslator words;
    QVERIFY(words.load(QStringLiteral(":/translations/concertina_zh_CN")));
    QApplication::installTranslator(&words);
    QVERIFY2(analysisSentence(reason).contains(QStringLiteral("“%2 of %1”")),
             qPrintable(analysisSentence(reason)));
    const QStringList sentences = sentencesOfTheAnalysis();
    QVERIFY(sentences.size() >= 14);
    for (const QString& sentence : sentences) {
      const QString said = analysisSentence(sentence);
      QVERIFY2(said.endsWith(QChar(0x3002)) && !said.contains(sentence.mid(1)), qPrintable(said));
    }
    QApplication::removeTranslator(&words);
  }

  void englishHasItsPlurals() {
    QTranslator english;
    QVERIFY(english.load(QLocale(QStringLiteral("en_GB")), QStringLiteral("concertina"), QStringLiteral("_"),
                         QStringLiteral(":/translations")));
    const auto worker = [&](int n) { return english.translate("PlanFacts", "%n worker(s)", nullptr, n); };
    QCOMPARE(worker(1), QStringLiteral("%n worker"));
    QCOMPARE(worker(4), QStringLiteral("%n workers"));
  }

 private:
  static void rows() {
    QTest::addColumn<QString>("path");
    for (const QString& name : catalogues())
      QTest::newRow(qPrintable(name))
          << QStringLiteral(CONCERTINA_SOURCE_DIR "/resources/translations/") + name;
  }
};

CONCERTINA_TEST(TranslationTest)

}  // namespace concertina::ui::translation_test

#include "translation_test.moc"
