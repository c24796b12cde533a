// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_recipe_test.cc: the report of a recipe has every figure, stands alone, is well-formed, escapes all,
// and says what is not known.
#include "core/analysis/export_recipe.h"

#include <QRegularExpression>
#include <QStringList>
#include <QTest>
#include <QVector>
#include <QXmlStreamReader>
#include <cmath>

#include "tests/test_program.h"

namespace concertina::export_recipe_test {

RecipeReport ReportOfTests() {
  RecipeReport report{.run = "r1", .name = "LeNet-5: int8", .state = "finished"};
  report.spec_json = R"({"recipe": [{"kind": "int8", "layers": "*, !conv1"}]})";
  report.steps = {{.text = "the model of r0",
                   .test_accuracy = 0.991,
                   .accuracy_lost = 0,
                   .file_bytes = 1724000,
                   .ratio = 1,
                   .parameters = 431080,
                   .nonzeros = 431080,
                   .macs = 2293000,
                   .latency_p50_seconds = 0.0008},
                  {.text = "int8",
                   .test_accuracy = 0.989,
                   .accuracy_lost = 0.002,
                   .file_bytes = 431000,
                   .ratio = 4,
                   .macs = 2293000,
                   .latency_p50_seconds = 0.0003}};
  StepDetail detail{.index = 1, .step = 600, .text = "int8"};
  detail.layers = {{.name = "conv1", .shape = {20, 1, 5, 5}, .count = 500, .zeros = 100, .bytes = 2000},
                   {.name = "dense1", .shape = {800, 500}, .count = 400000, .bits = 8, .coding = "bytes"}};
  detail.became_wrong = 21;
  detail.became_right = 3;
  detail.sensitivity_samples = 500;
  detail.sensitivity_accuracy = 0.99;
  detail.sensitivity = {{.layer = "dense1", .method = "2 bits", .loss = 0.1, .accuracy = 0.98},
                        {.layer = "conv1", .method = "2 bits", .loss = 0.9, .accuracy = 0.7}};
  report.details = {detail};
  return report;
}

struct RecipePage {
  QVector<QVector<QStringList>> tables;
  QStringList headings;
  int drawings = 0;
  QString code, fault;
};
// Its empty elements closed, as XML wants them.
RecipePage PageOfRecipe(const std::string& html) {
  QString xml = QString::fromStdString(html);
  xml.remove("<!DOCTYPE html>\n");
  xml.replace(QRegularExpression("<meta ([^>]*)>"), "<meta \\1/>");
  RecipePage page;
  QXmlStreamReader reader(xml);
  while (!reader.atEnd()) {
    reader.readNext();
    if (!reader.isStartElement()) continue;
    if (reader.name() == QLatin1String("table")) page.tables.push_back({});
    if (reader.name() == QLatin1String("svg")) ++page.drawings;
    if (reader.name() == QLatin1String("tr")) page.tables.back().push_back({});
    if (reader.name() == QLatin1String("h2")) page.headings << reader.readElementText();
    if (reader.name() == QLatin1String("pre")) page.code = reader.readElementText();
    if (reader.name() == QLatin1String("th") || reader.name() == QLatin1String("td"))
      page.tables.back().back() << reader.readElementText(QXmlStreamReader::IncludeChildElements);
  }
  if (reader.hasError())
    page.fault = QString("line %1: %2").arg(reader.lineNumber()).arg(reader.errorString());
  return page;
}

class ExportRecipeTest : public QObject {
  Q_OBJECT
 private slots:
  void everyFigureIsInIt() {
    const RecipePage page = PageOfRecipe(RecipeHtml(ReportOfTests()));
    QVERIFY2(page.fault.isEmpty(), qPrintable(page.fault));
    QCOMPARE(page.headings,
             QStringList({"Steps", "Accuracy against bytes of the file", "Accuracy against median latency",
                          "Accuracy against multiply-adds", "Layers", "Sensitivity", "Recipe"}));
    QCOMPARE(page.drawings, 3);
    QCOMPARE(page.tables.size(), 3);
    QCOMPARE(page.tables[0].size(), 3);
    const QStringList& as_it_was = page.tables[0][1];
    const QStringList& int8 = page.tables[0][2];
    QCOMPARE(as_it_was[0], "as it wasthe model of r0");
    QCOMPARE(int8[0], "int8");
    QCOMPARE(int8[1], QStringLiteral("431\u00a0kB"));
    QCOMPARE(int8[2], "4.00 ×");
    QCOMPARE(int8[3], "98.90 %");
    QCOMPARE(int8[4], "-0.20");
    QCOMPARE(int8[5], "–");  // not measured
    QCOMPARE(page.tables[1][1].mid(0, 4), QStringList({"conv120×1×5×5", "500", "80.00 %", "32"}));
    QCOMPARE(page.tables[1][2].last(), "bytes");
    QCOMPARE(page.tables[2][1].mid(0, 4), QStringList({"conv1", "2 bits", "70.00 %", "-29.00"}));
    QVERIFY(page.code.contains("*, !conv1"));
  }

  void nothingIsAskedOfTheNetwork() {
    const QString html = QString::fromStdString(RecipeHtml(ReportOfTests()));
    for (const char* word : {"<script", "http:", "https:", "src=", "@import", "url("})
      QVERIFY2(!html.contains(QLatin1String(word)), word);
  }

  void textOfTheRunIsEscaped() {
    RecipeReport report = ReportOfTests();
    report.name = report.error = report.state = "<b onclick=\"x\">&";
    report.steps[1].text = "</td><script>";
    report.details[0].layers[0].name = "<i>";
    report.details[0].sensitivity[0].layer = "</table>";
    report.spec_json = R"({"recipe": ["</pre><script>"]})";
    const RecipePage page = PageOfRecipe(RecipeHtml(report));
    QVERIFY2(page.fault.isEmpty(), qPrintable(page.fault));
    QCOMPARE(page.tables[0][2][0], "</td><script>");
    QVERIFY(!QString::fromStdString(RecipeHtml(report)).contains("<script"));
  }

  void whatIsNotThereIsLeftOut() {
    RecipeReport report{.run = "r1", .state = "running", .spec_json = "no JSON"};
    RecipePage page = PageOfRecipe(RecipeHtml(report));
    QVERIFY2(page.fault.isEmpty(), qPrintable(page.fault));
    QCOMPARE(page.headings, QStringList{"Steps"});
    report.steps = {{.text = "the model"}};  // of which nothing is known
    page = PageOfRecipe(RecipeHtml(report));
    QVERIFY2(page.fault.isEmpty(), qPrintable(page.fault));
    QCOMPARE(page.drawings, 0);
    QCOMPARE(page.tables[0][1].mid(1), QStringList(10, "–"));
  }

  void figuresAreReadAsFarAsTheyAreNumbers() {
    const RecipeFigures figures = ReadRecipeFigures(
        "int8", R"({"step": 1, "figures": {"file_bytes": 12, "test_accuracy": "much", "macs": null}})");
    QCOMPARE(figures.text, std::string("int8"));
    QCOMPARE(figures.file_bytes, 12.0);
    QVERIFY(std::isnan(figures.test_accuracy) && std::isnan(figures.macs) && std::isnan(figures.ratio));
    for (const char* json : {"", "[]", "{", R"({"figures": 3})"})
      QVERIFY(std::isnan(ReadRecipeFigures("", json).file_bytes));
  }
};

CONCERTINA_TEST(ExportRecipeTest)

}  // namespace concertina::export_recipe_test

#include "export_recipe_test.moc"
