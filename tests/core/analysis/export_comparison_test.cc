// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_comparison_test.cc: the report has every figure, stands alone, is well-formed and escapes all.
#include "core/analysis/export_comparison.h"

#include <QRegularExpression>
#include <QTest>
#include <QXmlStreamReader>
#include <cmath>

#include "core/analysis/export_chart.h"
#include "fmt/format.h"
#include "tests/test_program.h"

namespace concertina::export_comparison_test {

ComparedRun Run(const std::string& id, uint64_t seed, double ratio, double accuracy) {
  ComparedRun run{.id = id, .name = "top-k", .state = "finished", .seed = seed};
  run.spec_json = fmt::format(
      R"({{"name": "top-k", "seed": {}, "gradient": [{{"kind": "top-k", "ratio": {}}}]}})", seed, ratio);
  run.final_accuracy = accuracy;
  run.test_loss = 1 - accuracy;
  run.train_loss = 0.9 - accuracy / 2;
  run.seconds = 61.5 + ratio;
  run.bytes_sent = 4e8 * ratio;
  run.samples_per_second = 3010 - 10 * static_cast<double>(seed);
  run.compression_ratio = 0.5 / ratio;
  run.by_epoch = {{1, 2}, {accuracy / 2, accuracy}};
  run.by_seconds = {{30, 61.5}, {accuracy / 2, accuracy}};
  run.by_bytes = {{2e8 * ratio, 4e8 * ratio}, {accuracy / 2, accuracy}};
  return run;
}

ComparisonReport SomeReport() {
  ComparisonReport report;
  report.runs = {Run("r1", 1, 0.01, 0.90), Run("r2", 2, 0.01, 0.91), Run("r3", 3, 0.01, 0.92),
                 Run("r4", 1, 0.1, 0.95),  Run("r5", 2, 0.1, 0.96),  Run("r6", 1, 0.5, 0.97)};
  report.target_accuracy = 0.9;
  ReportChart chart{.title = "Test accuracy", .x_title = "epoch", .has_target = true};
  for (const ComparedRun& run : report.runs)
    chart.curves.push_back({run.by_epoch.x, run.by_epoch.y, run.by_epoch.y, run.by_epoch.y});
  report.charts.push_back(chart);
  return report;
}

// The page with its empty elements closed, as XML wants them.
QString AsXml(const std::string& html) {
  QString xml = QString::fromStdString(html);
  xml.remove("<!DOCTYPE html>\n");
  xml.replace(QRegularExpression("<meta ([^>]*)>"), "<meta \\1/>");
  return xml;
}

// Its texts by table: rows of cells.
struct Page {
  QVector<QVector<QStringList>> tables;
  QStringList headings;
  int drawings = 0;
  QString fault;
};
Page PageOf(const std::string& html) {
  Page page;
  QXmlStreamReader reader(AsXml(html));
  while (!reader.atEnd()) {
    reader.readNext();
    if (!reader.isStartElement()) continue;
    if (reader.name() == QLatin1String("table")) page.tables.push_back({});
    if (reader.name() == QLatin1String("svg")) ++page.drawings;
    if (reader.name() == QLatin1String("tr")) page.tables.back().push_back({});
    if (reader.name() == QLatin1String("h2")) page.headings << reader.readElementText();
    if (reader.name() == QLatin1String("th") || reader.name() == QLatin1String("td"))
      page.tables.back().back() << reader.readElementText(QXmlStreamReader::IncludeChildElements);
  }
  if (reader.hasError())
    page.fault = QString("line %1: %2").arg(reader.lineNumber()).arg(reader.errorString());
  return page;
}

class ExportComparisonTest : public QObject {
  Q_OBJECT
 private slots:
  void everyFigureIsInIt() {
    const ComparisonReport report = SomeReport();
    const Page page = PageOf(ComparisonHtml(report));
    QVERIFY2(page.fault.isEmpty(), qPrintable(page.fault));
    QCOMPARE(page.tables.size(), 4);  // results, differences, settings, every run
    const std::vector<RunGroup> groups = GroupRuns(report.runs, true);
    QCOMPARE(groups.size(), size_t{3});
    QCOMPARE(page.tables[0].size(), 4);
    for (size_t g = 0; g < groups.size(); ++g) {
      const QStringList& row = page.tables[0][int(g) + 1];
      QVERIFY(row[0].startsWith(QString::fromStdString(groups[g].label)));
      for (int f = 0; f < kRunFigures; ++f) {
        const auto figure = static_cast<RunFigure>(f);
        const std::string text =
            FigureText(FigureOfGroup(report.runs, groups[g], figure, report.target_accuracy), InfoOf(figure));
        QVERIFY2(row[f + 1].startsWith(QString::fromStdString(text)), qPrintable(row[f + 1]));
      }
    }
    for (size_t i = 0; i < report.runs.size(); ++i) {
      const QStringList& row = page.tables[3][int(i) + 1];
      QVERIFY(row[0].endsWith(QString::fromStdString(report.runs[i].id)));
      for (int f = 0; f < kRunFigures; ++f) {
        const auto figure = static_cast<RunFigure>(f);
        QCOMPARE(row[f + 3], QString::fromStdString(FigureValueText(
                                 FigureOf(report.runs[i], figure, report.target_accuracy), InfoOf(figure))));
      }
    }
    // 0.91 ± 0.01 of three seeds, ± 4.302653 * 0.01 / sqrt(3).
    QCOMPARE(page.tables[0][1][1], QString("0.9100 ± 0.0100") + "95 %: 0.8852 to 0.9348");
  }

