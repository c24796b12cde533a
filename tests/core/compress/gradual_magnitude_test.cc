// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gradual_magnitude_test.cc: each round prunes to what the paper's schedule says, and what went stays away.
#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::gradual_magnitude_test {
namespace {

using Floats = std::vector<float>;

CompressContext InRound(int round) {
  CompressContext context;
  context.round = round;
  return context;
}

// Training that moves every weight but what is held at zero.
Graph TrainedOn(const Graph& graph, int round) {
  Graph trained = graph;
  for (const ValueId id : trained.parameters()) {
    Floats values = *trained.value(id).given;
    Rng rng(static_cast<uint64_t>(round), trained.value(id).name);
    for (float& value : values)
      if (value != 0) value += static_cast<float>(rng.Uniform(-0.02, 0.02));
    trained.mutable_value(id).given = std::make_shared<const Floats>(std::move(values));
  }
  return trained;
}

double ShareOfZeros(const Graph& graph) {
  int64_t zeros = 0, count = 0;
  for (const ValueId id : graph.parameters()) {
    if (graph.value(id).shape.size() < 2) continue;
    zeros += ZerosOf(*graph.value(id).given);
    count += std::ssize(*graph.value(id).given);
  }
  return static_cast<double>(zeros) / static_cast<double>(count);
}

}  // namespace

class GradualMagnitudeTest : public QObject {
  Q_OBJECT
 private slots:
  // s_t = s_f + (s_i - s_f) (1 - (t - t_0) / (n dt))^3 [Zhu, Gupta 2017, equation 1].
  void theScheduleIsThePapers_data() {
    QTest::addColumn<double>("initial");
    QTest::addColumn<double>("amount");
    QTest::addColumn<int>("rounds");
    QTest::addColumn<QString>("scope");
    QTest::addColumn<QList<double>>("shares");
    // By hand: 0.8 (1 - (3/4)^3), 0.8 (1 - 1/8), 0.8 (1 - 1/64), 0.8.
    QTest::newRow("from nothing") << 0.0 << 0.8 << 4 << "layer" << QList<double>{0.4625, 0.7, 0.7875, 0.8};
    QTest::newRow("of all layers together")
        << 0.0 << 0.8 << 4 << "global" << QList<double>{0.4625, 0.7, 0.7875, 0.8};
    // 0.9 - 0.4 (1/8), 0.9.
    QTest::newRow("from a half") << 0.5 << 0.9 << 2 << "layer" << QList<double>{0.85, 0.9};
    QTest::newRow("at once") << 0.0 << 0.6 << 1 << "layer" << QList<double>{0.6};
    QTest::newRow("the same share") << 0.5 << 0.5 << 3 << "layer" << QList<double>{0.5, 0.5, 0.5};
    QTest::newRow("everything") << 0.0 << 1.0 << 2 << "layer" << QList<double>{0.875, 1.0};
  }
  void theScheduleIsThePapers() {
    QFETCH(double, initial);
    QFETCH(double, amount);
    QFETCH(int, rounds);
    QFETCH(QString, scope);
    QFETCH(QList<double>, shares);
    const auto step = Must(CompressorOf({{"kind", "prune-gradual"},
                                         {"initial", initial},
                                         {"amount", amount},
                                         {"rounds", rounds},
                                         {"scope", scope.toStdString()}}));
    QCOMPARE(step->rounds(), rounds);
    Graph graph = KnownModel("lenet-5");
    for (int round = 0; round < rounds; ++round) {
      const Graph pruned = Must(step->Apply(graph, InRound(round)));
      // Half a weight of each of four layers of at least 500.
      QVERIFY2(std::abs(ShareOfZeros(pruned) - shares[round]) < 1e-5,
               qPrintable(QString::number(ShareOfZeros(pruned))));
      if (scope == "layer") {
        const Floats& smallest = ValuesOf(pruned, "conv1.weight");
        QCOMPARE(ZerosOf(smallest), int64_t{std::llround(shares[round] * 500)});
      }
      graph = TrainedOn(pruned, round);
    }
  }

  void sharesGrowByLessEachTimeAndMasksNest_data() {
    QTest::addColumn<QString>("scope");
    QTest::newRow("layer") << "layer";
    QTest::newRow("global") << "global";
  }
  void sharesGrowByLessEachTimeAndMasksNest() {
    QFETCH(QString, scope);
    const auto step = Must(CompressorOf(
        {{"kind", "prune-gradual"}, {"amount", 0.95}, {"rounds", 12}, {"scope", scope.toStdString()}}));
    Graph graph = KnownModel("lenet-300-100");
    double share = 0, grown = 1;
    for (int round = 0; round < 12; ++round) {
      const Graph before = graph;
      graph = Must(step->Apply(TrainedOn(before, round), InRound(round)));
      for (const ValueId id : graph.parameters()) {
        const Floats &was = *before.value(id).given, &is = *graph.value(id).given;
        for (size_t i = 0; i < was.size(); ++i)
          if (was[i] == 0 && before.value(id).hold == Hold::kZeros) QCOMPARE(is[i], 0.0F);
      }
      const double now = ShareOfZeros(graph);
      QVERIFY(now > share && now - share < grown);
      grown = now - share;
      share = now;
    }
    QVERIFY(std::abs(share - 0.95) < 1e-5);
    QVERIFY(ValueNamed(graph, "dense1.weight").hold == Hold::kZeros);
  }

  void itTrainsBetween() {
    const auto step = Must(CompressorOf(
        {{"kind", "prune-gradual"}, {"epochs", 6}, {"rounds", 3}, {"learning_rate_factor", 0.5}}));
    QCOMPARE(step->retrain_epochs(), 6.0);
    QCOMPARE(step->retrain_learning_rate_factor(), 0.5);
  }

  void otherLayersAndTheGivenGraphStay() {
    const Graph graph = TwoDenseLayers();
    const Graph pruned =
        Compressed(graph, {{"kind", "prune-gradual"}, {"rounds", 1}, {"amount", 0.5}, {"layers", "a"}});
    QCOMPARE(ZerosOf(ValuesOf(pruned, "a.weight")), int64_t{24});
    QCOMPARE(ValuesOf(pruned, "b.weight"), ValuesOf(graph, "b.weight"));
    QCOMPARE(ZerosOf(ValuesOf(graph, "a.weight")), int64_t{0});
  }

  void wrongParametersAreRefused() {
    const Graph graph = TwoDenseLayers();
    const absl::Status backwards =
        TryCompress(graph, {{"kind", "prune-gradual"}, {"initial", 0.6}, {"amount", 0.5}}).status();
    QCOMPARE(backwards.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(MessageOf(backwards).contains("initial: 0.6"), qPrintable(MessageOf(backwards)));
    for (const Json& wrong :
         {Json{{"kind", "prune-gradual"}, {"rounds", 0}}, Json{{"kind", "prune-gradual"}, {"amount", 1.5}},
          Json{{"kind", "prune-gradual"}, {"epochs", 0}},
          Json{{"kind", "prune-gradual"}, {"scope", "model"}}})
      QVERIFY(!TryCompress(graph, wrong).ok());
    const absl::Status nowhere =
        TryCompress(graph, {{"kind", "prune-gradual"}, {"layers", "conv*"}}).status();
    QVERIFY2(MessageOf(nowhere).contains("conv*"), qPrintable(MessageOf(nowhere)));
  }
};

CONCERTINA_TEST(GradualMagnitudeTest)

}  // namespace concertina::gradual_magnitude_test

#include "gradual_magnitude_test.moc"
