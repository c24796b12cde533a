// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gossip_loss_test.cc: gossip and CHOCO-SGD go on without a rank that is lost, mix to the average of what is
// left, agree who is gone, and say so; and so does AD-PSGD in the end.
#include <QTest>

#include "log_lines.h"
#include "mixing_ranks.h"
#include "tests/test_program.h"

namespace concertina::gossip_loss_test {
namespace {

using nlohmann::json;

constexpr int64_t kDeadStep = 7;
constexpr int64_t kMeetsEvery = 5;
constexpr int64_t kKnownStep = 20;  // by then all have noticed, agreed, and done what follows

Vectors Left(const Vectors& of_all, int dead) {
  Vectors left = of_all;
  left.erase(left.begin() + dead);
  return left;
}

json SpecOf(const QString& exchange) { return json::parse(exchange.toStdString()); }

}  // namespace

class GossipLossTest : public QObject {
  Q_OBJECT
 private slots:
  void whoIsLeftMixesToItsOwnAverage_data();
  void whoIsLeftMixesToItsOwnAverage();
  void partsWithNoWayBetweenThemAreNamed();
  void chocoForgetsTheCopyOfTheLost_data();
  void chocoForgetsTheCopyOfTheLost();
  void itNeedsNoMeetingToGoOn_data();
  void itNeedsNoMeetingToGoOn();
  void twoMayBeLostAtOnce();
  void noMessageOfSettleIsOneTooFew_data();
  void noMessageOfSettleIsOneTooFew();
};

void GossipLossTest::whoIsLeftMixesToItsOwnAverage_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<int>("ranks");
  QTest::addColumn<int>("dead");
  QTest::addColumn<bool>("keepsAverage");
  QTest::addColumn<bool>("overlap");
  QTest::addColumn<QString>("transport");
  const auto row = [](const char* name, const char* exchange, int ranks, int dead, bool keeps = true,
                      bool overlap = true, const char* transport = "in-process") {
    QTest::newRow(name) << exchange << ranks << dead << keeps << overlap << transport;
  };
  const char* ring = R"({"kind": "gossip"})";
  row("ring, the first", ring, 4, 0);
  row("ring, the last", ring, 5, 4);
  row("ring of three", ring, 3, 1);
  row("one of two", ring, 2, 0);
  row("the other of two", ring, 2, 1);
  row("without overlap", ring, 5, 2, true, false);
  row("complete", R"({"kind": "gossip", "graph": "complete"})", 5, 2);
  row("torus", R"({"kind": "gossip", "graph": "torus"})", 6, 3);
  row("weights of several sizes",
      R"({"kind": "gossip", "graph": "edges", "edges": "0-1,1-2,2-0,2-3,3-4,4-0"})", 5, 1);
  row("exponential", R"({"kind": "gossip", "graph": "exponential"})", 5, 2, false);
  row("choco without a codec", R"({"kind": "choco-sgd", "gamma": 0.8})", 4, 2);
  row("ring, grpc", ring, 4, 1, true, true, "grpc");
}

void GossipLossTest::whoIsLeftMixesToItsOwnAverage() {
  QFETCH(QString, exchange);
  QFETCH(int, ranks);
  QFETCH(int, dead);
  QFETCH(bool, keepsAverage);
  QFETCH(bool, overlap);
  QFETCH(QString, transport);
  const LogLines log;
  const auto out = RunMixing({.exchange = SpecOf(exchange),
                              .ranks = ranks,
                              .steps = 130,  // past a measurement
                              .may_overlap = overlap,
                              .settles = true,
                              .meets_every = kMeetsEvery,
                              .dead_rank = dead,
                              .dead_step = kDeadStep,
                              .transport = transport.toStdString()});
  for (int rank = 0; rank < ranks; ++rank)
    QVERIFY2(out.status[static_cast<size_t>(rank)].ok() == (rank != dead),
             std::string(out.status[static_cast<size_t>(rank)].message()).c_str());
  QVERIFY(out.after[kDeadStep][static_cast<size_t>(dead)].empty());  // it did die on the way
  const Vectors then = Left(out.after[kKnownStep], dead), last = Left(out.after[129], dead);
  // 110 steps of values up to 4, each rounded at 2^-24 a few times.
  if (keepsAverage) QVERIFY(LargestDifference(MeanOf(last), MeanOf(then)) < 2e-5);
  QVERIFY(DistanceOf(last) < 1e-3 * DistanceOf(RandomVectors(ranks)));
  const size_t first = dead == 0 ? 1 : 0;
  for (int rank = 0; rank < ranks; ++rank) {
    const auto r = static_cast<size_t>(rank);
    if (rank == dead) continue;
    QVERIFY(out.x[r] == out.x[first]);  // after Settle
    QCOMPARE(out.words[r].size(), size_t{26});
    for (size_t meeting = 0; meeting < 26; ++meeting)
      for (int other = 0; other < ranks; ++other) {
        const auto word = out.words[r][meeting][static_cast<size_t>(other)];
        const bool is_there = other != dead || meeting < 2;  // those before it died
        QVERIFY(word == (is_there ? std::optional<int64_t>(50 * static_cast<int64_t>(meeting) + other)
                                  : std::nullopt));
      }
    const auto& distances = out.series[r].values.at("gossip/consensus_distance");
    QVERIFY(distances.at(128) <= distances.at(0));
  }
  QVERIFY(log.Count("lost rank " + std::to_string(dead)) > 0);
  QCOMPARE(log.Count(std::to_string(ranks - 1) + " of " + std::to_string(ranks) + " workers are left"), 1);
  QCOMPARE(log.Count("parts"), 0);
}

