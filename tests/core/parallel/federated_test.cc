// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// federated_test.cc: what holds for every federated exchange, and what each promises; ranks as threads,
// clients as functions whose gradients are known.
#include "core/parallel/federated_exchange.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <thread>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using nlohmann::json;
using Floats = std::vector<float>;

// The gradient and the loss of `client`'s function at w; plain gradient descent from there.
struct Functions {
  std::vector<int64_t> samples;
  std::function<double(int64_t client, std::span<const float> w, std::span<float> g)> gradient;
  double seconds_a_step = 0;
};

class FunctionTrainer final : public RoundTrainer {
 public:
  FunctionTrainer(const Functions& functions, std::span<float> parameters)
      : functions_(functions), parameters_(parameters) {}
  std::span<const int64_t> client_samples() const override { return functions_.samples; }
  absl::StatusOr<LocalResult> Train(const LocalTraining& local) override {
    trained.push_back(local);
    LocalResult result;
    Floats g(parameters_.size());
    for (int64_t epoch = 0; epoch < local.epochs && result.complete; ++epoch) {
      result.mean_loss = functions_.gradient(local.client, parameters_, g);
      for (size_t i = 0; i < g.size(); ++i) {
        if (!local.gradient_sum.empty()) local.gradient_sum[i] += g[i];
        if (!local.correction.empty()) g[i] += local.correction[i];
        if (local.proximal != 0) g[i] += local.proximal * (parameters_[i] - local.anchor[i]);
        parameters_[i] -= static_cast<float>(local.learning_rate) * g[i];
      }
      ++result.steps;
      result.samples += functions_.samples[static_cast<size_t>(local.client)];
      result.seconds += functions_.seconds_a_step * local.time_factor;
      result.complete = local.deadline_seconds == 0 || result.seconds <= local.deadline_seconds;
    }
    return result;
  }
  std::vector<LocalTraining> trained;

 private:
  const Functions& functions_;
  std::span<float> parameters_;
};

class MemoryRecorder final : public Recorder {
 public:
  Series Open(std::string_view name, std::string_view, RankFold) override {
    names_.emplace_back(name);
    return static_cast<Series>(names_.size()) - 1;
  }
  void Record(Series series, int64_t, double value) override {
    values[names_[static_cast<size_t>(series)]].push_back(value);
  }
  std::map<std::string, std::vector<double>> values;

 private:
  std::vector<std::string> names_;
};

struct Case {
  json exchange;
  Functions functions;
  Floats start;
  int ranks = 1;
  int rounds = 1;
  int first_round = 0;
  double learning_rate = 0.1;
  uint64_t seed = 1;
  json codec = nullptr;
  std::string folder;
  std::vector<std::vector<uint8_t>> states;  // by rank; loaded before the first round
};

struct Rank {
  Floats parameters;
  std::vector<double> losses;
  std::map<std::string, std::vector<double>> series;
  std::vector<int64_t> clients;  // trained, in order
  std::vector<uint8_t> state;
  ByteCounts counts;
  absl::Status status;
};

std::unique_ptr<Exchange> Make(const json& exchange) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("exchange", exchange, "/exchange", faults);
  for (const Fault& fault : faults) qWarning("%s", fault.message.c_str());
  auto made = Registry::Global().Create<Exchange>("exchange", params);
  return made.ok() ? *std::move(made) : nullptr;
}

