// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_graph_layout_test.cc: for chains, residual networks and random graphs alike: no box lies on another,
// every arrow is drawn and points down, and none crosses a box; folding joins blocks and keeps the rest.
#include "ui/pages/design_graph_layout.h"

#include <QJsonArray>
#include <QTest>
#include <random>

#include "tests/test_program.h"
#include "tests/ui/pages/model_plans.h"

namespace concertina::ui::design_graph_layout_test {
namespace {

constexpr double kBeside = 10, kBetween = 20;
const GraphMeasures kMeasures = {
    .box = QSizeF(100, 40), .beside = kBeside, .between = kBetween, .margin = 15};

// Each layer reads one or two of the few before it; the seeds are fixed.
QJsonObject randomPlan(unsigned seed, int layers) {
  std::mt19937 random(seed);  // NOLINT: the same numbers each time
  ModelPlan model;
  for (int i = 0; i < layers; ++i) {
    QJsonArray inputs = {i == 0 ? -1 : std::max(0, i - 1 - int(random() % 4))};
    if (i > 2 && random() % 3 == 0) inputs << int(random() % unsigned(i));
    model.add(QStringLiteral("n%1").arg(i), QStringLiteral("relu"), inputs);
  }
  return model.plan();
}

QSet<QString> allBlocks(const QVector<ModelLayer>& layers) {
  const QVector<QString> blocks = blocksOf(layers);
  QSet<QString> all(blocks.begin(), blocks.end());
  all.remove(QString());
  return all;
}

GraphLayout layoutOf(const QJsonObject& plan, const QSet<QString>& folded = {}) {
  return graphLayout(modelLayers(plan), sampleShape(plan), folded, kMeasures);
}

}  // namespace

class DesignGraphLayoutTest : public QObject {
  Q_OBJECT
 private slots:
  void whatHoldsForAllGraphs_data() {
    QTest::addColumn<QJsonObject>("plan");
    QTest::addColumn<bool>("folds");
    for (const bool folds : {false, true}) {
      const char* how = folds ? "folded" : "open";
      QTest::addRow("one layer, %s", how) << chainPlan(1) << folds;
      QTest::addRow("a chain, %s", how) << chainPlan(12) << folds;
      QTest::addRow("stages, %s", how) << chainPlan(12, 4) << folds;
      QTest::addRow("ResNet-8, %s", how) << resNetPlan(1) << folds;
      QTest::addRow("ResNet-20, %s", how) << resNetPlan(3) << folds;
    }
    for (unsigned seed = 0; seed < 40; ++seed)
      QTest::addRow("random %u", seed) << randomPlan(seed, 5 + int(seed)) << false;
  }
  void whatHoldsForAllGraphs() {
    QFETCH(QJsonObject, plan);
    QFETCH(bool, folds);
    const QVector<ModelLayer> layers = modelLayers(plan);
    const GraphLayout layout = layoutOf(plan, folds ? allBlocks(layers) : QSet<QString>());
    const QRectF all(QPointF(), layout.size);
    QVector<int> times(layers.size());
    for (qsizetype i = 0; i < layout.boxes.size(); ++i) {
      const GraphBox& box = layout.boxes[i];
      QVERIFY(all.contains(box.place));
      for (qsizetype j = 0; j < i; ++j) QVERIFY(!box.place.intersects(layout.boxes[j].place));
      QCOMPARE(layout.boxAt(box.place.center()), int(i));
      for (const int layer : box.layers) ++times[layer];
    }
    for (const int shown : times) QCOMPARE(shown, 1);

    QSet<QPair<int, int>> drawn;
    for (const GraphArrow& arrow : layout.arrows) {
      drawn.insert({arrow.from, arrow.to});
      const QRectF& from = layout.boxes[arrow.from].place;
      const QRectF& to = layout.boxes[arrow.to].place;
      QVERIFY(from.bottom() < to.top());
      QCOMPARE(arrow.path.first(), QPointF(from.center().x(), from.bottom()));
      QCOMPARE(arrow.path.last(), QPointF(to.center().x(), to.top()));
      for (qsizetype k = 1; k < arrow.path.size(); ++k) {
        QVERIFY(arrow.path[k].y() > arrow.path[k - 1].y());
        for (int part = 1; part < 8; ++part) {
          const QPointF on = arrow.path[k - 1] + (arrow.path[k] - arrow.path[k - 1]) * (part / 8.0);
          QCOMPARE(layout.boxAt(on), -1);
        }
      }
    }
    QCOMPARE(drawn.size(), layout.arrows.size());  // none twice
    for (qsizetype i = 0; i < layers.size(); ++i)
      for (const int input : layers[i].inputs) {
        const int from = input < 0 ? 0 : layout.boxOf(input), to = layout.boxOf(int(i));
        QVERIFY(from == to || drawn.contains({from, to}));
      }
  }

