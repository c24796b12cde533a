// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// l1_unstructured_test.cc: of each layer just the smallest weights go, and as many as were asked for.
#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::l1_unstructured_test {

using Floats = std::vector<float>;

class L1UnstructuredTest : public QObject {
  Q_OBJECT
 private slots:
  void theAmountIsExact_data() {
    QTest::addColumn<double>("amount");
    for (const double amount : {0.0, 0.1, 0.5, 0.9, 0.999, 1.0}) QTest::addRow("%g", amount) << amount;
  }
  void theAmountIsExact() {
    QFETCH(double, amount);
    const Graph graph = KnownModel("lenet-5");
    const Graph pruned = Compressed(graph, {{"kind", "prune-l1"}, {"amount", amount}});
    for (const char* layer : {"conv1", "conv2", "dense1", "dense2"}) {
      const std::string name = std::string(layer) + ".weight";
      const Floats &before = ValuesOf(graph, name), &after = ValuesOf(pruned, name);
      QCOMPARE(ZerosOf(after), int64_t{std::llround(amount * static_cast<double>(before.size()))});
      float largest_gone = 0, smallest_kept = INFINITY;
      for (size_t i = 0; i < before.size(); ++i) {
        if (after[i] == 0) {
          largest_gone = std::max(largest_gone, std::abs(before[i]));
        } else {
          QCOMPARE(after[i], before[i]);
          smallest_kept = std::min(smallest_kept, std::abs(before[i]));
        }
      }
      QVERIFY(largest_gone <= smallest_kept);
      QVERIFY(ValueNamed(pruned, name).hold == Hold::kZeros);
    }
  }

  void ofEqualOnesTheFirstGo() {
    Graph graph = TwoDenseLayers();
    SetValues(graph, "b.weight", {1, -1, 1, 2, 1, 1, -1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
    const Graph pruned = Compressed(graph, {{"kind", "prune-l1"}, {"amount", 0.25}, {"layers", "b"}});
    QCOMPARE(ValuesOf(pruned, "b.weight"),
             (Floats{0, 0, 0, 2, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
  }

  void whatIsZeroAlreadyCounts() {
    const Graph once = Compressed(TwoDenseLayers(), {{"kind", "prune-l1"}, {"amount", 0.5}});
    const Graph twice = Compressed(once, {{"kind", "prune-l1"}, {"amount", 0.5}});
    const Graph less = Compressed(once, {{"kind", "prune-l1"}, {"amount", 0.25}});
    QCOMPARE(ValuesOf(twice, "a.weight"), ValuesOf(once, "a.weight"));
    QCOMPARE(ValuesOf(less, "a.weight"), ValuesOf(once, "a.weight"));
  }

  void otherLayersAndTheGivenGraphStay() {
    const Graph graph = TwoDenseLayers(), copy = graph;
    const Graph pruned = Compressed(graph, {{"kind", "prune-l1"}, {"layers", "a"}});
    for (const char* name : {"a.bias", "b.weight", "b.bias"}) {
      QCOMPARE(ValuesOf(pruned, name), ValuesOf(graph, name));
      QVERIFY(ValueNamed(pruned, name).hold == Hold::kNothing);
    }
    QCOMPARE(ZerosOf(ValuesOf(pruned, "a.weight")), int64_t{24});
    QCOMPARE(ValuesOf(graph, "a.weight"), ValuesOf(copy, "a.weight"));
    QCOMPARE(ZerosOf(ValuesOf(graph, "a.weight")), int64_t{0});
    QVERIFY(ValueNamed(graph, "a.weight").hold == Hold::kNothing);
  }

  void wrongParametersAreRefused() {
    const Graph graph = TwoDenseLayers();
    QVERIFY(!TryCompress(graph, {{"kind", "prune-l1"}, {"amount", 1.5}}).ok());
    const absl::Status status = TryCompress(graph, {{"kind", "prune-l1"}, {"layers", "conv"}}).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(MessageOf(status).contains("conv"), qPrintable(MessageOf(status)));
  }
};

CONCERTINA_TEST(L1UnstructuredTest)

}  // namespace concertina::l1_unstructured_test

#include "l1_unstructured_test.moc"
