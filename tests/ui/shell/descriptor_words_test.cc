// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// descriptor_words_test.cc: the words of the components, as the forms show them, and of the papers, beside
// their Chinese. New ones without it are named, not held against anyone: a component is one file, and so is a
// paper, and their words can wait.
//
// With CONCERTINA_DESCRIPTOR_WORDS=FILE.cc they are written down for lupdate
// (resources/translations/README.md).
#include <QJsonArray>
#include <QLocale>
#include <QSaveFile>
#include <QTest>
#include <QTranslator>

#include "core/analysis/paper.h"
#include "core/base/registry.h"
#include "core/experiment/spec.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"
#include "tests/ui/forms/offscreen.h"
#include "ui/forms/catalog.h"
#include "ui/pages/design_papers.h"

namespace concertina::ui::descriptor_words_test {
namespace {

// As the engine answers Describe.
QJsonObject describeAll() {
  Json all = Registry::Global().ToJson();
  Json sections = Json::array();
  for (const Descriptor& section : SpecSections()) sections.push_back(DescriptorToJson(section));
  all["categories"].push_back({{"category", "experiment"}, {"components", std::move(sections)}});
  return QJsonDocument::fromJson(QByteArray::fromStdString(all.dump())).object();
}

// Every text that goes through descriptorText(), once, in the order of the components; names of choices stay
// as they are written in a file. No translator is installed: labels are English.
QStringList wordsOf(const QJsonObject& describe) {
  const auto catalog = Catalog::fromDescribe(describe);
  QStringList words;
  const auto add = [&words](const QString& text) {
    if (!text.isEmpty() && !words.contains(text)) words << text;
  };
  for (const QJsonValue& category : describe.value(QStringLiteral("categories")).toArray())
    for (const ComponentInfo& component :
         catalog->inCategory(category.toObject().value(QStringLiteral("category")).toString())) {
      add(component.title);
      add(component.summary);
      for (const ParamInfo& param : component.params) {
        add(fieldLabel(param));
        add(param.doc);
        add(param.unit);
      }
    }
  return words;
}

QStringList wordsOfPapers() {
  QStringList words;
  for (const Paper& paper : PapersHere()) words << paperTexts(paper);
  words.removeDuplicates();
  return words;
}

QByteArray literal(const char* context, const QString& text) {
  QString escaped = text;
  escaped.replace(QLatin1Char('\\'), QLatin1String("\\\\"))
      .replace(QLatin1Char('"'), QLatin1String("\\\""))
      .replace(QLatin1Char('\n'), QLatin1String("\\n"));
  return QByteArray("QT_TRANSLATE_NOOP(\"") + context + "\", \"" + escaped.toUtf8() + "\")\n";
}

}  // namespace

class DescriptorWordsTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    QVERIFY(LoadPlugins(CONCERTINA_PLUGINS_DIR).empty());
    words_ = wordsOf(describeAll());
    for (const char* word : {"Learning rate", "Top-k sparsification",
                             "What starts the workers. Its own "
                             "parameters stand beside this one."})
      QVERIFY2(words_.contains(QLatin1String(word)), word);
    paper_words_ = wordsOfPapers();
    for (const char* word : {"Federated averaging", "Table 1, LeNet-300-100", "Size of the file"})
      QVERIFY2(paper_words_.contains(QLatin1String(word)), word);
    const QString path = qEnvironmentVariable("CONCERTINA_DESCRIPTOR_WORDS");
    if (path.isEmpty()) return;
    QSaveFile file(path);
    QVERIFY2(file.open(QIODevice::WriteOnly), qPrintable(path + ": " + file.errorString()));
    for (const QString& word : words_) file.write(literal("Descriptor", word));
    for (const QString& word : paper_words_) file.write(literal("Paper", word));
    QVERIFY(file.commit());
  }

  void wordsWithoutChineseAreNamed() {
    QTranslator chinese;
    QVERIFY(chinese.load(QLocale(QStringLiteral("zh_CN")), QStringLiteral("descriptors"), QStringLiteral("_"),
                         QStringLiteral(":/translations")));
    QStringList missing;
    for (const auto& [context, words] : {std::pair("Descriptor", words_), {"Paper", paper_words_}}) {
      missing.clear();
      for (const QString& word : words)
        if (chinese.translate(context, word.toUtf8().constData()).isEmpty()) missing << word;
      for (const QString& word : missing) qWarning("no Chinese for: %s", qUtf8Printable(word));
      if (!missing.isEmpty())
        qWarning("%d of %d words of %s have no Chinese", int(missing.size()), int(words.size()), context);
      // New ones may lack it; most do not, or the catalogue is no longer theirs.
      QVERIFY2(2 * missing.size() < words.size(), context);
    }
  }

 private:
  QStringList words_, paper_words_;
};

CONCERTINA_TEST(DescriptorWordsTest)

}  // namespace concertina::ui::descriptor_words_test

#include "descriptor_words_test.moc"
