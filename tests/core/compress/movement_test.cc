// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// movement_test.cc: what goes is what moved towards zero, by scores worked out by hand and by descent itself.
#include <QTest>
#include <numeric>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::movement_test {
namespace {

using Floats = std::vector<float>;

// 4 -> b (2 classes), with this weight.
Graph OneLayerOf(const Floats& weight) {
  Layers net("one layer", {4});
  Graph graph = WithRandomValues(Must(net.Classify("b", 2)));
  SetValues(graph, "b.weight", weight);
  return graph;
}

CompressContext After(const Graph& before) {
  CompressContext context;
  context.before = std::make_shared<const Graph>(before);
  return context;
}

}  // namespace

class MovementTest : public QObject {
  Q_OBJECT
 private slots:
  void whatMovedTowardsZeroGoes() {
    //                            down    up      through 0  down    up a bit  still   down, far  up, far
    const Graph before = OneLayerOf({3.0F, 0.1F, 0.5F, -2.0F, -0.2F, 1.0F, 4.0F, 0.0F});
    const Graph after = OneLayerOf({2.9F, 0.2F, -0.6F, -1.9F, -0.3F, 1.0F, 1.0F, 2.0F});
    // (after^2 - before^2) / 2:     -.295  .015    .055      -.195    .025     0       -7.5       2
    const std::vector<size_t> least_first = {6, 0, 3, 5, 1, 4, 2, 7};
    for (int gone = 0; gone <= 8; ++gone) {
      const Graph pruned =
          Compressed(after, {{"kind", "prune-movement"}, {"amount", gone / 8.0}}, After(before));
      Floats expected = ValuesOf(after, "b.weight");
      for (int i = 0; i < gone; ++i) expected[least_first[static_cast<size_t>(i)]] = 0;
      QCOMPARE(ValuesOf(pruned, "b.weight"), expected);
      QVERIFY(ValueNamed(pruned, "b.weight").hold == Hold::kZeros);
    }
  }

  // The paper's sum, - sum_t w dL/dw, over plain descent in small steps, on (w - end)^2 / 2 for each weight.
  void itIsThePapersSumForSmallSteps() {
    const std::vector<double> begins = {0.9, -0.4, 0.2, 1.5, -1.1, 0.05, 0.7, -0.6},
                              ends = {0.1, -1.0, 0.5, 1.4, -0.2, -0.9, 0.75, 0.8};
    constexpr double kRate = 1e-3;
    Floats before, after;
    std::vector<double> sums;
    for (size_t i = 0; i < begins.size(); ++i) {
      double w = begins[i], sum = 0;
      for (int t = 0; t < 800; ++t) {
        const double gradient = w - ends[i];
        sum -= w * gradient;
        w -= kRate * gradient;
      }
      before.push_back(static_cast<float>(begins[i]));
      after.push_back(static_cast<float>(w));
      sums.push_back(sum);
    }
    std::vector<size_t> least_first(sums.size());
    std::iota(least_first.begin(), least_first.end(), size_t{0});
    std::sort(least_first.begin(), least_first.end(), [&](size_t a, size_t b) { return sums[a] < sums[b]; });
    for (size_t gone = 1; gone < 8; ++gone) {
      const Graph pruned = Compressed(OneLayerOf(after),
                                      {{"kind", "prune-movement"}, {"amount", static_cast<double>(gone) / 8}},
                                      After(OneLayerOf(before)));
      Floats expected = after;
      for (size_t i = 0; i < gone; ++i) expected[least_first[i]] = 0;
      QCOMPARE(ValuesOf(pruned, "b.weight"), expected);
    }
  }

  void whatIsZeroAlreadyGoesFirst() {
    const Graph before = OneLayerOf({3, 0, 0.5F, -2, -0.2F, 1, 4, 1});
    Graph after = OneLayerOf({1, 0, 0.6F, -1, -0.3F, 1, 2, 2});
    const Graph pruned = Compressed(after, {{"kind", "prune-movement"}, {"amount", 0.125}}, After(before));
    QCOMPARE(ValuesOf(pruned, "b.weight"), ValuesOf(after, "b.weight"));  // the one that was zero
  }

  void scopesRankApartOrTogether() {
    const Graph before = TwoDenseLayers();
    Graph after = before;
    Floats a = ValuesOf(before, "a.weight"), b = ValuesOf(before, "b.weight");
    for (float& w : a) w *= 0.5F;  // all of a moved towards zero, and all of b away
    for (float& w : b) w *= 1.5F;
    SetValues(after, "a.weight", a);
    SetValues(after, "b.weight", b);
    const Json step = {{"kind", "prune-movement"}, {"amount", 0.5}};
    const Graph apart = Compressed(after, step, After(before));
    QCOMPARE(ZerosOf(ValuesOf(apart, "a.weight")), int64_t{24});
    QCOMPARE(ZerosOf(ValuesOf(apart, "b.weight")), int64_t{12});
    Json global = step;
    global["scope"] = "global";
    const Graph together = Compressed(after, global, After(before));
    QCOMPARE(ZerosOf(ValuesOf(together, "a.weight")), int64_t{36});
    QCOMPARE(ZerosOf(ValuesOf(together, "b.weight")), int64_t{0});
    QCOMPARE(ValuesOf(Compressed(after, global, After(before)), "a.weight"), ValuesOf(together, "a.weight"));
    QCOMPARE(ZerosOf(ValuesOf(after, "a.weight")), int64_t{0});  // the given graph stays
  }

  void withoutTrainingBeforeItIsRefused() {
    const absl::Status status = TryCompress(TwoDenseLayers(), {{"kind", "prune-movement"}}).status();
    QCOMPARE(status.code(), absl::StatusCode::kFailedPrecondition);
    QVERIFY2(MessageOf(status).contains("a retrain step must come before it"), qPrintable(MessageOf(status)));
  }

  void aLayerThatWasAnotherIsNamed() {
    const Graph graph = KnownModel("lenet-300-100");
    const Graph thin = Compressed(graph, {{"kind", "low-rank"}, {"rank", 8}, {"layers", "dense2"}});
    const absl::Status status = TryCompress(thin, {{"kind", "prune-movement"}}, After(graph)).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    for (const char* part : {"\"dense2_a\"", "was not there", "retrain"})
      QVERIFY2(MessageOf(status).contains(part), qPrintable(MessageOf(status)));
    QVERIFY(TryCompress(thin, {{"kind", "prune-movement"}, {"layers", "dense1"}}, After(graph)).ok());
  }

  void whatIsNoNumberIsNamed() {
    const Graph after = OneLayerOf({1, 2, 3, 4, 5, 6, 7, 8});
    const Graph before = OneLayerOf({1, 2, NAN, 4, 5, 6, 7, 8});
    const absl::Status status = TryCompress(after, {{"kind", "prune-movement"}}, After(before)).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    for (const char* part : {"\"b\"", "element 2"})
      QVERIFY2(MessageOf(status).contains(part), qPrintable(MessageOf(status)));
  }
};

CONCERTINA_TEST(MovementTest)

}  // namespace concertina::movement_test

#include "movement_test.moc"
