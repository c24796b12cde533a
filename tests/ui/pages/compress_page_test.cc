// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_page_test.cc: the Compress page and its model, driven through widgets: what each step made of a
// model is in the table and in the plane; a recipe is made, checked and started.
#include "ui/pages/compress_page.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QComboBox>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QMouseEvent>
#include <QPushButton>
#include <QTableView>
#include <QToolButton>

#include "tests/test_program.h"
#include "tests/ui/pages/compress_room.h"
#include "ui/client/number_format.h"
#include "ui/client/recipe_model.h"
#include "ui/pages/compare_scatter.h"
#include "ui/pages/compress_setup.h"

namespace concertina::ui::compress_page_test {

class CompressPageTest : public CompressRoom {
  Q_OBJECT

  void put(const std::string& id, const std::string& name, bool has_recipe, qint64 created) {
    proto::RunSummary run = FakeEngine::makeRun(id, name, proto::FINISHED);
    engine_->synthetic.summarise(run, 600);
    giveRecipe(run, has_recipe ? QJsonArray{QJsonObject{{"kind", "int8"}}} : QJsonArray());
    run.set_created_unix_ms(created);
    engine_->put(run);
  }
  void step(const std::string& run, const std::string& text, double bytes, double accuracy, double lost) {
    tellStep(run, text,
             {{"step", 600},
              {"figures", QJsonObject{{"file_bytes", bytes},
                                      {"ratio", 1724000 / bytes},
                                      {"test_accuracy", accuracy},
                                      {"accuracy_lost", lost},
                                      {"nonzeros", 431080},
                                      {"macs", 2293000},
                                      {"latency_p50_seconds", bytes * 5e-11}}}});
  }
  QString cell(int row, RecipeModel::Column column) const {
    auto* model = find<QTableView>("table")->model();
    return model->index(row, column).data().toString();
  }
  // The recipe of the first preset: prune-l1, retrain, int8.
  QStringList kinds() const {
    QStringList all;
    for (const QJsonValue& step : page_->findChild<CompressSetup*>()->recipe())
      all << step.toObject()["kind"].toString();
    return all;
  }
  template <class Object>
  Object* ofStep(const char* role, int index) const {
    return page_->findChild<Object*>(
        QStringLiteral("designCard.%1Step%2").arg(QLatin1String(role)).arg(index));
  }
  void showSteps() {
    put("a", "trained", false, 1);
    page_->begin({});
    QTRY_VERIFY(ofStep<QWidget>("grip", 2) != nullptr && ofStep<QWidget>("grip", 2)->isVisible());
    QCOMPARE(kinds(), QStringList({"prune-l1", "retrain", "int8"}));
    const auto top = [this](int step) {
      return ofStep<QWidget>("grip", step)->mapTo(page_.get(), QPoint()).y();
    };
    QTRY_VERIFY(top(0) < top(1) && top(1) < top(2));  // laid out
  }
  void dragTo(QWidget* grip, const QPoint& global, bool drops) {
    const QPoint begin = grip->rect().center();
    QTest::mousePress(grip, Qt::LeftButton, {}, begin);
    for (const int part : {1, 2}) {
      const QPoint at = begin + (grip->mapFromGlobal(global) - begin) * part / 2;
      QMouseEvent moved(QEvent::MouseMove, at, grip->mapToGlobal(at), Qt::NoButton, Qt::LeftButton, {});
      QApplication::sendEvent(grip, &moved);
    }
    auto* line = page_->findChild<QWidget*>("designCard.dropLineStep");
    QVERIFY(line->isVisible());
    if (!drops) QTest::keyClick(grip, Qt::Key_Escape);
    QMouseEvent released(QEvent::MouseButtonRelease, grip->mapFromGlobal(global), global, Qt::LeftButton,
                         Qt::NoButton, {});
    QApplication::sendEvent(grip, &released);
    QVERIFY(!line->isVisible());
  }

 private slots:
  void initTestCase() { useEnglish(); }
  void init() { openPage(); }
  void cleanup() { closePage(); }

  void whatEachStepMadeIsInTheTableAndInThePlane() {
    put("a", "small", true, 2);
    step("a", "the model as it was trained", 1724000, 0.9901, 0);
    step("a", "prune-l1: amount 0.5", 917000, 0.98, 0.0101);
    step("a", "int8", 256000, 0.9895, 0.0006);
    QTRY_COMPARE(find<QTableView>("table")->model()->rowCount(), 3);
    const QAbstractItemModelTester tester(find<QTableView>("table")->model());
    QCOMPARE(cell(0, RecipeModel::kStep), "The model as it was");
    QCOMPARE(cell(0, RecipeModel::kLost), notMeasured());
    QCOMPARE(cell(1, RecipeModel::kStep), "prune-l1: amount 0.5");
    QCOMPARE(cell(1, RecipeModel::kFile), "917 kB");
    QCOMPARE(cell(2, RecipeModel::kRatio), "6.73×");
    QCOMPARE(cell(2, RecipeModel::kAccuracy), "98.95 %");
    QCOMPARE(cell(2, RecipeModel::kLost), "-0.06");
    QCOMPARE(cell(2, RecipeModel::kMemory), notMeasured());
    // Pruning alone is beaten by 8 bits: smaller, and more often right.
    QCOMPARE(find<CompareScatter>("scatter")->front(), QStringList({"int8", "as it was"}));
    find<QComboBox>("against")->setCurrentIndex(2);  // the same arithmetic: only the best is left
    QCOMPARE(find<CompareScatter>("scatter")->front(), QStringList({"as it was"}));
  }

