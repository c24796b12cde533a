// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// global_magnitude_test.cc: weights of all layers are ranked together.
#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::global_magnitude_test {

using Floats = std::vector<float>;

class GlobalMagnitudeTest : public QObject {
  Q_OBJECT
 private slots:
  void oneThresholdPartsTheWholeModel() {
    const Graph graph = KnownModel("lenet-5");
    const Graph pruned = Compressed(graph, {{"kind", "prune-global"}, {"amount", 0.7}});
    int64_t zeros = 0, count = 0;
    float largest_gone = 0, smallest_kept = INFINITY;
    std::vector<double> shares;
    for (const char* name : {"conv1.weight", "conv2.weight", "dense1.weight", "dense2.weight"}) {
      const Floats &before = ValuesOf(graph, name), &after = ValuesOf(pruned, name);
      zeros += ZerosOf(after);
      count += std::ssize(after);
      shares.push_back(static_cast<double>(ZerosOf(after)) / static_cast<double>(after.size()));
      for (size_t i = 0; i < before.size(); ++i) {
        if (after[i] != 0) QCOMPARE(after[i], before[i]);
        float& bound = after[i] == 0 ? largest_gone : smallest_kept;
        bound = after[i] == 0 ? std::max(bound, std::abs(before[i])) : std::min(bound, std::abs(before[i]));
      }
      QVERIFY(ValueNamed(pruned, name).hold == Hold::kZeros);
    }
    QCOMPARE(zeros, int64_t{std::llround(0.7 * static_cast<double>(count))});
    QVERIFY(largest_gone <= smallest_kept);
    // conv1's weights are uniform up to sqrt(3/25), dense1's up to sqrt(3/800): so it was no share of each.
    QVERIFY2(shares[0] < 0.3 && shares[2] > 0.7, qPrintable(QString("%1, %2").arg(shares[0]).arg(shares[2])));
  }

  void ofEqualOnesThoseOfTheFirstLayerGo() {
    Graph graph = TwoDenseLayers();
    SetValues(graph, "a.weight", Floats(48, 1.0F));
    SetValues(graph, "b.weight", Floats(24, -1.0F));
    const Graph pruned = Compressed(graph, {{"kind", "prune-global"}, {"amount", 0.5}});
    QCOMPARE(ZerosOf(ValuesOf(pruned, "a.weight")), int64_t{36});
    QCOMPARE(ValuesOf(pruned, "a.weight")[36], 1.0F);
    QCOMPARE(ValuesOf(pruned, "b.weight"), ValuesOf(graph, "b.weight"));
  }

  void otherLayersAndTheGivenGraphStay() {
    const Graph graph = TwoDenseLayers();
    const Floats before = ValuesOf(graph, "a.weight");
    const Graph pruned = Compressed(graph, {{"kind", "prune-global"}, {"layers", "a"}});
    QCOMPARE(ZerosOf(ValuesOf(pruned, "a.weight")), int64_t{24});
    QCOMPARE(ValuesOf(pruned, "b.weight"), ValuesOf(graph, "b.weight"));
    QCOMPARE(ValuesOf(graph, "a.weight"), before);
  }
};

CONCERTINA_TEST(GlobalMagnitudeTest)

}  // namespace concertina::global_magnitude_test

#include "global_magnitude_test.moc"
