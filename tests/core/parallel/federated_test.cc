// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// federated_test.cc: what holds for every federated exchange: rounds are steps, whatever the number of
// workers; bytes are counted, and going on changes nothing.
#include <QTest>
#include <cmath>
#include <set>

#include "federated_ranks.h"
#include "tests/test_program.h"

namespace concertina::federated_test {

using namespace federated_ranks;  // NOLINT(google-build-using-namespace): what its ranks are

class FederatedTest : public QObject {
  Q_OBJECT

 private slots:
  void theFiveAreThere();
  void oneRoundOfAllIsAStepOnAllSamples_data();
  void oneRoundOfAllIsAStepOnAllSamples();
  void workersDoNotMatter_data();
  void workersDoNotMatter();
  void bytesAreCountedOnBothSides_data();
  void bytesAreCountedOnBothSides();
  void goingOnChangesNoBit_data();
  void goingOnChangesNoBit();
  void damagedStateIsRefused_data() { AddEveryKind(); }
  void damagedStateIsRefused();
};

void FederatedTest::theFiveAreThere() {
  QCOMPARE(FederatedKinds(),
           (std::vector<std::string>{"fedadam", "fedavg", "fedavgm", "fedprox", "scaffold"}));
}

void FederatedTest::oneRoundOfAllIsAStepOnAllSamples_data() {
  QTest::addColumn<int>("clients");
  QTest::addColumn<bool>("sorted");
  QTest::newRow("one client") << 1 << false;
  for (const int clients : {2, 5, 16}) {
    QTest::addRow("%d clients that look alike", clients) << clients << false;
    QTest::addRow("%d clients that differ", clients) << clients << true;
  }
}

// McMahan et al. 2017, section 2: FedSGD is FedAvg with E = 1, B = infinity, C = 1.
void FederatedTest::oneRoundOfAllIsAStepOnAllSamples() {
  QFETCH(int, clients);
  QFETCH(bool, sorted);
  const LeastSquares problem(clients, sorted);
  const Functions functions = problem.AsFunctions();
  if (clients > 1)  // a plain mean would fail
    QVERIFY(3 * functions.samples.front() < 2 * functions.samples.back());
  const Floats start(kFeatures, 0.5F);
  const auto ranks = Run({.exchange = {{"kind", "fedavg"}, {"clients", clients}, {"fraction", 1}},
                          .functions = functions,
                          .start = start,
                          .rounds = 30});
  QVERIFY(ranks[0].status.ok());
  // Thirty steps, each rounded at 2^-24 of values below 1, in a contraction.
  QVERIFY(Farthest(ranks[0].parameters, Descend(problem, start, 30, 0.1)) < 2e-6);
  Floats g(kFeatures);
  QVERIFY(std::abs(ranks[0].losses[0] - LeastSquares::Gradient(problem.shards, start, g)) < 1e-5);
}

void FederatedTest::workersDoNotMatter_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<QString>("codec");
  for (const std::string& kind : FederatedKinds())
    for (const std::string& codec : Registry::Global().Kinds("gradient-codec"))
      QTest::addRow("%s, %s", kind.c_str(), codec.c_str())
          << QString::fromStdString(kind) << QString::fromStdString(codec);
}

void FederatedTest::workersDoNotMatter() {
  QFETCH(QString, kind);
  QFETCH(QString, codec);
  const LeastSquares problem(12, true);
  Case c{.exchange = {{"kind", kind.toStdString()},
                      {"clients", 12},
                      {"fraction", 0.5},
                      {"local_epochs", 3},
                      {"dropout", 0.2}},
         .functions = problem.AsFunctions(),
         .start = Floats(kFeatures, 0.5F),
         .rounds = 10};
  if (codec != "none") c.codec = {{"kind", codec.toStdString()}};
  // A tie of two ranks' roundings must not choose other elements.
  if (codec == "threshold") c.codec["threshold"] = 0;
  for (const ParamSpec& param : Registry::Global().Find("gradient-codec", codec.toStdString())->params)
    if (param.name == "ratio") c.codec["ratio"] = 1;
  const auto one = Run(c);
  QVERIFY(one[0].status.ok());
  for (c.ranks = 2; c.ranks <= 4; ++c.ranks) {
    const auto many = Run(c);
    std::multiset<int64_t> trained;
    for (const Rank& rank : many) {
      QVERIFY(rank.status.ok());
      QVERIFY(rank.parameters == many[0].parameters);
      QVERIFY(rank.losses == many[0].losses);
      trained.insert(rank.clients.begin(), rank.clients.end());
    }
    QVERIFY(trained == std::multiset<int64_t>(one[0].clients.begin(), one[0].clients.end()));
    // Ten rounds of sums in another order, rounded at 2^-24; half precision may round to its next number.
    QVERIFY2(Farthest(many[0].parameters, one[0].parameters) < (codec == "fp16" ? 1e-3 : 5e-6),
             qPrintable(QString::number(Farthest(many[0].parameters, one[0].parameters))));
  }
}