  void otherRunsAreSeenInThePlane() {
    put("a", "small", true, 2);
    put("b", "smaller", true, 1);
    step("a", "the model as it was trained", 1724000, 0.99, 0);
    step("b", "codebook: bits 5", 40000, 0.995, 0);
    QTRY_COMPARE(find<QComboBox>("runs")->count(), 2);
    QCOMPARE(find<QComboBox>("runs")->currentText(), "small");
    QTRY_COMPARE(find<CompareScatter>("scatter")->front(), QStringList({"smaller: codebook: bits 5"}));
  }

  void withoutACompressedModelItAsksForOne() {
    put("a", "trained", false, 1);
    QVERIFY(find<QPushButton>("emptyButton")->isVisible());
    QTest::mouseClick(find<QPushButton>("emptyButton"), Qt::LeftButton);
    QTRY_VERIFY(find<QPushButton>("setupStart")->isVisible());
    QTest::mouseClick(find<QPushButton>("setupCancel"), Qt::LeftButton);
    QVERIFY(find<QPushButton>("emptyButton")->isVisible());
  }

  void aRecipeIsMadeAndStarted() {
    put("a", "trained", false, 1);
    put("small", "small already", true, 5);
    QTRY_COMPARE(find<QComboBox>("runs")->count(), 1);  // told of in the order they were put: both are here
    page_->begin({});
    // The newest that was trained, not the newest.
    QTRY_COMPARE(find<QComboBox>("setupModel")->currentText(), "trained");
    auto* setup = page_->findChild<CompressSetup*>();
    QTRY_VERIFY(find<QPushButton>("setupStart")->isEnabled());
    QCOMPARE(setup->recipe().size(), 3);
    auto* remove = page_->findChild<QToolButton*>("designCard.removeStep1");
    QTRY_VERIFY(remove != nullptr);
    remove->click();
    QCOMPARE(setup->recipe().size(), 2);
    QCOMPARE(find<QComboBox>("setupPreset")->currentIndex(), -1);  // a recipe of one's own
    QTRY_VERIFY(find<QPushButton>("setupStart")->isEnabled());
    QTest::mouseClick(find<QPushButton>("setupStart"), Qt::LeftButton);
    QTRY_COMPARE(engine_->submitted().size(), size_t{1});
    const QJsonObject spec =
        QJsonDocument::fromJson(QByteArray::fromStdString(engine_->submitted()[0])).object();
    QCOMPARE(spec["recipe"].toArray().size(), 2);
    QCOMPARE(spec["model"].toObject()["kind"].toString(), "file");
    QCOMPARE(spec["model"].toObject()["path"].toString(), folder_.filePath("models/a.edge"));
    QCOMPARE(spec["training"].toObject()["epochs"].toDouble(), 0.0);
    QCOMPARE(spec["name"].toString(), "trained: prune-l1, int8");
  }

  void aStepIsDraggedToItsPlace() {
    showSteps();
    auto* last = ofStep<QWidget>("grip", 2);
    auto* first = ofStep<QWidget>("grip", 0);
    const QPoint top = first->parentWidget()->mapToGlobal(QPoint(1, 1));
    dragTo(last, top, false);  // Esc
    QCOMPARE(kinds(), QStringList({"prune-l1", "retrain", "int8"}));
    dragTo(last, top, true);
    QCOMPARE(kinds(), QStringList({"int8", "prune-l1", "retrain"}));
    const QWidget* end = ofStep<QWidget>("grip", 2)->parentWidget();
    dragTo(first, end->mapToGlobal(end->rect().bottomLeft()), true);
    QCOMPARE(kinds(), QStringList({"prune-l1", "retrain", "int8"}));
  }

  void aStepIsMovedByKeys() {
    showSteps();
    page_->activateWindow();
    QTRY_VERIFY(page_->isActiveWindow());
    auto* form = page_->findChild<ComponentListForm*>();
    QVERIFY(form->focusField("/recipe/2/kind"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Up, Qt::AltModifier);
    QCOMPARE(kinds(), QStringList({"prune-l1", "int8", "retrain"}));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Up, Qt::AltModifier);  // the same one goes on
    QCOMPARE(kinds(), QStringList({"int8", "prune-l1", "retrain"}));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Up, Qt::AltModifier);  // and stops at the end
    QCOMPARE(kinds(), QStringList({"int8", "prune-l1", "retrain"}));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(kinds(), QStringList({"prune-l1", "int8", "retrain"}));
  }

  void anEntryMovesAmongTheOthers() {
    const QJsonArray list = {"a", "b", "c"};
    QCOMPARE(movedEntry(list, 0, 2), QJsonArray({"b", "c", "a"}));
    QCOMPARE(movedEntry(list, 2, 1), QJsonArray({"a", "c", "b"}));
    QCOMPARE(movedEntry(list, 1, 1), list);
    QCOMPARE(movedEntry(list, 0, 3), list);
    QCOMPARE(movedEntry(list, -1, 0), list);
  }

  void whatTheEngineRefusesCannotBeStarted() {
    proto::RunSummary run = FakeEngine::makeRun("a", "trained", proto::FINISHED);
    QString spec = kSpecOfTests;
    spec.replace("\"seed\": 7", "\"fault\": 7");  // what the fake engine refuses
    run.set_spec_json(spec.toStdString());
    engine_->put(run);
    page_->begin({});
    QTRY_VERIFY(find<QLabel>("setupMessage")->isVisible() ||
                (page_->begin({}), find<QComboBox>("setupModel")->count() > 0));
    QTRY_VERIFY(find<QLabel>("setupMessage")->text().contains("/model/kind"));
    QVERIFY(!find<QPushButton>("setupStart")->isEnabled());
  }
};
CONCERTINA_TEST(CompressPageTest)

}  // namespace concertina::ui::compress_page_test
#include "compress_page_test.moc"
