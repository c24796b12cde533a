// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gossip_test.cc: gossip and CHOCO-SGD keep the mean, agree as fast as the spectral gap says, and send what
// they say.
#include <QTest>
#include <cmath>

#include "core/parallel/mixing_graph.h"
#include "tests/core/parallel/rank_group.h"

namespace concertina {
namespace {

using nlohmann::json;

// sqrt(sum over ranks of ||x_i - mean||^2 / N) of what each rank had after `step`.
double Distance(const std::vector<ToyRank>& ranks, size_t step) {
  double squared = 0;
  for (size_t i = 0; i < ranks[0].history[step].size(); ++i) {
    double mean = 0;
    for (const ToyRank& rank : ranks) mean += rank.history[step][i] / static_cast<double>(ranks.size());
    for (const ToyRank& rank : ranks) squared += std::pow(rank.history[step][i] - mean, 2);
  }
  return std::sqrt(squared / static_cast<double>(ranks.size()));
}

// All begin alike, step 0 takes each rank to a goal of its own, and then only mixing is left.
std::vector<ToyRank> MixOnly(json exchange, json codec, int ranks, int steps) {
  return RunToy({.exchange = std::move(exchange),
                 .codec = std::move(codec),
                 .ranks = ranks,
                 .steps = 1 + steps,
                 .learning_rate = 1,
                 .learning_steps = 1,
                 .settles = false});
}

}  // namespace

class GossipTest : public QObject {
  Q_OBJECT

  static void verify(const std::vector<ToyRank>& ranks) {
    for (const ToyRank& rank : ranks) QVERIFY2(rank.status.ok(), std::string(rank.status.message()).c_str());
  }

 private slots:
  void ranksAgreeAtTheRateOfTheSpectralGap_data() {
    QTest::addColumn<QString>("graph");
    QTest::addColumn<int>("ranks");
    QTest::newRow("ring of 8") << "ring" << 8;
    QTest::newRow("ring of 5") << "ring" << 5;
    QTest::newRow("torus of 12") << "torus" << 12;
    QTest::newRow("hypercube of 8") << "hypercube" << 8;
  }
  void ranksAgreeAtTheRateOfTheSpectralGap() {
    QFETCH(QString, graph);
    QFETCH(int, ranks);
    const auto got = MixOnly({{"kind", "gossip"}, {"graph", graph.toStdString()}}, nullptr, ranks, 24);
    verify(got);
    const double lambda = 1 - MixingGraph::Create(graph.toStdString(), ranks, "")->SpectralGap();
    // Once the other eigenvectors have died away; while the distance is far above float's rounding.
    const double rate = std::pow(Distance(got, 16) / Distance(got, 8), 1.0 / 8);
    QVERIFY2(std::abs(rate / lambda - 1) < 0.05,
             qPrintable(QString("%1, expected %2").arg(rate).arg(lambda)));
  }

  void onePeerAStepIsExactAfterLogN() {
    for (const int ranks : {2, 4, 8}) {
      const auto got = MixOnly({{"kind", "gossip"}, {"graph", "exponential"}}, nullptr, ranks, 3);
      verify(got);
      QVERIFY(Distance(got, static_cast<size_t>(std::log2(ranks))) < 1e-5);
      if (ranks > 2) QVERIFY(Distance(got, 1) > 1);
    }
  }

  void theMeanStays_data() {
    QTest::addColumn<QString>("exchange");
    QTest::newRow("ring") << R"({"kind": "gossip"})";
    QTest::newRow("exponential") << R"({"kind": "gossip", "graph": "exponential"})";
    QTest::newRow("star") << R"({"kind": "gossip", "graph": "edges", "edges": "0-1, 0-2, 0-3, 0-4, 0-5"})";
    QTest::newRow("choco") << R"({"kind": "choco-sgd", "graph": "torus"})";
  }
  void theMeanStays() {
    QFETCH(QString, exchange);
    const auto got = MixOnly(json::parse(exchange.toStdString()), nullptr, 6, 30);
    verify(got);
    for (size_t i = 0; i < 512; ++i) {
      double before = 0, after = 0;
      for (const ToyRank& rank : got) {
        before += rank.goal[i] / 6;  // a step of learning rate 1 ends at the goal
        after += rank.parameters[i] / 6;
      }
      QVERIFY(std::abs(before - after) < 1e-5);
    }
  }

  // With lr 0.1 on quadratics of equal curvature the mean of the ranks moves as under all-reduce.
  void theMeanLearnsAsAllReduceDoes_data() { theMeanStays_data(); }
  void theMeanLearnsAsAllReduceDoes() {
    QFETCH(QString, exchange);
    const auto got = RunToy({.exchange = json::parse(exchange.toStdString()), .ranks = 6, .steps = 40});
    const auto all = RunToy({.exchange = {{"kind", "all-reduce"}}, .ranks = 6, .steps = 40});
    verify(got);
    for (const ToyRank& rank : got) {
      QVERIFY(rank.parameters == got[0].parameters);  // settled
      for (size_t i = 0; i < 512; ++i) QVERIFY(std::abs(rank.parameters[i] - all[0].parameters[i]) < 1e-4);
    }
  }

  void chocoWithoutCodecAndAWholeStepMixesAsGossip() {
    const auto choco = MixOnly({{"kind", "choco-sgd"}, {"consensus_step", 1}}, nullptr, 5, 10);
    const auto gossip = MixOnly({{"kind", "gossip"}}, nullptr, 5, 10);
    verify(choco);
    // CHOCO mixes what the step made, gossip what was there before it: one step later.
    for (size_t i = 0; i < 512; ++i)
      QVERIFY(std::abs(choco[2].history[9][i] - gossip[2].history[10][i]) < 1e-5);
  }

