// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// one_bit_adam_test.cc: 1-bit Adam (Tang et al. 2021) between four ranks, against algorithm 1 of the paper in
// double precision; its bytes; going on from a checkpoint.
#include <QTest>
#include <algorithm>
#include <cmath>

#include "rank_group.h"
#include "tests/test_program.h"

namespace concertina::one_bit_adam_test {

using Json = nlohmann::json;
using Doubles = std::vector<double>;

class OneBitAdamTest : public QObject {
  Q_OBJECT

  static constexpr int kRanks = 4, kWarmUp = 12, kSteps = 40;
  static constexpr double kRate = 0.05, kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

  static ToyCase Case(const Json& exchange, int64_t floats = 64) {
    return {.exchange = exchange,
            .codec = {{"kind", "onebit"}},
            .optimizer = {{"kind", "one-bit-adam"}, {"warm_up_steps", kWarmUp}},
            .ranks = kRanks,
            .steps = kSteps,
            .learning_rate = kRate,
            .floats = floats};
  }
  static void Verify(const std::vector<ToyRank>& ranks) {
    for (const ToyRank& rank : ranks) {
      if (!rank.status.ok()) qFatal("%s", std::string(rank.status.message()).c_str());
      if (rank.history != ranks[0].history) qFatal("ranks differ");
    }
  }

  // x - C(x) stays in x; gives C(x), Seide et al.'s two means.
  static Doubles Compress(Doubles& x) {
    double sums[2] = {}, counts[2] = {};
    for (const double value : x) {
      sums[value < 0 ? 1 : 0] += value;
      counts[value < 0 ? 1 : 0] += 1;
    }
    Doubles sent(x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      sent[i] = sums[x[i] < 0 ? 1 : 0] / counts[x[i] < 0 ? 1 : 0];
      x[i] -= sent[i];
    }
    return sent;
  }
  // The parameters after each step, from those of `ranks` before the first.
  static std::vector<Doubles> Reference(const std::vector<ToyRank>& ranks, bool two_way) {
    const size_t d = ranks[0].parameters.size();
    Rng first(1, "first values");
    Doubles w(d), m(d), v(d), of_server(d);
    for (double& value : w) value = static_cast<float>(first.Normal());
    std::vector<Doubles> residuals(ranks.size(), Doubles(d)), history;
    for (int step = 0; step < kSteps; ++step) {
      Doubles mean(d);
      for (size_t r = 0; r < ranks.size(); ++r) {
        Doubles sent(d);
        for (size_t i = 0; i < d; ++i) {
          const double g = w[i] - static_cast<double>(ranks[r].goal[i]);
          sent[i] = step < kWarmUp ? g : residuals[r][i] + kBeta1 * m[i] + (1 - kBeta1) * g;
        }
        if (step >= kWarmUp) {
          residuals[r] = sent;
          sent = Compress(residuals[r]);
        }
        for (size_t i = 0; i < d; ++i) mean[i] += sent[i] / kRanks;
      }
      if (step < kWarmUp) {
        for (size_t i = 0; i < d; ++i) {
          m[i] = kBeta1 * m[i] + (1 - kBeta1) * mean[i];
          v[i] = kBeta2 * v[i] + (1 - kBeta2) * mean[i] * mean[i];
        }
      } else if (two_way) {
        for (size_t i = 0; i < d; ++i) of_server[i] += mean[i];
        m = Compress(of_server);
      } else {
        m = mean;
      }
      const double correction1 = 1 - std::pow(kBeta1, step + 1);
      const double correction2 = 1 - std::pow(kBeta2, std::min(step + 1, kWarmUp));
      for (size_t i = 0; i < d; ++i)
        w[i] -= kRate * (m[i] / correction1) / (std::sqrt(v[i] / correction2) + kEpsilon);
      history.push_back(w);
    }
    return history;
  }
  static void Exchanges() {
    QTest::addColumn<QByteArray>("exchange");
    for (const char* exchange :
         {R"({"kind": "all-reduce"})", R"({"kind": "parameter-server", "compress_down": true})",
          R"({"kind": "parameter-server", "shards": 4, "compress_down": true})"})
      QTest::newRow(exchange) << QByteArray(exchange);
  }

