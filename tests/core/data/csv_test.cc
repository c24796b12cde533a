// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// csv_test.cc: RFC 4180, labels, standardised columns, and messages with file, line and column.
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>

#include "core/data/csv_reader.h"
#include "tests/core/data/dataset_files.h"
#include "tests/test_program.h"

namespace concertina::csv_test {
namespace {

using Record = std::vector<std::string>;

absl::StatusOr<std::vector<Record>> ReadAll(std::string_view text) {
  CsvReader reader("t.csv", text);
  std::vector<Record> records;
  Record fields;
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, reader.Next(fields));
    if (!more) return records;
    records.push_back(fields);
  }
}

}  // namespace

class CsvTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<Dataset> Make(const QByteArray& text, Json more = Json::object()) const {
    WriteBytes(folder_.filePath("t.csv"), text);
    more.update({{"kind", "csv"}, {"path", folder_.filePath("t.csv").toStdString()}, {"label", "y"}});
    return MakeDataset(more).value();
  }

 private slots:
  void recordsAreThoseOfRfc4180_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<std::vector<Record>>("records");
    using Records = std::vector<Record>;
    QTest::newRow("lines") << QByteArray("a,b\n1,2\n") << Records{{"a", "b"}, {"1", "2"}};
    QTest::newRow("no last line end") << QByteArray("a,b\r\n1,2") << Records{{"a", "b"}, {"1", "2"}};
    QTest::newRow("quotes") << QByteArray("\"a,\"\"x\"\"\",\"l1\nl2\"\r\n") << Records{{"a,\"x\"", "l1\nl2"}};
    QTest::newRow("empty fields") << QByteArray(",\"\",\n") << Records{{"", "", ""}};
    QTest::newRow("byte order mark") << QByteArray(
                                            "\xef\xbb\xbf"
                                            "a\n")
                                     << Records{{"a"}};
    QTest::newRow("empty lines") << QByteArray("\n\na\n\r\n\nb\n\n") << Records{{"a"}, {"b"}};
    QTest::newRow("comma at the end of the file") << QByteArray("a,") << Records{{"a", ""}};
    QTest::newRow("fewer fields than before") << QByteArray("a,b,c\nd\n") << Records{{"a", "b", "c"}, {"d"}};
    QTest::newRow("nothing") << QByteArray("") << Records{};
    QTest::newRow("semicolons") << QByteArray("a;b\n1,5;2\n") << Records{{"a", "b"}, {"1,5", "2"}};
    QTest::newRow("as many commas as semicolons")
        << QByteArray("1,5;2,5;p\n3,5;4,5;q\n") << Records{{"1,5", "2,5", "p"}, {"3,5", "4,5", "q"}};
    QTest::newRow("tabs") << QByteArray("a\tb, c\n1\t2\n") << Records{{"a", "b, c"}, {"1", "2"}};
    QTest::newRow("a semicolon within a comma's file")
        << QByteArray("\"a;b\",c\n1,2\n") << Records{{"a;b", "c"}, {"1", "2"}};
    QTest::newRow("Excel says it") << QByteArray("sep=|\r\na|b\r\n1|2\r\n")
                                   << Records{{"a", "b"}, {"1", "2"}};
    QTest::newRow("R's names of rows")
        << QByteArray("a;b\n\"1\";2;3\n") << Records{{"a", "b"}, {"1", "2", "3"}};
    QTest::newRow("old Macintosh") << QByteArray("a,b\r1,\"2\"\r\r3,4\r")
                                   << Records{{"a", "b"}, {"1", "2"}, {"3", "4"}};
    QTest::newRow("a lone carriage return is text") << QByteArray("a\rb,c\n") << Records{{"a\rb", "c"}};
  }
  void recordsAreThoseOfRfc4180() {
    QFETCH(QByteArray, text);
    QFETCH(std::vector<Record>, records);
    const auto read = ReadAll({text.data(), static_cast<size_t>(text.size())});
    VERIFY_OK(read);
    QCOMPARE(*read, records);
  }

  void brokenQuotesAreNamedByLine_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("message");
    QTest::newRow("never closed") << QByteArray("a\n\"b\nc\n")
                                  << "t.csv:2: found a quote that is never closed";
    QTest::newRow("within a field") << QByteArray("a\nb\"c\n") << "t.csv:2: field 1: found a quote within";
    QTest::newRow("text after it") << QByteArray("\"a\nb\"c\n")
                                   << "t.csv:2: found text after a closing quote";
  }
  void brokenQuotesAreNamedByLine() {
    QFETCH(QByteArray, text);
    QFETCH(QString, message);
    const absl::Status status = ReadAll({text.data(), static_cast<size_t>(text.size())}).status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).startsWith(message), qPrintable(Message(status)));
  }

  void textLabelsAreSortedAndNumbersByValue_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<std::vector<std::string>>("classes");
    QTest::addColumn<std::vector<int32_t>>("labels");
    QTest::newRow("text") << QByteArray("x,y\n1,pear\n2,apple\n3,pear\n")
                          << std::vector<std::string>{"apple", "pear"} << std::vector<int32_t>{1, 0, 1};
    QTest::newRow("whole numbers") << QByteArray("y,x\n10,1\n9,1\n-3,1\n9,1\n")
                                   << std::vector<std::string>{"-3", "9", "10"}
                                   << std::vector<int32_t>{2, 1, 0, 1};
    QTest::newRow("one is not a number")
        << QByteArray("y,x\n10,1\n9,1\n9b,1\n") << std::vector<std::string>{"10", "9", "9b"}
        << std::vector<int32_t>{0, 1, 2};
  }
  void textLabelsAreSortedAndNumbersByValue() {
    QFETCH(QByteArray, text);
    QFETCH(std::vector<std::string>, classes);
    QFETCH(std::vector<int32_t>, labels);
    const auto dataset = Make(text, {{"test_fraction", 0}});
    const auto info = dataset->Probe("");
    VERIFY_OK(info);
    QCOMPARE(info->class_names, classes);
    QCOMPARE(info->classes, static_cast<int64_t>(classes.size()));
    QCOMPARE(dataset->OpenTrain("").value()->labels(), labels);
  }

  void columnsAreStandardisedByTheTrainingRows() {
    WriteBytes(folder_.filePath("test.csv"), "a,y,b,c\n9,p,5,2\n");
    const auto dataset = Make("a,y,b,c\n1,p,5,-1e3\n3,q,5,+1e3\n",
                              {{"test_path", folder_.filePath("test.csv").toStdString()}});
    const auto info = dataset->Probe("");
    VERIFY_OK(info);
    QCOMPARE(info->sample, (Shape{3}));
    QCOMPARE(info->train_samples, 2);
    QCOMPARE(info->test_samples, 1);
    std::vector<float> row(3);
    dataset->OpenTrain("").value()->Read(0, row.data());
    QCOMPARE(row, (std::vector<float>{-1, 0, -1}));  // mean 2, deviation 1; constant; mean 0, deviation 1000
    dataset->OpenTest("").value()->Read(0, row.data());
    QCOMPARE(row, (std::vector<float>{7, 0, 0.002F}));
  }

  // Sums of squares of such columns are no numbers any more.
  void valuesAtTheEndsOfADoubleAreStandardisedToo() {
    WriteBytes(folder_.filePath("test.csv"), "a,y,b,c\n-1.7e308,p,1e300,1.7e308\n");
    const auto dataset = Make("a,y,b,c\n1e308,p,1e-300,2\n-1e308,q,3e-300,2\n",
                              {{"test_path", folder_.filePath("test.csv").toStdString()}});
    std::vector<float> row(3);
    dataset->OpenTrain("").value()->Read(0, row.data());
    QCOMPARE(row, (std::vector<float>{1, -1, 0}));
    dataset->OpenTrain("").value()->Read(1, row.data());
    QCOMPARE(row, (std::vector<float>{-1, 1, 0}));
    dataset->OpenTest("").value()->Read(0, row.data());
    for (const float value : row) QVERIFY(std::isfinite(value));
    QVERIFY(std::abs(row[0] + 1.7F) < 1e-5F);
  }

  void standardisedColumnsHaveMeanZeroAndDeviationOne() {
    QByteArray text = "y,a,b\n";
    for (int i = 0; i < 1000; ++i)
      text += QString("%1,%2,%3\n")
                  .arg(i % 3)
                  .arg(1e6 + i * 0.37, 0, 'g', 17)
                  .arg(std::sin(i), 0, 'g', 17)
                  .toUtf8();
    const auto train = Make(text, {{"test_fraction", 0.25}})->OpenTrain("").value();
    QCOMPARE(train->size(), 750);
    for (size_t column = 0; column < 2; ++column) {
      double sum = 0, square = 0;
      for (int64_t i = 0; i < 750; ++i) {
        float row[2];
        train->Read(i, row);
        sum += row[column];
        square += double{row[column]} * row[column];
      }
      QVERIFY(std::abs(sum / 750) < 1e-6);  // floats of size 1: rounding is 6e-8 each
      QVERIFY(std::abs(square / 750 - 1) < 1e-6);
    }
  }

  void theTestShareIsEvenlySpacedAndTogetherAll_data() {
    QTest::addColumn<double>("fraction");
    QTest::newRow("none") << 0.0;
    QTest::newRow("a fifth") << 0.2;
    QTest::newRow("a third") << 1.0 / 3;
    QTest::newRow("most") << 0.9;
  }
  void theTestShareIsEvenlySpacedAndTogetherAll() {
    QFETCH(double, fraction);
    int64_t test_rows = 0;
    for (int64_t i = 0; i < 3000; ++i) {
      test_rows += IsTestRow(i, fraction);
      QVERIFY(std::abs(static_cast<double>(test_rows) - static_cast<double>(i + 1) * fraction) < 1.0001);
    }
  }

  // What programs write, and what comes of it: the training rows, standardised back to what they were.
  void exportsOfOtherProgramsAreRead_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<Json>("more");
    QTest::addColumn<std::vector<std::string>>("classes");
    QTest::addColumn<int64_t>("columns");
    QTest::addColumn<std::vector<float>>("first_column");  // standardised
    const auto row = [](const char* name, const char* text, const Json& more, int64_t columns,
                        const std::vector<float>& first_column,
                        const std::vector<std::string>& classes = {"p", "q"}) {
      QTest::newRow(name) << QByteArray(text) << more << classes << columns << first_column;
    };
    const std::vector<float> two = {-1, 1};
    row("pandas, with its index", ",a,y\n0,1,p\n1,3,q\n", {}, 1, two);
    row("pandas, written twice", "Unnamed: 0,a,y\n0,1,p\n1,3,q\n", {}, 1, two);
    row("R's write.csv", "\"\",\"a\",\"y\"\n\"1\",1,\"p\"\n\"2\",3,\"q\"\n", {}, 1, two);
    row("R's write.table", "\"a\"\t\"y\"\n\"1\"\t1\t\"p\"\n\"2\"\t3\t\"q\"\n", {}, 1, two);
    row("R's write.csv2", "\"a\";\"y\"\n1,5;\"p\"\n2,5;\"q\"\n", {}, 1, two);
    row("Excel in German",
        "\xef\xbb\xbf"
        "a;y\r\n-1,5;p\r\n1,5;q\r\n;\r\n;\r\n",
        {}, 1, two);
    row("a tab and a decimal comma", "a\ty\n1,5\tp\n2,5\tq\n", {{"decimal", "comma"}}, 1, two);
    row("a delimiter at each line's end", "a,y,\n1,p,\n3,q,\n", {}, 1, two);
    row("blanks behind commas", "a, y\n1, p\n3, q\n5,p\n1,q\n", {{"test_fraction", 0.5}}, 1, {-1, 1});
    row("truths", "a,y\nFalse,p\nTrue,q\n", {}, 1, two);
    row("no header", "1,p\n3,q\n", {{"header", false}, {"label", "2"}}, 1, two);
    row("no header, the label last", "1,p\n3,q\n", {{"header", false}, {"label", "last"}}, 1, two);
    row("the label first", "class,a\np,1\nq,3\n", {{"label", "first"}}, 1, two);
    row("the label first, behind names of rows", ",class,a\n0,p,1\n1,q,3\n", {{"label", "first"}}, 1, two);
    row("columns that are left out", "Id,a,day,y\n7,1,Mon,p\n8,3,Tue,q\n", {{"leave_out", "day, Id"}}, 1,
        two);
    row("a missing number is the mean", "a,y\n1,p\n,p\n3,q\n", {{"missing", "mean"}}, 1, {-1, 0, 1});
    row("a row without a number is dropped", "a,y\n1,p\nNA,p\n3,q\n4,\n", {{"missing", "drop"}}, 1, two);
    row("numbers as classes, by value", "a,y\n1,10.0\n3,2.0\n", {}, 1, two, {"2.0", "10.0"});
  }
  void exportsOfOtherProgramsAreRead() {
    QFETCH(QByteArray, text);
    QFETCH(Json, more);
    QFETCH(std::vector<std::string>, classes);
    QFETCH(int64_t, columns);
    QFETCH(std::vector<float>, first_column);
    Json settings = {{"label", "y"}, {"test_fraction", 0}};
    if (more.is_object()) settings.update(more);
    WriteBytes(folder_.filePath("t.csv"), text);
    settings.update({{"kind", "csv"}, {"path", folder_.filePath("t.csv").toStdString()}});
    const auto dataset = MakeDataset(settings).value();
    const auto info = dataset->Probe("");
    VERIFY_OK(info);
    QCOMPARE(info->class_names, classes);
    QCOMPARE(info->sample, Shape{columns});
    const auto train = dataset->OpenTrain("").value();
    std::vector<float> found(static_cast<size_t>(train->size()));
    for (int64_t i = 0; i < train->size(); ++i) train->Read(i, &found[static_cast<size_t>(i)]);
    QCOMPARE(found, first_column);
  }

  void everyClassIsTestedAlsoWhenTheyComeInTurn() {
    QByteArray text = "a,y\n";
    for (int i = 0; i < 100; ++i) text += QByteArray::number(i) + ',' + static_cast<char>('p' + i % 5) + '\n';
    const auto dataset = Make(text);
    for (const auto& [samples, wanted] :
         {std::pair(dataset->OpenTest("").value(), 4), std::pair(dataset->OpenTrain("").value(), 16)})
      for (int32_t label = 0; label < 5; ++label)
        QCOMPARE(std::count(samples->labels().begin(), samples->labels().end(), label), wanted);
  }

  void aTestFileMayHaveItsColumnsInAnotherOrder() {
    WriteBytes(folder_.filePath("test.csv"), "b,y,a\n5,p,9\n");
    const auto dataset =
        Make("a,b,y\n1,4,p\n3,6,q\n", {{"test_path", folder_.filePath("test.csv").toStdString()}});
    std::vector<float> row(2);
    const auto test = dataset->OpenTest("");
    VERIFY_OK(test);
    (*test)->Read(0, row.data());
    QCOMPARE(row, (std::vector<float>{7, 0}));
  }

  void badTablesAreNamedByLineAndColumn_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("message");
    QTest::newRow("no number") << QByteArray("a,y\n1,p\nfive,q\n")
                               << "t.csv:3: column 1 (\"a\"): found \"five\", expected a number";
    QTest::newRow("a long cell is cut between two characters")
        << "a,y\n" + QByteArray(39, 'x') + "\xc3\xbcx,p\n"
        << "found \"" + QString(39, 'x') + QString::fromUtf8("…\", expected a number");
    QTest::newRow("missing value") << QByteArray("a,y\n1,p\n,q\n") << "t.csv:3: column 1 (\"a\"): found \"\"";
    QTest::newRow("infinite") << QByteArray("y,a\np,1\nq,inf\n")
                              << "t.csv:3: column 2 (\"a\"): found \"inf\"";
    QTest::newRow("too large") << QByteArray("y,a\np,1e999\n")
                               << "t.csv:2: column 2 (\"a\"): found \"1e999\"";
    QTest::newRow("a field too few") << QByteArray("a,b,y\n1,2,p\n1,p\n")
                                     << "t.csv:3: found 2 fields, expected 3";
    QTest::newRow("line counted through quotes")
        << QByteArray("a,y\n1,\"p\nq\"\nx,p\n") << "t.csv:4: column 1";
    QTest::newRow("empty label") << QByteArray("a,y\n1,p\n2,\n")
                                 << "t.csv:3: column 2 (\"y\"): found the label \"\"";
    QTest::newRow("two columns of one name")
        << QByteArray("a,a,y\n1,2,p\n") << "t.csv:1: columns 1 and 2 are both named \"a\"";
    QTest::newRow("no rows") << QByteArray("a,y\n") << "t.csv:2: found no rows";
    QTest::newRow("nothing at all") << QByteArray("") << "t.csv:1: the file is empty";
    QTest::newRow("UTF-16") << QByteArray(
                                   "\xff\xfe"
                                   "a",
                                   3)
                            << "t.csv: at byte 0: found text in UTF-16";
    QTest::newRow("a spreadsheet") << QByteArray("PK\x03\x04") << "found a spreadsheet";
    QTest::newRow("what to do about a missing value")
        << QByteArray("a,y\n1,p\nNaN,q\n") << "found \"NaN\", expected a number; set /dataset/missing to";
    QTest::newRow("what to do about words")
        << QByteArray("a,y\nred,p\n") << "found \"red\", expected a number; name columns of words in";
    QTest::newRow("thousands or decimals")
        << QByteArray("a;y\n1.234;p\n1,5;q\n")
        << "t.csv:3: column 1 (\"a\"): found \"1,5\", and a number with a point";
    QTest::newRow("thousands") << QByteArray("a,y\n\"1,234\",p\n")
                               << "found \"1,234\", expected a number; set /dataset/decimal";
    QTest::newRow("a column without a name")
        << QByteArray("a,,y\n1,2,p\n") << "t.csv:2: column 2 (\"\"): found \"2\", but no name";
    QTest::newRow("a row for a header")
        << QByteArray("1,y\n2,y\n3,q\n") << "t.csv:1: found \"y\" as the name of the labels";
    QTest::newRow("a quantity") << QByteArray("a,y\n1,1.5\n2,2.5\n3,3.5\n")
                                << "found 3 different labels in 3 rows, expected the names of classes";
    QTest::newRow("only the label") << QByteArray("y\np\n") << "t.csv:1: found the label alone";
  }
  void badTablesAreNamedByLineAndColumn() {
    QFETCH(QByteArray, text);
    QFETCH(QString, message);
    const auto dataset = Make(text);
    const absl::Status status = dataset->Probe("").status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
    QCOMPARE(dataset->OpenTrain("").status().code(), absl::StatusCode::kDataLoss);
  }

  void aTestFileMustFitTheTrainingFile_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("message");
    QTest::newRow("other columns") << QByteArray("b,y\n1,p\n")
                                   << "test.csv:1: found columns b, expected those of";
    QTest::newRow("another class") << QByteArray("a,y\n1,p\n2,r\n")
                                   << "test.csv:3: column 2 (\"y\"): found the label \"r\"";
  }
  void aTestFileMustFitTheTrainingFile() {
    QFETCH(QByteArray, text);
    QFETCH(QString, message);
    WriteBytes(folder_.filePath("test.csv"), text);
    const absl::Status status =
        Make("a,y\n1,p\n2,q\n", {{"test_path", folder_.filePath("test.csv").toStdString()}})
            ->Probe("")
            .status();
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }

  void aLabelColumnThatIsNotThereSuggestsTheNearest() {
    WriteBytes(folder_.filePath("t.csv"), "length,species\n1,p\n");
    const auto dataset =
        MakeDataset({{"kind", "csv"}, {"path", folder_.filePath("t.csv").toStdString()}, {"label", "specie"}})
            .value();
    const absl::Status status = dataset->Probe("").status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(
        Message(status).startsWith("/dataset/label") && Message(status).contains("did you mean \"species\"?"),
        qPrintable(Message(status)));
  }

  void anyPrefixOfATableIsReadOrRefused() {
    const QByteArray text = "a,\"b\",y\r\n1,\"2\",\"p\"\r\n\"3.5\",4e1,\"q\"\"r\"\r\n5,6,p\r\n";
    for (qsizetype length = 0; length < text.size(); ++length) {
      const absl::Status status = Make(text.left(length))->Probe("").status();
      QVERIFY(status.ok() || status.code() == absl::StatusCode::kDataLoss ||
              status.code() == absl::StatusCode::kInvalidArgument);
    }
  }
};

CONCERTINA_TEST(CsvTest)

}  // namespace concertina::csv_test

#include "csv_test.moc"
