// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pruning_mask_test.cc: which weights go, and what is said of those that stay.
#include "core/compress/pruning_mask.h"

#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::pruning_mask_test {

using Floats = std::vector<float>;
using Mask = std::vector<bool>;

class PruningMaskTest : public QObject {
  Q_OBJECT
 private slots:
  void keepsTheLargest_data() {
    QTest::addColumn<Floats>("scores");
    QTest::addColumn<int>("pruned");
    QTest::addColumn<Mask>("keep");
    QTest::newRow("none goes") << Floats{3, 1, 2} << 0 << Mask{true, true, true};
    QTest::newRow("all go") << Floats{3, 1, 2} << 3 << Mask{false, false, false};
    QTest::newRow("the least") << Floats{3, 1, 2, 0.5F} << 2 << Mask{true, false, true, false};
    QTest::newRow("of equals the first")
        << Floats{2, 1, 1, 1, 2} << 2 << Mask{true, false, false, true, true};
    QTest::newRow("infinite ones stay") << Floats{INFINITY, 1, 2} << 1 << Mask{true, false, true};
    QTest::newRow("none of none") << Floats{} << 0 << Mask{};
  }
  void keepsTheLargest() {
    QFETCH(Floats, scores);
    QFETCH(int, pruned);
    QFETCH(Mask, keep);
    QCOMPARE(MaskOfLargest(scores, pruned), keep);
  }

  void countsRoundToTheNearest() {
    QCOMPARE(PrunedCount(0, 10), int64_t{0});
    QCOMPARE(PrunedCount(0.5, 5), int64_t{3});
    QCOMPARE(PrunedCount(0.24, 10), int64_t{2});
    QCOMPARE(PrunedCount(1, 7), int64_t{7});
  }

  void zerosAreHeldAndSharedWeightsStayShared() {
    Graph graph = TwoDenseLayers();
    const ValueId a = Named(graph, "a.weight"), b = Named(graph, "b.weight");
    graph.mutable_value(b).hold = Hold::kShared;
    for (const ValueId id : {a, b}) {
      Mask keep(graph.value(id).given->size(), true);
      keep[3] = false;
      Prune(graph, id, keep);
      QCOMPARE((*graph.value(id).given)[3], 0.0F);
      QCOMPARE(ZerosOf(*graph.value(id).given), int64_t{1});
    }
    QVERIFY(graph.value(a).hold == Hold::kZeros);
    QVERIFY(graph.value(b).hold == Hold::kShared);
  }

  void whatIsZeroGoesFirst() {
    Graph graph = TwoDenseLayers();
    Floats weight(48, 1.0F);
    weight[47] = 0;
    SetValues(graph, "a.weight", weight);
    const Floats scores(48, 0.0F);  // of no use to tell them apart
    PruneTogether(graph, {{.layer = "a", .weight = Named(graph, "a.weight")}}, {scores}, 1.0 / 48);
    QCOMPARE(ValuesOf(graph, "a.weight"), weight);
  }

  void scoresMayHaveEitherSign() {
    Graph graph = TwoDenseLayers();
    Floats scores(48, 1.0F), expected(48, 1.0F);
    SetValues(graph, "a.weight", expected);
    scores[20] = -3;
    scores[30] = -0.5F;
    expected[20] = expected[30] = 0;
    PruneTogether(graph, {{.layer = "a", .weight = Named(graph, "a.weight")}}, {scores}, 2.0 / 48);
    QCOMPARE(ValuesOf(graph, "a.weight"), expected);
  }

  void scopesAreGroups() {
    const auto weights = Must(ChoosePrunable(TwoDenseLayers(), "*"));
    QCOMPARE(RankedTogether(weights, "layer").size(), size_t{2});
    QCOMPARE(RankedTogether(weights, "global").size(), size_t{1});
    QCOMPARE(RankedTogether(weights, "global")[0].size(), size_t{2});
  }

  void aWeightThatTwoLayersShareIsChosenOnce() {
    Layers net("one", {4});
    net.Dense("a", 4);
    Graph graph = WithRandomValues(Must(net.Classify("b", 4)));
    Graph shared;
    const ValueId x = shared.AddInput({4});
    const ValueId w = shared.AddParameter("w", {4, 4}, Initializer::kZeros);
    shared.mutable_value(w).given = std::make_shared<const Floats>(16, 1.0F);
    const ValueId y = Must(shared.AddNode(OpKind::kDense, "first", {x, w}));
    const ValueId z = Must(shared.AddNode(OpKind::kDense, "second", {y, w}));
    shared.SetOutputs(z, -1);
    QCOMPARE(Must(ChoosePrunable(graph, "*")).size(), size_t{2});
    QCOMPARE(Must(ChoosePrunable(shared, "*")).size(), size_t{1});
  }

  void whatCannotBePrunedIsNamed() {
    Graph nan = TwoDenseLayers(), on_grid = nan;
    Floats weight = ValuesOf(nan, "b.weight");
    weight[5] = NAN;
    SetValues(nan, "b.weight", weight);
    on_grid.mutable_value(Named(on_grid, "b.weight")).quantization = Quantization{.bits = 4, .scales = {1}};
    for (const Graph& graph : {nan, on_grid}) {
      const absl::Status status = ChoosePrunable(graph, "*").status();
      QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
      QVERIFY2(MessageOf(status).startsWith("layer \"b\": "), qPrintable(MessageOf(status)));
      QVERIFY(ChoosePrunable(graph, "a").ok());
    }
    QCOMPARE(ChoosePrunable(nan, "conv*").status().code(), absl::StatusCode::kInvalidArgument);
  }
};

CONCERTINA_TEST(PruningMaskTest)

}  // namespace concertina::pruning_mask_test

#include "pruning_mask_test.moc"
