// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_detail_test.cc: the chosen step from the inside, on the Compress page: what is chosen in the table
// or the plane is what is shown, pictures have the colours that the counts say, and where there is nothing
// words say why.
#include "ui/pages/compress_detail.h"

#include <QComboBox>
#include <QJsonArray>
#include <QJsonObject>
#include <QLabel>
#include <QListView>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>
#include <QTabWidget>
#include <QTableView>
#include <algorithm>

#include "tests/test_program.h"
#include "tests/ui/pages/compress_room.h"
#include "ui/charts/palette.h"
#include "ui/client/recipe_detail_models.h"
#include "ui/pages/compare_scatter.h"
#include "ui/pages/compress_confusion.h"
#include "ui/pages/compress_layers.h"
#include "ui/pages/compress_page.h"
#include "ui/pages/compress_setup.h"

namespace concertina::ui::compress_detail_test {
namespace {

// Two classes, a layer of which a share is left, and what changed.
StepDetail stepOf(int64_t index, const std::vector<int64_t>& confusion, int64_t zeros) {
  StepDetail step{.index = index, .step = 600, .text = "a step", .class_names = {"cat", "dog"}};
  LayerDetail layer{.name = "fc1", .shape = {2, 2}, .count = 100, .zeros = zeros};
  layer.counts[40] = 100 - zeros;
  layer.mask = {.rows = 2, .columns = 2, .shares = std::string("\xff\x00\x00\xff", 4)};
  step.layers = {layer};
  step.classes = 2;
  step.confusion = confusion;
  step.looked_at = 100;
  if (index > 0) {
    step.became_wrong = 7;
    step.changed = {
        {.index = 3, .label = 0, .before = 0, .now = 1, .height = 2, .width = 2, .pixels = "abcd"}};
  }
  return step;
}

}  // namespace

class CompressDetailTest : public CompressRoom {
  Q_OBJECT

  QString words(const char* name) const { return find<QLabel>(name)->text(); }
  void put(const StepDetail& step) { engine_->putRecipeStep("a", step.index, WriteStepDetail(step)); }
  // A run with a recipe whose steps have these files.
  void putRun(int steps) {
    proto::RunSummary run = FakeEngine::makeRun("a", "small", proto::FINISHED);
    giveRecipe(run, {QJsonObject{{"kind", "int8"}}});
    for (int i = 0; i < steps; ++i)
      tellStep("a", "step " + std::to_string(i),
               {{"figures", QJsonObject{{"file_bytes", 1e6 / (i + 1)}, {"test_accuracy", 0.99 - 0.01 * i}}}});
    engine_->put(run);
    QTRY_COMPARE(find<QTableView>("table")->model()->rowCount(), steps);
  }

 private slots:
  void initTestCase() { useEnglish(); }
  void init() { openPage(); }
  void cleanup() { closePage(); }

  void theChosenStepIsShown() {
    put(stepOf(0, {50, 0, 0, 50}, 0));
    put(stepOf(1, {43, 7, 0, 50}, 40));
    put(stepOf(2, {40, 10, 2, 48}, 90));
    putRun(3);
    auto* layers = find<QTableView>("layersTable");
    const auto kept = [&] {
      return layers->model()->index(0, RecipeLayersModel::kNonzeros).data().toString();
    };
    // The newest, until somebody chooses.
    QTRY_COMPARE(kept(), "10.00 %");
    QCOMPARE(words("detailTitle"), "Step 2: step 2");
    QTest::keyClick(find<QTableView>("table"), Qt::Key_Up);
    QTRY_COMPARE(kept(), "60.00 %");
    QCOMPARE(words("detailTitle"), "Step 1: step 1");
    auto* scatter = find<CompareScatter>("scatter");
    QCOMPARE(scatter->chosen(), 1);
    // With the arrow keys along the path.
    QTest::keyClick(scatter, Qt::Key_Left);
    QTRY_COMPARE(kept(), "100.00 %");
    QCOMPARE(find<QTableView>("table")->currentIndex().row(), 0);
    QTest::keyClick(scatter, Qt::Key_Left);  // there is none before
    QCOMPARE(scatter->chosen(), 0);
    QCOMPARE(words("detailTitle"), "The Model as It Was");
    // Each is asked for once.
    const auto calls = engine_->calls();
    QCOMPARE(std::count(calls.begin(), calls.end(), "recipe-step a 0"), 1);
    QCOMPARE(std::count(calls.begin(), calls.end(), "recipe-step a 1"), 1);
  }