void FederatedTest::bytesAreCountedOnBothSides_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<QString>("codec");
  QTest::addColumn<int>("ranks");
  for (const std::string& kind : FederatedKinds())
    for (const std::string& codec : Registry::Global().Kinds("gradient-codec"))
      for (const int ranks : {1, 2, 3, 4})
        QTest::addRow("%s, %s, %d ranks", kind.c_str(), codec.c_str(), ranks)
            << QString::fromStdString(kind) << QString::fromStdString(codec) << ranks;
}

void FederatedTest::bytesAreCountedOnBothSides() {
  QFETCH(QString, kind);
  QFETCH(QString, codec);
  QFETCH(int, ranks);
  const LeastSquares problem(10, false);
  const json exchange = {{"kind", kind.toStdString()}, {"clients", 10}, {"fraction", 0.5}};
  Case c{.exchange = exchange,
         .functions = problem.AsFunctions(),
         .start = Floats(kFeatures, 0.5F),
         .ranks = ranks};
  double payload = 4 * kFeatures;
  bool is_fixed = true;
  if (codec != "none") {
    c.codec = {{"kind", codec.toStdString()}};
    std::vector<Fault> faults;
    const auto made = Registry::Global().Create<Codec>(
        "gradient-codec", Registry::Global().Check("gradient-codec", c.codec, "", faults));
    payload = static_cast<double>((*made)->MaxPayloadBytes(kFeatures));
    is_fixed = (*made)->has_fixed_size();
  }
  const auto results = Run(c);
  const int vectors = kind == "scaffold" ? 2 : 1;
  double uploaded = 0;
  uint64_t busiest = 0;
  for (const Rank& rank : results) {
    QVERIFY(rank.status.ok());
    uploaded += rank.series.at("federated/upload_bytes")[0];
    QCOMPARE(rank.series.at("federated/download_bytes")[0], 5.0 * vectors * 4 * kFeatures);
    busiest = std::max(busiest, rank.counts.payload_sent);
  }
  QVERIFY2(uploaded <= 5 * vectors * payload && (!is_fixed || uploaded > 0.9 * 5 * vectors * payload),
           qPrintable(QString("%1 uploaded, %2 foretold").arg(uploaded).arg(5 * vectors * payload)));
  // What the workers send one another does not shrink with the clients' codec.
  const double foretold = Make(exchange)->PatternOf({.floats = kFeatures, .ranks = ranks}).BusiestBytes();
  // Where N does not divide the floats: at most one float a piece, there and back.
  QVERIFY2(std::abs(static_cast<double>(busiest) - foretold) <= 4.0 * 2 * ranks,
           qPrintable(QString("%1 sent, %2 foretold").arg(busiest).arg(foretold)));
}

void FederatedTest::goingOnChangesNoBit_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<int>("ranks");
  for (const std::string& kind : FederatedKinds())
    for (const int ranks : {1, 3})
      QTest::addRow("%s, %d ranks", kind.c_str(), ranks) << QString::fromStdString(kind) << ranks;
}

void FederatedTest::goingOnChangesNoBit() {
  QFETCH(QString, kind);
  QFETCH(int, ranks);
  const LeastSquares problem(9, true);
  Case c{.exchange = {{"kind", kind.toStdString()}, {"clients", 9}, {"fraction", 0.5}, {"local_epochs", 2}},
         .functions = problem.AsFunctions(),
         .start = Floats(kFeatures, 0.5F),
         .ranks = ranks,
         .rounds = 12,
         .codec = {{"kind", "top-k"}, {"ratio", 0.3}}};
  const auto whole = Run(c);
  c.rounds = 5;
  const auto half = Run(c);
  for (const Rank& rank : half) c.states.push_back(rank.state);
  c.start = half[0].parameters;
  c.first_round = 5;
  c.rounds = 7;
  const auto rest = Run(c);
  QVERIFY(whole[0].status.ok() && rest[0].status.ok());
  QVERIFY(rest[0].parameters == whole[0].parameters);
  for (size_t rank = 0; rank < whole.size(); ++rank) QVERIFY(rest[rank].state == whole[rank].state);
}

void FederatedTest::damagedStateIsRefused() {
  QFETCH(QString, kind);
  const LeastSquares problem(4, true);
  Case c{.exchange = {{"kind", kind.toStdString()}, {"clients", 4}, {"fraction", 1}},
         .functions = problem.AsFunctions(),
         .start = Floats(kFeatures, 0.5F),
         .rounds = 2};
  const std::vector<uint8_t> good = Run(c)[0].state;
  c.rounds = 0;
  const auto load = [&](std::vector<uint8_t> state) {
    c.states = {std::move(state)};
    return Run(c)[0].status;
  };
  QVERIFY(load(good).ok());
  std::vector<uint8_t> longer = good;
  longer.push_back(0);
  QCOMPARE(load(longer).code(), absl::StatusCode::kDataLoss);
  for (size_t size = 0; size < good.size(); size += 37)
    QCOMPARE(load({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}).code(),
             absl::StatusCode::kDataLoss);
  if (kind != "scaffold") return;
  // The last client's number becomes one that is not there.
  std::vector<uint8_t> stranger = good;
  stranger[good.size() - 8 - 4 * kFeatures] = 200;
  QCOMPARE(load(stranger).code(), absl::StatusCode::kDataLoss);
}

CONCERTINA_TEST(FederatedTest)

}  // namespace concertina::federated_test

#include "federated_test.moc"
