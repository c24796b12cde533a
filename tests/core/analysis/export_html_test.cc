// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_html_test.cc: the page stands alone, is well-formed, escapes all it is given, and stays small.
#include "core/analysis/export_html.h"

#include <QRegularExpression>
#include <QTest>
#include <QXmlStreamReader>
#include <cmath>

#include "core/analysis/export_chart.h"
#include "tests/test_program.h"

namespace concertina::export_html_test {
namespace {

SeriesRecord Curve(const std::string& name, const std::string& unit, int64_t count,
                   double (*value)(int64_t)) {
  SeriesRecord series = {.name = name, .unit = unit};
  for (int64_t i = 0; i < count; ++i) {
    series.steps.push_back(i);
    series.seconds.push_back(0.1 * static_cast<double>(i));
    series.values.push_back(value(i));
  }
  return series;
}

RunRecord SomeRun(int64_t steps) {
  RunRecord run = {.id = "r1", .name = "LeNet-5", .state = "finished", .started_unix_ms = 1700000000000};
  run.spec_json =
      R"({"seed": 7, "dataset": {"kind": "mnist"}, "gradient": [{"kind": "top-k", "ratio": 0.01}]})";
  run.summary = {
      {"test accuracy", "0.88"}, {"seconds", "61"}, {"bytes", "4 MB"}, {"steps", "9"}, {"epochs", "3"}};
  run.series = {
      Curve("train/loss", "", steps, [](int64_t i) { return 2.0 / (1.0 + static_cast<double>(i)); }),
      Curve("test/accuracy", "", 3, [](int64_t i) { return 0.8 + 0.01 * static_cast<double>(i); }),
      Curve("comm/bytes_sent", "B", steps, [](int64_t) { return 1e6; }),
      Curve("time/compute", "s", steps, [](int64_t) { return 0.03; }),
      Curve("time/encode", "s", steps, [](int64_t) { return 0.01; })};
  run.events = {{4, 0.4, "knob", "ratio 0.01 to 0.1"}};
  return run;
}

// The page with its empty elements closed, as XML wants them.
QString AsXml(const std::string& html) {
  QString xml = QString::fromStdString(html);
  xml.remove("<!DOCTYPE html>\n");
  xml.replace(QRegularExpression("<meta ([^>]*)>"), "<meta \\1/>");
  return xml;
}

QString Fault(const std::string& html) {
  QXmlStreamReader reader(AsXml(html));
  while (!reader.atEnd()) reader.readNext();
  return reader.hasError() ? QString("line %1: %2").arg(reader.lineNumber()).arg(reader.errorString())
                           : QString();
}

}  // namespace

class ExportHtmlTest : public QObject {
  Q_OBJECT

 private slots:
  void thePageIsWellFormedAndComplete() {
    const std::string html = ExportHtml(SomeRun(500));
    QVERIFY2(Fault(html).isEmpty(), qPrintable(Fault(html)));
    for (const char* wanted : {"LeNet-5", "class=\"state finished\"", "2023-11-14 22:13 UTC", "test accuracy",
                               "0.88", "Bytes sent, cumulative", "500\u00a0MB", "75.0 %", "top-k",
                               "ratio 0.01 to 0.1", "prefers-color-scheme: dark", "experiment.json"})
      QVERIFY2(html.find(wanted) != std::string::npos, wanted);
  }

  void itNeedsNothingElse() {
    const std::string html = ExportHtml(SomeRun(50));
    for (const char* link : {"http:", "https:", "src=", "href=", "url(", "@import", "<script"})
      QVERIFY2(html.find(link) == std::string::npos, link);
  }

  void everyTextIsEscaped() {
    const std::string bad = "</pre><script>alert(\"1\" & '2')</script>\x01";
    RunRecord run = SomeRun(5);
    run.id = run.name = run.state = run.error = bad;
    run.summary = {{bad, bad}, {bad, bad}, {bad, bad}, {bad, bad}, {bad, bad}};
    run.events = {{1, 0, bad, bad}, {2, 0, "knob", bad}};
    for (SeriesRecord& series : run.series) series.name = series.unit = bad;
    run.spec_json = R"({"</script><script>": "</pre><script>", "b": [{"<i>": "<b>"}]})";
    const std::string html = ExportHtml(run);
    QVERIFY(html.find("<script") == std::string::npos);
    QVERIFY(html.find('\x01') == std::string::npos);
    QVERIFY2(Fault(html).isEmpty(), qPrintable(Fault(html)));
    run.spec_json = bad;
    QVERIFY(ExportHtml(run).find("<script") == std::string::npos);
  }