  // A window of 1024 by 640 has about this for the page.
  void theLayersFitIntoASmallWindow() {
    StepDetail step = stepOf(0, {50, 0, 0, 50}, 40);
    step.layers[0].seconds = 1e-4;
    for (int i = 0; i < 30; ++i) {  // so many that a scroll bar takes room at the side
      step.layers.push_back(step.layers[0]);
      step.layers.back().name = "a_block_with_a_long_name_" + std::to_string(i) + "/convolution";
    }
    put(step);
    page_->resize(930, 560);
    putRun(1);
    auto* layers = find<QTableView>("layersTable");
    QTRY_COMPARE(layers->model()->rowCount(), 31);
    QTRY_COMPARE(layers->horizontalScrollBar()->maximum(), 0);
    for (const int column :
         {RecipeLayersModel::kLayer, RecipeLayersModel::kNonzeros, RecipeLayersModel::kFile})
      QVERIFY(!layers->isColumnHidden(column));
    page_->resize(2400, 900);
    QTRY_VERIFY(!layers->isColumnHidden(RecipeLayersModel::kMask) &&
                !layers->isColumnHidden(RecipeLayersModel::kTime));
    QCOMPARE(layers->horizontalScrollBar()->maximum(), 0);
  }

  void theChoiceStaysWhenAStepIsAdded() {
    for (int i = 0; i < 3; ++i) put(stepOf(i, {50, 0, 0, 50}, 10 * i));
    putRun(2);
    find<QTableView>("table")->selectRow(0);
    QTRY_COMPARE(words("detailTitle"), "The Model as It Was");
    proto::RunEvent event;
    event.set_kind("recipe");
    event.set_message("one more");
    event.set_json("{}");
    engine_->tellEvent("a", event);
    engine_->advance("a", 5);
    QTRY_COMPARE(find<QTableView>("table")->model()->rowCount(), 3);
    QCOMPARE(find<QTableView>("table")->currentIndex().row(), 0);
    QCOMPARE(words("detailTitle"), "The Model as It Was");
  }

  void confusionHasTheCountsAsColours() {
    put(stepOf(0, {50, 0, 0, 50}, 0));
    put(stepOf(1, {41, 9, 0, 50}, 40));
    putRun(2);
    auto* matrix = find<CompressConfusion>("confusion");
    QTRY_VERIFY(matrix->classes() == 2 && matrix->view() == CompressConfusion::kDifference);
    find<QTabWidget>("detailTabs")->setCurrentIndex(1);
    const QColor ground = matrix->palette().color(QPalette::Base);
    const bool dark = onDarkGround(matrix->palette());
    QCOMPARE(matrix->value(0, 0), qint64{-9});
    QCOMPARE(matrix->value(0, 1), qint64{9});
    QCOMPARE(matrix->colorOf(1, 1).rgb(), ground.rgb());  // as before
    QCOMPARE(matrix->colorOf(0, 1).rgb(), seriesColor(0, dark).rgb());
    QCOMPARE(matrix->colorOf(0, 0).rgb(), seriesColor(4, dark).rgb());
    // What is painted is what was said, in the corner that no number reaches.
    const QImage picture = matrix->grab().toImage();
    const QPointF corner = matrix->cellOf(0, 1).topLeft() + QPointF(4, 4);
    const QColor painted = picture.pixelColor((corner * picture.devicePixelRatio()).toPoint());
    QVERIFY(std::abs(painted.red() - seriesColor(0, dark).red()) <= 1 &&
            std::abs(painted.blue() - seriesColor(0, dark).blue()) <= 1);
    QCOMPARE(matrix->textAt(matrix->cellOf(0, 1).center()), "cat, taken for dog: 0 before, 9 now");
    QCOMPARE(matrix->textAt(matrix->cellOf(1, 1).center()), "dog, rightly: 50 before, 50 now");
    QCOMPARE(matrix->textAt({0, 0}), QString());
    QTest::keyClick(matrix, Qt::Key_Right);
    QCOMPARE(words("confusionCell"), "cat, taken for dog: 0 before, 9 now");
    QTest::keyClick(matrix, Qt::Key_Down);
    QCOMPARE(matrix->accessibleDescription(), "dog, rightly: 50 before, 50 now");
    find<QComboBox>("confusionView")->setCurrentIndex(CompressConfusion::kNow);
    QCOMPARE(matrix->value(0, 1), qint64{9});
    QCOMPARE(matrix->colorOf(1, 1).rgb(), seriesColor(0, dark).rgb());
    QCOMPARE(matrix->colorOf(1, 0).rgb(), ground.rgb());
    // The model as it was has nothing to be compared with; the choice comes back with a later step.
    find<QComboBox>("confusionView")->setCurrentIndex(CompressConfusion::kBefore);
    find<QTableView>("table")->selectRow(0);
    QTRY_VERIFY(!find<QComboBox>("confusionView")->isEnabled());
    QCOMPARE(matrix->value(0, 0), qint64{50});
    QCOMPARE(matrix->textOf(0, 0), "cat, rightly: 50");
    find<QTableView>("table")->selectRow(1);
    QTRY_COMPARE(matrix->view(), CompressConfusion::kBefore);
  }

