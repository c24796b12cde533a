// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// translation_test.cc: every message of the catalogues is translated, and keeps what the program fills in.
#include <QApplication>
#include <QDir>
#include <QFile>
#include <QLocale>
#include <QRegularExpression>
#include <QTest>
#include <QTranslator>
#include <QXmlStreamReader>

#include "tests/ui/forms/offscreen.h"
#include "ui/client/run_facts.h"
#include "ui/client/run_state.h"
#include "ui/forms/catalog.h"

namespace concertina::ui {
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

}  // namespace concertina::ui

CONCERTINA_OFFSCREEN_MAIN(concertina::ui::TranslationTest)
#include "translation_test.moc"
