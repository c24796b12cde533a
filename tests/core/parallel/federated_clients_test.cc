// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// federated_clients_test.cc: which clients take part in a round, who drops out or is late, and whose answers
// count.
#include <QTest>
#include <cmath>
#include <set>

#include "core/parallel/cohort.h"
#include "federated_ranks.h"
#include "tests/test_program.h"

namespace concertina::federated_clients_test {

using namespace federated_ranks;  // NOLINT(google-build-using-namespace): what its ranks are

class FederatedClientsTest : public QObject {
  Q_OBJECT

 private slots:
  void whoDropsOutIsLeftOut();
  void aRoundWithoutAnswersChangesNothing();
  void whoIsLateIsLeftOutOrTakenAsFarAsItCame_data();
  void whoIsLateIsLeftOutOrTakenAsFarAsItCame();
  void theSeedDecides();
  void moreClientsThanSamplesAreRefused_data() { AddEveryKind(); }
  void moreClientsThanSamplesAreRefused();
  void knobsActAtTheNextRound();
};

// Every client pulls in a direction of its own, as strongly whatever w is: who counted can be read off w.
void FederatedClientsTest::whoDropsOutIsLeftOut() {
  constexpr int kClients = 20;
  Functions functions{.gradient = [](int64_t client, std::span<const float>, std::span<float> g) {
    std::fill(g.begin(), g.end(), 0.0F);
    g[static_cast<size_t>(client)] = -10;  // w_client += 1 with the learning rate of 0.1
    return 1.0 + static_cast<double>(client);
  }};
  for (int64_t client = 0; client < kClients; ++client) functions.samples.push_back(1 + client);
  for (const int ranks : {1, 3}) {
    int dropped = 0;
    for (int round = 0; round < 10; ++round) {
      const auto results =
          Run({.exchange = {{"kind", "fedavg"}, {"clients", kClients}, {"fraction", 0.5}, {"dropout", 0.4}},
               .functions = functions,
               .start = Floats(kClients),
               .ranks = ranks,
               .first_round = round});
      std::set<int64_t> answered;
      for (const Rank& rank : results) answered.insert(rank.clients.begin(), rank.clients.end());
      double samples = 0, loss = 0;
      for (const int64_t client : answered) samples += static_cast<double>(1 + client);
      for (const int64_t client : answered)
        loss += static_cast<double>((1 + client) * (1 + client)) / samples;
      for (int64_t client = 0; client < kClients; ++client) {
        const double expected = answered.contains(client) ? static_cast<double>(1 + client) / samples : 0;
        QVERIFY(std::abs(results[0].parameters[static_cast<size_t>(client)] - expected) < 1e-6);
      }
      QVERIFY(std::abs(results[0].losses[0] - loss) < 1e-4);
      const auto& series = results[0].series;
      QCOMPARE(series.at("federated/clients")[0], static_cast<double>(answered.size()));
      QCOMPARE(series.at("federated/dropped")[0], 10.0 - static_cast<double>(answered.size()));
      dropped += 10 - static_cast<int>(answered.size());
    }
    QVERIFY(dropped > 20 && dropped < 60);  // of 100, with a chance of 0.4
  }
}

void FederatedClientsTest::aRoundWithoutAnswersChangesNothing() {
  const LeastSquares problem(4, false);
  for (const std::string& kind : FederatedKinds()) {
    const Floats start(kFeatures, 0.5F);
    const auto ranks = Run({.exchange = {{"kind", kind}, {"clients", 4}, {"dropout", 1}},
                            .functions = problem.AsFunctions(),
                            .start = start,
                            .ranks = 2,
                            .rounds = 3});
    QVERIFY(ranks[0].status.ok() && ranks[1].status.ok());
    QVERIFY(ranks[0].parameters == start);
    QVERIFY(std::isnan(ranks[0].losses[2]));
    QCOMPARE(ranks[0].series.at("federated/update_norm")[2], 0.0);
    QCOMPARE(ranks[0].series.at("federated/upload_bytes")[2], 0.0);
    QCOMPARE(ranks[0].series.at("federated/download_bytes")[2],
             kind == "scaffold" ? 8.0 * kFeatures : 4.0 * kFeatures);
  }
}

void FederatedClientsTest::whoIsLateIsLeftOutOrTakenAsFarAsItCame_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<double>("expected");  // how far a slow client's own coordinate goes
  QTest::newRow("left out") << "fedavg" << 0.0;
  QTest::newRow("taken") << "fedprox" << 3.0;
}

