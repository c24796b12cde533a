// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// remove_channels_test.cc: a model without channels that gave nothing answers as it did.
#include "core/compress/remove_channels.h"

#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/core/graph/sample_graphs.h"
#include "tests/test_program.h"

namespace concertina::remove_channels_test {
namespace {

using Kept = std::map<int, std::vector<int64_t>>;

// About half of the channels of every group that can lose some, drawn by chance, and at least one.
Kept RandomChannels(const Graph& graph, uint64_t seed) {
  Kept kept;
  Rng rng(seed, "channels");
  for (const CoupledGroup& group : CoupledGroups(graph)) {
    if (!group.fixed_because.empty()) continue;
    std::vector<int64_t>& channels = kept[group.producers.front()];
    const auto always = static_cast<int64_t>(rng.Below(static_cast<uint64_t>(group.channels)));
    for (int64_t c = 0; c < group.channels; ++c)
      if (c == always || rng.Uniform() < 0.5) channels.push_back(c);
  }
  return kept;
}

// Makes the channels that are not kept give nothing: rows of weights, biases, batch norm's scale and shift.
Graph WithSilentChannels(Graph graph, const Kept& kept) {
  const auto silence = [&](ValueId id, const std::vector<int64_t>& channels) {
    std::vector<float> values = *graph.value(id).given;
    const int64_t each = std::ssize(values) / graph.value(id).shape[0];
    for (int64_t i = 0; i < std::ssize(values); ++i)
      if (!std::binary_search(channels.begin(), channels.end(), i / each)) values[static_cast<size_t>(i)] = 0;
    graph.mutable_value(id).given = std::make_shared<const std::vector<float>>(std::move(values));
  };
  for (const CoupledGroup& group : CoupledGroups(graph)) {
    const auto channels = kept.find(group.producers.front());
    if (channels == kept.end()) continue;
    for (const int n : group.producers) {
      const Node layer = graph.nodes()[static_cast<size_t>(n)];
      for (size_t i = 1; i < layer.inputs.size(); ++i) silence(layer.inputs[i], channels->second);
      const std::vector<Node> nodes = graph.nodes();
      for (const Node& node : nodes)
        if (node.kind == OpKind::kBatchNorm && node.inputs[0] == layer.output)
          for (const size_t i : {1, 2}) silence(node.inputs[i], channels->second);
    }
  }
  return graph;
}

std::vector<std::string> NamesOf(const Graph& graph, const CoupledGroup& group) {
  std::vector<std::string> names;
  for (const int n : group.producers) names.push_back(graph.nodes()[static_cast<size_t>(n)].name);
  return names;
}

}  // namespace

class RemoveChannelsTest : public QObject {
  Q_OBJECT
 private slots:
  void silentChannelsAreNotMissed_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("seed");
    QTest::newRow("dense layers") << "lenet-300-100" << 1;
    QTest::newRow("convolutions and a flattening") << "lenet-5" << 1;
    QTest::newRow("the same with other channels") << "lenet-5" << 2;
    QTest::newRow("batch norm and sums") << "resnet-8" << 1;
    QTest::newRow("the same, again") << "resnet-8" << 2;
  }
  void silentChannelsAreNotMissed() {
    QFETCH(QString, kind);
    QFETCH(int, seed);
    const Graph graph = KnownModel(kind.toStdString(), {1, 16, 16});
    const Kept kept = RandomChannels(graph, static_cast<uint64_t>(seed));
    QVERIFY(!kept.empty());
    const Graph silent = WithSilentChannels(graph, kept);
    const Graph smaller = Must(KeepChannels(silent, kept));
    QVERIFY(smaller.parameter_count() < graph.parameter_count() * 3 / 4);
    QVERIFY(smaller.ForwardFlops() < graph.ForwardFlops());
    const std::vector<double> expected = Predictions(silent);
    QVERIFY(RelativeDifference(expected, Predictions(graph)) > 1e-3);  // something was silenced
    // What is left out is zero, to the bit.
    QCOMPARE(RelativeDifference(Predictions(smaller), expected), 0.0);
  }

