// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// channels_test.cc: which channels prune-channels takes out, and how many.
#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::channels_test {
namespace {

using Floats = std::vector<float>;

// 4 -> a (3 units) -> norm -> b; a's rows have the l1 norms 4, 3, 2 and the l2 norms 2, 3, 1.
Graph Ranked() {
  Layers net("ranked", {4});
  net.Dense("a", 3).BatchNorm("norm").Relu();
  Graph graph = WithRandomValues(Must(net.Classify("b", 2)));
  SetValues(graph, "a.weight", {1, 1, -1, 1, 3, 0, 0, 0, 0.5F, 0.5F, 0.5F, -0.5F});
  SetValues(graph, "a.bias", {10, 20, 30});
  SetValues(graph, "norm.weight", {0.1F, -0.2F, 0.3F});
  return graph;
}

}  // namespace

class ChannelsTest : public QObject {
  Q_OBJECT
 private slots:
  void theNormSaysWhichStay_data() {
    QTest::addColumn<QString>("norm");
    QTest::addColumn<Floats>("bias");
    QTest::newRow("l1") << "l1" << Floats{10};
    QTest::newRow("l2") << "l2" << Floats{20};
    QTest::newRow("batch norm") << "batch-norm" << Floats{30};
  }
  void theNormSaysWhichStay() {
    QFETCH(QString, norm);
    QFETCH(Floats, bias);
    const Graph cut = Compressed(Ranked(), {{"kind", "prune-channels"},
                                            {"amount", 0.67},
                                            {"round_to", 1},
                                            {"norm", norm.toStdString()},
                                            {"layers", norm == "batch-norm" ? "a" : "*"}});
    QCOMPARE(ValuesOf(cut, "a.bias"), bias);
    QCOMPARE(ValueNamed(cut, "norm.running_var").shape, (Shape{1}));
    QCOMPARE(ValueNamed(cut, "b.weight").shape, (Shape{2, 1}));
  }

  void widthsAreRoundedUp_data() {
    QTest::addColumn<double>("amount");
    QTest::addColumn<int>("round_to");
    QTest::addColumn<int>("conv1");   // of 20
    QTest::addColumn<int>("conv2");   // of 50
    QTest::addColumn<int>("dense1");  // of 500
    QTest::newRow("halves in eights") << 0.5 << 8 << 16 << 32 << 256;
    QTest::newRow("halves") << 0.5 << 1 << 10 << 25 << 250;
    QTest::newRow("none") << 0.0 << 8 << 20 << 50 << 500;
    QTest::newRow("all but one") << 1.0 << 1 << 1 << 1 << 1;
    QTest::newRow("all but one, in eights") << 1.0 << 8 << 8 << 8 << 8;
    QTest::newRow("at most the width") << 0.1 << 32 << 20 << 50 << 480;
  }
  void widthsAreRoundedUp() {
    QFETCH(double, amount);
    QFETCH(int, round_to);
    const Graph cut = Compressed(KnownModel("lenet-5"),
                                 {{"kind", "prune-channels"}, {"amount", amount}, {"round_to", round_to}});
    QFETCH(int, conv1);
    QFETCH(int, conv2);
    QFETCH(int, dense1);
    QCOMPARE(ValueNamed(cut, "conv1.weight").shape, (Shape{conv1, 1, 5, 5}));
    QCOMPARE(ValueNamed(cut, "conv2.weight").shape, (Shape{conv2, conv1, 5, 5}));
    QCOMPARE(ValueNamed(cut, "dense1.weight").shape, (Shape{dense1, 16 * conv2}));
    QCOMPARE(ValueNamed(cut, "dense2.weight").shape[0], int64_t{10});
  }

  void coupledLayersAreRankedTogether() {
    const Graph graph = KnownModel("resnet-8");
    const Graph cut = Compressed(graph, {{"kind", "prune-channels"}, {"amount", 0.5}});
    const Floats &first = ValuesOf(graph, "conv.weight"),
                 &second = ValuesOf(graph, "stage1.block1.conv2.weight");
    std::vector<std::pair<double, size_t>> norms;
    for (size_t c = 0; c < 16; ++c) {
      double sum = 0;
      for (size_t i = 0; i < 9; ++i) sum += std::abs(first[c * 9 + i]);
      for (size_t i = 0; i < 144; ++i) sum += std::abs(second[c * 144 + i]);
      norms.emplace_back(sum, c);
    }
    std::sort(norms.rbegin(), norms.rend());
    std::vector<size_t> expected;
    for (size_t i = 0; i < 8; ++i) expected.push_back(norms[i].second);
    std::sort(expected.begin(), expected.end());
    Floats scale;
    for (const size_t c : expected) scale.push_back(ValuesOf(graph, "norm.weight")[c]);
    QCOMPARE(ValuesOf(cut, "norm.weight"), scale);
    QCOMPARE(ValueNamed(cut, "stage3.block1.shortcut.weight").shape, (Shape{32, 16, 1, 1}));
  }

  void zerosStayHeldAndTheGivenGraphStays() {
    const Graph graph = Compressed(KnownModel("lenet-5"), {{"kind", "prune-l1"}});
    const Graph cut = Compressed(graph, {{"kind", "prune-channels"}});
    QVERIFY(ValueNamed(cut, "dense1.weight").hold == Hold::kZeros);
    QCOMPARE(ValueNamed(graph, "dense1.weight").shape, (Shape{500, 800}));
  }

  void whatCannotBeCutIsNamed_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("norm");
    QTest::addColumn<QString>("layers");
    QTest::addColumn<QString>("message");
    QTest::newRow("no batch norm") << "lenet-5"
                                   << "batch-norm"
                                   << "*"
                                   << "layer \"conv1\": no batch norm";
    QTest::newRow("the last layer alone") << "lenet-5"
                                          << "l1"
                                          << "dense2"
                                          << "they reach the prediction";
    QTest::newRow("half a couple") << "resnet-8"
                                   << "l1"
                                   << "conv"
                                   << "not \"stage1.block1.conv2\"";
  }
  void whatCannotBeCutIsNamed() {
    QFETCH(QString, model);
    QFETCH(QString, norm);
    QFETCH(QString, layers);
    QFETCH(QString, message);
    const absl::Status status =
        TryCompress(
            KnownModel(model.toStdString()),
            {{"kind", "prune-channels"}, {"norm", norm.toStdString()}, {"layers", layers.toStdString()}})
            .status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(MessageOf(status).contains(message), qPrintable(MessageOf(status)));
  }
};

CONCERTINA_TEST(ChannelsTest)

}  // namespace concertina::channels_test

#include "channels_test.moc"
