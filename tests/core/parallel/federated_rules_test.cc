// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// federated_rules_test.cc: what each federated rule promises beyond an average: proximal terms, momentum,
// second moments and control variates do what their papers say.
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <numeric>

#include "federated_ranks.h"
#include "tests/test_program.h"

namespace concertina::federated_rules_test {

using namespace federated_ranks;  // NOLINT(google-build-using-namespace): what its ranks are

using nlohmann::json;

class FederatedRulesTest : public QObject {
  Q_OBJECT
 private slots:
  void withoutItsTermAKindIsFedAvg_data();
  void withoutItsTermAKindIsFedAvg();
  void theProximalTermHoldsClientsNearTheServer();
  void momentumIsHsus();
  void secondMomentsAreReddis_data();
  void secondMomentsAreReddis();
  void controlVariatesTakeTheBiasAway_data();
  void controlVariatesTakeTheBiasAway();
  void variatesInAFileAreTheSame();
  void theServersVariateIsTheMeanOfTheClients();
};

void FederatedRulesTest::withoutItsTermAKindIsFedAvg_data() {
  QTest::addColumn<QString>("exchange");
  QTest::newRow("mu = 0") << R"({"kind": "fedprox", "mu": 0})";
  QTest::newRow("beta = 0") << R"({"kind": "fedavgm", "server_momentum": 0})";
}

void FederatedRulesTest::withoutItsTermAKindIsFedAvg() {
  QFETCH(QString, exchange);
  const LeastSquares problem(10, true);
  Case c{.exchange = {{"kind", "fedavg"}},
         .functions = problem.AsFunctions(),
         .start = Floats(kFeatures, 0.5F),
         .ranks = 2,
         .rounds = 8};
  const auto with = [&](json kind) {
    kind["clients"] = 10;
    kind["fraction"] = 0.4;
    kind["local_epochs"] = 2;
    kind["server_learning_rate"] = 0.7;
    c.exchange = kind;
    return Run(c)[0].parameters;
  };
  const json other = json::parse(exchange.toStdString());
  const Floats expected = with({{"kind", "fedavg"}});
  QVERIFY(with(other) == expected);
  json on = other;
  on[on["kind"] == "fedprox" ? "mu" : "server_momentum"] = 0.5;
  QVERIFY(Farthest(with(on), expected) > 1e-3);
}

// With a large mu a client ends where F_k + mu/2 ||w - w_t||^2 has its minimum, near w_t.
void FederatedRulesTest::theProximalTermHoldsClientsNearTheServer() {
  // f(w) = (w - 8)^2 / 2 from 0: with mu the minimum is 8 / (1 + mu).
  Functions functions{.samples = {1}, .gradient = [](int64_t, std::span<const float> w, std::span<float> g) {
                        g[0] = w[0] - 8;
                        return 0.5 * g[0] * g[0];
                      }};
  const auto ranks = Run({.exchange = {{"kind", "fedprox"}, {"clients", 1}, {"local_epochs", 200}, {"mu", 3}},
                          .functions = functions,
                          .start = {0}});
  QVERIFY(std::abs(ranks[0].parameters[0] - 2) < 1e-5F);
}

void FederatedRulesTest::momentumIsHsus() {
  const LeastSquares problem(1, false);
  const auto ranks = Run({.exchange = {{"kind", "fedavgm"},
                                       {"clients", 1},
                                       {"server_momentum", 0.8},
                                       {"server_learning_rate", 0.3}},
                          .functions = problem.AsFunctions(),
                          .start = Floats(kFeatures, 0.5F),
                          .rounds = 12});
  std::vector<double> w(kFeatures, 0.5), v(kFeatures);
  for (int round = 0; round < 12; ++round) {
    Floats at(w.begin(), w.end()), g(kFeatures);
    LeastSquares::Gradient(problem.shards, at, g);
    for (size_t i = 0; i < w.size(); ++i) {
      v[i] = 0.8 * v[i] - 0.1 * g[i];
      w[i] += 0.3 * v[i];
    }
  }
  QVERIFY(Farthest(ranks[0].parameters, Floats(w.begin(), w.end())) < 2e-6);
}

void FederatedRulesTest::secondMomentsAreReddis_data() {
  QTest::addColumn<QString>("rule");
  for (const char* rule : {"adam", "yogi", "adagrad"}) QTest::newRow(rule) << rule;
}

void FederatedRulesTest::secondMomentsAreReddis() {
  QFETCH(QString, rule);
  const LeastSquares problem(1, false);
  const auto ranks = Run({.exchange = {{"kind", "fedadam"},
                                       {"clients", 1},
                                       {"second_moment", rule.toStdString()},
                                       {"beta1", 0.8},
                                       {"beta2", 0.7},
                                       {"tau", 0.02},
                                       {"server_learning_rate", 0.05}},
                          .functions = problem.AsFunctions(),
                          .start = Floats(kFeatures, 0.5F),
                          .rounds = 12});
  std::vector<double> w(kFeatures, 0.5), m(kFeatures), v(kFeatures, 0.02 * 0.02);
  int fell = 0;
  for (int round = 0; round < 12; ++round) {
    Floats at(w.begin(), w.end()), g(kFeatures);
    LeastSquares::Gradient(problem.shards, at, g);
    for (size_t i = 0; i < w.size(); ++i) {
      const double change = -0.1 * g[i], square = change * change, before = v[i];
      m[i] = 0.8 * m[i] + 0.2 * change;
      if (rule == "adam") v[i] = 0.7 * v[i] + 0.3 * square;
      if (rule == "yogi") v[i] = v[i] - 0.3 * square * (v[i] > square ? 1 : v[i] < square ? -1 : 0);
      if (rule == "adagrad") v[i] = v[i] + square;
      fell += v[i] < before ? 1 : 0;
      w[i] += 0.05 * m[i] / (std::sqrt(v[i]) + 0.02);
    }
  }
  QCOMPARE(fell > 0, rule != "adagrad");  // both branches of yogi were taken
  QVERIFY(Farthest(ranks[0].parameters, Floats(w.begin(), w.end())) < 5e-6);
}

void FederatedRulesTest::controlVariatesTakeTheBiasAway_data() {
  QTest::addColumn<double>("G");
  for (const double g : {1.0, 10.0, 100.0}) QTest::addRow("G = %g", g) << g;
}

// Karimireddy et al. 2020, section 7: two quadratics whose gradients differ by G and whose mean has its
// minimum at 0. After K local steps FedAvg rests where the clients' own pulls cancel, which is off by a share
// of G.
void FederatedRulesTest::controlVariatesTakeTheBiasAway() {
  QFETCH(double, G);
  const Functions functions{.samples = {1, 1},
                            .gradient = [G](int64_t client, std::span<const float> w, std::span<float> g) {
                              const double a = client == 0 ? 1 : 3, b = client == 0 ? G : -G;
                              g[0] = static_cast<float>(a * w[0] + b);
                              return 0.5 * a * w[0] * w[0] + b * w[0];
                            }};
  const auto end = [&](const char* kind) {
    return double{Run({.exchange = {{"kind", kind}, {"clients", 2}, {"fraction", 1}, {"local_epochs", 10}},
                       .functions = functions,
                       .start = {1},
                       .rounds = 100})[0]
                      .parameters[0]};
  };
  // Where r_k = 1 - (1 - 0.1 a_k)^10 is how far client k goes to its own minimum -b_k / a_k.
  const double r1 = 1 - std::pow(0.9, 10), r2 = 1 - std::pow(0.7, 10);
  const double bias = (-r1 + r2 / 3) * G / (r1 + r2);
  QVERIFY2(std::abs(end("fedavg") - bias) < 1e-5 * G, qPrintable(QString::number(end("fedavg"))));
  QVERIFY2(std::abs(end("scaffold")) < 1e-5 * G, qPrintable(QString::number(end("scaffold"))));
}

void FederatedRulesTest::variatesInAFileAreTheSame() {
  const LeastSquares problem(9, true);
  QTemporaryDir folder;
  Case c{.exchange = {{"kind", "scaffold"}, {"clients", 9}, {"fraction", 0.5}, {"local_epochs", 2}},
         .functions = problem.AsFunctions(),
         .start = Floats(kFeatures, 0.5F),
         .ranks = 2,
         .rounds = 8,
         .folder = folder.path().toStdString()};
  const auto in_memory = Run(c);
  c.exchange["memory_mib"] = 0;
  const auto in_file = Run(c);
  QVERIFY(in_file[0].status.ok());
  QVERIFY(in_file[0].parameters == in_memory[0].parameters);
  QVERIFY(in_file[0].state == in_memory[0].state && in_file[1].state == in_memory[1].state);
}

// Read from the saved state: the server's c is sum_k (n_k / n) c_k, also where a codec loses most of the
// rest.
void FederatedRulesTest::theServersVariateIsTheMeanOfTheClients() {
  const LeastSquares problem(6, true);
  const Functions functions = problem.AsFunctions();
  const auto ranks =
      Run({.exchange = {{"kind", "scaffold"}, {"clients", 6}, {"fraction", 0.5}, {"dropout", 0.2}},
           .functions = functions,
           .start = Floats(kFeatures, 0.5F),
           .rounds = 15,
           .codec = {{"kind", "top-k"}, {"ratio", 0.1}}});
  QVERIFY(ranks[0].status.ok());
  const uint8_t* at = ranks[0].state.data() + 8;
  Floats c(kFeatures);
  std::memcpy(c.data(), at, kFeatures * 4);
  at += kFeatures * 4 + 8;
  std::vector<double> mean(kFeatures);
  const double all = std::accumulate(functions.samples.begin(), functions.samples.end(), 0.0);
  for (; at < ranks[0].state.data() + ranks[0].state.size(); at += 8 + kFeatures * 4) {
    int64_t client = 0;
    Floats own(kFeatures);
    std::memcpy(&client, at, 8);
    std::memcpy(own.data(), at + 8, kFeatures * 4);
    for (size_t i = 0; i < own.size(); ++i)
      mean[i] += static_cast<double>(functions.samples[static_cast<size_t>(client)]) / all * own[i];
  }
  QVERIFY(*std::max_element(c.begin(), c.end()) > 0.01F);
  QVERIFY(Farthest(c, Floats(mean.begin(), mean.end())) < 1e-5);
}

CONCERTINA_TEST(FederatedRulesTest)

}  // namespace concertina::federated_rules_test

#include "federated_rules_test.moc"
