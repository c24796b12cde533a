// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_csv_test.cc: one row a step, cells where something was measured, and the same bits when read back.
#include "core/analysis/export_csv.h"

#include <QTest>
#include <bit>
#include <charconv>
#include <cmath>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::export_csv_test {
namespace {

const double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<std::vector<QString>> Cells(const std::string& csv) {
  std::vector<std::vector<QString>> rows;
  for (const QString& line : QString::fromStdString(csv).split("\r\n", Qt::SkipEmptyParts)) {
    const QStringList cells = line.split(',');
    rows.emplace_back(cells.begin(), cells.end());
  }
  return rows;
}

}  // namespace

class ExportCsvTest : public QObject {
  Q_OBJECT

 private slots:
  void aRowIsAStepAndAColumnASeries() {
    RunRecord run;
    run.series = {{"train/loss", "", -1, {0, 1, 2}, {0.5, 1, 1.5}, {2.25, kNaN, 1}},
                  {"test/loss", "", -1, {2, 4}, {1.5, 2}, {0.75, INFINITY}},
                  {"train/loss", "", 3, {1}, {9}, {-7}}};
    QCOMPARE(QString::fromStdString(ExportCsv(run)),
             QString("step,seconds,train/loss,test/loss,train/loss[3]\r\n"
                     "0,0.5,2.25,,\r\n"
                     "1,1,,,-7\r\n"
                     "2,1.5,1,0.75,\r\n"
                     "4,2,,inf,\r\n"));
  }

  void everyDoubleReadsBackAsTheSameBits() {
    RunRecord run;
    SeriesRecord series = {.name = "x"};
    Rng rng(4, "bits");
    std::vector<double> wanted = {0.1, 1e-310, 5e-324, 1.7976931348623157e308, -0.0, 1.0 / 3};
    while (wanted.size() < 20000) {
      const auto value = std::bit_cast<double>(rng.Next());
      if (std::isfinite(value)) wanted.push_back(value);
    }
    for (size_t i = 0; i < wanted.size(); ++i) {
      series.steps.push_back(static_cast<int64_t>(i));
      series.seconds.push_back(wanted[wanted.size() - 1 - i]);
      series.values.push_back(wanted[i]);
    }
    run.series = {series};
    const auto rows = Cells(ExportCsv(run));
    QCOMPARE(rows.size(), wanted.size() + 1);
    for (size_t i = 0; i < wanted.size(); ++i) {
      const std::string text = rows[i + 1][2].toStdString();
      double read = 0;
      std::from_chars(text.data(), text.data() + text.size(), read);
      QCOMPARE(std::bit_cast<uint64_t>(read), std::bit_cast<uint64_t>(wanted[i]));
    }
  }

  void namesAreQuotedWhereTheyMust() {
    RunRecord run;
    run.series = {{"a,b", "", -1, {0}, {0}, {1}}, {"say \"x\"", "", -1, {0}, {0}, {2}}};
    QVERIFY(ExportCsv(run).starts_with("step,seconds,\"a,b\",\"say \"\"x\"\"\"\r\n0,0,1,2\r\n"));
  }

  void ofRepeatedStepsTheLastCounts() {  // a run that went on from a checkpoint of step 1
    RunRecord run;
    run.series = {{"x", "", -1, {0, 1, 2, 3, 1, 2}, {0, 1, 2, 3, 4, 5}, {10, 11, 12, 13, 21, 22}}};
    QCOMPARE(QString::fromStdString(ExportCsv(run)),
             QString("step,seconds,x\r\n0,0,10\r\n1,4,21\r\n2,5,22\r\n3,3,13\r\n"));
  }

  void aRunWithoutCurvesIsAHeader() {
    QCOMPARE(ExportCsv(RunRecord()), std::string("step,seconds\r\n"));
    RunRecord run;
    run.series = {{.name = "x"}};
    QCOMPARE(ExportCsv(run), std::string("step,seconds,x\r\n"));
  }
};

CONCERTINA_TEST(ExportCsvTest)

}  // namespace concertina::export_csv_test

#include "export_csv_test.moc"