  // Means 0.91 (s 0.01, n 3) and 0.955 (s 0.00707, n 2): the difference 0.045, 4.95 % of 0.91.
  void differencesHaveTheirIntervals() {
    const Page page = PageOf(ComparisonHtml(SomeReport()));
    QCOMPARE(page.tables[1].size(), 3);  // the baseline is not held against itself
    const QString several = page.tables[1][1][1], alone = page.tables[1][2][1];
    QVERIFY2(several.startsWith("+0.0450 (+4.95 %)95 %: "), qPrintable(several));
    QVERIFY2(alone.startsWith("+0.0600 (+6.59 %)one seed"), qPrintable(alone));
    ComparisonReport other = SomeReport();
    other.baseline = 5;  // a run pins its group
    const Page pinned = PageOf(ComparisonHtml(other));
    QVERIFY(pinned.headings.contains("Against top-k (ratio 0.5)"));
    QVERIFY(pinned.tables[1][1][1].startsWith("−0.0600 (−6.19 %)"));
  }

  void onlyWhatDiffersIsASetting() {
    ComparisonReport report = SomeReport();
    const auto settings = PageOf(ComparisonHtml(report)).tables[2];
    QCOMPARE(settings.size(), 2);
    QCOMPARE(settings[1], (QStringList{"/gradient/0/ratio", "0.01", "0.1", "0.5"}));
    report.seeds_as_one = false;  // now each run is a column, and seeds differ
    const auto all = PageOf(ComparisonHtml(report)).tables[2];
    QCOMPARE(all.size(), 3);
    QCOMPARE(all[1][0], QString("/seed"));
    QCOMPARE(all[2].size(), 7);
  }

  void chartsAreDrawnIntoThePage() {
    const std::string html = ComparisonHtml(SomeReport());
    const Page page = PageOf(html);
    QVERIFY(page.headings.contains("Test accuracy"));
    QVERIFY(page.headings.contains("Final accuracy against Bytes sent"));
    QVERIFY(page.headings.contains("Final accuracy, against top-k (ratio 0.01)"));
    QVERIFY(page.drawings >= 4);
    QVERIFY(html.find("class=\"band\"") != std::string::npos);     // several seeds
    QVERIFY(html.find("class=\"whisker\"") != std::string::npos);  // their interval
    QVERIFY(html.find(">epoch</text>") != std::string::npos);
  }