void FederatedClientsTest::whoIsLateIsLeftOutOrTakenAsFarAsItCame() {
  QFETCH(QString, kind);
  QFETCH(double, expected);
  constexpr int kClients = 16;
  // 0.1 s a step; five steps are 0.5 s, and 1 s on a slow device, which passes 0.55 s with its third.
  Functions functions{.samples = std::vector<int64_t>(kClients, 10),
                      .gradient =
                          [](int64_t client, std::span<const float>, std::span<float> g) {
                            std::fill(g.begin(), g.end(), 0.0F);
                            g[static_cast<size_t>(client)] = -10;
                            return 1.0;
                          },
                      .seconds_a_step = 0.1};
  json exchange = {{"kind", kind.toStdString()},
                   {"clients", kClients},
                   {"fraction", 1},
                   {"local_epochs", 5},
                   {"slow_share", 0.4},
                   {"slow_factor", 2},
                   {"round_deadline_seconds", 0.55}};
  if (kind == "fedprox") exchange["mu"] = 0;
  const auto ranks =
      Run({.exchange = exchange, .functions = functions, .start = Floats(kClients), .ranks = 2});
  Cohort cohort({.clients = kClients, .slow_share = 0.4, .seed = 1});
  int slow = 0;
  for (int64_t client = 0; client < kClients; ++client) slow += cohort.is_slow(client) ? 1 : 0;
  QVERIFY(slow > 0 && slow < kClients);
  const double counted = kind == "fedprox" ? kClients : kClients - slow;
  for (int64_t client = 0; client < kClients; ++client) {
    const double steps = cohort.is_slow(client) ? expected : 5.0;
    QVERIFY(std::abs(ranks[0].parameters[static_cast<size_t>(client)] - steps / counted) < 1e-6);
  }
  QCOMPARE(ranks[0].series.at("federated/clients")[0], counted);
  QCOMPARE(ranks[1].series.at("federated/dropped")[0], kClients - counted);
}

void FederatedClientsTest::theSeedDecides() {
  const LeastSquares problem(10, true);
  Case c{.exchange = {{"kind", "fedavg"}, {"clients", 10}, {"fraction", 0.3}},
         .functions = problem.AsFunctions(),
         .start = Floats(kFeatures, 0.5F),
         .rounds = 5};
  const auto first = Run(c), again = Run(c);
  QVERIFY(first[0].parameters == again[0].parameters && first[0].clients == again[0].clients);
  c.seed = 2;
  QVERIFY(Run(c)[0].clients != first[0].clients);
}

void FederatedClientsTest::moreClientsThanSamplesAreRefused() {
  QFETCH(QString, kind);
  const auto exchange = Make({{"kind", kind.toStdString()}, {"clients", 101}});
  QVERIFY(exchange->Fits({.train_samples = 101}).ok());
  const absl::Status refused = exchange->Fits({.train_samples = 100});
  QCOMPARE(refused.code(), absl::StatusCode::kInvalidArgument);
  QVERIFY(std::string(refused.message()).starts_with("/exchange/clients: "));
}

void FederatedClientsTest::knobsActAtTheNextRound() {
  const auto params = [](const json& exchange) {
    std::vector<Fault> faults;
    return Registry::Global().Check("exchange", exchange, "", faults);
  };
  const LeastSquares problem(10, true);
  const Functions functions = problem.AsFunctions();
  auto transports = MakeInProcessTransports(1);
  Communicator communicator(*transports[0], {0}, 1);
  Floats parameters(kFeatures, 0.5F);
  FunctionTrainer trainer(functions, parameters);
  json spec = {{"kind", "fedprox"}, {"clients", 10}, {"fraction", 0.1}, {"mu", 0}};
  const auto exchange = Make(spec);
  ExchangeContext context;
  context.data = &communicator;
  context.parameters = parameters;
  context.learning_rate = [](int64_t) { return 0.1; };
  QVERIFY(exchange->Prepare(context).ok());
  QVERIFY(exchange->Round(0, trainer).ok());
  QCOMPARE(trainer.trained.size(), size_t{1});
  spec["fraction"] = 1;
  spec["local_epochs"] = 3;
  spec["mu"] = 0.25;
  QVERIFY(exchange->Change(params(spec)).ok());
  QVERIFY(exchange->Round(1, trainer).ok());
  QCOMPARE(trainer.trained.size(), size_t{11});
  QCOMPARE(trainer.trained.back().epochs, int64_t{3});
  QCOMPARE(trainer.trained.back().proximal, 0.25F);
  spec["clients"] = 11;
  QCOMPARE(exchange->Change(params(spec)).code(), absl::StatusCode::kFailedPrecondition);
}

CONCERTINA_TEST(FederatedClientsTest)

}  // namespace concertina::federated_clients_test

#include "federated_clients_test.moc"
