// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_detail_models_test.cc: a step of a recipe as item models: each row beside what it was, pictures that
// have what the data says, and the worst first.
#include "ui/client/recipe_detail_models.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "tests/test_program.h"
#include "ui/client/number_format.h"

namespace concertina::ui::recipe_detail_models_test {
namespace {

using Reporting = QAbstractItemModelTester::FailureReportingMode;

LayerDetail layerOf(const std::string& name, int64_t zeros) {
  LayerDetail layer{.name = name, .shape = {2, 3}, .count = 1000, .zeros = zeros};
  layer.bits = 8;
  layer.coding = "int8";
  layer.bytes = 1500;
  layer.range = 0.5;
  layer.largest = 0.25;
  layer.counts[10] = (1000 - zeros) / 4;
  layer.counts[50] = 1000 - zeros - layer.counts[10];
  layer.mask = {.rows = 2, .columns = 3, .shares = std::string("\x00\x40\x80\xff\x01\xfe", 6)};
  return layer;
}

}  // namespace

class RecipeDetailModelsTest : public QObject {
  Q_OBJECT

  static QString text(const QAbstractItemModel& model, int row, int column) {
    return model.index(row, column).data().toString();
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void aLayerStandsBesideWhatItWas() {
    StepDetail before, now;
    before.layers = {layerOf("conv1", 0), layerOf("fc1", 0)};
    now.layers = {layerOf("conv1", 200), layerOf("fc1.a", 200)};
    RecipeLayersModel model;
    const QAbstractItemModelTester tester(&model, Reporting::QtTest);
    model.show(&before, &now);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(text(model, 0, RecipeLayersModel::kLayer), "conv1");
    QCOMPARE(text(model, 0, RecipeLayersModel::kShape), "2×3");
    QCOMPARE(text(model, 0, RecipeLayersModel::kWeights), "1,000");
    QCOMPARE(text(model, 0, RecipeLayersModel::kNonzeros), "80.00 %");
    QCOMPARE(text(model, 0, RecipeLayersModel::kBits), "8");
    QCOMPARE(text(model, 0, RecipeLayersModel::kFile), "1.50 kB");
    const QModelIndex histogram = model.index(0, RecipeLayersModel::kHistogram);
    const auto heights = histogram.data(RecipeLayersModel::kNowRole).value<QVector<double>>();
    QCOMPARE(heights.size(), qsizetype(kWeightBins));
    QCOMPARE(heights[50], 1.0);
    QCOMPARE(heights[10], 200.0 / 600);
    QCOMPARE(heights[11], 0.0);
    QCOMPARE(histogram.data(RecipeLayersModel::kBeforeRole).value<QVector<double>>()[10], 250.0 / 750);
    QVERIFY(histogram.data(Qt::AccessibleTextRole).toString().contains("200 are zero"));
    // A layer that a step has made was not there before.
    QVERIFY(model.index(1, RecipeLayersModel::kHistogram)
                .data(RecipeLayersModel::kBeforeRole)
                .value<QVector<double>>()
                .isEmpty());
  }

  void aLayerSaysWhatItTakes() {
    StepDetail now;
    now.layers = {layerOf("conv1", 0), layerOf("fc1", 0), layerOf("fc2", 0)};
    now.layers[0].seconds = 2e-5;
    now.layers[0].converting_seconds = 5e-6;
    now.layers[1].seconds = 1e-5;
    RecipeLayersModel model;
    model.show(nullptr, &now);
    const auto tip = [&](int row) {
      return model.index(row, RecipeLayersModel::kTime).data(Qt::ToolTipRole).toString();
    };
    QCOMPARE(text(model, 0, RecipeLayersModel::kTime), formatValue(2e-5, "s"));
    QVERIFY2(tip(0).contains(formatPercent(0.25)), qPrintable(tip(0)));
    QVERIFY2(tip(1).contains("all of it"), qPrintable(tip(1)));
    QCOMPARE(text(model, 2, RecipeLayersModel::kTime), "–");
    QVERIFY2(tip(2).contains("earlier version"), qPrintable(tip(2)));
  }

  void theSameLayersKeepTheirRows() {
    StepDetail before, now;
    before.layers = {layerOf("conv1", 0)};
    now.layers = {layerOf("conv1", 500)};
    RecipeLayersModel model;
    const QAbstractItemModelTester tester(&model, Reporting::QtTest);
    model.show(nullptr, &before);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset),
        changed(&model, &QAbstractItemModel::dataChanged);
    model.show(&before, &now);
    QCOMPARE(reset.size(), 0);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(text(model, 0, RecipeLayersModel::kNonzeros), "50.00 %");
    model.show(nullptr, nullptr);
    QCOMPARE(model.rowCount(), 0);
  }