  void answersThatChangedAreShown() {
    put(stepOf(0, {60, 0, 0, 90}, 0));
    put(stepOf(1, {53, 7, 0, 90}, 40));
    putRun(2);
    find<QTabWidget>("detailTabs")->setCurrentIndex(2);
    auto* answers = find<QListView>("answers");
    QTRY_COMPARE(answers->model()->rowCount(), 1);
    QVERIFY(answers->isVisible());
    QCOMPARE(words("changes"),
             "Became wrong: 7. Became right: 0. Wrong in another way: 0. Shown are 1, of the "
             "100 samples that worker 0 judged.");
    find<QTableView>("table")->selectRow(0);
    QTRY_VERIFY(find<QLabel>("answersEmpty")->isVisible() &&
                words("answersEmpty").contains("Choose a later step"));  // not "Asking for it…"
  }

  void masksAreDrawnAsTheyAre() {
    LayerPicture picture;
    picture.mask = maskImage({.rows = 1, .columns = 2, .shares = std::string("\xff\x00", 2)});
    QImage canvas(80, 40, QImage::Format_RGB32);
    canvas.fill(Qt::red);
    {
      QPainter painter(&canvas);
      paintMask(painter, canvas.rect(), picture.mask, Qt::black, Qt::white);
    }
    QCOMPARE(canvas.pixelColor(20, 20), QColor(Qt::black));
    QCOMPARE(canvas.pixelColor(60, 20), QColor(Qt::white));
  }
  void histogramsAreDrawnAsTheyAre() {
    LayerPicture picture;
    picture.before = {1, 0, 0, 0};
    picture.now = {0, 0, 0, 0.5};
    const QPalette palette;
    const QColor ground = palette.color(QPalette::Base);
    QImage canvas(80, 40, QImage::Format_RGB32);
    canvas.fill(ground);
    {
      QPainter painter(&canvas);
      paintWeights(painter, canvas.rect(), picture, palette);
    }
    QVERIFY(canvas.pixelColor(10, 5).rgb() != ground.rgb());  // before: all of the height
    QCOMPARE(canvas.pixelColor(30, 30).rgb(), ground.rgb());
    QCOMPARE(canvas.pixelColor(70, 15).rgb(), ground.rgb());  // now: half of it
    QCOMPARE(canvas.pixelColor(70, 30).rgb(), seriesColor(0, onDarkGround(palette)).rgb());
  }

  void whereThereIsNothingWordsSayWhy() {
    put(stepOf(0, {50, 0, 0, 50}, 0));
    putRun(2);  // and nothing is kept of step 1
    QTRY_VERIFY(find<QLabel>("layersEmpty")->isVisible() &&
                words("layersEmpty").contains("has not come so far"));
    engine_->putRecipeStep("a", 1, "{\"index\": 1}");
    find<QTableView>("table")->selectRow(0);
    QTRY_VERIFY(find<QTableView>("layersTable")->isVisible());
    find<QTableView>("table")->selectRow(1);  // is asked for again
    QTRY_VERIFY(words("layersEmpty").contains("changed or damaged"));
    QVERIFY(find<QLabel>("layersEmpty")->isVisible());
  }

  void manyClassesHaveNoMatrix() {
    StepDetail step = stepOf(0, {}, 0);
    step.classes = 0;
    put(step);
    putRun(1);
    find<QTabWidget>("detailTabs")->setCurrentIndex(1);
    QTRY_VERIFY(find<QLabel>("confusionEmpty")->isVisible() && words("confusionEmpty").contains("256"));
  }

  void theScanIsShownOrOffered() {
    put(stepOf(0, {50, 0, 0, 50}, 0));
    StepDetail scanned = stepOf(1, {43, 7, 0, 50}, 40);
    scanned.sensitivity_samples = 100;
    scanned.sensitivity_accuracy = 0.93;
    scanned.sensitivity = {{.layer = "fc1", .method = "2 bits", .loss = 1, .accuracy = 0.5}};
    put(scanned);
    putRun(2);
    find<QTabWidget>("detailTabs")->setCurrentIndex(3);
    QTRY_COMPARE(find<QTableView>("sensitivityTable")->model()->rowCount(), 1);
    QVERIFY(find<QTableView>("sensitivityTable")->isVisible());
    QVERIFY(words("scan").contains("93.00 %"));
    find<QTableView>("table")->selectRow(0);
    QTRY_VERIFY(find<QPushButton>("scanButton")->isVisible());
    QTest::mouseClick(find<QPushButton>("scanButton"), Qt::LeftButton);
    auto* setup = page_->findChild<CompressSetup*>();
    QTRY_VERIFY(setup->isVisible());
    QCOMPARE(setup->recipe(), (QJsonArray{QJsonObject{{"kind", "evaluate"}, {"sensitivity", true}}}));
  }

  void asksForAChoiceAtFirst() {
    CompressDetail pane(*client_);
    pane.show();
    QVERIFY(pane.findChild<QLabel*>("compressPage.layersEmpty")->text().contains("Choose a step"));
  }
};
CONCERTINA_TEST(CompressDetailTest)

}  // namespace concertina::ui::compress_detail_test
#include "compress_detail_test.moc"
