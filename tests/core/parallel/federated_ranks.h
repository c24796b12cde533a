// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// federated_ranks.h: ranks as threads whose clients are functions with known gradients, for the tests of
// federated exchanges.
#pragma once

#include <QTest>
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/parallel/federated_exchange.h"
#include "nlohmann/json.hpp"
#include "tests/core/comm/dying_transport.h"

namespace concertina::federated_ranks {

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
  // Who dies, in which round, and after how many messages of it.
  int dead_rank = -1;
  int dead_round = 0;
  int dead_sends = 0;
};

struct Rank {
  Floats parameters;
  std::vector<double> losses;
  std::map<std::string, std::vector<double>> series;
  std::vector<int64_t> clients;    // trained, in order
  std::vector<int64_t> in_rounds;  // when
  int sends = 0;                   // of the dead one in its round
  std::vector<uint8_t> state;
  ByteCounts counts;
  absl::Status status;
};

inline std::unique_ptr<Exchange> Make(const json& exchange) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("exchange", exchange, "/exchange", faults);
  for (const Fault& fault : faults) qWarning("%s", fault.message.c_str());
  auto made = Registry::Global().Create<Exchange>("exchange", params);
  return made.ok() ? *std::move(made) : nullptr;
}

inline std::vector<Rank> Run(const Case& c) {
  std::vector<std::unique_ptr<DyingTransport>> transports;
  for (auto& transport : MakeInProcessTransports(c.ranks))
    transports.push_back(std::make_unique<DyingTransport>(std::move(transport), kNeverDies));
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
      const auto floats = static_cast<int64_t>(rank.parameters.size());
      const std::vector<ParameterSlot> layout = {{.name = "p", .shape = {floats}, .count = floats}};
      ExchangeContext context;
      context.data = &communicator;
      context.layout = &layout;
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
        const bool dies = r == c.dead_rank && round == c.dead_round;
        if (dies) transports[static_cast<size_t>(r)]->DieAt(c.dead_sends);
        const auto result = exchange->Round(round, trainer);
        if (dies) rank.sends = transports[static_cast<size_t>(r)]->sends();
        rank.status = result.status();
        if (result.ok()) rank.losses.push_back(result->loss);
      }
      exchange->SaveState(rank.state);
      for (const LocalTraining& local : trainer.trained) {
        rank.clients.push_back(local.client);
        rank.in_rounds.push_back(local.round);
      }
      rank.series = recorder.values;
      rank.counts = transports[static_cast<size_t>(r)]->counts();
      if (!rank.status.ok()) transports[static_cast<size_t>(r)]->Abort(rank.status);
    });
  for (std::thread& thread : threads) thread.join();
  for (const Rank& rank : ranks)
    if (!rank.status.ok() && c.rounds > 0) qWarning("%s", std::string(rank.status.message()).c_str());
  return ranks;
}

inline constexpr int kFeatures = 40;

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
inline Floats Descend(const LeastSquares& problem, Floats w, int steps, double learning_rate) {
  Floats g(w.size());
  for (int step = 0; step < steps; ++step) {
    LeastSquares::Gradient(problem.shards, w, g);
    for (size_t i = 0; i < w.size(); ++i) w[i] -= static_cast<float>(learning_rate) * g[i];
  }
  return w;
}

inline double Farthest(const Floats& a, const Floats& b) {
  double farthest = 0;
  for (size_t i = 0; i < a.size(); ++i) farthest = std::max(farthest, std::abs(double{a[i]} - b[i]));
  return farthest;
}

inline std::vector<std::string> FederatedKinds() {
  std::vector<std::string> kinds;
  for (const std::string& kind : Registry::Global().Kinds("exchange"))
    if (Make({{"kind", kind}})->rounds()) kinds.push_back(kind);
  return kinds;
}

// A row each, for the _data of a test.
inline void AddEveryKind() {
  QTest::addColumn<QString>("kind");
  for (const std::string& kind : FederatedKinds())
    QTest::newRow(kind.c_str()) << QString::fromStdString(kind);
}

}  // namespace concertina::federated_ranks
