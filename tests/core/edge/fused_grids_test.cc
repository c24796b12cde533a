// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fused_grids_test.cc: a value that is on a grid before its activation is rounded to it, whether the two are
// merged or not.
#include <QTest>
#include <cmath>

#include "core/edge/runtime.h"
#include "tests/test_program.h"

namespace concertina::fused_grids_test {
namespace {

using Floats = std::vector<float>;
using Grid = std::optional<Quantization>;

Grid GridOf(int bits, float scale, int32_t zero_point) {
  return Quantization{.bits = bits, .is_signed = false, .scales = {scale}, .zero_point = zero_point};
}

// x -> a dense layer that changes nothing -> `activation`, with a grid for what is between them and behind.
Graph Chain(OpKind activation, const Grid& between, const Grid& behind) {
  Graph graph;
  const ValueId x = graph.AddInput({4});
  const ValueId weight = graph.AddParameter("a.weight", {4, 4}, Initializer::kZeros);
  graph.mutable_value(weight).given =
      std::make_shared<const Floats>(Floats{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1});
  const ValueId a = *graph.AddNode(OpKind::kDense, "a", {x, weight});
  const ValueId b = *graph.AddNode(activation, "b", {a});
  graph.mutable_value(a).quantization = between;
  graph.mutable_value(b).quantization = behind;
  graph.SetOutputs(b, -1);
  return graph;
}

}  // namespace

class FusedGridsTest : public QObject {
  Q_OBJECT
 private slots:
  void aValueIsOnItsGridBeforeItsActivation_data() {
    QTest::addColumn<Grid>("between");
    QTest::addColumn<Grid>("behind");
    QTest::addColumn<Floats>("expected");
    QTest::addColumn<bool>("merged");
    // Of -9, 0.3, 1.74 and 99 the grid of halves from -1 to 2.5 makes -1, 0.5, 1.5 and 2.5.
    const Grid halves = GridOf(3, 0.5F, 2);
    QTest::newRow("none") << Grid() << Grid() << Floats{0, 0.3F, 1.74F, 99} << true;
    QTest::newRow("behind it alone") << Grid() << halves << Floats{0, 0.5F, 1.5F, 2.5F} << true;
    QTest::newRow("before it alone") << halves << Grid() << Floats{0, 0.5F, 1.5F, 2.5F} << true;
    QTest::newRow("the same") << halves << halves << Floats{0, 0.5F, 1.5F, 2.5F} << true;
    QTest::newRow("another") << halves << GridOf(8, 1, 0) << Floats{0, 0, 2, 2}
                             << false;  // half goes to even
    QTest::newRow("without zero") << GridOf(3, 0.5F, 9) << Grid() << Floats{0, 0, 0, 0} << false;
  }
  void aValueIsOnItsGridBeforeItsActivation() {
    QFETCH(Grid, between);
    QFETCH(Grid, behind);
    QFETCH(Floats, expected);
    QFETCH(bool, merged);
    const Graph graph = Chain(OpKind::kRelu, between, behind);
    QCOMPARE(Fuse(graph).nodes().size(), size_t(merged ? 1 : 2));
    const auto model = EdgeModel::Create(graph);
    QVERIFY(model.ok());
    const auto y = (*model)->Run(Floats{-9, 0.3F, 1.74F, 99});
    QCOMPARE(Floats(y.begin(), y.end()), expected);
  }

  void otherActivationsAreOfRoundedNumbers() {
    const auto model = EdgeModel::Create(Chain(OpKind::kTanh, GridOf(3, 0.5F, 2), Grid()));
    QVERIFY(model.ok());
    const auto y = (*model)->Run(Floats{-9, 0.3F, 1.74F, 99});
    QCOMPARE(Floats(y.begin(), y.end()),
             (Floats{std::tanh(-1.0F), std::tanh(0.5F), std::tanh(1.5F), std::tanh(2.5F)}));
  }
};

CONCERTINA_TEST(FusedGridsTest)

}  // namespace concertina::fused_grids_test

#include "fused_grids_test.moc"
