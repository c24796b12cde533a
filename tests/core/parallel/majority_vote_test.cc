// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// majority_vote_test.cc: signSGD with majority vote between ranks (Bernstein et al. 2019): where it leads,
// that it bears an adversary that the mean does not, and that it is one bit both ways.
#include <QTest>
#include <algorithm>
#include <cmath>

#include "rank_group.h"
#include "tests/test_program.h"

namespace concertina::majority_vote_test {

using Json = nlohmann::json;

class MajorityVoteTest : public QObject {
  Q_OBJECT

  static Json Vote() {
    return {{"kind", "signsgd"}, {"scale", "one"}, {"error_feedback", false}, {"vote", true}};
  }
  static void Verify(const std::vector<ToyRank>& ranks) {
    for (const ToyRank& rank : ranks) {
      if (!rank.status.ok()) qFatal("%s", std::string(rank.status.message()).c_str());
      if (rank.history != ranks[0].history) qFatal("ranks differ");
    }
  }
  static std::vector<float> Goals(const std::vector<ToyRank>& ranks, size_t i) {
    std::vector<float> goals;
    for (const ToyRank& rank : ranks) goals.push_back(rank.goal[i]);
    std::sort(goals.begin(), goals.end());
    return goals;
  }
  static void Exchanges() {
    QTest::addColumn<QByteArray>("exchange");
    for (const char* exchange : {R"({"kind": "all-reduce"})", R"({"kind": "parameter-server"})",
                                 R"({"kind": "parameter-server", "shards": 3})",
                                 R"({"kind": "parameter-server", "shards": 2, "compress_down": true})"})
      QTest::newRow(exchange) << QByteArray(exchange);
  }

 private slots:
  // Sum of signs of x - c_i is 0 at the median of the goals, as a sum of x - c_i is at their mean.
  void theMedianIsReached_data() { Exchanges(); }
  void theMedianIsReached() {
    QFETCH(QByteArray, exchange);
    constexpr double kRate = 0.01;
    const auto ranks = RunToy({.exchange = Json::parse(exchange.toStdString()),
                               .codec = Vote(),
                               .ranks = 5,
                               .steps = 800,
                               .learning_rate = kRate});
    Verify(ranks);
    for (size_t i = 0; i < ranks[0].parameters.size(); ++i)
      // A step either way, and 800 roundings of numbers below 8.
      QVERIFY(std::abs(ranks[0].parameters[i] - Goals(ranks, i)[2]) <= kRate + 800 * std::ldexp(1, -22));
    // An odd number of votes has no ties, so that all ways give the same bits.
    const auto others = RunToy({.exchange = {{"kind", "all-reduce"}},
                                .codec = Vote(),
                                .ranks = 5,
                                .steps = 800,
                                .learning_rate = kRate});
    Verify(others);
    QVERIFY(others[0].history == ranks[0].history);
  }

  void tiesMoveAllRanksAlike_data() { Exchanges(); }
  void tiesMoveAllRanksAlike() {
    QFETCH(QByteArray, exchange);
    const auto ranks = RunToy({.exchange = Json::parse(exchange.toStdString()),
                               .codec = Vote(),
                               .ranks = 4,
                               .steps = 20,
                               .learning_rate = 0.25});
    Verify(ranks);
    int ties = 0;
    for (size_t step = 1; step < ranks[0].history.size(); ++step)
      for (size_t i = 0; i < ranks[0].parameters.size(); ++i) {
        const float before = ranks[0].history[step - 1][i], after = ranks[0].history[step][i];
        int votes = 0;
        for (const ToyRank& rank : ranks) votes += before - rank.goal[i] < 0 ? -1 : 1;
        ties += votes == 0 ? 1 : 0;
        // Numbers below 8 and steps of 1/4: rounded at 2^-22.
        if (votes == 0) QVERIFY(std::abs(std::abs(after - before) - 0.25) < 1e-6);
        if (votes != 0) QVERIFY(std::abs(before - after - (votes > 0 ? 0.25 : -0.25)) < 1e-6);
      }
    QVERIFY(ties > 100);
  }

  void anAdversaryIsOutvoted_data() { Exchanges(); }
  void anAdversaryIsOutvoted() {
    QFETCH(QByteArray, exchange);
    const auto run = [&](const Json& codec, int steps) {
      return RunToy({.exchange = Json::parse(exchange.toStdString()),
                     .codec = codec,
                     .adversary = 3,
                     .ranks = 5,
                     .steps = steps,
                     .learning_rate = 0.01});
    };
    // Outside of the honest ranks' goals four votes to one lead back.
    const auto ranks = run(Vote(), 800);
    Verify(ranks);
    for (size_t i = 0; i < ranks[0].parameters.size(); ++i) {
      std::vector<float> goals;
      for (size_t rank : {0, 1, 2, 4}) goals.push_back(ranks[rank].goal[i]);
      const auto [least, most] = std::minmax_element(goals.begin(), goals.end());
      QVERIFY(ranks[0].parameters[i] >= *least - 0.011F && ranks[0].parameters[i] <= *most + 0.011F);
    }
    // The mean of gradients goes where the loudest wants: away, by 1 + 0.01 (100 - 4) / 5 a step.
    const auto mean = run(nullptr, 100);
    Verify(mean);
    QVERIFY(std::abs(mean[0].parameters[0]) > 1e4F);
  }

  void aBitAnElementBothWays() {
    constexpr int kRanks = 5, kSteps = 10;
    const auto ranks = RunToy({.exchange = {{"kind", "parameter-server"}},
                               .codec = Vote(),
                               .ranks = kRanks,
                               .steps = kSteps,
                               .floats = 4096});
    Verify(ranks);
    constexpr uint64_t kPayload = 4096 / 8 + 4;
    QCOMPARE(ranks[0].counts.payload_sent, kPayload * kSteps * (kRanks - 1));  // the server
    for (int worker = 1; worker < kRanks; ++worker)
      QCOMPARE(ranks[static_cast<size_t>(worker)].counts.payload_sent, kPayload * kSteps);
  }
};

CONCERTINA_TEST(MajorityVoteTest)

}  // namespace concertina::majority_vote_test

#include "majority_vote_test.moc"
