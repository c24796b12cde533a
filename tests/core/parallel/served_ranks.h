// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// served_ranks.h: ranks as threads that train a bowl with servers, for the tests of exchanges whose workers
// do not keep step.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/parallel/exchange.h"
#include "nlohmann/json.hpp"

namespace concertina::served_ranks {

using nlohmann::json;
using Floats = std::vector<float>;
inline constexpr int64_t kFloats = 5000;  // over several parameters

inline std::vector<ParameterSlot> Slots(int64_t floats = kFloats) {
  std::vector<ParameterSlot> layout;
  int64_t offset = 0;
  for (const int64_t count : {floats - 2000, int64_t{1}, int64_t{1499}, int64_t{500}}) {
    layout.push_back(
        {.name = "p" + std::to_string(offset), .shape = {count}, .offset = offset, .count = count});
    offset += count;
  }
  return layout;
}

template <class Component>
absl::StatusOr<std::unique_ptr<Component>> Make(const std::string& category, const json& spec) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check(category, spec, "", faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));
  return Registry::Global().Create<Component>(category, params);
}

// What each worker measured, by step.
class MemoryRecorder final : public Recorder {
 public:
  Series Open(std::string_view name, std::string_view, RankFold) override {
    names.emplace_back(name);
    values.emplace_back();
    return static_cast<Series>(names.size() - 1);
  }
  void Record(Series series, int64_t, double value) override {
    values[static_cast<size_t>(series)].push_back(value);
  }
  std::vector<double> of(std::string_view name) const {
    for (size_t i = 0; i < names.size(); ++i)
      if (names[i] == name) return values[i];
    return {};
  }
  std::vector<std::string> names;
  std::vector<std::vector<double>> values;
};

struct Case {
  json exchange;
  json optimizer = {{"kind", "sgd"}, {"learning_rate", 0.1}};
  json codec = nullptr;
  int workers = 2;
  int steps = 20;
  int64_t floats = kFloats;
  int dead_rank = -1;  // vanishes before dead_step
  int dead_step = 0;
  // The gradient of a worker's step, from the parameters that it has.
  std::function<void(int rank, int64_t step, std::span<const float> parameters, std::span<float> gradient)>
      gradient;
  std::function<void(int rank, int64_t step)> before_step;  // when it may begin
  std::function<float(int rank, int64_t i)> initial = [](int, int64_t) { return 0.0F; };
  std::vector<std::vector<uint8_t>> states;  // to go on from
  bool keeps_state = false;
};

struct Rank {
  Floats parameters;
  ByteCounts counts;  // of the steps
  MemoryRecorder recorder;
  std::vector<uint8_t> state;
  bool had_to_wait = false;
  absl::Status status;
};

