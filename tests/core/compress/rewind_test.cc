// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rewind_test.cc: what survived pruning has its first value to the bit, or one drawn anew; and a model that
// is no longer the first one is refused by name.
#include <QTest>

#include "core/graph/fold_batch_norm.h"
#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::rewind_test {
namespace {

using Floats = std::vector<float>;

CompressContext ContextWith(const Graph& first, uint64_t seed = 1, int64_t step = 0) {
  CompressContext context;
  context.seed = seed;
  context.step_index = step;
  context.first = std::make_shared<const Graph>(first);
  return context;
}

// As nn/ builds it, with the first values of a run.
Graph Begun(const std::string& kind, uint64_t seed = 5) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("model", {{"kind", kind}}, "", faults);
  Graph graph = Must(Must(Registry::Global().Create<Model>("model", params))->Build({1, 28, 28}, 10));
  GiveFirstValues(graph, seed);
  return graph;
}

// Other values everywhere, as if it had been trained.
Graph Trained(const Graph& graph) { return WithRandomValues(graph, 99); }

}  // namespace

class RewindTest : public QObject {
  Q_OBJECT
 private slots:
  void survivorsHaveTheirFirstValues_data() {
    QTest::addColumn<QString>("model");
    for (const char* model : {"lenet-300-100", "lenet-5", "resnet-8"})
      QTest::addRow("%s", model) << QString(model);
  }
  void survivorsHaveTheirFirstValues() {
    QFETCH(QString, model);
    const Graph first = Begun(model.toStdString());
    const Graph pruned = Compressed(Trained(first), {{"kind", "prune-global"}, {"amount", 0.8}});
    const Graph rewound = Compressed(pruned, {{"kind", "rewind"}}, ContextWith(first));
    for (const ValueId id : rewound.kept()) {  // running statistics too
      const Value &now = rewound.value(id), &was = pruned.value(id), &begun = ValueNamed(first, now.name);
      QVERIFY(now.hold == was.hold);
      Floats expected = *begun.given;
      for (size_t i = 0; i < expected.size(); ++i)
        if (was.hold == Hold::kZeros && (*was.given)[i] == 0) expected[i] = 0;
      QVERIFY2(*now.given == expected, now.name.c_str());  // to the bit
    }
    QVERIFY(RelativeDifference(Predictions(rewound), Predictions(pruned)) > 1e-3);  // something was undone
  }

  void withoutPruningItIsTheFirstModel() {
    const Graph first = Begun("lenet-5");
    const Graph rewound = Compressed(Trained(first), {{"kind", "rewind"}}, ContextWith(first));
    QCOMPARE(Predictions(rewound), Predictions(first));
  }