void GossipLossTest::partsWithNoWayBetweenThemAreNamed() {
  const LogLines log;
  const auto out =
      RunMixing({.exchange = {{"kind", "gossip"}, {"graph", "edges"}, {"edges", "0-1,1-2,2-3,3-4"}},
                 .ranks = 5,
                 .steps = 130,
                 .settles = true,
                 .meets_every = kMeetsEvery,
                 .dead_rank = 2,
                 .dead_step = kDeadStep});
  const Vectors& then = out.after[kKnownStep];
  const Vectors& last = out.after[129];
  for (const size_t r : {0, 1, 3, 4}) QVERIFY(out.status[r].ok());
  for (const auto& [a, b] : {std::pair<size_t, size_t>{0, 1}, std::pair<size_t, size_t>{3, 4}}) {
    QVERIFY(DistanceOf({last[a], last[b]}) < 1e-5);
    QVERIFY(LargestDifference(MeanOf({last[a], last[b]}), MeanOf({then[a], then[b]})) < 2e-5);
  }
  QVERIFY(DistanceOf({last[0], last[3]}) > 1);  // the parts do not hear of each other
  QCOMPARE(log.Count("4 of 5 workers are left, in 2 parts"), 1);
  for (const size_t r : {0, 1, 3, 4}) {
    QVERIFY(out.x[r] == out.x[0]);
    QCOMPARE(out.series[r].values.at("gossip/spectral_gap").at(128), 0.0);
  }
  QVERIFY(LargestDifference(MeanOf({out.x[0]}), MeanOf(Left(last, 2))) < 2e-6);
}

void GossipLossTest::chocoForgetsTheCopyOfTheLost_data() {
  QTest::addColumn<QString>("graph");
  QTest::addColumn<QString>("edges");
  QTest::addColumn<int>("dead");
  QTest::newRow("ring") << "ring"
                        << "" << 1;
  QTest::newRow("complete") << "complete"
                            << "" << 4;
  QTest::newRow("weights of several sizes") << "edges"
                                            << "0-1,0-2,0-3,3-4,1-2" << 4;
}

void GossipLossTest::chocoForgetsTheCopyOfTheLost() {
  QFETCH(QString, graph);
  QFETCH(QString, edges);
  QFETCH(int, dead);
  const auto out = RunMixing({.exchange = {{"kind", "choco-sgd"},
                                           {"graph", graph.toStdString()},
                                           {"edges", edges.toStdString()},
                                           {"bucket_mib", 0.001}},
                              .codec = {{"kind", "top-k"}, {"ratio", 0.1}, {"error_feedback", false}},
                              .ranks = 5,
                              .steps = 500,
                              .meets_every = kMeetsEvery,
                              .dead_rank = dead,
                              .dead_step = 47});  // by when the copies are no longer near zero
  for (size_t r = 0; r < 5; ++r) QCOMPARE(out.status[r].ok(), static_cast<int>(r) != dead);
  const Vectors then = Left(out.after[55], dead), last = Left(out.after[499], dead);
  // The frozen copy of one that is lost would pull the average of the others to it.
  QVERIFY(LargestDifference(MeanOf(last), MeanOf(then)) < 1e-4);
  QVERIFY2(DistanceOf(last) < 1e-2 * DistanceOf(RandomVectors(5)),
           qPrintable(QString::number(DistanceOf(last))));
}

void GossipLossTest::itNeedsNoMeetingToGoOn_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<bool>("encoded");
  QTest::newRow("gossip") << R"({"kind": "gossip"})" << false;
  QTest::newRow("choco") << R"({"kind": "choco-sgd", "bucket_mib": 0.001})" << true;
}