  void picturesHaveWhatTheDataSays() {
    const QImage mask = maskImage(layerOf("x", 0).mask);
    QCOMPARE(mask.size(), QSize(3, 2));
    QCOMPARE(qGray(mask.pixel(1, 0)), 0x40);
    QCOMPARE(qGray(mask.pixel(0, 1)), 0xff);
    const QImage grey = answerImage({.height = 1, .width = 2, .pixels = "\x05\xf0"});
    QCOMPARE(grey.size(), QSize(2, 1));
    QCOMPARE(qGray(grey.pixel(1, 0)), 0xf0);
    const QImage colors = answerImage(
        {.channels = 3, .height = 2, .width = 1, .pixels = std::string("\x01\x02\x03\x04\x05\x06")});
    QCOMPARE(colors.pixel(0, 0), qRgb(1, 3, 5));  // channel by channel
    QCOMPARE(colors.pixel(0, 1), qRgb(2, 4, 6));
    QVERIFY(maskImage({}).isNull() && answerImage({}).isNull());
  }

  void answersSayWhatTheyWereAndAre() {
    StepDetail now;
    now.class_names = {"cat", "dog", "owl"};
    now.changed = {{.index = 7, .label = 0, .before = 0, .now = 1},
                   {.index = 8, .label = 1, .before = 2, .now = 1},
                   {.index = 9, .label = 2, .before = 0, .now = 1}};
    ChangedAnswersModel model;
    const QAbstractItemModelTester tester(&model, Reporting::QtTest);
    model.show(&now);
    QCOMPARE(model.rowCount(), 3);
    const auto kind = [&](int row) { return model.index(row).data(ChangedAnswersModel::kKindRole).toInt(); };
    QCOMPARE(kind(0), int(ChangedAnswersModel::kBecameWrong));
    QCOMPARE(kind(1), int(ChangedAnswersModel::kBecameRight));
    QCOMPARE(kind(2), int(ChangedAnswersModel::kStillWrong));
    QCOMPARE(model.index(0).data(ChangedAnswersModel::kChangeRole).toString(), "cat → dog");
    QCOMPARE(model.index(0).data().toString(), "Test sample 7 is cat. Before: cat; now wrongly dog.");
    model.show(nullptr);
    QCOMPARE(model.rowCount(), 0);
  }

  void theMostSensitiveIsFirst() {
    StepDetail now;
    now.sensitivity_accuracy = 0.99;
    now.sensitivity = {{.layer = "a", .method = "8 bits", .loss = 0.1, .accuracy = 0.992},
                       {.layer = "b", .method = "2 bits", .loss = 2, .accuracy = 0.49},
                       {.layer = "b", .method = "prune 50 %", .loss = 0.5, .accuracy = 0.74},
                       {.layer = "c", .method = "4 bits", .loss = 0.1, .accuracy = 0.99}};
    SensitivityModel model;
    const QAbstractItemModelTester tester(&model, Reporting::QtTest);
    model.show(&now);
    QCOMPARE(model.rowCount(), 4);
    QCOMPARE(text(model, 0, SensitivityModel::kLayer), "b");
    QCOMPARE(text(model, 0, SensitivityModel::kMethod), "2 bits");
    QCOMPARE(text(model, 0, SensitivityModel::kHarm), "-50.00");
    QCOMPARE(text(model, 1, SensitivityModel::kMethod), "half pruned");
    QCOMPARE(text(model, 2, SensitivityModel::kHarm), "0.00");
    QCOMPARE(text(model, 3, SensitivityModel::kHarm), "0.20");
    const auto bar = [&](int row) { return model.index(row, 0).data(SensitivityModel::kBarRole).toDouble(); };
    QCOMPARE(bar(0), 1.0);
    QVERIFY(std::abs(bar(1) - 0.5) < 1e-9);
    QCOMPARE(bar(3), 0.0);  // what got better has none
  }
};
CONCERTINA_TEST(RecipeDetailModelsTest)

}  // namespace concertina::ui::recipe_detail_models_test
#include "recipe_detail_models_test.moc"