 private slots:
  void itIsThePapersAlgorithm_data() {
    QTest::addColumn<bool>("twoWay");
    QTest::newRow("workers compress") << false;
    QTest::newRow("and the server") << true;
  }
  void itIsThePapersAlgorithm() {
    QFETCH(bool, twoWay);
    Json exchange = {{"kind", "all-reduce"}};
    if (twoWay) exchange = {{"kind", "parameter-server"}, {"compress_down", true}};
    const auto ranks = RunToy(Case(exchange));
    Verify(ranks);
    const std::vector<Doubles> expected = Reference(ranks, twoWay);
    for (size_t step = 0; step < expected.size(); ++step)
      for (size_t i = 0; i < expected[step].size(); ++i) {
        // 40 steps of at most a few kRate each, in floats: each step's m is rounded at 2^-24, and what is
        // divided by a root of v near 0.1 grows by as much.
        const double difference = std::abs(ranks[0].history[step][i] - expected[step][i]);
        QVERIFY2(difference < 1e-4,
                 qPrintable(QString("step %1, element %2: off by %3").arg(step).arg(i).arg(difference)));
      }
    // The second phase moved something, and not as Adam goes on.
    ToyCase dense = Case(exchange);
    dense.optimizer = {{"kind", "adam"}};
    dense.codec = nullptr;
    dense.exchange.erase("compress_down");
    const auto adam = RunToy(dense);
    Verify(adam);
    double apart = 0, warm = 0;
    for (size_t i = 0; i < ranks[0].parameters.size(); ++i) {
      apart = std::max(apart, std::abs(double{adam[0].parameters[i]} - ranks[0].parameters[i]));
      warm = std::max(warm,
                      std::abs(double{adam[0].history[kWarmUp - 1][i]} - ranks[0].history[kWarmUp - 1][i]));
    }
    QVERIFY(warm < 1e-5 && apart > 1e-3);
  }

  void whatNeverHadAGradientStays() {
    std::vector<Fault> faults;
    const Registry& registry = Registry::Global();
    const Params params =
        registry.Check("optimizer", {{"kind", "one-bit-adam"}, {"warm_up_steps", 3}}, "", faults);
    const auto optimizer = *registry.Create<Optimizer>("optimizer", params);
    optimizer->Prepare({{.name = "w", .shape = {2}, .offset = 0, .count = 2}});
    std::vector<float> w = {1, 1};
    for (int step = 0; step < 3; ++step) optimizer->Update(step, 0.01, 0, std::vector<float>{1, 0}, w);
    const float before = w[0];
    optimizer->Update(3, 0.01, 0, std::vector<float>{0.5F, 0.5F}, w);
    // lr (m / (1 - 0.9^4)) / sqrt(v / (1 - 0.999^3)), where v / (1 - 0.999^3) = 1
    QVERIFY(std::abs(before - w[0] - 0.01 * 0.5 / (1 - std::pow(0.9, 4))) < 1e-6);
    QCOMPARE(w[1], 1.0F);
  }

  void aBitAnElementAfterTheWarmUp() {
    constexpr int64_t kFloats = 8192;
    constexpr uint64_t kPayload = kFloats / 8 + 8 * kFloats / 2048;  // bits, and two scales a block
    const auto sent = [](int steps) {
      ToyCase c = Case({{"kind", "parameter-server"}, {"compress_down", true}}, kFloats);
      c.steps = steps;
      const auto ranks = RunToy(c);
      Verify(ranks);
      return std::pair(ranks[0].counts.payload_sent, ranks[1].counts.payload_sent);
    };
    const auto warm = sent(kWarmUp), after = sent(kWarmUp + 1);
    QCOMPARE(warm.first, uint64_t{4 * kFloats * kWarmUp * (kRanks - 1)});
    QCOMPARE(warm.second, uint64_t{4 * kFloats * kWarmUp});
    QCOMPARE(after.first - warm.first, kPayload * (kRanks - 1));
    QCOMPARE(after.second - warm.second, kPayload);
  }

  void goingOnChangesNoBit_data() { Exchanges(); }
  void goingOnChangesNoBit() {
    QFETCH(QByteArray, exchange);
    const ToyCase whole = Case(Json::parse(exchange.toStdString()));
    const auto expected = RunToy(whole);
    Verify(expected);
    for (const int at : {5, kWarmUp, 25}) {
      ToyCase c = whole;
      c.save_after = at;
      const auto half = RunToy(c);
      c = whole;
      c.first_step = at;
      c.before = &half;
      const auto rest = RunToy(c);
      Verify(rest);
      QVERIFY2(rest[0].parameters == expected[0].parameters, qPrintable(QString::number(at)));
    }
  }

  void itGetsThere_data() { Exchanges(); }
  void itGetsThere() {  // to the mean of the goals, as near as its learning rate allows
    QFETCH(QByteArray, exchange);
    const auto distance = [&](double rate, int steps) {
      ToyCase c = Case(Json::parse(exchange.toStdString()), 512);
      c.learning_rate = rate;
      c.steps = steps;
      const auto ranks = RunToy(c);
      Verify(ranks);
      double squared = 0;
      for (size_t i = 0; i < ranks[0].parameters.size(); ++i) {
        double goal = 0;
        for (const ToyRank& rank : ranks) goal += rank.goal[i] / kRanks;
        squared += std::pow(ranks[0].parameters[i] - goal, 2);
      }
      return std::sqrt(squared / static_cast<double>(ranks[0].parameters.size()));
    };
    const double near = distance(0.01, 1000), nearer = distance(0.001, 10000);
    QVERIFY2(near < 0.3 && nearer < 0.3 * near, qPrintable(QString("%1 and %2").arg(near).arg(nearer)));
  }
};

CONCERTINA_TEST(OneBitAdamTest)

}  // namespace concertina::one_bit_adam_test

#include "one_bit_adam_test.moc"
