// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// iterative_magnitude_test.cc: each round takes a share of what is left, by what training made of it, and the
// rest is as it began.
#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::iterative_magnitude_test {
namespace {

using Floats = std::vector<float>;

CompressContext InRound(const Graph& first, int round) {
  CompressContext context;
  context.first = std::make_shared<const Graph>(first);
  context.round = round;
  return context;
}

// Other values for all but what is held at zero.
Graph TrainedAnew(const Graph& graph, int round) {
  Graph trained = WithRandomValues(graph, static_cast<uint64_t>(100 + round));
  for (const ValueId id : trained.parameters()) {
    if (graph.value(id).hold != Hold::kZeros) continue;
    Floats values = *trained.value(id).given;
    for (size_t i = 0; i < values.size(); ++i)
      if ((*graph.value(id).given)[i] == 0) values[i] = 0;
    trained.mutable_value(id).given = std::make_shared<const Floats>(std::move(values));
  }
  return trained;
}

int64_t LeftOf(const Graph& graph, const std::string& name) {
  const Floats& values = ValuesOf(graph, name);
  return std::ssize(values) - ZerosOf(values);
}

}  // namespace

class IterativeMagnitudeTest : public QObject {
  Q_OBJECT
 private slots:
  // 15 rounds of 20 %, 10 % of the last layer, as Frankle and Carbin prune LeNet-300-100: 3.6 % are left.
  void fifteenRoundsLeaveThePapersShare() {
    const Graph first = KnownModel("lenet-300-100");
    const auto step = Must(CompressorOf({{"kind", "prune-iterative"}}));
    QCOMPARE(step->rounds(), 15);
    Graph graph = first;
    int64_t dense1 = 784 * 300, dense2 = 300 * 100, last = 100 * 10;
    for (int round = 0; round < 15; ++round) {
      const Graph trained = TrainedAnew(graph, round);
      const Graph pruned = Must(step->Apply(trained, InRound(first, round)));
      dense1 -= std::llround(0.2 * static_cast<double>(dense1));
      dense2 -= std::llround(0.2 * static_cast<double>(dense2));
      last -= std::llround(0.1 * static_cast<double>(last));
      QCOMPARE(LeftOf(pruned, "dense1.weight"), dense1);
      QCOMPARE(LeftOf(pruned, "dense2.weight"), dense2);
      QCOMPARE(LeftOf(pruned, "dense3.weight"), last);
      for (const ValueId id : pruned.parameters()) {
        const Value &now = pruned.value(id), &begun = first.value(id), &was = graph.value(id);
        float largest_gone = 0, smallest_kept = INFINITY;
        for (size_t i = 0; i < now.given->size(); ++i) {
          const float magnitude = std::abs((*trained.value(id).given)[i]);
          if (was.hold == Hold::kZeros && (*was.given)[i] == 0) {
            QVERIFY((*now.given)[i] == 0);  // masks nest
          } else if (now.hold == Hold::kZeros && (*now.given)[i] == 0) {
            largest_gone = std::max(largest_gone, magnitude);
          } else {
            QVERIFY((*now.given)[i] == (*begun.given)[i]);  // to the bit
            smallest_kept = std::min(smallest_kept, magnitude);
          }
        }
        QVERIFY(largest_gone <= smallest_kept);  // by what training made of it, not by what it began with
      }
      graph = pruned;
    }
    const double left = static_cast<double>(dense1 + dense2 + last) / (784 * 300 + 300 * 100 + 100 * 10);
    QVERIFY2(std::abs(left - 0.036) < 0.0005, qPrintable(QString::number(left)));
  }

  void allLayersTogetherHaveOneShare() {
    const Graph first = KnownModel("lenet-5");
    const Graph trained = TrainedAnew(first, 0);
    const Graph pruned = Compressed(
        trained, {{"kind", "prune-iterative"}, {"scope", "global"}, {"share", 0.5}}, InRound(first, 0));
    int64_t left = 0, count = 0;
    for (const char* name : {"conv1.weight", "conv2.weight", "dense1.weight", "dense2.weight"}) {
      left += LeftOf(pruned, name);
      count += std::ssize(ValuesOf(pruned, name));
    }
    QCOMPARE(left, count - count / 2);
    QVERIFY(LeftOf(pruned, "conv1.weight") > 400);  // the weights of conv1 are the largest
  }

  void withoutRewindingTrainedValuesStay() {
    const Graph graph = TwoDenseLayers();
    const Graph pruned = Compressed(graph, {{"kind", "prune-iterative"}, {"rewind", false}, {"share", 0.5}});
    const Floats &before = ValuesOf(graph, "a.weight"), &after = ValuesOf(pruned, "a.weight");
    QCOMPARE(ZerosOf(after), int64_t{24});
    for (size_t i = 0; i < after.size(); ++i)
      if (after[i] != 0) QCOMPARE(after[i], before[i]);
  }

  void itTrainsAfterEachRound() {
    const auto step =
        Must(CompressorOf({{"kind", "prune-iterative"}, {"rounds", 4}, {"epochs_per_round", 2.5}}));
    QCOMPARE(step->retrain_epochs(), 10.0);
    QCOMPARE(step->retrain_learning_rate_factor(), 1.0);
  }

  void theGivenGraphStays() {
    const Graph first = TwoDenseLayers(), trained = TrainedAnew(first, 1);
    const Floats before = ValuesOf(trained, "a.weight");
    Compressed(trained, {{"kind", "prune-iterative"}}, InRound(first, 0));
    QCOMPARE(ValuesOf(trained, "a.weight"), before);
    QVERIFY(ValueNamed(trained, "a.weight").hold == Hold::kNothing);
  }

  void whatCannotBeRewoundIsRefused() {
    const Graph graph = TwoDenseLayers();
    const absl::Status nothing = TryCompress(graph, {{"kind", "prune-iterative"}}).status();
    QCOMPARE(nothing.code(), absl::StatusCode::kFailedPrecondition);
    QVERIFY2(MessageOf(nothing).contains("\"rewind\": false"), qPrintable(MessageOf(nothing)));
    Layers net("another", {8});
    net.Dense("a", 7).Relu();
    const Graph other = WithRandomValues(Must(net.Classify("b", 4)));
    const absl::Status status = TryCompress(graph, {{"kind", "prune-iterative"}}, InRound(other, 0)).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    for (const char* part : {"layer \"a\"", "6x8", "7x8", "put prune-iterative before"})
      QVERIFY2(MessageOf(status).contains(part), qPrintable(MessageOf(status)));
    QVERIFY(!TryCompress(graph, {{"kind", "prune-iterative"}, {"rounds", 0}}, InRound(graph, 0)).ok());
    QVERIFY(!TryCompress(graph, {{"kind", "prune-iterative"}, {"share", -0.1}}, InRound(graph, 0)).ok());
  }
};

CONCERTINA_TEST(IterativeMagnitudeTest)

}  // namespace concertina::iterative_magnitude_test

#include "iterative_magnitude_test.moc"