  void whatIsDrawnAnewIsOtherAndRepeats() {
    const Graph first = Begun("lenet-5");
    const Graph pruned = Compressed(Trained(first), {{"kind", "prune-l1"}, {"amount", 0.7}});
    const Json step = {{"kind", "rewind"}, {"to", "random"}};
    const Graph drawn = Compressed(pruned, step, ContextWith(first));
    const Floats &values = ValuesOf(drawn, "dense1.weight"), &begun = ValuesOf(first, "dense1.weight"),
                 &mask = ValuesOf(pruned, "dense1.weight");
    double squares = 0, first_squares = 0;
    int same = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      QCOMPARE(values[i] == 0, mask[i] == 0);
      if (mask[i] == 0) continue;
      same += values[i] == begun[i] ? 1 : 0;
      squares += values[i] * values[i];
      first_squares += begun[i] * begun[i];
    }
    QVERIFY(same < 10);
    // 120,000 draws of the same distribution: their mean squares differ by a few parts in a thousand.
    QVERIFY2(std::abs(squares / first_squares - 1) < 0.02,
             qPrintable(QString::number(squares / first_squares)));
    QCOMPARE(ValuesOf(Compressed(pruned, step, ContextWith(first)), "dense1.weight"), values);
    for (const CompressContext& other : {ContextWith(first, 2), ContextWith(first, 1, 3)})
      QVERIFY(ValuesOf(Compressed(pruned, step, other), "dense1.weight") != values);
  }

  // Of depthwise convolutions it says no more than of others.
  void depthwiseWeightsOfAFileAreDrawn() {
    Graph graph;
    ValueId at = graph.AddInput({3, 6, 6});
    const ValueId each = graph.AddParameter("each.weight", {3, 1, 3, 3}, Initializer::kZeros);
    const ValueId all = graph.AddParameter("all.weight", {2, 48}, Initializer::kZeros);
    at = Must(graph.AddNode(OpKind::kDepthwiseConv2d, "each", {at, each}));
    at = Must(graph.AddNode(OpKind::kReshape, "flat", {at}, {.shape = {48}}));
    at = Must(graph.AddNode(OpKind::kDense, "all", {at, all}));
    graph.SetOutputs(at, -1);
    const Graph first = WithRandomValues(graph);
    const Graph drawn = Compressed(first, {{"kind", "rewind"}, {"to", "random"}}, ContextWith(first));
    for (const char* name : {"each.weight", "all.weight"}) {
      QCOMPARE(ZerosOf(ValuesOf(drawn, name)), int64_t{0});
      QVERIFY(ValuesOf(drawn, name) != ValuesOf(first, name));
    }
  }

  // A .edge file says of no parameter how it was drawn.
  void aModelWithoutInitialisersIsDrawnAsLayersAre() {
    Graph first = WithRandomValues(Begun("resnet-8"));
    for (const ValueId id : first.kept()) {
      first.mutable_value(id).initializer = Initializer::kZeros;
      first.mutable_value(id).fan_in = 0;
    }
    const Graph drawn = Compressed(first, {{"kind", "rewind"}, {"to", "random"}}, ContextWith(first));
    for (const Node& node : drawn.nodes()) {
      if (node.kind == OpKind::kBatchNorm) {
        for (const float scale : *drawn.value(node.inputs[1]).given) QCOMPARE(scale, 1.0F);
        QCOMPARE(*drawn.value(node.inputs[3]).given, *first.value(node.inputs[3]).given);
      }
      if (node.kind != OpKind::kConv2d && node.kind != OpKind::kDense) continue;
      const Value& weight = drawn.value(node.inputs[1]);
      const auto fan_in = static_cast<float>(ElementCount(weight.shape) / weight.shape[0]);
      float most = 0;
      for (const float w : *weight.given) most = std::max(most, std::abs(w));
      QVERIFY2(most <= 1.0001F / std::sqrt(fan_in) && most > 0.9F / std::sqrt(fan_in), weight.name.c_str());
    }
  }

  void theGivenGraphStays() {
    const Graph first = Begun("lenet-300-100"), trained = Trained(first);
    const Floats before = ValuesOf(trained, "dense1.weight");
    Compressed(trained, {{"kind", "rewind"}}, ContextWith(first));
    QCOMPARE(ValuesOf(trained, "dense1.weight"), before);
  }

  void whatIsNotTheFirstModelIsRefused_data() {
    QTest::addColumn<QString>("step");
    QTest::addColumn<QString>("layer");
    QTest::addColumn<QString>("word");
    QTest::newRow("narrower") << R"({"kind": "prune-channels", "amount": 0.5})"
                              << "\"conv1\""
                              << "was 20x1x5x5";
    QTest::newRow("thin") << R"({"kind": "low-rank", "layers": "dense1", "energy": 0.5})"
                          << "\"dense1\""
                          << "dense1.weight";
    QTest::newRow("a grid") << R"({"kind": "quantize-weights", "layers": "conv2"})"
                            << "\"conv2\""
                            << "grid of 4 bits";
    QTest::newRow("shared") << R"({"kind": "codebook", "layers": "dense2"})"
                            << "\"dense2\""
                            << "share";
  }
  void whatIsNotTheFirstModelIsRefused() {
    QFETCH(QString, step);
    QFETCH(QString, layer);
    QFETCH(QString, word);
    const Graph first = Begun("lenet-5");
    const Graph changed = Compressed(Trained(first), Json::parse(step.toStdString()));
    for (const char* to : {"first", "random"}) {
      const absl::Status status =
          TryCompress(changed, {{"kind", "rewind"}, {"to", to}}, ContextWith(first)).status();
      QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
      for (const QString& part : {layer, word, QString("put rewind before")})
        QVERIFY2(MessageOf(status).contains(part), qPrintable(MessageOf(status)));
    }
  }

  // Batch norm that was folded into the convolution before it: the layers that are left have their shapes.
  void aLayerThatIsGoneIsNamed() {
    const Graph first = KnownModel("resnet-8"), smaller = Must(FoldBatchNorm(first));
    const absl::Status status = TryCompress(smaller, {{"kind", "rewind"}}, ContextWith(first)).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(MessageOf(status).contains("is gone"), qPrintable(MessageOf(status)));
  }

  void withoutFirstValuesItIsRefused() {
    const absl::Status status = TryCompress(TwoDenseLayers(), {{"kind", "rewind"}}).status();
    QCOMPARE(status.code(), absl::StatusCode::kFailedPrecondition);
    QVERIFY2(MessageOf(status).contains("first values"), qPrintable(MessageOf(status)));
  }
};

CONCERTINA_TEST(RewindTest)

}  // namespace concertina::rewind_test

#include "rewind_test.moc"