  void itIsDatedAndChartsNameTheirUnits() {
    ComparisonReport report = SomeReport();
    QVERIFY(ComparisonHtml(report).find("written") == std::string::npos);
    report.written_unix_ms = 1'790'000'000'000;
    report.charts[0].unit = "samples/s";
    const std::string html = ComparisonHtml(report);
    QVERIFY(html.find("written 2026-09-21 14:13 UTC") != std::string::npos);
    QVERIFY(PageOf(html).headings.contains("Test accuracy, samples/s"));
  }

  void itNeedsNothingElse() {
    const std::string html = ComparisonHtml(SomeReport());
    for (const char* link : {"http:", "https:", "src=", "href=", "url(", "@import", "<script", "nan", "inf,"})
      QVERIFY2(html.find(link) == std::string::npos, link);
  }

  void everyTextIsEscaped() {
    const std::string bad = "</td><script>alert(\"1\" & '2')</script>\x01";
    ComparisonReport report = SomeReport();
    for (ComparedRun& run : report.runs) run.id = run.name = run.state = bad;
    report.runs[3].spec_json = R"({"</script><script>": "</td><script>", "seed": 1})";
    report.charts[0].title = report.charts[0].unit = report.charts[0].x_title = bad;
    const std::string html = ComparisonHtml(report);
    QVERIFY(html.find("<script") == std::string::npos && html.find('\x01') == std::string::npos);
    QVERIFY2(PageOf(html).fault.isEmpty(), qPrintable(PageOf(html).fault));
  }

  void runsOfWhichNothingIsKnownGiveAPage() {
    ComparisonReport report;
    report.runs = {{.id = "a"}, {.id = "b"}};
    report.charts = {{.title = "Loss", .curves = {{}, {{1, 2}, {NAN, NAN}, {NAN, NAN}, {NAN, NAN}}}}};
    const Page page = PageOf(ComparisonHtml(report));
    QVERIFY2(page.fault.isEmpty(), qPrintable(page.fault));
    QCOMPARE(page.drawings, 0);
    QCOMPARE(page.tables[0].size(), 3);  // two of which nothing is known are not one
    QVERIFY(page.tables.back()[1].contains("–"));
  }

  void figuresAreWrittenForPeople_data() {
    QTest::addColumn<QVector<double>>("values");
    QTest::addColumn<int>("figure");
    QTest::addColumn<QString>("text");
    using V = QVector<double>;
    const int accuracy = int(RunFigure::kFinalAccuracy), bytes = int(RunFigure::kBytesSent);
    QTest::newRow("one seed") << V{0.9} << accuracy << "0.9000";
    QTest::newRow("three seeds") << V{0.8, 0.9, 1.0} << accuracy << "0.9000 ± 0.1000";
    QTest::newRow("bytes") << V{1e6, 3e6} << bytes << "2 MB ± 1.414 MB";
    QTest::newRow("one has none") << V{1e6, NAN} << bytes << "1 MB (1 of 2 seeds)";
    QTest::newRow("none") << V{NAN, NAN} << bytes << "–";
  }
  void figuresAreWrittenForPeople() {
    QFETCH(QVector<double>, values);
    QFETCH(int, figure);
    QFETCH(QString, text);
    std::vector<ComparedRun> runs;
    for (const double value : values) {
      runs.push_back(Run(fmt::format("r{}", runs.size()), runs.size() + 1, 0.1, value));
      runs.back().bytes_sent = value;
    }
    const auto which = static_cast<RunFigure>(figure);
    const GroupFigure found = FigureOfGroup(runs, GroupRuns(runs, true)[0], which, 0.9);
    QCOMPARE(QString::fromStdString(FigureText(found, InfoOf(which))).replace(QChar(0xa0), ' '), text);
  }
};

CONCERTINA_TEST(ExportComparisonTest)

}  // namespace concertina::export_comparison_test

#include "export_comparison_test.moc"