// The way of the step loop: turns, steps, the meeting at the end, what was agreed.
inline absl::Status Train(Exchange& exchange, Rank& rank, const Case& c, ExchangeContext context, int r,
                          const std::vector<int>& order, Transport& transport) {
  RETURN_IF_ERROR(exchange.Prepare(context));
  if (!c.states.empty()) RETURN_IF_ERROR(exchange.LoadState(c.states[static_cast<size_t>(r)]));
  // As in the step loop: nobody is lost before all are ready to outlive it.
  std::vector<int> all(static_cast<size_t>(transport.size()));
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
  RETURN_IF_ERROR(Communicator(transport, all, 9).Barrier(Deadline::After(20)));
  std::unique_ptr<Optimizer> own;
  if (!exchange.Updates(*context.layout, order, r, c.workers).empty()) {
    ASSIGN_OR_RETURN(own, Make<Optimizer>("optimizer", c.optimizer));
    own->Prepare(*context.layout);
  }
  const auto nothing = [] { return absl::OkStatus(); };
  for (int64_t step = 0; step < c.steps && r < c.workers; ++step) {
    if (r == c.dead_rank && step == c.dead_step) {
      transport.Abort(absl::UnavailableError("rank " + std::to_string(r) + " vanished"));
      return absl::OkStatus();
    }
    const Deadline deadline = Deadline::After(20);
    for (;;) {
      ASSIGN_OR_RETURN(const bool may_begin, exchange.AwaitTurn(step, 0.001));
      if (may_begin) break;
      rank.had_to_wait = true;
      if (deadline.Passed()) return absl::DeadlineExceededError("its turn never comes");
    }
    if (c.before_step) c.before_step(r, step);
    RETURN_IF_ERROR(exchange.Begin(step));
    c.gradient(r, step, context.parameters, context.gradients);
    for (const int parameter : order) exchange.GradientReady(parameter);
    RETURN_IF_ERROR(exchange
                        .Finish(step,
                                [&](int64_t offset, int64_t count) {
                                  own->Update(step, own->base_learning_rate(), offset,
                                              context.gradients.subspan(static_cast<size_t>(offset),
                                                                        static_cast<size_t>(count)),
                                              context.parameters.subspan(static_cast<size_t>(offset),
                                                                         static_cast<size_t>(count)));
                                })
                        .status());
  }
  if (exchange.lockstep()) {
    for (int64_t step = 0; step < c.steps && r >= c.workers; ++step) {
      RETURN_IF_ERROR(exchange.Begin(step));
      RETURN_IF_ERROR(exchange.Finish(step, [](int64_t, int64_t) {}).status());
    }
    rank.counts = transport.counts();
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(exchange.Meet(1, nothing).status());
  rank.counts = transport.counts();
  if (c.keeps_state) exchange.SaveState(rank.state);
  RETURN_IF_ERROR(exchange.Meet(1, nothing).status());  // all have counted what the steps sent
  RETURN_IF_ERROR(exchange.Settle());
  return exchange.Meet(2, nothing).status();
}

inline std::vector<Rank> Run(const Case& c) {
  const std::vector<ParameterSlot> layout = Slots(c.floats);
  const std::vector<int> order = {3, 2, 1, 0};
  const auto probe = Make<Exchange>("exchange", c.exchange);
  if (!probe.ok()) qWarning("%s", std::string(probe.status().message()).c_str());
  const int size = c.workers + (*probe)->servers();
  auto transports = MakeInProcessTransports(size);
  std::vector<int> members;
  for (int i = 0; i < size; ++i) members.push_back(i);
  std::vector<Rank> ranks(static_cast<size_t>(size));
  std::vector<std::thread> threads;
  for (int r = 0; r < size; ++r)
    threads.emplace_back([&, r] {
      Rank& rank = ranks[static_cast<size_t>(r)];
      Transport& transport = *transports[static_cast<size_t>(r)];
      Communicator communicator(transport, members, 1);
      auto exchange = *Make<Exchange>("exchange", c.exchange);
      rank.parameters.resize(static_cast<size_t>(c.floats));
      for (int64_t i = 0; i < c.floats; ++i) rank.parameters[static_cast<size_t>(i)] = c.initial(r, i);
      Floats gradients(rank.parameters.size());
      ExchangeContext context;
      context.data = &communicator;
      context.layout = &layout;
      context.gradient_order = &order;
      context.parameters = rank.parameters;
      context.gradients = gradients;
      context.make_optimizer = [&] { return Make<Optimizer>("optimizer", c.optimizer); };
      context.learning_rate = [&](int64_t) { return c.optimizer["learning_rate"].get<double>(); };
      context.recorder = &rank.recorder;
      context.deadline_seconds = 10;
      if (r >= c.workers) context.may_overlap = false;
      if (!c.codec.is_null()) context.make_codec = [&] { return Make<Codec>("gradient-codec", c.codec); };
      rank.status = Train(*exchange, rank, c, context, r, order, transport);
      if (!rank.status.ok()) transport.Abort(rank.status);
      exchange.reset();
    });
  for (std::thread& thread : threads) thread.join();
  return ranks;
}

// A bowl: the gradient of ||w - target||^2 / 2, with some noise of its own.
inline void Bowl(int rank, int64_t step, std::span<const float> w, std::span<float> g) {
  Rng rng(3, "noise", static_cast<uint64_t>(step * 100 + rank));
  for (size_t i = 0; i < w.size(); ++i)
    g[i] = w[i] - static_cast<float>(i % 7) + 0.01F * static_cast<float>(rng.Normal());
}

// Seconds of pretended work, drawn anew for each step and rank.
inline void WorkAWhile(int rank, int64_t step) {
  Rng rng(11, "delay", static_cast<uint64_t>(step * 100 + rank));
  std::this_thread::sleep_for(std::chrono::microseconds(50 + static_cast<int>(800 * rng.Uniform())));
}

#define VERIFY_WELL(ranks) \
  for (const Rank& rank : ranks) QVERIFY2(rank.status.ok(), std::string(rank.status.message()).c_str())

}  // namespace concertina::served_ranks