std::vector<Rank> Run(const Case& c) {
  auto transports = MakeInProcessTransports(c.ranks);
  std::vector<int> members;
  for (int i = 0; i < c.ranks; ++i) members.push_back(i);
  std::vector<Rank> ranks(static_cast<size_t>(c.ranks));
  std::vector<std::thread> threads;
  for (int r = 0; r < c.ranks; ++r)
    threads.emplace_back([&, r] {
      Rank& rank = ranks[static_cast<size_t>(r)];
      rank.parameters = c.start;
      Communicator communicator(*transports[static_cast<size_t>(r)], members, 1);
      MemoryRecorder recorder;
      FunctionTrainer trainer(c.functions, rank.parameters);
      const auto exchange = Make(c.exchange);
      ExchangeContext context;
      context.data = &communicator;
      context.parameters = rank.parameters;
      context.learning_rate = [&](int64_t) { return c.learning_rate; };
      context.recorder = &recorder;
      context.seed = c.seed;
      context.scratch_folder = c.folder;
      if (!c.codec.is_null())
        context.make_codec = [&] {
          std::vector<Fault> faults;
          return Registry::Global().Create<Codec>(
              "gradient-codec", Registry::Global().Check("gradient-codec", c.codec, "", faults));
        };
      rank.status = exchange->Prepare(context);
      if (rank.status.ok() && !c.states.empty())
        rank.status = exchange->LoadState(c.states[static_cast<size_t>(r)]);
      for (int round = c.first_round; round < c.first_round + c.rounds && rank.status.ok(); ++round) {
        const auto result = exchange->Round(round, trainer);
        rank.status = result.status();
        if (result.ok()) rank.losses.push_back(result->loss);
      }
      exchange->SaveState(rank.state);
      for (const LocalTraining& local : trainer.trained) rank.clients.push_back(local.client);
      rank.series = recorder.values;
      rank.counts = transports[static_cast<size_t>(r)]->counts();
      if (!rank.status.ok()) transports[static_cast<size_t>(r)]->Abort(rank.status);
    });
  for (std::thread& thread : threads) thread.join();
  for (const Rank& rank : ranks)
    if (!rank.status.ok() && c.rounds > 0) qWarning("%s", std::string(rank.status.message()).c_str());
  return ranks;
}

constexpr int kFeatures = 40;

// Least squares: y = x w* + noise, the rows sorted by y (clients differ much) or not, cut into unequal
// shares.
struct LeastSquares {
  explicit LeastSquares(int clients, bool sorted) {
    Rng rng(5, "rows");
    std::vector<std::pair<double, Floats>> rows;
    for (int i = 0; i < 40 * clients; ++i) {
      Floats x;
      double y = 0.1 * rng.Normal();
      for (int j = 0; j < kFeatures; ++j) {
        x.push_back(static_cast<float>(rng.Normal()));
        y += 0.1 * (j % 5) * x.back();
      }
      rows.emplace_back(y, std::move(x));
    }
    if (sorted) std::sort(rows.begin(), rows.end());
    shards.resize(static_cast<size_t>(clients));
    for (size_t i = 0; i < rows.size(); ++i) {
      // Share k is proportional to k + 1.
      const double at = static_cast<double>(i) / static_cast<double>(rows.size());
      const auto share = static_cast<size_t>((std::sqrt(1 + 4 * at * clients * (clients + 1.0)) - 1) / 2);
      shards[std::min(share, shards.size() - 1)].push_back(rows[i]);
    }
  }

  // Mean gradient and loss over some clients' rows, added in double.
  static double Gradient(std::span<const std::vector<std::pair<double, Floats>>> of, std::span<const float> w,
                         std::span<float> g) {
    std::vector<double> sum(g.size());
    double loss = 0, count = 0;
    for (const auto& rows : of)
      for (const auto& [y, x] : rows) {
        double error = -y;
        for (size_t j = 0; j < w.size(); ++j) error += static_cast<double>(w[j]) * x[j];
        for (size_t j = 0; j < w.size(); ++j) sum[j] += error * x[j];
        loss += error * error / 2;
        ++count;
      }
    for (size_t j = 0; j < g.size(); ++j) g[j] = static_cast<float>(sum[j] / count);
    return loss / count;
  }

  Functions AsFunctions() const {
    Functions functions;
    for (const auto& rows : shards) functions.samples.push_back(static_cast<int64_t>(rows.size()));
    functions.gradient = [this](int64_t client, std::span<const float> w, std::span<float> g) {
      return Gradient(std::span(shards).subspan(static_cast<size_t>(client), 1), w, g);
    };
    return functions;
  }

  std::vector<std::vector<std::pair<double, Floats>>> shards;
};

// Gradient descent on all rows.
Floats Descend(const LeastSquares& problem, Floats w, int steps, double learning_rate) {
  Floats g(w.size());
  for (int step = 0; step < steps; ++step) {
    LeastSquares::Gradient(problem.shards, w, g);
    for (size_t i = 0; i < w.size(); ++i) w[i] -= static_cast<float>(learning_rate) * g[i];
  }
  return w;
}

double Farthest(const Floats& a, const Floats& b) {
  double farthest = 0;
  for (size_t i = 0; i < a.size(); ++i) farthest = std::max(farthest, std::abs(double{a[i]} - b[i]));
  return farthest;
}