  void chocoAgreesThoughLittleIsSent() {
    const auto got = MixOnly({{"kind", "choco-sgd"}, {"graph", "ring"}},
                             {{"kind", "top-k"}, {"ratio", 0.1}, {"error_feedback", false}}, 6, 400);
    verify(got);
    QVERIFY(Distance(got, 400) < 0.01 * Distance(got, 0));
  }

  void whatIsSentIsAsForetold_data() {
    QTest::addColumn<QString>("exchange");
    QTest::addColumn<QString>("codec");
    for (const char* graph : {"ring", "torus", "complete"}) {
      QTest::addRow("gossip, %s", graph) << QString(R"({"kind": "gossip", "graph": "%1"})").arg(graph) << "";
      QTest::addRow("choco, %s", graph) << QString(R"({"kind": "choco-sgd", "graph": "%1"})").arg(graph)
                                        << R"({"kind": "top-k", "ratio": 0.1, "error_feedback": false})";
    }
    QTest::newRow("gossip, exponential") << R"({"kind": "gossip", "graph": "exponential"})"
                                         << "";
  }
  void whatIsSentIsAsForetold() {
    QFETCH(QString, exchange);
    QFETCH(QString, codec);
    const json spec = json::parse(exchange.toStdString());
    const int ranks = 6, steps = 12;  // whole periods, and no measurement of the consensus
    const auto got = RunToy({.exchange = spec,
                             .codec = codec.isEmpty() ? json(nullptr) : json::parse(codec.toStdString()),
                             .ranks = ranks,
                             .steps = steps,
                             .settles = false});
    verify(got);
    std::vector<Fault> faults;
    const auto component = *Registry::Global().Create<Exchange>(
        "exchange", Registry::Global().Check("exchange", spec, "", faults));
    const Pattern pattern = component->PatternOf(
        {.floats = 512, .ranks = ranks, .encoded_bytes = codec.isEmpty() ? -1 : 4 + 8 * 51});
    uint64_t bytes = 0, messages = 0;
    for (const ToyRank& rank : got) {
      bytes = std::max(bytes, rank.counts.payload_sent);
      messages = std::max(messages, rank.counts.messages_sent);
    }
    QVERIFY(std::abs(static_cast<double>(bytes) - pattern.BusiestBytes() * steps) < 1e-6 * bytes);
    QVERIFY(std::abs(static_cast<double>(messages) - pattern.BusiestMessages() * steps) < 1e-6 * messages);
  }

  void theDistanceIsMeasured() {
    const auto got = RunToy({.exchange = {{"kind", "gossip"}}, .ranks = 4, .steps = 64, .settles = false});
    verify(got);
    const auto measured = got[1].recorder.of("gossip/consensus_distance");
    QCOMPARE(measured.size(), size_t{1});
    QVERIFY(std::abs(measured[0].second / Distance(got, 63) - 1) < 1e-3);  // sums in float
    QVERIFY(std::abs(got[0].recorder.of("gossip/spectral_gap")[0].second - 2.0 / 3) < 1e-5);
  }

  void goingOnChangesNoBit_data() {
    QTest::addColumn<QString>("exchange");
    QTest::newRow("gossip") << R"({"kind": "gossip", "graph": "exponential"})";
    QTest::newRow("choco") << R"({"kind": "choco-sgd"})";
  }
  void goingOnChangesNoBit() {
    QFETCH(QString, exchange);
    ToyCase c{.exchange = json::parse(exchange.toStdString()), .ranks = 5, .steps = 20};
    if (c.exchange["kind"] == "choco-sgd")
      c.codec = {{"kind", "top-k"}, {"ratio", 0.05}, {"error_feedback", false}};
    const auto whole = RunToy(c);
    c.save_after = 11;
    const auto half = RunToy(c);
    c.save_after = -1;
    c.first_step = 11;
    c.before = &half;
    const auto rest = RunToy(c);
    verify(rest);
    QVERIFY(rest[3].parameters == whole[3].parameters);
  }

  void whatDoesNotFitIsRefusedWithItsField() {
    const auto fits = [](const json& spec, const Circumstances& circumstances) {
      std::vector<Fault> faults;
      const auto component = *Registry::Global().Create<Exchange>(
          "exchange", Registry::Global().Check("exchange", spec, "", faults));
      return std::string(component->Fits(circumstances).message());
    };
    QVERIFY(
        fits({{"kind", "gossip"}, {"graph", "hypercube"}}, {.ranks = 6}).starts_with("/exchange/graph: "));
    QVERIFY(fits({{"kind", "gossip"}, {"graph", "edges"}, {"edges", "0-1"}}, {.ranks = 3})
                .starts_with("/exchange/edges: "));
    QVERIFY(fits({{"kind", "gossip"}}, {.ranks = 4, .has_codec = true}).starts_with("/exchange/kind: "));
    QVERIFY(fits({{"kind", "choco-sgd"}}, {.ranks = 4, .has_codec = true, .codec_remembers = true})
                .starts_with("/gradient/0/error_feedback: "));
    QCOMPARE(fits({{"kind", "choco-sgd"}}, {.ranks = 4, .has_codec = true}), std::string());
  }
};

}  // namespace concertina

QTEST_APPLESS_MAIN(concertina::GossipTest)
#include "gossip_test.moc"
