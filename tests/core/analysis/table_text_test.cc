// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// table_text_test.cc: tables for papers, READMEs and spreadsheets.
#include "core/analysis/table_text.h"

#include <QTest>

#include "tests/test_program.h"

namespace concertina::table_text_test {
namespace {

const TextTable& small() {
  static const TextTable table{
      {"Runs", "Accuracy", "Codec"},
      {{"a_b|c", "0.81 ± 0.01", "top-k 1 %"}, {"\"q\", r", "–", "x\ty\nz"}, {"short"}}};
  return table;
}

}  // namespace

class TableTextTest : public QObject {
  Q_OBJECT

 private slots:
  void everyFormatKeepsItsCellsApart() {
    QCOMPARE(TableAs(small(), TableFormat::kTabs), std::string("Runs\tAccuracy\tCodec\n"
                                                               "a_b|c\t0.81 ± 0.01\ttop-k 1 %\n"
                                                               "\"q\", r\t–\tx y z\n"
                                                               "short\t\t\n"));
    QCOMPARE(TableAs(small(), TableFormat::kMarkdown), std::string("| Runs | Accuracy | Codec |\n"
                                                                   "| --- | ---: | --- |\n"
                                                                   "| a\\_b\\|c | 0.81 ± 0.01 | top-k 1 % |\n"
                                                                   "| \"q\", r | – | x\ty z |\n"
                                                                   "| short |  |  |\n"));
    QCOMPARE(TableAs(small(), TableFormat::kLatex),
             std::string("% needs \\usepackage{booktabs}\n"
                         "\\begin{tabular}{lrl}\n\\toprule\n"
                         "Runs & Accuracy & Codec \\\\\n\\midrule\n"
                         "a\\_b|c & 0.81 $\\pm$ 0.01 & top-k 1 \\% \\\\\n"
                         "\"q\", r & -- & x\ty z \\\\\n"
                         "short &  &  \\\\\n"
                         "\\bottomrule\n\\end{tabular}\n"));
    const std::string csv = TableAs(small(), TableFormat::kCsv);
    QVERIFY(csv.starts_with("Runs,Accuracy,Codec\r\n"));
    QVERIFY(csv.find("\"\"\"q\"\", r\",–,") != std::string::npos);
    QVERIFY(csv.ends_with("short,,\r\n"));
  }
  void rowsAndColumnsChangePlaces() {
    const TextTable turned = Transposed(small());
    QVERIFY((turned.headings == std::vector<std::string>{"Runs", "a_b|c", "\"q\", r", "short"}));
    QCOMPARE(turned.rows.size(), size_t{2});
    QVERIFY((turned.rows[0] == std::vector<std::string>{"Accuracy", "0.81 ± 0.01", "–", ""}));
    const TextTable back = Transposed(turned);
    QVERIFY(back.headings == small().headings);
    QVERIFY(back.rows[1] == small().rows[1]);
    QVERIFY(Transposed({}).headings.empty());
  }
  void anEndingSaysTheFormat() {
    QVERIFY(TableFormatOf("a.md") == TableFormat::kMarkdown);
    QVERIFY(TableFormatOf("/x/a.tex") == TableFormat::kLatex);
    QVERIFY(TableFormatOf("a.csv") == TableFormat::kCsv);
    QVERIFY(TableFormatOf("a.tsv") == TableFormat::kTabs);
    QVERIFY(!TableFormatOf("a.html") && !TableFormatOf(""));
  }
  void nothingIsATableToo() {
    for (const TableFormat format :
         {TableFormat::kTabs, TableFormat::kCsv, TableFormat::kMarkdown, TableFormat::kLatex})
      QVERIFY(!TableAs({}, format).empty());
  }
};

CONCERTINA_TEST(TableTextTest)

}  // namespace concertina::table_text_test

#include "table_text_test.moc"
