// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// random_unstructured_test.cc: chance is of the seed, the step and the layer, and of nothing else.
#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::random_unstructured_test {

using Floats = std::vector<float>;

const Json kHalf = {{"kind", "prune-random"}, {"amount", 0.5}};

class RandomUnstructuredTest : public QObject {
  Q_OBJECT
 private slots:
  void theAmountIsExactAndTheRestUntouched() {
    const Graph graph = KnownModel("lenet-5");
    const Graph pruned = Compressed(graph, {{"kind", "prune-random"}, {"amount", 0.3}}, {.seed = 5});
    for (const char* name : {"conv1.weight", "conv2.weight", "dense1.weight", "dense2.weight"}) {
      const Floats &before = ValuesOf(graph, name), &after = ValuesOf(pruned, name);
      QCOMPARE(ZerosOf(after), int64_t{std::llround(0.3 * static_cast<double>(after.size()))});
      for (size_t i = 0; i < before.size(); ++i)
        if (after[i] != 0) QCOMPARE(after[i], before[i]);
      QVERIFY(ValueNamed(pruned, name).hold == Hold::kZeros);
    }
    // Those that go are of any size: their mean magnitude is the half of the bound, give or take little.
    const Floats &before = ValuesOf(graph, "dense1.weight"), &after = ValuesOf(pruned, "dense1.weight");
    double sum = 0;
    for (size_t i = 0; i < before.size(); ++i) sum += after[i] == 0 ? std::abs(before[i]) : 0;
    const double mean = sum / static_cast<double>(ZerosOf(after)), bound = std::sqrt(3.0 / 800);
    QVERIFY2(std::abs(mean / bound - 0.5) < 0.01, qPrintable(QString::number(mean / bound)));
  }

  void theSameArgumentsGiveTheSameBits() {
    const Graph graph = TwoDenseLayers();
    const auto a = [&](uint64_t seed, int64_t step) {
      return ValuesOf(Compressed(graph, kHalf, {.seed = seed, .step_index = step}), "a.weight");
    };
    QCOMPARE(a(1, 0), a(1, 0));
    QVERIFY(a(1, 0) != a(2, 0));
    QVERIFY(a(1, 0) != a(1, 1));
    const Graph alone = Compressed(graph, {{"kind", "prune-random"}, {"layers", "b"}}, {.seed = 1});
    QCOMPARE(ValuesOf(alone, "b.weight"), ValuesOf(Compressed(graph, kHalf, {.seed = 1}), "b.weight"));
    QCOMPARE(ValuesOf(alone, "a.weight"), ValuesOf(graph, "a.weight"));
  }

  void whatIsZeroAlreadyCounts() {
    const Graph once = Compressed(TwoDenseLayers(), kHalf, {.seed = 1});
    const Graph twice = Compressed(once, kHalf, {.seed = 2});
    QCOMPARE(ValuesOf(twice, "a.weight"), ValuesOf(once, "a.weight"));
  }
};

CONCERTINA_TEST(RandomUnstructuredTest)

}  // namespace concertina::random_unstructured_test

#include "random_unstructured_test.moc"
