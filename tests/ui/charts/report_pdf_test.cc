// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// report_pdf_test.cc: what the page says, the PDF says, in its order, on numbered pages, with nothing over
// anything else; pdftotext reads it back.
#include "ui/charts/report_pdf.h"

#include <QFile>
#include <QLocale>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>
#include <cmath>

#include "core/analysis/export_comparison.h"
#include "core/analysis/export_html.h"
#include "fmt/format.h"
#include "tests/test_program.h"
#include "ui/charts/report_pages.h"
#include "ui/charts/report_table.h"

namespace concertina::ui::report_pdf_test {

constexpr int kReadDeadlineMs = 60'000;

ComparedRun runOf(int i, uint64_t seed, const std::string& name) {
  ComparedRun run{.id = fmt::format("r{}s{}", i, seed), .name = name, .state = "finished", .seed = seed};
  run.spec_json = fmt::format(R"({{"name": "{}", "seed": {}, "optimizer": {{"momentum": {}}}}})", name, seed,
                              0.01 * (i + 1));
  run.final_accuracy = 0.8 + 0.005 * i + 0.001 * double(seed);
  run.test_loss = 1 - run.final_accuracy;
  run.seconds = 61.5 + i;
  run.bytes_sent = 4e6 * (i + 1);
  run.samples_per_second = 3000 - i;
  run.by_epoch = run.by_seconds = run.by_bytes = {{1, 2}, {0.4, run.final_accuracy}};
  return run;
}

ComparisonReport reportOf(int groups, const std::function<std::string(int)>& name) {
  ComparisonReport report;
  for (int i = 0; i < groups; ++i)
    for (const uint64_t seed : {1, 2}) report.runs.push_back(runOf(i, seed, name(i)));
  report.target_accuracy = 0.8;
  report.written_unix_ms = 1'790'000'000'000;  // 2026-09-21
  ReportChart chart{.title = "Pace of training", .unit = "samples/s", .x_title = "epoch", .from_zero = true};
  for (const ComparedRun& run : report.runs)
    chart.curves.push_back({run.by_epoch.x, run.by_epoch.y, run.by_epoch.y, run.by_epoch.y});
  report.charts.push_back(chart);
  return report;
}

// A word where pdftotext found it, in points.
struct PlacedWord {
  int page = 0;
  QRectF box;
  QString text;
};

class ReportPdfTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  // What pdftotext says of it, run with `arguments`.
  QByteArray readBack(const QByteArray& pdf, const QStringList& arguments) {
    const QString path = folder_.filePath("report.pdf");
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(pdf) != pdf.size()) return {};
    file.close();
    QProcess reader;
    reader.start("pdftotext", arguments + QStringList{path, "-"});
    return reader.waitForFinished(kReadDeadlineMs) && reader.exitCode() == 0 ? reader.readAllStandardOutput()
                                                                             : QByteArray();
  }
  // Without spaces: names are broken over lines.
  QString textOf(const QByteArray& pdf) {
    return QString::fromUtf8(readBack(pdf, {"-raw"})).remove(QRegularExpression("[\\s\\x{2010}]"));
  }
  QVector<PlacedWord> wordsOf(const QByteArray& pdf) {
    QVector<PlacedWord> words;
    QString xml = QString::fromUtf8(readBack(pdf, {"-bbox"}));
    xml.remove(QRegularExpression("<!DOCTYPE[^>]*>"));
    QXmlStreamReader reader(xml);
    int page = 0;
    while (!reader.atEnd()) {
      if (reader.readNext() != QXmlStreamReader::StartElement) continue;
      if (reader.name() == QLatin1String("page")) ++page;
      if (reader.name() != QLatin1String("word")) continue;
      const auto at = [&](const char* name) {
        return reader.attributes().value(QLatin1String(name)).toDouble();
      };
      const QRectF box(QPointF(at("xMin"), at("yMin")), QPointF(at("xMax"), at("yMax")));
      words.append({page, box, reader.readElementText()});
    }
    return words;
  }
  static int pageCount(const QByteArray& pdf) {
    return int(QString::fromLatin1(pdf).count(QRegularExpression("/Type\\s*/Page\\b")));
  }
  static QByteArray pdfOf(const ComparisonReport& report) {
    const auto pdf = reportPdf(ComparisonHtml(report), QPageSize(QPageSize::A4));
    return pdf.ok() ? *pdf : QByteArray();
  }

 private slots:
  void itSaysWhatThePageSays() {
    if (QStandardPaths::findExecutable("pdftotext").isEmpty())
      QSKIP("pdftotext is not here: packaging/setup");
    const QByteArray pdf =
        pdfOf(reportOf(4, [](int i) { return i == 2 ? "梯度压缩" : fmt::format("name{}", i); }));
    QVERIFY(pdf.startsWith("%PDF-"));
    const QString text = textOf(pdf);
    qsizetype last = -1;  // in the order of the page
    for (const char* part :
         {"8runscompared", "written2026-09-21", "Results", "Finalaccuracy", "Againstname0",
          "Paceoftraining,samples/s", "FinalaccuracyagainstBytessent", "Settingsthatdiffer",
          "/optimizer/momentum", "Everyrun", "WrittenbyConcertina"}) {
      const qsizetype found = text.indexOf(QLatin1String(part), last + 1);
      QVERIFY2(found > last, part);
      last = found;
    }
    for (const char* name : {"name0", "name1", "梯度压缩", "name3"})
      QVERIFY2(text.contains(QString::fromUtf8(name)), name);
    const int pages = pageCount(pdf);
    QVERIFY(pages > 1);
    for (int page = 1; page <= pages; ++page)
      QVERIFY2(text.contains(QString("%1of%2").arg(page).arg(pages)), qPrintable(QString::number(page)));
    QVERIFY(pdf.contains("/FontFile2"));  // embedded
  }

  void twentyRunsOfLongNamesDoNotOverlap() {
    if (QStandardPaths::findExecutable("pdftotext").isEmpty())
      QSKIP("pdftotext is not here: packaging/setup");
    const auto name = [](int i) { return fmt::format("run{}-{} and more words", i, std::string(120, 'x')); };
    const QByteArray pdf = pdfOf(reportOf(20, name));
    QVERIFY(pageCount(pdf) > 3);
    const QString text = textOf(pdf);
    for (int i = 0; i < 20; ++i)
      QVERIFY2(text.contains(QString::fromStdString(name(i)).remove(' ')), qPrintable(QString::number(i)));
    const QVector<PlacedWord> words = wordsOf(pdf);
    QVERIFY(words.size() > 500);
    int heads = 0;
    for (qsizetype i = 0; i < words.size(); ++i) {
      const PlacedWord& word = words[i];
      QVERIFY2(word.box.left() >= 0 && word.box.right() <= 596, qPrintable(word.text));
      heads += word.text == QLatin1String("State") ? 1 : 0;
    }
    QVERIFY(heads > 1);  // the head of the table comes again on the next page
    // Every cell has its own place: of the first pages, which hold tables only, no two words share one. Lines
    // come nearer than their letters are high, so the middle of each is looked at.
    for (qsizetype i = 0; i < words.size(); ++i)
      for (qsizetype k = i + 1; k < words.size() && words[k].page == words[i].page; ++k) {
        if (words[i].page > 3) continue;
        const auto core = [](const QRectF& box) {
          return box.adjusted(0.5, box.height() * 0.3, -0.5, -box.height() * 0.3);
        };
        QVERIFY2(!core(words[i].box).intersects(core(words[k].box)),
                 qPrintable(words[i].text + " and " + words[k].text));
      }
  }

  void aRunWithAllItsPartsIsPrinted() {
    RunRecord run;
    run.id = "r1";
    run.name = "a run";
    run.state = "failed";
    run.error = "worker 3 died\nof <this>";
    run.spec_json = R"({"name": "a run", "optimizer": {"kind": "sgd", "momentum": 0.9}})";
    for (int i = 0; i < 6; ++i) run.summary.push_back({fmt::format("Figure {}", i), fmt::format("{} MB", i)});
    SeriesRecord& loss = run.series.emplace_back();
    loss.name = "train/loss";
    loss.rank = -1;
    for (int i = 1; i < 300; ++i) {
      loss.steps.push_back(i);
      loss.seconds.push_back(i);
      loss.values.push_back(1.0 / i);
    }
    for (int i = 0; i < 200; ++i) run.events.push_back({i, 1.0 * i, "knob", fmt::format("event{}", i)});
    const auto document = readReport(ExportHtml(run));
    QVERIFY2(document.ok(), document.status().ToString().c_str());
    QCOMPARE(document->title, QString("a run"));
    QCOMPARE(document->ink, QColor("#1d2127"));  // the light one
    QVector<ReportBlock::Kind> kinds;
    for (const ReportBlock& block : document->blocks) {
      kinds.append(block.kind);
      if (block.kind == ReportBlock::Kind::kError)
        QCOMPARE(block.text.text, QString("worker 3 died") + QChar(QChar::LineSeparator) + "of <this>");
      if (block.kind != ReportBlock::Kind::kPicture) continue;
      QVERIFY(!block.svg.contains("var(") && block.svg.contains("#0072b2"));
      QVERIFY(!block.words.isEmpty());
    }
    using Kind = ReportBlock::Kind;
    for (const Kind kind : {Kind::kTitle, Kind::kState, Kind::kError, Kind::kFigures, Kind::kLegend,
                            Kind::kPicture, Kind::kTable, Kind::kCode, Kind::kNote})
      QVERIFY2(kinds.contains(kind), qPrintable(QString::number(int(kind))));
    const auto pdf = reportPdf(ExportHtml(run), QPageSize(QPageSize::Letter));
    QVERIFY(pdf.ok());
    QVERIFY(pageCount(*pdf) > 3);  // 200 events
  }

  void whatIsNoReportIsRefused_data() {
    QTest::addColumn<QString>("html");
    QTest::newRow("nothing") << "";
    QTest::newRow("other bytes") << QString(5000, QChar(0x1));
    QTest::newRow("cut") << QString::fromStdString(ComparisonHtml(reportOf(2, [](int) {
                              return "a";
                            }))).left(9000);
    QTest::newRow("not well-formed")
        << "<style>:root{}</style><body><main><h1>a</h1><table><tr></main></body>";
    QTest::newRow("without a title") << "<style>:root{}</style><body><p>a</p><p>b</p></body>";
    QTest::newRow("deep") << "<style>:root{}</style><body>" + QString("<div>").repeated(5000) +
                                 QString("</div>").repeated(5000) + "</body>";
  }
  void whatIsNoReportIsRefused() {
    QFETCH(QString, html);
    const auto pdf = reportPdf(html.toStdString(), QPageSize(QPageSize::A4));
    QVERIFY(absl::IsInvalidArgument(pdf.status()));
    QVERIFY(pdf.status().message().find("expected") != std::string::npos);
  }

  void aRowIsOnOnePageBelowItsHead() {
    std::vector<ReportPiece> pieces;
    pieces.push_back({.height = 10, .stays_with_next = true});  // a heading, and the head of its table
    pieces.push_back({.height = 10, .stays_with_next = true});
    for (int row = 0; row < 10; ++row) pieces.push_back({.height = 30, .head = 1});
    const auto pages = pagesOf(pieces, 100);
    QCOMPARE(pages.size(), size_t{4});  // rows: 2 below the heading, 3, 3 and 2
    for (const auto& page : pages)
      for (const PlacedPiece& placed : page) QVERIFY(placed.y + pieces[placed.piece].height <= 100);
    for (size_t page = 1; page < pages.size(); ++page) QCOMPARE(pages[page][0].piece, size_t{1});
    // A heading goes along with what follows it.
    const auto moved = pagesOf({{.height = 90}, {.height = 5, .stays_with_next = true}, {.height = 20}}, 100);
    QCOMPARE(moved.size(), size_t{2});
    QCOMPARE(moved[1].size(), size_t{2});
  }

  void columnsThatFindNoRoomComeBelow() {
    const std::vector<ColumnNeed> needs(10, {.least = 30, .natural = 50});
    const auto widths = columnWidths(needs, 100);
    QCOMPARE(widths.size(), size_t{3});
    for (const double width : widths) QVERIFY(std::abs(width - 100.0 / 3) < 1e-9);
    QCOMPARE(columnWidths(std::span(needs).first(1), 10).size(), size_t{1});  // never none
    QCOMPARE(columnWidths(std::span(needs).first(1), 100)[0], 50.0);          // no wider than it needs
  }

  void paperIsTheLocales() {
    QCOMPARE(paperOf(QLocale("en_US")).id(), QPageSize::Letter);
    QCOMPARE(paperOf(QLocale("en_GB")).id(), QPageSize::A4);
    QCOMPARE(paperOf(QLocale("zh_CN")).id(), QPageSize::A4);
  }

  void itIsWrittenWholeOrNotAtAll() {
    const std::string html = ComparisonHtml(reportOf(2, [](int) { return "a"; }));
    const QString path = folder_.filePath("old.pdf");
    QFile old(path);
    QVERIFY(old.open(QIODevice::WriteOnly) && old.write("old") == 3);
    old.close();
    QVERIFY(!saveReportPdf("no report", path.toStdString()).ok());
    QVERIFY(old.open(QIODevice::ReadOnly));
    QCOMPARE(old.readAll(), QByteArray("old"));
    old.close();
    QVERIFY(absl::IsNotFound(saveReportPdf(html, folder_.filePath("no/such/a.pdf").toStdString())));
    QVERIFY(saveReportPdf(html, path.toStdString()).ok());
    QVERIFY(old.open(QIODevice::ReadOnly));
    QVERIFY(old.readAll().startsWith("%PDF-"));
  }
};

CONCERTINA_TEST(ReportPdfTest)

}  // namespace concertina::ui::report_pdf_test

#include "report_pdf_test.moc"
