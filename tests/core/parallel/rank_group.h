// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rank_group.h: ranks as threads that train toy problems with a real exchange: each descends a quadratic of
// its own, f_i(x) = ||x - c_i||^2 / 2, by plain gradient steps, so that what an exchange must give is known;
// or by an optimiser of the registry.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/gradient/chain.h"
#include "core/gradient/momentum_average.h"
#include "core/nn/optimizer.h"
#include "core/parallel/exchange.h"
#include "nlohmann/json.hpp"

namespace concertina {

// Keeps what was recorded, by name.
class MemoryRecorder final : public Recorder {
 public:
  Series Open(std::string_view name, std::string_view, RankFold) override {
    names_.emplace_back(name);
    return static_cast<Series>(names_.size()) - 1;
  }
  void Record(Series series, int64_t step, double value) override {
    values_[names_[static_cast<size_t>(series)]].emplace_back(step, value);
  }
  std::vector<std::pair<int64_t, double>> of(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::pair<int64_t, double>>() : found->second;
  }

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::vector<std::pair<int64_t, double>>> values_;
};

struct ToyRank {
  std::vector<float> parameters, gradients, goal;
  std::vector<std::vector<float>> history;  // parameters after each step
  std::vector<uint8_t> state;               // saved after `save_after` steps
  std::vector<float> optimizer_state;       // the same of the optimiser, if there is one
  ByteCounts counts;
  MemoryRecorder recorder;
  absl::Status status;
};

struct ToyCase {
  nlohmann::json exchange;
  nlohmann::json codec = nullptr;      // one, or a list: a chain
  nlohmann::json optimizer = nullptr;  // null: plain gradient steps
  int adversary = -1;                  // this rank gives -100 times its gradient
  int ranks = 2;
  int steps = 1;
  double learning_rate = 0.1;
  int learning_steps = 1 << 30;  // then the learning rate is 0
  int64_t floats = 512;
  bool settles = true;
  int first_step = 0;  // going on: with what is in `before`
  const std::vector<ToyRank>* before = nullptr;
  int save_after = -1;
};

// Runs the case; the ranks' goals and first values come from fixed seeds, the first values alike on all
// ranks.
inline std::vector<ToyRank> RunToy(const ToyCase& c) {
  const int64_t half = c.floats / 2;
  const std::vector<ParameterSlot> layout = {
      {.name = "a", .shape = {half}, .offset = 0, .count = half},
      {.name = "b", .shape = {c.floats - half}, .offset = half, .count = c.floats - half}};
  const std::vector<int> order = {1, 0};
  auto transports = MakeInProcessTransports(c.ranks);
  std::vector<int> members;
  for (int i = 0; i < c.ranks; ++i) members.push_back(i);
  std::vector<ToyRank> ranks(static_cast<size_t>(c.ranks));
  std::vector<std::thread> threads;
  for (int r = 0; r < c.ranks; ++r)
    threads.emplace_back([&, r] {
      ToyRank& rank = ranks[static_cast<size_t>(r)];
      Transport& transport = *transports[static_cast<size_t>(r)];
      const auto run = [&]() -> absl::Status {
        const Registry& registry = Registry::Global();
        std::vector<Fault> faults;
        const Params params = registry.Check("exchange", c.exchange, "/exchange", faults);
        std::vector<Params> chain;
        for (const nlohmann::json& codec : c.codec.is_object() ? nlohmann::json::array({c.codec}) : c.codec)
          chain.push_back(registry.Check("gradient-codec", codec, "/gradient", faults));
        RETURN_IF_ERROR(FaultsToStatus(faults));
        ASSIGN_OR_RETURN(const auto exchange, registry.Create<Exchange>("exchange", params));
        Communicator communicator(transport, members, 1);
        const auto d = static_cast<size_t>(c.floats);
        rank.parameters.resize(d);
        rank.gradients.resize(d);
        rank.goal.resize(d);
        Rng first(1, "first values"), goal(1, "goal", static_cast<uint64_t>(r));
        for (float& x : rank.parameters) x = static_cast<float>(first.Normal());
        for (float& x : rank.goal) x = static_cast<float>(goal.Normal());
        if (c.before != nullptr) rank.parameters = (*c.before)[static_cast<size_t>(r)].parameters;
        ExchangeContext context;
        context.data = &communicator;
        context.layout = &layout;
        context.gradient_order = &order;
        context.parameters = rank.parameters;
        context.gradients = rank.gradients;
        const auto rate = [&c](int64_t step) { return step < c.learning_steps ? c.learning_rate : 0; };
        context.learning_rate = rate;
        context.total_steps = c.steps;
        context.recorder = &rank.recorder;
        context.seed = 1;
        context.deadline_seconds = 10;
        std::unique_ptr<Optimizer> optimizer;
        if (!c.optimizer.is_null()) {
          const Params of_optimizer = registry.Check("optimizer", c.optimizer, "/optimizer", faults);
          RETURN_IF_ERROR(FaultsToStatus(faults));
          ASSIGN_OR_RETURN(optimizer, registry.Create<Optimizer>("optimizer", of_optimizer));
          optimizer->Prepare(layout);
          if (c.before != nullptr)
            std::ranges::copy((*c.before)[static_cast<size_t>(r)].optimizer_state,
                              optimizer->state().begin());
        }
        const auto momentum = optimizer != nullptr ? optimizer->averaged_momentum() : std::nullopt;
        if (!chain.empty())
          context.make_codec = [&]() -> absl::StatusOr<std::unique_ptr<Codec>> {
            ASSIGN_OR_RETURN(auto codec, MakeChain(chain, ChainPlace{.run_seed = 1, .rank = r}));
            if (!momentum) return codec;
            return AverageMomentum(std::move(codec), momentum->beta, momentum->first);
          };
        RETURN_IF_ERROR(exchange->Prepare(context));
        if (c.before != nullptr)
          RETURN_IF_ERROR(exchange->LoadState((*c.before)[static_cast<size_t>(r)].state));
        for (int step = c.first_step; step < c.steps; ++step) {
          RETURN_IF_ERROR(exchange->Begin(step));
          const float sign = r == c.adversary ? -100.0F : 1.0F;
          for (size_t i = 0; i < d; ++i) rank.gradients[i] = sign * (rank.parameters[i] - rank.goal[i]);
          for (const int parameter : order) exchange->GradientReady(parameter);
          RETURN_IF_ERROR(
              exchange
                  ->Finish(step,
                           [&](int64_t offset, int64_t count) {
                             const auto first = static_cast<size_t>(offset);
                             const auto n = static_cast<size_t>(count);
                             if (optimizer != nullptr)
                               return optimizer->Update(step, rate(step), offset,
                                                        std::span(rank.gradients).subspan(first, n),
                                                        std::span(rank.parameters).subspan(first, n));
                             for (int64_t i = offset; i < offset + count; ++i)
                               rank.parameters[static_cast<size_t>(i)] -=
                                   static_cast<float>(rate(step)) * rank.gradients[static_cast<size_t>(i)];
                           })
                  .status());
          rank.history.push_back(rank.parameters);
          if (step + 1 == c.save_after) {
            exchange->SaveState(rank.state);
            if (optimizer != nullptr)
              rank.optimizer_state.assign(optimizer->state().begin(), optimizer->state().end());
            return absl::OkStatus();
          }
        }
        if (c.settles) RETURN_IF_ERROR(exchange->Settle());
        rank.counts = transport.counts();
        return absl::OkStatus();
      };
      rank.status = run();
      if (!rank.status.ok()) transport.Abort(rank.status);
    });
  for (std::thread& thread : threads) thread.join();
  return ranks;
}

}  // namespace concertina
