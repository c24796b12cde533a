// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_report_test.cc: what a recipe made of a model leaves the Compress page as one file; a click on a
// layer of the scan opens a recipe that leaves it in fp32.
#include "ui/pages/compress_report.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QLabel>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>

#include "tests/test_program.h"
#include "tests/ui/pages/compress_room.h"
#include "ui/client/recipe_detail_models.h"
#include "ui/forms/ask.h"
#include "ui/pages/compress_page.h"
#include "ui/pages/compress_setup.h"

namespace concertina::ui::compress_report_test {

class CompressReportTest : public CompressRoom {
  Q_OBJECT

  // Two steps, the second scanned; `recipe` made them.
  void putRun(const QJsonArray& recipe) {
    for (int64_t index = 0; index < 2; ++index) {
      StepDetail step{.index = index, .step = 600, .text = index == 0 ? "as it was" : "int8"};
      LayerDetail layer{.name = "conv1", .shape = {2, 2}, .count = 100};
      layer.counts[40] = 100;
      layer.mask = {.rows = 2, .columns = 2, .shares = std::string("\xff\xff\xff\xff", 4)};
      step.layers = {layer};
      step.classes = 2;
      step.confusion = {50, 0, 0, 50};
      step.class_names = {"cat", "dog"};
      if (index == 1) {
        step.sensitivity_samples = 100;
        step.sensitivity_accuracy = 0.9;
        step.sensitivity = {{.layer = "conv1", .method = "2 bits", .loss = 2, .accuracy = 0.5},
                            {.layer = "dense1", .method = "2 bits", .loss = 1, .accuracy = 0.8}};
      }
      engine_->putRecipeStep("a", index, WriteStepDetail(step));
      tellStep("a", step.text,
               {{"figures",
                 QJsonObject{{"file_bytes", double(1000000 / (3 * index + 1))}, {"test_accuracy", 0.93}}}});
    }
    proto::RunSummary run = FakeEngine::makeRun("a", "small", proto::FINISHED);
    giveRecipe(run, recipe);
    engine_->put(run);
    QTRY_COMPARE(find<QTableView>("table")->model()->rowCount(), 2);
  }
  QTableView* scanned() const {
    find<QTabWidget>("detailTabs")->setCurrentIndex(3);
    return find<QTableView>("sensitivityTable");
  }

 private slots:
  void initTestCase() { useEnglish(); }
  void init() { openPage(); }
  void cleanup() { closePage(); }

  void theReportIsWritten() {
    putRun({QJsonObject{{"kind", "int8"}}});
    auto* button = find<QPushButton>("reportButton");
    QVERIFY(button->isEnabled());
    const QString path = folder_.filePath("report.html");
    setAskForFileForTests([path](const FileQuestion&) { return path; });
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(!button->isEnabled());
    QTRY_VERIFY2(find<QLabel>("message")->text().startsWith(QLatin1String("The report is in")),
                 qPrintable(find<QLabel>("message")->text()));
    QVERIFY(button->isEnabled());
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QString html = QString::fromUtf8(file.readAll());
    for (const char* word :
         {"<h1>small</h1>", "1\u00a0MB → 250\u00a0kB", "Sensitivity", "dense1", "conv1", "93.00 %"})
      QVERIFY2(html.contains(QString::fromUtf8(word)), word);
  }

  void aFileThatCannotBeWrittenIsTold() {
    putRun({QJsonObject{{"kind", "int8"}}});
    const QString path = folder_.filePath("no/such/folder/report.html");
    setAskForFileForTests([path](const FileQuestion&) { return path; });
    QTest::mouseClick(find<QPushButton>("reportButton"), Qt::LeftButton);
    QTRY_VERIFY(find<QPushButton>("reportButton")->isEnabled());
    QVERIFY(find<QLabel>("message")->isVisible());
    QVERIFY2(find<QLabel>("message")->text().contains(path), qPrintable(find<QLabel>("message")->text()));
  }

  void aClickKeepsALayerInFloats() {
    putRun({QJsonObject{{"kind", "prune-l1"}, {"amount", 0.5}}, QJsonObject{{"kind", "int8"}}});
    QTableView* table = scanned();
    QTRY_COMPARE(table->model()->rowCount(), 2);
    const auto press = [&](int row) {
      const QModelIndex cell = table->model()->index(row, SensitivityModel::kKeep);
      table->scrollTo(cell);
      QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(cell).center());
    };
    press(0);
    auto* setup = page_->findChild<CompressSetup*>();
    QTRY_VERIFY(setup->isVisible());
    QCOMPARE(setup->recipe(), (QJsonArray{QJsonObject{{"kind", "prune-l1"}, {"amount", 0.5}},
                                          QJsonObject{{"kind", "int8"}, {"layers", "*, !conv1"}}}));
    // A second one is left out besides.
    QTest::mouseClick(find<QPushButton>("setupCancel"), Qt::LeftButton);
    QTRY_VERIFY(table->isVisible());
    press(1);
    QCOMPARE(setup->recipe().last().toObject().value("layers").toString(), "*, !conv1, !dense1");
  }

  void theKeyboardKeepsOneToo() {
    putRun({QJsonObject{{"kind", "evaluate"}, {"sensitivity", true}}});
    QTableView* table = scanned();
    QTRY_COMPARE(table->model()->rowCount(), 2);
    page_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(page_.get()));
    page_->findChild<CompressSetup*>()->setRecipe({});
    table->setFocus();
    table->setCurrentIndex(table->model()->index(1, 0));
    QTest::keyClick(table, Qt::Key_Return);
    QTRY_VERIFY(page_->findChild<CompressSetup*>()->isVisible());
    QCOMPARE(page_->findChild<CompressSetup*>()->recipe(),
             (QJsonArray{QJsonObject{{"kind", "int8"}, {"layers", "*, !dense1"}}}));
  }
};

CONCERTINA_TEST(CompressReportTest)

}  // namespace concertina::ui::compress_report_test

#include "compress_report_test.moc"
