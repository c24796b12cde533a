// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// federated_loss_test.cc: rounds go on without a worker that is lost: its clients are missing from one mean,
// and the others train all of them from then on.
#include <QTest>
#include <set>

#include "federated_ranks.h"
#include "log_lines.h"
#include "tests/test_program.h"

namespace concertina::federated_loss_test {
namespace {

using namespace federated_ranks;

constexpr int kClients = 8, kRounds = 6, kDeadRound = 2;
constexpr double kRate = 0.25;

// Client k has k + 1 samples, and pulls all parameters to k.
Functions Pulling() {
  Functions functions;
  for (int64_t k = 0; k < kClients; ++k) functions.samples.push_back(k + 1);
  functions.gradient = [](int64_t client, std::span<const float> w, std::span<float> g) {
    for (size_t i = 0; i < w.size(); ++i) g[i] = w[i] - static_cast<float>(client);
    return 0.5 * g[0] * g[0];
  };
  return functions;
}

Case CaseOf(const json& exchange, int ranks, int dead_rank, int dead_sends) {
  return {.exchange = exchange,
          .functions = Pulling(),
          .start = Floats(50, 0.0F),
          .ranks = ranks,
          .rounds = kRounds,
          .learning_rate = kRate,
          .dead_rank = dead_rank,
          .dead_round = kDeadRound,
          .dead_sends = dead_sends};
}

json Average() { return {{"kind", "fedavg"}, {"clients", kClients}, {"fraction", 1}}; }

// Clients that a round's living ranks trained.
std::set<int64_t> TrainedIn(const std::vector<Rank>& ranks, int round, int without) {
  std::set<int64_t> clients;
  for (size_t r = 0; r < ranks.size(); ++r)
    for (size_t i = 0; i < ranks[r].clients.size(); ++i)
      if (static_cast<int>(r) != without && ranks[r].in_rounds[i] == round)
        clients.insert(ranks[r].clients[i]);
  return clients;
}

}  // namespace

class FederatedLossTest : public QObject {
  Q_OBJECT
 private slots:
  void theMeanIsOfThoseThatAreLeft_data();
  void theMeanIsOfThoseThatAreLeft();
  void noMessageIsOneTooFew_data();
  void noMessageIsOneTooFew();
  void everyKindThatCanGoOnDoes_data();
  void everyKindThatCanGoOnDoes();
  void whoMayNotBeLostEndsTheRun_data();
  void whoMayNotBeLostEndsTheRun();
};

void FederatedLossTest::theMeanIsOfThoseThatAreLeft_data() {
  QTest::addColumn<int>("ranks");
  QTest::addColumn<int>("dead");
  QTest::newRow("the first of two") << 2 << 0;
  QTest::newRow("the other of two") << 2 << 1;
  QTest::newRow("the first of four") << 4 << 0;
  QTest::newRow("one in the middle") << 4 << 2;
  QTest::newRow("the last of three") << 3 << 2;
}

void FederatedLossTest::theMeanIsOfThoseThatAreLeft() {
  QFETCH(int, ranks);
  QFETCH(int, dead);
  const LogLines log;
  const auto results = Run(CaseOf(Average(), ranks, dead, 0));
  double w = 0;
  for (int round = 0; round < kRounds; ++round) {
    // The dead one died before it had sent a word of its round.
    const std::set<int64_t> clients = TrainedIn(results, round, round < kDeadRound ? -1 : dead);
    QCOMPARE(clients.size() == kClients, round != kDeadRound);
    double weight = 0, mean = 0;
    for (const int64_t client : clients) {
      weight += static_cast<double>(client + 1);
      mean += static_cast<double>((client + 1) * client);
    }
    w -= kRate * (w - mean / weight);
    for (int r = 0; r < ranks; ++r) {
      if (r == dead) continue;
      const auto& series = results[static_cast<size_t>(r)].series;
      const auto at = static_cast<size_t>(round);
      QCOMPARE(series.at("federated/clients")[at], static_cast<double>(clients.size()));
      QCOMPARE(series.at("federated/dropped")[at], static_cast<double>(kClients - clients.size()));
    }
  }
  for (int r = 0; r < ranks; ++r) {
    const Rank& rank = results[static_cast<size_t>(r)];
    QCOMPARE(rank.status.ok(), r != dead);
    if (r == dead) continue;
    QVERIFY(rank.parameters == results[dead == 0 ? 1 : 0].parameters);  // to the bit
    QVERIFY2(std::abs(rank.parameters[0] - w) < 1e-5,
             qPrintable(QString("%1, expected %2").arg(rank.parameters[0]).arg(w)));
  }
  QCOMPARE(log.Count("workers are left"), 1);
}

void FederatedLossTest::noMessageIsOneTooFew_data() {
  QTest::addColumn<int>("ranks");
  for (const int ranks : {2, 3, 4}) QTest::addRow("%d ranks", ranks) << ranks;
}

// Whenever a rank dies, those that are left have the same bits: its clients are in the mean of all of them,
// or of none.
void FederatedLossTest::noMessageIsOneTooFew() {
  QFETCH(int, ranks);
  const int most = Run(CaseOf(Average(), ranks, 0, kNeverDies))[0].sends;
  QCOMPARE(most, 4 * (ranks - 1));  // two of the sum, and two of the roll call, to each
  int with = 0, without = 0;
  for (int sends = 0; sends < most; ++sends) {
    const auto results = Run(CaseOf(Average(), ranks, 0, sends));
    QVERIFY(!results[0].status.ok());
    for (size_t r = 1; r < results.size(); ++r) {
      QVERIFY2(results[r].status.ok(), qPrintable(QString("after %1 messages").arg(sends)));
      QVERIFY(results[r].parameters == results[1].parameters);
      QCOMPARE(results[r].losses.size(), size_t{kRounds});
    }
    const double came = results[1].series.at("federated/clients")[kDeadRound];
    with += came == kClients ? 1 : 0;
    without += came < kClients ? 1 : 0;
    QCOMPARE(TrainedIn(results, kRounds - 1, 0).size(), size_t{kClients});
  }
  QVERIFY(with > 0 && without > 0);  // both ways were taken
}

void FederatedLossTest::everyKindThatCanGoOnDoes_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<bool>("encoded");
  for (const std::string& kind : FederatedKinds()) {
    if (!Make({{"kind", kind}})->survives_loss()) continue;
    QTest::addRow("%s", kind.c_str()) << QString::fromStdString(kind) << false;
    QTest::addRow("%s, encoded", kind.c_str()) << QString::fromStdString(kind) << true;
  }
}

