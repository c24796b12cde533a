// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cli_usage_test.cc: a command line that cannot be read is answered with what was found, what is nearest to
// it, and what to do next; no engine is started for it.
#include <QDir>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::cli_usage_test {

class CliUsageTest : public QObject {
  Q_OBJECT
 private slots:
  void whatIsWrongIsNamed_data() {
    QTest::addColumn<QString>("words");
    QTest::addColumn<QString>("told");
    QTest::newRow("nothing") << ""
                             << "a command is missing, such as run or list (`concertinactl --help`)";
    QTest::newRow("a command misspelt") << "lits"
                                        << R"(there is no command "lits"; is "list" meant?)";
    QTest::newRow("no command at all") << "frobnicate now"
                                       << R"(there is no command "frobnicate" ()";
    QTest::newRow("a command's command") << "bench trian"
                                         << R"(bench: there is no command "trian"; is "train" meant?)";
    QTest::newRow("which of them") << "engine"
                                   << "engine: a command is missing: start, status, stop (";
    QTest::newRow("an option misspelt") << "list --limt 3"
                                        << R"(list: there is no option "--limt"; is "--limit" meant?)";
    QTest::newRow("an option with its value") << "list --limt=3"
                                              << R"(is "--limit" meant?)";
    QTest::newRow("one that holds everywhere") << "list --jsn"
                                               << R"(is "--json" meant?)";
    // Not that the experiment is missing: it may be what was meant.
    QTest::newRow("an option before what is missing") << "run --detatch"
                                                      << R"(is "--detach" meant?)";
    QTest::newRow("an argument is missing") << "run"
                                            << "run: spec is required (`concertinactl run --help`)";
    QTest::newRow("a word too many") << "show last first"
                                     << R"(show: "first" is a word too many)";
    QTest::newRow("out of range") << "bench train --batch 0"
                                  << "Value 0 not in range 1 to 65536";
    QTest::newRow("out of a range without an end") << "list --limit=-4"
                                                   << "list: --limit: Value -4 is too small (";
    QTest::newRow("no such format") << "export last --to xls --out x"
                                    << "xls not in {csv,json,";
  }
  void whatIsWrongIsNamed() {
    QFETCH(QString, words);
    QFETCH(QString, told);
    const QStringList arguments = words.split(' ', Qt::SkipEmptyParts);
    const CtlResult result = home_.Ctl(arguments);
    QCOMPARE(result.exit_code, 2);
    QVERIFY2(result.out.isEmpty(), result.out.constData());
    const QString err = QString::fromUtf8(result.err);
    QVERIFY2(err.startsWith("concertinactl: ") && err.contains(told) && err.count('\n') == 1,
             qPrintable(err));
    const CtlResult json = home_.CtlJson(arguments);
    QCOMPARE(json.exit_code, 2);
    QVERIFY2(QString::fromStdString(json.json().value("error", "")).contains(told), json.out.constData());
    QCOMPARE(QDir(home_.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot), QStringList());
  }

 private:
  TestHome home_;
};

CONCERTINA_TEST(CliUsageTest)

}  // namespace concertina::cli_usage_test

#include "cli_usage_test.moc"