  void aLongRunIsDrawnInAsManyPointsAsAShortOne() {
    const size_t size = ExportHtml(SomeRun(2000)).size();
    QVERIFY(ExportHtml(SomeRun(200'000)).size() < 2 * size);
    QVERIFY(size < 100'000);
  }

  void runsWithLittleInThemGiveAPage_data() {
    QTest::addColumn<std::vector<double>>("values");
    QTest::newRow("nothing") << std::vector<double>{};
    QTest::newRow("one point") << std::vector<double>{1};
    QTest::newRow("only NaN") << std::vector<double>{NAN, NAN};
    QTest::newRow("infinite loss") << std::vector<double>{1, INFINITY, 2};
    QTest::newRow("a constant zero") << std::vector<double>{0, 0, 0};
    QTest::newRow("huge") << std::vector<double>{-1e308, 1e308};
    QTest::newRow("tiny") << std::vector<double>{5e-324, 0};
  }
  void runsWithLittleInThemGiveAPage() {
    QFETCH(std::vector<double>, values);
    RunRecord run = {.id = "r"};
    for (const char* name : {"train/loss", "comm/bytes_sent", "time/compute", "other"}) {
      SeriesRecord series = {.name = name, .values = values};
      for (size_t i = 0; i < values.size(); ++i) {
        series.steps.push_back(static_cast<int64_t>(i));
        series.seconds.push_back(0);
      }
      run.series.push_back(series);
    }
    const std::string html = ExportHtml(run);
    QVERIFY2(Fault(html).isEmpty(), qPrintable(Fault(html)));
    QVERIFY(html.find("nan") == std::string::npos);
    QVERIFY(html.find("inf,") == std::string::npos && html.find(",inf") == std::string::npos);
  }

  void ranksAreDrawnOnlyWithoutAWhole() {
    RunRecord run;
    SeriesRecord series = Curve("train/loss", "", 5, [](int64_t) { return 1.0; });
    series.rank = 0;
    run.series = {series};
    QVERIFY(ExportHtml(run).find("train/loss, rank 0") != std::string::npos);
    series.rank = -1;
    run.series.push_back(series);
    QVERIFY(ExportHtml(run).find("train/loss, rank 0") == std::string::npos);
  }

  void quantitiesAreReadable_data() {
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("unit");
    QTest::addColumn<QString>("text");
    QTest::newRow("bytes") << 999.0 << "B"
                           << "999 B";
    QTest::newRow("a prefix") << 1000.0 << "B"
                              << "1 kB";
    QTest::newRow("four digits") << 412634567.0 << "B"
                                 << "412.6 MB";
    QTest::newRow("rounds into the next prefix") << 999999.0 << "B"
                                                 << "1 MB";
    QTest::newRow("part of a byte") << 0.25 << "B"
                                    << "0.25 B";
    QTest::newRow("milliseconds") << 0.01234 << "s"
                                  << "12.34 ms";
    QTest::newRow("microseconds") << 3.1e-6 << "s"
                                  << "3.1 µs";
    QTest::newRow("below all prefixes") << 1e-12 << "s"
                                        << "0.001 ns";
    QTest::newRow("no kiloseconds") << 4321.0 << "s"
                                    << "4321 s";
    QTest::newRow("a number") << 0.88123 << ""
                              << "0.8812";
    QTest::newRow("shortened") << 43123.0 << ""
                               << "43.12 k";
    QTest::newRow("not yet") << 9999.0 << ""
                             << "9999";
    QTest::newRow("another unit") << 9756.0 << "samples/s"
                                  << "9756 samples/s";
    QTest::newRow("negative") << -2500.0 << "B"
                              << "−2.5 kB";
    QTest::newRow("zero") << 0.0 << "s"
                          << "0 s";
    QTest::newRow("not measured") << std::nan("") << "s"
                                  << "–";
  }
  void quantitiesAreReadable() {
    QFETCH(double, value);
    QFETCH(QString, unit);
    QFETCH(QString, text);
    QCOMPARE(QString::fromStdString(QuantityText(value, unit.toStdString())).replace(QChar(0xa0), ' '), text);
  }

  void ticksAreRoundAndWithinTheAxis() {
    for (const auto& [low, high] :
         {std::pair{0.0, 1.0}, {-3.7, 12.9}, {0.8, 0.8841}, {1e-9, 3e-9}, {0.0, 702.0}, {1e15, 1e15 + 8}}) {
      const std::vector<double> ticks = RoundTicks(low, high, 5);
      QVERIFY(ticks.size() >= 2 && ticks.size() <= 7);
      for (const double tick : ticks)
        QVERIFY(tick >= low - (high - low) * 1e-6 && tick <= high + (high - low) * 1e-6);
    }
    QCOMPARE(RoundTicks(0, 1, 5), (std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1}));
    QCOMPARE(RoundTicks(2, 2, 5), std::vector<double>{2});
  }
};

CONCERTINA_TEST(ExportHtmlTest)

}  // namespace concertina::export_html_test

#include "export_html_test.moc"