  // Every operator between two layers, pooling with overlap, a vector's batch norm, and gelu(0) = tanh(0) =
  // 0.
  void whatLiesBetweenLayersIsCutToo() {
    GraphMaker m({2, 9, 8});
    m.Convolution({.out = 4, .kernel = 3}).BatchNorm().Unary(OpKind::kRelu);
    m.Pool(OpKind::kMaxPool2d, 2, 2).Unary(OpKind::kDropout, {.rate = 0.3});
    m.Convolution({.out = 5, .kernel = 2, .activation = Activation::kTanh})
        .Pool(OpKind::kAveragePool2d, 2, 1);
    m.Flat().Dense(12).Unary(OpKind::kDropout, {.rate = 0.4}).BatchNorm().Unary(OpKind::kGelu).Dense(3);
    const Graph graph = WithRandomValues(m.Done());
    const Kept kept = RandomChannels(graph, 3);
    QCOMPARE(kept.size(), size_t{3});
    // The dropout stands between dense layer and norm, so that the norm is silenced here by hand.
    Graph silent = WithSilentChannels(graph, kept);
    for (const Node& node : graph.nodes())
      if (node.kind == OpKind::kBatchNorm && graph.value(node.inputs[0]).shape == Shape{12})
        for (const size_t i : {1, 2}) {
          std::vector<float> values = *graph.value(node.inputs[i]).given;
          const std::vector<int64_t>& channels = kept.rbegin()->second;
          for (int64_t c = 0; c < 12; ++c)
            if (!std::binary_search(channels.begin(), channels.end(), c)) values[static_cast<size_t>(c)] = 0;
          silent.mutable_value(node.inputs[i]).given =
              std::make_shared<const std::vector<float>>(std::move(values));
        }
    const Graph smaller = Must(KeepChannels(silent, kept));
    QCOMPARE(RelativeDifference(Predictions(smaller), Predictions(silent)), 0.0);
  }

  void aWeightThatIsUsedTwiceIsCutOnBothSides() {
    GraphMaker m({5});
    m.Dense(6);
    const ValueId w = m.Parameter({6, 6}, 6);
    m.Node(OpKind::kDense, {m.last(), w}).Unary(OpKind::kTanh);
    m.Node(OpKind::kDense, {m.last(), w}).Unary(OpKind::kTanh).Dense(3);
    const Graph graph = WithRandomValues(m.Done());
    QCOMPARE(CoupledGroups(graph)[0].producers, (std::vector<int>{0, 1, 3}));
    const Kept kept = {{1, {0, 2, 5}}};
    const Kept by_first = {{0, {0, 2, 5}}};
    const Graph silent = WithSilentChannels(graph, by_first);
    const Graph smaller = Must(KeepChannels(silent, kept));
    QCOMPARE(smaller.value(smaller.nodes()[1].inputs[1]).shape, (Shape{3, 3}));
    QCOMPARE(RelativeDifference(Predictions(smaller), Predictions(silent)), 0.0);
  }

  void sumsCoupleTheirLayers() {
    const Graph graph = KnownModel("resnet-8");
    std::vector<std::vector<std::string>> names;
    std::vector<std::string> fixed;
    for (const CoupledGroup& group : CoupledGroups(graph)) {
      names.push_back(NamesOf(graph, group));
      if (!group.fixed_because.empty()) fixed.push_back(names.back()[0]);
    }
    QCOMPARE(names, (std::vector<std::vector<std::string>>{{"conv", "stage1.block1.conv2"},
                                                           {"stage1.block1.conv1"},
                                                           {"stage2.block1.conv1"},
                                                           {"stage2.block1.conv2", "stage2.block1.shortcut"},
                                                           {"stage3.block1.conv1"},
                                                           {"stage3.block1.conv2", "stage3.block1.shortcut"},
                                                           {"dense"}}));
    QCOMPARE(fixed, std::vector<std::string>{"dense"});
  }

  void whatIsAddedToTheInputIsFixed() {
    GraphMaker m({5});
    const ValueId x = m.last();
    const ValueId y = m.Dense(5).last();
    m.Node(OpKind::kAdd, {x, y}).Dense(4).Dense(3);
    const std::vector<CoupledGroup> groups = CoupledGroups(m.Done());
    QCOMPARE(groups.size(), size_t{3});
    QCOMPARE(groups[0].fixed_because, std::string("they are the input's"));
    QCOMPARE(groups[1].fixed_because, std::string());
    QCOMPARE(groups[2].fixed_because, std::string("they reach the prediction"));
  }