std::vector<std::string> FederatedKinds() {
  std::vector<std::string> kinds;
  for (const std::string& kind : Registry::Global().Kinds("exchange"))
    if (Make({{"kind", kind}})->rounds()) kinds.push_back(kind);
  return kinds;
}

}  // namespace

class FederatedTest : public QObject {
  Q_OBJECT

  void addEveryKind() {
    QTest::addColumn<QString>("kind");
    for (const std::string& kind : FederatedKinds())
      QTest::newRow(kind.c_str()) << QString::fromStdString(kind);
  }

 private slots:
  void theFiveAreThere();
  void oneRoundOfAllIsAStepOnAllSamples_data();
  void oneRoundOfAllIsAStepOnAllSamples();
  void workersDoNotMatter_data();
  void workersDoNotMatter();
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
  void whoDropsOutIsLeftOut();
  void aRoundWithoutAnswersChangesNothing();
  void whoIsLateIsLeftOutOrTakenAsFarAsItCame_data();
  void whoIsLateIsLeftOutOrTakenAsFarAsItCame();
  void theSeedDecides();
  void bytesAreCountedOnBothSides_data();
  void bytesAreCountedOnBothSides();
  void goingOnChangesNoBit_data();
  void goingOnChangesNoBit();
  void damagedStateIsRefused_data() { addEveryKind(); }
  void damagedStateIsRefused();
  void moreClientsThanSamplesAreRefused_data() { addEveryKind(); }
  void moreClientsThanSamplesAreRefused();
  void knobsActAtTheNextRound();
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

void FederatedTest::withoutItsTermAKindIsFedAvg_data() {
  QTest::addColumn<QString>("exchange");
  QTest::newRow("mu = 0") << R"({"kind": "fedprox", "mu": 0})";
  QTest::newRow("beta = 0") << R"({"kind": "fedavgm", "server_momentum": 0})";
}

void FederatedTest::withoutItsTermAKindIsFedAvg() {
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
void FederatedTest::theProximalTermHoldsClientsNearTheServer() {
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

void FederatedTest::momentumIsHsus() {
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

void FederatedTest::secondMomentsAreReddis_data() {
  QTest::addColumn<QString>("rule");
  for (const char* rule : {"adam", "yogi", "adagrad"}) QTest::newRow(rule) << rule;
}

void FederatedTest::secondMomentsAreReddis() {
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

void FederatedTest::controlVariatesTakeTheBiasAway_data() {
  QTest::addColumn<double>("G");
  for (const double g : {1.0, 10.0, 100.0}) QTest::addRow("G = %g", g) << g;
}

// Karimireddy et al. 2020, section 7: two quadratics whose gradients differ by G and whose mean has its
// minimum at 0. After K local steps FedAvg rests where the clients' own pulls cancel, which is off by a share
// of G.
void FederatedTest::controlVariatesTakeTheBiasAway() {
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

void FederatedTest::variatesInAFileAreTheSame() {
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
void FederatedTest::theServersVariateIsTheMeanOfTheClients() {
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

// Every client pulls in a direction of its own, as strongly whatever w is: who counted can be read off w.
void FederatedTest::whoDropsOutIsLeftOut() {
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

void FederatedTest::aRoundWithoutAnswersChangesNothing() {
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

void FederatedTest::whoIsLateIsLeftOutOrTakenAsFarAsItCame_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<double>("expected");  // how far a slow client's own coordinate goes
  QTest::newRow("left out") << "fedavg" << 0.0;
  QTest::newRow("taken") << "fedprox" << 3.0;
}

void FederatedTest::whoIsLateIsLeftOutOrTakenAsFarAsItCame() {
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

void FederatedTest::theSeedDecides() {
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

void FederatedTest::moreClientsThanSamplesAreRefused() {
  QFETCH(QString, kind);
  const auto exchange = Make({{"kind", kind.toStdString()}, {"clients", 101}});
  QVERIFY(exchange->Fits({.train_samples = 101}).ok());
  const absl::Status refused = exchange->Fits({.train_samples = 100});
  QCOMPARE(refused.code(), absl::StatusCode::kInvalidArgument);
  QVERIFY(std::string(refused.message()).starts_with("/exchange/clients: "));
}

void FederatedTest::knobsActAtTheNextRound() {
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

}  // namespace concertina

QTEST_APPLESS_MAIN(concertina::FederatedTest)
#include "federated_test.moc"
