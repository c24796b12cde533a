// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// codebook_test.cc: few values, near what was there; zeros stay; k-means only ever comes nearer.
#include <QTest>
#include <set>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::codebook_test {

class CodebookTest : public QObject {
  Q_OBJECT

 private slots:
  void asManyValuesAsBitsSay() {
    const Graph graph = KnownModel("lenet-300-100");
    for (const int bits : {1, 3, 5, 8}) {
      const Graph shared = Compressed(graph, {{"kind", "codebook"}, {"bits", bits}});
      const std::vector<float>& weight = ValuesOf(shared, "dense1.weight");
      const std::set<float> values(weight.begin(), weight.end());
      QVERIFY(values.size() <= size_t{1} << bits && values.size() > size_t{1} << (bits - 1));
      QVERIFY(ValueNamed(shared, "dense1.weight").hold == Hold::kShared);
      QCOMPARE(ValuesOf(shared, "dense1.bias"), ValuesOf(graph, "dense1.bias"));
    }
  }

  void prunedWeightsStayZero() {
    Graph graph = Compressed(TwoDenseLayers(), {{"kind", "prune-l1"}, {"amount", 0.5}});
    const Graph shared = Compressed(graph, {{"kind", "codebook"}, {"bits", 2}});
    const std::vector<float>&before = ValuesOf(graph, "a.weight"), &after = ValuesOf(shared, "a.weight");
    for (size_t i = 0; i < before.size(); ++i) QCOMPARE(after[i] == 0, before[i] == 0);
  }

  // Of evenly spread entries k-means makes better ones, and each weight has the nearest.
  void kMeansIsNearerThanAnEvenGrid() {
    const Graph graph = KnownModel("lenet-300-100");
    const Graph shared = Compressed(graph, {{"kind", "codebook"}, {"bits", 3}});
    const std::vector<float>&before = ValuesOf(graph, "dense3.weight"),
          &after = ValuesOf(shared, "dense3.weight");
    const auto [least, most] = std::minmax_element(before.begin(), before.end());
    std::vector<float> even(before.size());
    for (size_t i = 0; i < before.size(); ++i) {
      const float place = std::round((before[i] - *least) / (*most - *least) * 7);
      even[i] = *least + place * (*most - *least) / 7;
    }
    QVERIFY(SquaredDistance(before, after) <= SquaredDistance(before, even) * (1 + 1e-6));
    const std::set<float> entries(after.begin(), after.end());
    for (size_t i = 0; i < before.size(); ++i)
      for (const float entry : entries)
        QVERIFY(std::abs(before[i] - after[i]) <= std::abs(before[i] - entry) + 1e-6F);
  }

  void fewValuesAreKeptAsTheyAre() {
    Graph graph = TwoDenseLayers();
    std::vector<float> weight(48);
    for (size_t i = 0; i < weight.size(); ++i) weight[i] = i % 3 == 0 ? -0.5F : 0.25F;
    SetValues(graph, "a.weight", weight);
    QCOMPARE(ValuesOf(Compressed(graph, {{"kind", "codebook"}, {"bits", 1}}), "a.weight"), weight);
  }
};
CONCERTINA_TEST(CodebookTest)

}  // namespace concertina::codebook_test
#include "codebook_test.moc"
