// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cli_export_test.cc: runs leave the command line: compared, as files of other programs, into another home.
#include "tests/integration/contract_home.h"
#include "tests/test_program.h"

namespace concertina::cli_export_test {

class CliExportTest : public ContractHome {
  Q_OBJECT
 private slots:
  void initTestCase() { finishARun(); }
  void compareNamesWhatDiffers();
  void exportsWriteFiles_data();
  void exportsWriteFiles();
  void exportsAskWhatIsDoneWithFilesThatAreThere();
  void aRunGoesIntoAnotherHome();
};

void CliExportTest::compareNamesWhatDiffers() {
  const QString spec = home_.Write("other.json", SmallSpec(2, 60).dump());
  const CtlResult other = home_.CtlJson({"run", spec, "--set", "/optimizer/learning_rate=0.01"});
  QVERIFY2(other.exit_code == 0, other.err.constData());
  const Json comparison = home_
                              .CtlJson({"compare", QString::fromStdString(run_["run"]),
                                        QString::fromStdString(other.json()["run"])})
                              .json();
  QCOMPARE(comparison["differences"].size(), size_t{1});
  QCOMPARE(comparison["differences"][0]["pointer"].get<std::string>(),
           std::string("/optimizer/learning_rate"));
  QCOMPARE(comparison["runs"].size(), size_t{2});
  QVERIFY(comparison["runs"][0]["to_accuracy"]["seconds"].is_number());

  const QString page = home_.file("comparison.html");
  const QString first = QString::fromStdString(run_["run"]),
                second = QString::fromStdString(other.json()["run"]);
  const CtlResult reported =
      home_.CtlJson({"compare", first, second, "--report", page, "--baseline", second});
  QVERIFY2(reported.exit_code == 0, reported.err.constData());
  QCOMPARE(reported.json()["report"].get<std::string>(), page.toStdString());
  QFile file(page);
  QVERIFY(file.open(QIODevice::ReadOnly));
  const QByteArray html = file.readAll();
  for (const char* wanted :
       {"Final accuracy", "/optimizer/learning_rate", "0.01", "one seed", "<svg", "Train loss"})
    QVERIFY2(html.contains(wanted), wanted);
  QVERIFY(html.contains(first.toUtf8()) && html.contains(second.toUtf8()));
  QVERIFY(!html.contains("href=") && !html.contains("<script"));
  QCOMPARE(home_.CtlJson({"compare", first, "--report", page, "--baseline", "nobody"}).exit_code, 2);
  // The desktop's program prints it: where it is not built, that is said, and nothing is written.
  const QString pdf = home_.file("comparison.pdf");
  const CtlResult printed = home_.CtlJson({"compare", first, second, "--pdf", pdf});
  const bool has_desktop = QFile::exists(TestHome::Program("concertina"));
  QVERIFY2((printed.exit_code == 0) == has_desktop, printed.err.constData());
  if (has_desktop) {
    QCOMPARE(printed.json()["pdf"].get<std::string>(), pdf.toStdString());
    QFile pages(pdf);
    QVERIFY(pages.open(QIODevice::ReadOnly) && pages.read(5) == "%PDF-");
    QVERIFY(home_.CtlJson({"compare", first, "--pdf", home_.file("no/such/folder.pdf")}).exit_code != 0);
    const QString one = home_.file("run.pdf");
    QCOMPARE(
        home_.CtlJson({"export", first, "--to", "pdf", "--out", one}).json()["files"][0].get<std::string>(),
        one.toStdString());
    QCOMPARE(
        home_.CtlJson({"export", first, "--to", "pdf", "--out", one, "--existing", "refuse"}).exit_code != 0,
        true);
  } else {
    QVERIFY2(printed.err.contains("not installed"), printed.err.constData());
    QVERIFY(!QFile::exists(pdf));
  }
  QCOMPARE(home_.CtlJson({"compare", first, "--report", pdf}).exit_code, 2);
  const QString tex = home_.file("comparison.tex");
  const CtlResult tabled = home_.CtlJson({"compare", first, second, "--table", tex, "--transposed"});
  QVERIFY2(tabled.exit_code == 0, tabled.err.constData());
  QCOMPARE(tabled.json()["table"].get<std::string>(), tex.toStdString());
  QFile table(tex);
  QVERIFY(table.open(QIODevice::ReadOnly));
  QVERIFY(table.readAll().contains("run & " + first.toUtf8() + " & " + second.toUtf8() + " \\\\"));
  QCOMPARE(home_.CtlJson({"compare", first, "--table", home_.file("comparison.doc")}).exit_code, 2);
  QVERIFY(home_.CtlJson({"compare", first, "--report", home_.file("no/such/folder.html")}).exit_code != 0);
}

void CliExportTest::exportsWriteFiles_data() {
  QTest::addColumn<QString>("format");
  QTest::addColumn<QByteArray>("beginning");
  QTest::newRow("csv") << "csv" << QByteArray("step");
  QTest::newRow("json") << "json" << QByteArray("{");
  QTest::newRow("safetensors") << "safetensors" << QByteArray();
  QTest::newRow("onnx") << "onnx" << QByteArray("\x08\x08", 2);  // field 1, IR version 8
  QTest::newRow("html") << "html" << QByteArray("<!");
}

void CliExportTest::exportsWriteFiles() {
  QFETCH(QString, format);
  QFETCH(QByteArray, beginning);
  const QString path = home_.file("exported." + format);
  const CtlResult result = home_.CtlJson({"export", "last", "--to", format, "--out", path});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QFile file(path);
  QVERIFY(file.open(QIODevice::ReadOnly));
  const QByteArray content = file.readAll();
  QVERIFY(content.size() > 100);
  QVERIFY2(content.startsWith(beginning), content.left(40).constData());
}

void CliExportTest::exportsAskWhatIsDoneWithFilesThatAreThere() {
  const QString path = home_.Write("there.csv", "of somebody");
  const QByteArray before = "of somebody";
  const auto content = [](const QString& at) {
    QFile file(at);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  };
  const auto exported = [&](const QString& existing) {
    return home_.CtlJson({"export", "last", "--to", "csv", "--out", path, "--existing", existing});
  };
  const CtlResult refused = exported("refuse");
  QCOMPARE(refused.exit_code, 2);
  QVERIFY2(refused.err.contains("there already"), refused.err.constData());
  QCOMPARE(content(path), before);
  const CtlResult kept = exported("keep-both");
  QVERIFY2(kept.exit_code == 0, kept.err.constData());
  const QString beside = QString(path).replace(".csv", " (2).csv");
  QCOMPARE(kept.json()["files"][0].get<std::string>(), beside.toStdString());
  QCOMPARE(content(path), before);
  QVERIFY(content(beside).startsWith("step"));
  QCOMPARE(exported("perhaps").exit_code, 2);
  QVERIFY(exported("replace").exit_code == 0);
  QVERIFY(content(path).startsWith("step"));
}

void CliExportTest::aRunGoesIntoAnotherHome() {
  const QString id = QString::fromStdString(run_["run"].get<std::string>());
  const QString path = home_.path() + "/whole.concertina-run";
  const CtlResult exported = home_.CtlJson({"export", id, "--to", "run", "--out", path});
  QVERIFY2(exported.exit_code == 0, exported.err.constData());
  TestHome other;
  const CtlResult imported = other.CtlJson({"import", path});
  QVERIFY2(imported.exit_code == 0, imported.err.constData());
  const Json there = other.CtlJson({"show", id}).json();
  const Json here = home_.CtlJson({"show", id}).json();
  for (const char* field : {"name", "steps", "test_accuracy", "spec", "parameters_sha256", "tags", "note"})
    QVERIFY2(there[field] == here[field], field);
  QVERIFY(other.CtlJson({"series", id, "train/loss"}).json()["points"] ==
          home_.CtlJson({"series", id, "train/loss"}).json()["points"]);
  QVERIFY(other.CtlJson({"import", path}).exit_code != 0);  // it is there already
  const CtlResult wrong = other.CtlJson({"import", home_.Write("wrong.json", "{}")});
  QVERIFY(wrong.exit_code != 0);
  QVERIFY(wrong.err.contains("no run"));
}

CONCERTINA_TEST(CliExportTest)

}  // namespace concertina::cli_export_test

#include "cli_export_test.moc"