  void aReshapeThatMixesChannelsFixesThem() {
    GraphMaker m({5});
    m.Dense(8).Unary(OpKind::kReshape, {.shape = {2, 2, 2}});
    m.Convolution({.out = 3, .kernel = 1}).Unary(OpKind::kReshape, {.shape = {6, 2}});
    m.Flat().Dense(3);
    const std::vector<CoupledGroup> groups = CoupledGroups(m.Done());
    QVERIFY(!groups[0].fixed_because.empty());         // 8 units are 2 channels
    QCOMPARE(groups[1].fixed_because, std::string());  // 3 channels are 6 rows, 12 elements
  }

  void namesOrderAndWhatHoldsStay() {
    Graph graph = KnownModel("lenet-5");
    Value& weight = graph.mutable_value(Named(graph, "conv2.weight"));
    weight.hold = Hold::kGrid;
    weight.quantization = Quantization{.bits = 4, .scales = {}};
    for (int c = 0; c < 50; ++c) weight.quantization->scales.push_back(static_cast<float>(c + 1));
    const Graph smaller =
        Must(KeepChannels(graph, {{NodeNamed(graph, "conv1"), {1}}, {NodeNamed(graph, "conv2"), {7, 49}}}));
    const std::vector<ValueId> old_ids = graph.parameters(), new_ids = smaller.parameters();
    QCOMPARE(new_ids.size(), old_ids.size());
    for (size_t i = 0; i < old_ids.size(); ++i)
      QCOMPARE(smaller.value(new_ids[i]).name, graph.value(old_ids[i]).name);
    const Value& cut = ValueNamed(smaller, "conv2.weight");
    QCOMPARE(cut.shape, (Shape{2, 1, 5, 5}));
    QVERIFY(cut.hold == Hold::kGrid);
    QCOMPARE(cut.quantization->scales, (std::vector<float>{8, 50}));
    QCOMPARE(ValueNamed(smaller, "dense1.weight").shape, (Shape{500, 2 * 16}));
    QCOMPARE((*cut.given)[25], ValuesOf(graph, "conv2.weight")[(49 * 20 + 1) * 25]);
    QCOMPARE(ValueNamed(graph, "conv2.weight").shape, (Shape{50, 20, 5, 5}));
  }

  void wrongChannelsAreRefused_data() {
    QTest::addColumn<QString>("layer");
    QTest::addColumn<QList<int>>("channels");
    QTest::addColumn<QString>("message");
    QTest::newRow("none") << "conv1" << QList<int>{} << "at least one";
    QTest::newRow("beyond") << "conv1" << QList<int>{0, 20} << "0 to 19";
    QTest::newRow("twice") << "conv1" << QList<int>{3, 3} << "ascending";
    QTest::newRow("negative") << "conv1" << QList<int>{-1} << "ascending";
    QTest::newRow("the last layer") << "dense2" << QList<int>{0} << "they reach the prediction";
    QTest::newRow("no layer") << "loss" << QList<int>{0} << "expected a dense layer";
  }
  void wrongChannelsAreRefused() {
    QFETCH(QString, layer);
    QFETCH(QList<int>, channels);
    QFETCH(QString, message);
    const Graph graph = KnownModel("lenet-5");
    const absl::Status status =
        KeepChannels(graph, {{NodeNamed(graph, layer.toStdString()), {channels.begin(), channels.end()}}})
            .status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(MessageOf(status).contains(message) && MessageOf(status).contains('"' + layer + '"'),
             qPrintable(MessageOf(status)));
  }

  void coupledLayersMustAgree() {
    const Graph graph = KnownModel("resnet-8");
    const int conv = NodeNamed(graph, "conv"), other = NodeNamed(graph, "stage1.block1.conv2");
    QVERIFY(KeepChannels(graph, {{conv, {1, 2}}, {other, {1, 2}}}).ok());
    const absl::Status status = KeepChannels(graph, {{conv, {1, 2}}, {other, {1, 3}}}).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(MessageOf(status).contains("coupled"), qPrintable(MessageOf(status)));
  }
};

CONCERTINA_TEST(RemoveChannelsTest)

}  // namespace concertina::remove_channels_test

#include "remove_channels_test.moc"
