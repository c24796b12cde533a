// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_export_test.cc: several runs go into a folder, a file each; it can be cancelled, nothing is left
// half-written, and what went wrong is told.
#include <QDir>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <algorithm>

#include "core/analysis/export_comparison.h"
#include "tests/test_program.h"
#include "tests/ui/pages/runs_room.h"

namespace concertina::ui::runs_page_export_test {

class RunsPageExportTest : public RunsRoom {
  Q_OBJECT

  FileQuestion asked_;
  QString out_;

  QString message() const { return find<QLabel>("messageLabel")->text(); }
  // As the context menu offers it: the entry that begins so.
  void exportAs(const QString& words) {
    table()->selectAll();
    emit table()->customContextMenuRequested(QPoint(10, 10));
    auto* menu = find<QMenu>("contextMenu");
    QVERIFY(menu != nullptr);
    QAction* wanted = nullptr;
    for (QAction* action : menu->actions())
      if (action->menu() != nullptr && action->menu()->objectName() == QLatin1String("runsPage.exportMenu"))
        for (QAction* format : action->menu()->actions())
          if (format->text().startsWith(words)) wanted = format;
    QVERIFY(wanted != nullptr);
    QVERIFY(wanted->isEnabled());
    wanted->trigger();
    menu->close();
  }
  QStringList written() const { return QDir(out_).entryList(QDir::AllEntries | QDir::NoDotAndDotDot); }

 private slots:
  void init() {
    openRoom();
    connectToEngine();
    for (const char* id : {"a", "b", "c"})
      engine_->put(FakeEngine::makeRun(id, std::string("run ") + id, proto::FINISHED));
    QTRY_COMPARE(table()->model()->rowCount(), 3);
    out_ = folder_.filePath(QLatin1String(QTest::currentTestFunction()));
    QVERIFY(QDir().mkpath(out_));
    setAskForFileForTests([this](const FileQuestion& question) {
      asked_ = question;
      return out_;
    });
  }
  void cleanup() { closeRoom(); }

  void severalGoIntoAFolder() {
    exportAs("Everything as JSON");
    QVERIFY(asked_.what == FileQuestion::What::kFolder);
    QTRY_VERIFY2(message().contains(out_), qPrintable(message()));
    QVERIFY2(message().startsWith("3 runs"), qPrintable(message()));
    for (const char* id : {"a", "b", "c"})
      QVERIFY2(written().contains(QLatin1String(id) + QLatin1String(".json")),
               qPrintable(written().join(' ')));
    QVERIFY(!find<QPushButton>("exportCancelButton")->isVisible());
  }

  // The engine writes the page, which is printed here.
  void reportsArePrinted() {
    ComparisonReport report;
    report.runs = {{.id = "a"}, {.id = "b"}};
    engine_->page = ComparisonHtml(report);
    exportAs("Report as PDF");
    QTRY_VERIFY2(message().startsWith("3 runs"), qPrintable(message()));
    QCOMPARE(written(), QStringList({"a.pdf", "b.pdf", "c.pdf"}));
    for (const QString& name : written()) {
      QFile file(out_ + '/' + name);
      QVERIFY(file.open(QIODevice::ReadOnly) && file.read(5) == "%PDF-");
    }
    engine_->page = "no report";
    out_ += " of nothing";
    QVERIFY(QDir().mkpath(out_));
    exportAs("Report as PDF");
    QTRY_VERIFY2(message().contains("expected a report"), qPrintable(message()));
    QVERIFY(written().isEmpty());
  }

  void tensorBoardHasAFolderForEach() {
    exportAs("Curves for TensorBoard");
    QTRY_VERIFY2(message().startsWith("3 runs"), qPrintable(message()));
    QCOMPARE(written(), QStringList({"a", "b", "c"}));
    QVERIFY(QFile::exists(out_ + "/b/run.tensorboard"));
  }

