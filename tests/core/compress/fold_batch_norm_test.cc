// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fold_batch_norm_test.cc: a model without its batch norms answers as it did.
#include "core/graph/fold_batch_norm.h"

#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::fold_batch_norm_test {
namespace {

int64_t NormsOf(const Graph& graph) {
  return std::count_if(graph.nodes().begin(), graph.nodes().end(),
                       [](const Node& node) { return node.kind == OpKind::kBatchNorm; });
}

}  // namespace

class FoldBatchNormTest : public QObject {
  Q_OBJECT
 private slots:
  void answersStayToRounding() {
    const Graph graph = KnownModel("resnet-8", {1, 16, 16});
    QCOMPARE(NormsOf(graph), int64_t{9});
    const Graph folded = Must(FoldBatchNorm(graph));
    QCOMPARE(NormsOf(folded), int64_t{0});
    QCOMPARE(folded.buffers().size(), size_t{0});
    // Weights and biases were rounded to floats, 6e-8 of each, in nine layers.
    const double difference = RelativeDifference(Predictions(folded), Predictions(graph));
    QVERIFY2(difference < 1e-5, qPrintable(QString::number(difference)));
    // Scale and shift leave, and each convolution gets a bias of as many channels as they had.
    QCOMPARE(folded.parameter_count(), graph.parameter_count() - 16 - 2 * (16 + 32 + 64) - 32 - 64);
    QCOMPARE(ValueNamed(folded, "conv.bias").shape, (Shape{16}));
  }

  void aLayerWithABiasKeepsIt() {
    Layers net("norm", {8});
    net.Dense("a", 6).BatchNorm("norm").Relu();
    const Graph graph = WithRandomValues(Must(net.Classify("b", 4)));
    const Graph folded = Must(FoldBatchNorm(graph));
    QCOMPARE(NormsOf(folded), int64_t{0});
    QCOMPARE(folded.parameters().size(), size_t{4});
    QVERIFY(ValuesOf(folded, "a.bias") != ValuesOf(graph, "a.bias"));
    QVERIFY(RelativeDifference(Predictions(folded), Predictions(graph)) < 1e-6);  // weights rounded once
  }

  void aNormOfWhatIsRoundedStays() {
    Layers net("rounded", {8});
    net.Dense("a", 6);
    const ValueId a = net.here();
    net.BatchNorm("norm").Relu();
    Graph graph = WithRandomValues(Must(net.Classify("b", 4)));
    graph.mutable_value(a).quantization =
        Quantization{.bits = 8, .is_signed = false, .scales = {0.1F}, .zero_point = 128};
    QCOMPARE(NormsOf(Must(FoldBatchNorm(graph))), int64_t{1});
    graph.mutable_value(a).quantization.reset();
    QCOMPARE(NormsOf(Must(FoldBatchNorm(graph))), int64_t{0});
  }

  void aNormOfWhatOthersReadStays() {
    Layers net("shared", {8});
    net.Dense("a", 6);
    const ValueId a = net.here();
    net.BatchNorm("norm").Add(a).Relu();
    const Graph graph = WithRandomValues(Must(net.Classify("b", 4)));
    const Graph folded = Must(FoldBatchNorm(graph));
    QCOMPARE(NormsOf(folded), int64_t{1});
    QCOMPARE(RelativeDifference(Predictions(folded), Predictions(graph)), 0.0);
  }

  // Two norms of one scale: whichever is folded, the other would miss it.
  void aNormWhoseScaleAnotherHasStays() {
    Graph graph;
    ValueId at = graph.AddInput({4});
    const ValueId a = graph.AddParameter("a.weight", {4, 4}, Initializer::kZeros);
    const ValueId b = graph.AddParameter("b.weight", {4, 4}, Initializer::kZeros);
    const ValueId scale = graph.AddParameter("norm.scale", {4}, Initializer::kOnes);
    const ValueId shift = graph.AddParameter("norm.shift", {4}, Initializer::kZeros);
    const ValueId mean = graph.AddBuffer("norm.mean", {4}, Initializer::kZeros);
    const ValueId variance = graph.AddBuffer("norm.var", {4}, Initializer::kOnes);
    for (const auto& [name, weight] : {std::pair("a", a), {"b", b}}) {
      at = Must(graph.AddNode(OpKind::kDense, name, {at, weight}));
      at = Must(
          graph.AddNode(OpKind::kBatchNorm, std::string(name) + ".norm", {at, scale, shift, mean, variance}));
    }
    graph.SetOutputs(at, -1);
    graph = WithRandomValues(graph);
    const Graph folded = Must(FoldBatchNorm(graph));
    QCOMPARE(NormsOf(folded), int64_t{2});
    QCOMPARE(RelativeDifference(Predictions(folded), Predictions(graph)), 0.0);
  }
};

CONCERTINA_TEST(FoldBatchNormTest)

}  // namespace concertina::fold_batch_norm_test

#include "fold_batch_norm_test.moc"