  void theSamePlanIsTheSamePicture() {
    const GraphLayout a = layoutOf(resNetPlan(3)), b = layoutOf(resNetPlan(3));
    for (qsizetype i = 0; i < a.boxes.size(); ++i) QCOMPARE(a.boxes[i].place, b.boxes[i].place);
  }

  void aChainIsOneColumn() {
    const GraphLayout layout = layoutOf(chainPlan(9));
    QCOMPARE(layout.boxes.size(), 10);  // and the sample
    QCOMPARE(layout.size.width(), kMeasures.box.width() + 2 * kMeasures.margin);
    QVERIFY(layout.bands.isEmpty());
  }

  void theBranchesOfAResidualBlockAreBesideEachOther() {
    const QJsonObject plan = resNetPlan(1);
    const QVector<ModelLayer> layers = modelLayers(plan);
    const GraphLayout layout = layoutOf(plan);
    const auto box = [&](const QString& name) {
      for (const GraphBox& each : layout.boxes)
        if (each.name == name) return each;
      return GraphBox();
    };
    const GraphBox conv = box(u"stage2.block1.conv1"_qs), shortcut = box(u"stage2.block1.shortcut"_qs);
    QCOMPARE(conv.rank, shortcut.rank);
    QVERIFY(!conv.place.isEmpty() && !conv.place.intersects(shortcut.place));
    QCOMPARE(conv.above, shortcut.above);
  }

  void blocksOfResNet20AreFoldedWhole() {
    const QJsonObject plan = resNetPlan(3);
    const QVector<ModelLayer> layers = modelLayers(plan);
    QVERIFY(layers.size() > kMostOpenLayers);
    const GraphLayout layout = layoutOf(plan, allBlocks(layers));
    QCOMPARE(layout.boxes.size(), 1 + 3 + 9 + 2);
    qint64 parameters = 0, boxed = 0;
    for (const ModelLayer& layer : layers) parameters += layer.parameters;
    for (const GraphBox& box : layout.boxes) boxed += box.parameters;
    QCOMPARE(boxed, parameters);
    QCOMPARE(layout.arrows.size(), layout.boxes.size() - 1);  // the shortcuts are within
  }

  void stagesAreBandsFromTheTop() {
    const GraphLayout layout = layoutOf(chainPlan(8, 4));
    QCOMPARE(layout.bands.size(), 4);
    for (int i = 0; i < 4; ++i) {
      QCOMPARE(layout.bands[i].stage, i);
      QVERIFY(layout.bands[i].top < layout.bands[i].bottom);
      if (i > 0) QVERIFY(layout.bands[i].top >= layout.bands[i - 1].bottom - 1e-9);  // sums of halves
    }
    for (const GraphBox& box : layout.boxes) {
      QVERIFY(layout.bands[box.stage].top <= box.place.top());
      QVERIFY(layout.bands[box.stage].bottom >= box.place.bottom());
    }
  }

  void damagedPlansAreDrawnAsFarAsTheyGo() {
    QCOMPARE(layoutOf({}).boxes.size(), 0);
    ModelPlan model;  // it reads itself, what comes later, and what there is not
    model.add(u"a"_qs, u"relu"_qs, {0, 1, 7, -5});
    model.add(u"b"_qs, u"relu"_qs, {0, 0});
    const GraphLayout layout = layoutOf(model.plan());
    QCOMPARE(layout.boxes.size(), 2);
    QCOMPARE(layout.arrows.size(), 1);
    // An older engine does not say what a layer reads.
    const GraphLayout old = layoutOf(
        {{u"layers"_qs, QJsonArray{QJsonObject{{u"name"_qs, u"a"_qs}}, QJsonObject{{u"name"_qs, u"b"_qs}}}}});
    QCOMPARE(old.boxes.size(), 3);
    QCOMPARE(old.arrows.size(), 2);
  }
};

CONCERTINA_TEST(DesignGraphLayoutTest)

}  // namespace concertina::ui::design_graph_layout_test

#include "design_graph_layout_test.moc"