void GossipLossTest::itNeedsNoMeetingToGoOn() {
  QFETCH(QString, exchange);
  QFETCH(bool, encoded);
  const auto towards_zero = [](int, int64_t, std::span<const float> x, std::span<float> g) {
    std::copy(x.begin(), x.end(), g.begin());
  };
  MixingCase c{.exchange = SpecOf(exchange),
               .ranks = 4,
               .steps = 100,
               .gradient = towards_zero,
               .settles = true,
               .dead_rank = 2,
               .dead_step = kDeadStep};
  if (encoded) c.codec = {{"kind", "top-k"}, {"ratio", 0.1}, {"error_feedback", false}};
  const auto out = RunMixing(c);
  for (const size_t r : {0, 1, 3}) {
    QVERIFY2(out.status[r].ok(), std::string(out.status[r].message()).c_str());
    QVERIFY(out.x[r] == out.x[0]);
    // With codec, the last copy of the lost one pulls on: up to 0.2 / 3 of it against a gradient of 0.1 x.
    for (const float x : out.x[r]) QVERIFY(std::abs(x) < (encoded ? 3 : 0.1f));
  }
}

// One by its death, the other for it was about to meet it: two steps that others wait for.
void GossipLossTest::twoMayBeLostAtOnce() {
  MixingCase c{.exchange = {{"kind", "gossip"}, {"graph", "complete"}},
               .ranks = 5,
               .steps = 60,
               .settles = true,
               .meets_every = kMeetsEvery,
               .dead_rank = 1,
               .dead_step = kDeadStep};
  c.other_dead_rank = 3;
  c.other_dead_step = kDeadStep + 1;
  const auto out = RunMixing(c);
  for (const size_t r : {0, 2, 4}) {
    QVERIFY2(out.status[r].ok(), std::string(out.status[r].message()).c_str());
    QVERIFY(out.x[r] == out.x[0]);
    QVERIFY(!out.words[r].back()[1] && !out.words[r].back()[3] && out.words[r].back()[4]);
    QVERIFY(out.words[r] == out.words[0]);
  }
}

void GossipLossTest::noMessageOfSettleIsOneTooFew_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("transport");
  QTest::newRow("gossip") << R"({"kind": "gossip"})"
                          << "in-process";
  QTest::newRow("choco") << R"({"kind": "choco-sgd"})"
                         << "in-process";
  QTest::newRow("ad-psgd") << R"({"kind": "ad-psgd"})"
                           << "in-process";
  QTest::newRow("gossip, grpc") << R"({"kind": "gossip"})"
                                << "grpc";
}

// A rank dies before each message that it sends in Settle, in turn.
void GossipLossTest::noMessageOfSettleIsOneTooFew() {
  QFETCH(QString, exchange);
  QFETCH(QString, transport);
  constexpr int kRanks = 4, kDead = 2;
  MixingCase c{.exchange = SpecOf(exchange),
               .ranks = kRanks,
               .steps = 2,
               .settles = true,
               .transport = transport.toStdString()};
  const auto all = RunMixing(c);
  QVERIFY(all.is_ok());
  const int messages = all.settling_messages[kDead];
  QVERIFY(messages >= 4 * (kRanks - 1));  // roll calls, and two means of two messages each
  c.dies_settling = kDead;
  int with_the_dead = 0, without = 0;
  for (c.settling_message = 0; c.settling_message < messages; ++c.settling_message) {
    const auto out = RunMixing(c);
    QVERIFY(!out.status[kDead].ok());
    for (const size_t r : {0, 1, 3}) {
      QVERIFY2(out.status[r].ok(), std::string(out.status[r].message()).c_str());
      QVERIFY2(out.x[r] == out.x[0], qPrintable(QString::number(c.settling_message)));
      QVERIFY(out.buffers[r] == out.buffers[0]);
      QVERIFY(out.words[r] == out.words[0]);
      QVERIFY(!out.words[r].back()[kDead]);
    }
    // The buffers of rank r were r and 1.
    const float first = out.buffers[0][0];
    QVERIFY(std::abs(first - 6.0F / 4) < 1e-6F || std::abs(first - 4.0F / 3) < 1e-6F);
    QVERIFY(std::abs(out.buffers[0][1] - 1) < 1e-6F);
    ++(std::abs(first - 6.0F / 4) < 1e-6F ? with_the_dead : without);
    if (exchange.contains("ad-psgd")) continue;  // who met whom is not the same twice
    const Vectors& last = out.after.back();
    QVERIFY(std::min(LargestDifference(MeanOf({out.x[0]}), MeanOf(last)),
                     LargestDifference(MeanOf({out.x[0]}), MeanOf(Left(last, kDead)))) < 1e-6);
  }
  QVERIFY(with_the_dead > 0 && without > 0);  // it died when its buffers were taken, and before
}

CONCERTINA_TEST(GossipLossTest)

}  // namespace concertina::gossip_loss_test

#include "gossip_loss_test.moc"
