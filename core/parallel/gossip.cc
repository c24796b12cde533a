// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gossip.cc: decentralised parallel SGD: every step, each rank averages its parameters with its neighbours'
// and takes its own gradient's step.
//   x_i <- sum_j W_ij x_j - lr g_i(x_i)
// [Lian, Zhang, Zhang, Hsieh, Zhang, Liu. Can Decentralized Algorithms Outperform Centralized Algorithms?
// NIPS 2017]. What is mixed are the parameters from before the step, which do not change while the gradient
// is computed: so they travel meanwhile. On the way of the data: worker/step_loop.cc ->
// parallel/decentralised_exchange.h.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>

#include "core/base/flush_denormals.h"
#include "core/base/registry.h"
#include "core/comm/reduce.h"
#include "core/parallel/decentralised_exchange.h"

namespace concertina {
namespace {

// sums += weight x addends.
struct WeightedSum {
  using Element = float;
  float weight;
  void operator()(float* sums, const void* addends, size_t count, bool) const {
    const auto* bytes = static_cast<const std::byte*>(addends);  // at any byte
    for (size_t i = 0; i < count; ++i) {
      float value;
      std::memcpy(&value, bytes + i * sizeof value, sizeof value);
      sums[i] += weight * value;
    }
  }
};

class Gossip final : public DecentralisedExchange {
 public:
  using DecentralisedExchange::DecentralisedExchange;
  ~Gossip() override {
    if (!thread_.joinable()) return;
    if (mixed_.load() < asked_.load())
      data().transport().Abort(absl::CancelledError("this rank has ended its exchange"));
    stopping_ = true;
    ++asked_;
    asked_.notify_one();
    thread_.join();
  }

  absl::Status Fits(const Circumstances& circumstances) const override {
    RETURN_IF_ERROR(DecentralisedExchange::Fits(circumstances));
    if (!circumstances.has_codec) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "/exchange/kind: gossip mixes whole parameters, and a codec made for gradients would spoil them; "
        "take "
        "choco-sgd, or leave /gradient empty");
  }

  absl::Status Prepare(const ExchangeContext& context) override {
    RETURN_IF_ERROR(DecentralisedExchange::Prepare(context));
    pull_.assign(context.parameters.size(), 0);
    if (context.may_overlap && data().size() > 1) thread_ = std::thread([this] { Communicate(); });
    return absl::OkStatus();
  }

  absl::Status Begin(int64_t step) override {
    step_ = step;
    if (thread_.joinable()) {
      ++asked_;
      asked_.notify_one();
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ExchangeCost> Finish(int64_t step, const Apply& apply) override {
    const double begin = Clock::Real().SteadySeconds();
    if (thread_.joinable()) {
      for (uint64_t done = mixed_.load(); done < asked_.load(); done = mixed_.load()) mixed_.wait(done);
    } else {
      pull_status_ = Pull();
    }
    RETURN_IF_ERROR(pull_status_);
    ExchangeCost cost{.exchange_seconds = exchange_seconds_,
                      .wait_seconds = Clock::Real().SteadySeconds() - begin};
    apply(0, static_cast<int64_t>(context_.parameters.size()));
    if (data().size() > 1)
      for (size_t i = 0; i < pull_.size(); ++i) context_.parameters[i] += pull_[i];
    RETURN_IF_ERROR(MeasureConsensus(step));
    return cost;
  }

  void SaveState(std::vector<uint8_t>& state) const override { state.clear(); }
  absl::Status LoadState(std::span<const uint8_t> state) override {
    return state.empty() ? absl::OkStatus()
                         : absl::DataLossError("gossip keeps no state, and some was found");
  }
  absl::Status ChangeCodec(const Params&) override { return absl::OkStatus(); }

 private:
  void Communicate() {
    const FlushDenormals flushed;
    for (uint64_t number = 0;; ++number) {
      for (uint64_t asked = asked_.load(); asked <= number; asked = asked_.load()) asked_.wait(asked);
      if (stopping_) return;
      if (pull_status_.ok()) pull_status_ = Pull();
      ++mixed_;
      mixed_.notify_one();
    }
  }

  // pull_ = sum_j W_ij (x_j - x_i): added to the parameters once they have taken their own step.
  absl::Status Pull() {
    if (data().size() < 2) return absl::OkStatus();
    const double begin = Clock::Real().SteadySeconds();
    const Deadline deadline = StepDeadline();
    const std::span<const float> x = context_.parameters;
    for (const int to : graph().SpeaksTo(data().rank(), step_))
      RETURN_IF_ERROR(data().Send(to, std::as_bytes(x), deadline));
    const float own = graph().OwnWeight(data().rank(), step_) - 1;
    for (size_t i = 0; i < x.size(); ++i) pull_[i] = own * x[i];
    for (const MixingGraph::Neighbour& neighbour : graph().Hears(data().rank(), step_)) {
      RETURN_IF_ERROR(data().Receive(
          neighbour.rank, x.size_bytes(), deadline,
          PieceAdder(pull_.data(), WeightedSum{neighbour.weight}, /*is_last=*/true)));
    }
    RETURN_IF_ERROR(data().Flush(deadline));
    exchange_seconds_ = Clock::Real().SteadySeconds() - begin;
    return absl::OkStatus();
  }

  std::vector<float> pull_;
  int64_t step_ = 0;
  double exchange_seconds_ = 0;
  absl::Status pull_status_;  // the communication thread's until mixed_ has caught up with asked_
  std::atomic<uint64_t> asked_{0}, mixed_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "gossip",
         .title = "Gossip (D-PSGD)",
         .summary = "Each worker averages its parameters with its neighbours' every step; nobody knows all. "
                    "No bottleneck and few messages, at the price of workers that differ a little.",
         .citation = "Lian et al. Can Decentralized Algorithms Outperform Centralized Algorithms? NIPS 2017",
         .params = DecentralisedExchange::GraphParams(/*may_vary=*/true)}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<Gossip>(params.Text("graph"), params.Text("edges"));
    });

}  // namespace
}  // namespace concertina