void FederatedLossTest::everyKindThatCanGoOnDoes() {
  QFETCH(QString, kind);
  QFETCH(bool, encoded);
  json exchange = Average();
  exchange["kind"] = kind.toStdString();
  Case c = CaseOf(exchange, 3, 1, 1);
  if (encoded) c.codec = {{"kind", "top-k"}, {"ratio", 0.2}};
  const auto results = Run(c);
  QVERIFY(results[0].status.ok() && results[2].status.ok() && !results[1].status.ok());
  QVERIFY(results[0].parameters == results[2].parameters);
  QVERIFY(results[0].state == results[2].state);  // the server's, which all keep
  QCOMPARE(results[0].losses.size(), size_t{kRounds});
}

void FederatedLossTest::whoMayNotBeLostEndsTheRun_data() {
  QTest::addColumn<QString>("exchange");
  QTest::newRow("asked for") << R"({"kind": "fedavg", "clients": 8, "goes_on_without_lost": false})";
  QTest::newRow("scaffold") << R"({"kind": "scaffold", "clients": 8})";
}

void FederatedLossTest::whoMayNotBeLostEndsTheRun() {
  QFETCH(QString, exchange);
  const json spec = json::parse(exchange.toStdString());
  QVERIFY(!Make(spec)->survives_loss());
  for (const Rank& rank : Run(CaseOf(spec, 3, 1, 0))) QVERIFY(!rank.status.ok());
}

CONCERTINA_TEST(FederatedLossTest)

}  // namespace concertina::federated_loss_test

#include "federated_loss_test.moc"