  void whatIsThereAlreadyIsAskedForOnce_data() {
    QTest::addColumn<int>("answer");
    QTest::addColumn<bool>("replaces");
    QTest::addColumn<QStringList>("files");
    const QStringList both = {"a (2).json", "a.json", "b.json", "c (3).json", "c (2).json", "c.json"};
    QTest::newRow("replace") << int(Question::Answer::kYes) << true
                             << QStringList{"a.json", "b.json", "c (2).json", "c.json"};
    QTest::newRow("keep both") << int(Question::Answer::kNo) << false << both;
    QTest::newRow("cancel") << int(Question::Answer::kCancel) << false
                            << QStringList{"a.json", "c (2).json", "c.json"};
  }
  void whatIsThereAlreadyIsAskedForOnce() {
    QFETCH(int, answer);
    QFETCH(bool, replaces);
    QFETCH(QStringList, files);
    out_ = folder_.filePath(QString("asked %1").arg(answer));
    QVERIFY(QDir().mkpath(out_));
    for (const char* name : {"a.json", "c.json", "c (2).json"}) {
      QFile file(out_ + '/' + name);
      QVERIFY(file.open(QIODevice::WriteOnly) && file.write("old") == 3);
    }
    QVector<Question> asked;
    setAskForTests([&](const Question& question) {
      asked << question;
      return Question::Answer(answer);
    });
    exportAs("Everything as JSON");
    setAskForTests({});
    QCOMPARE(asked.size(), 1);
    QVERIFY2(asked[0].title.contains('2') && asked[0].destructive, qPrintable(asked[0].title));
    QVERIFY2(asked[0].text.contains("a.json") && asked[0].text.contains("c.json") &&
                 !asked[0].text.contains("b.json"),
             qPrintable(asked[0].text));
    if (Question::Answer(answer) != Question::Answer::kCancel)
      QTRY_VERIFY2(message().startsWith("3 runs"), qPrintable(message()));
    QStringList there;
    for (const QString& name : written())
      if (!name.contains("events")) there << name;  // the fake engine's second file of each run
    there.sort();
    files.sort();
    QCOMPARE(there, files);
    for (const char* name : {"a.json", "c.json"}) {
      QFile file(out_ + '/' + name);
      QVERIFY(file.open(QIODevice::ReadOnly));
      QCOMPARE(file.readAll() != "old", replaces);
    }
  }

  void aFolderWithALogIsNumberedToo() {
    QVERIFY(QDir(out_).mkpath("a") && QDir(out_).mkpath("b"));  // b is empty: nothing is lost there
    QFile log(out_ + "/a/events.out.tfevents.1.a");
    QVERIFY(log.open(QIODevice::WriteOnly) && log.write("old") == 3);
    log.close();
    setAskForTests([](const Question&) { return Question::Answer::kNo; });
    exportAs("Curves for TensorBoard");
    setAskForTests({});
    QTRY_VERIFY2(message().startsWith("3 runs"), qPrintable(message()));
    QCOMPARE(written(), QStringList({"a", "a (2)", "b", "c"}));
    QVERIFY(QFile::exists(out_ + "/a (2)/run.tensorboard"));
    QCOMPARE(QDir(out_ + "/a").entryList(QDir::Files).size(), 1);
  }

  void itCanBeCancelled() {
    engine_->export_is_slow = true;
    exportAs("Curves as CSV");
    auto* cancel = find<QPushButton>("exportCancelButton");
    QTRY_VERIFY(cancel->isVisible());
    QVERIFY2(message().contains("1 of 3"), qPrintable(message()));
    QTest::mouseClick(cancel, Qt::LeftButton);
    QTRY_VERIFY2(message().startsWith("Cancelled"), qPrintable(message()));
    QVERIFY(!cancel->isVisible());
    QCOMPARE(written(), QStringList());  // half of a file is none
    engine_->export_is_slow = false;
    exportAs("Curves as CSV");  // and again
    QTRY_VERIFY2(message().startsWith("3 runs"), qPrintable(message()));
  }

  void theFirstThatFailsIsToldAndTheOthersAreTried() {
    engine_->refuseWith({grpc::StatusCode::FAILED_PRECONDITION, "it has no parameters yet"});
    exportAs("Model as ONNX");
    QTRY_VERIFY2(message().contains("it has no parameters yet"), qPrintable(message()));
    QVERIFY2(message().contains("“run "), qPrintable(message()));
    const std::vector<std::string> calls = engine_->calls();
    QCOMPARE(std::count(calls.begin(), calls.end(), "export onnx"), 3);
    QVERIFY(!find<QPushButton>("exportCancelButton")->isVisible());
  }
};

CONCERTINA_TEST(RunsPageExportTest)

}  // namespace concertina::ui::runs_page_export_test

#include "runs_page_export_test.moc"
