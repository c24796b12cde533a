// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// round_trainer.cc: local epochs of one client (see round_trainer.h).
// On the way of the data: data/dataset.h -> here -> graph/executor.h -> nn/optimizer.h, once a local step.
#include "core/worker/round_trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>

#include "core/base/clock.h"
#include "core/base/rng.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// Numbers of local steps for what is random in the model (dropout): no two of a run are the same.
constexpr int64_t kStepsAClient = int64_t{1} << 20;

class ClientTrainer final : public RoundTrainer {
 public:
  explicit ClientTrainer(ClientTrainerOptions options) : options_(std::move(options)) {
    size_t largest = 0;
    for (const std::vector<int64_t>& shard : options_.shards) {
      sizes_.push_back(static_cast<int64_t>(shard.size()));
      largest = std::max(largest, shard.size());
    }
    order_.reserve(largest);
  }

  std::span<const int64_t> client_samples() const override { return sizes_; }

  absl::StatusOr<LocalResult> Train(const LocalTraining& local) override {
    begin_ = SteadyNow();
    result_ = {};
    loss_sum_ = 0;
    forwards_ = 0;
    std::fill(options_.optimizer->state().begin(), options_.optimizer->state().end(), 0.0F);
    for (int64_t epoch = 0; epoch < local.epochs && result_.complete; ++epoch) {
      Order(local, epoch);
      RETURN_IF_ERROR(local.whole_batch ? WholeEpoch(local) : Epoch(local));
    }
    result_.mean_loss = result_.samples > 0 ? loss_sum_ / static_cast<double>(result_.samples) : 0;
    RETURN_IF_ERROR(StandStill(local));
    return result_;
  }

 private:
  void Order(const LocalTraining& local, int64_t epoch) {
    const std::vector<int64_t>& shard = options_.shards[static_cast<size_t>(local.client)];
    order_.assign(shard.begin(), shard.end());
    // A stream's index holds one number: client and round are drawn into the seed first.
    const uint64_t of_client = Rng(options_.seed, "client-order", static_cast<uint64_t>(local.client)).Next();
    const uint64_t of_round = Rng(of_client, "round", static_cast<uint64_t>(local.round)).Next();
    Rng(of_round, "epoch", static_cast<uint64_t>(epoch)).Shuffle(std::span<int64_t>(order_));
  }

  absl::Status Epoch(const LocalTraining& local) {
    const size_t batch = options_.executor->labels().size();
    for (size_t first = 0; first < order_.size() && result_.complete; first += batch) {
      RETURN_IF_ERROR(
          Forward(local, std::span(order_).subspan(first, std::min(batch, order_.size() - first))));
      Update(local, options_.executor->gradients());
      result_.complete = !IsLate(local);
    }
    return absl::OkStatus();
  }

  // The gradient of all samples is the mean of the pieces' gradients, weighted by their samples.
  absl::Status WholeEpoch(const LocalTraining& local) {
    const size_t batch = options_.executor->labels().size();
    whole_.assign(options_.executor->gradients().size(), 0.0F);
    for (size_t first = 0; first < order_.size(); first += batch) {
      const size_t count = std::min(batch, order_.size() - first);
      RETURN_IF_ERROR(Forward(local, std::span(order_).subspan(first, count)));
      const float share = static_cast<float>(count) / static_cast<float>(order_.size());
      const std::span<const float> gradient = options_.executor->gradients();
      for (size_t i = 0; i < gradient.size(); ++i) whole_[i] += share * gradient[i];
    }
    Update(local, whole_);
    result_.complete = !IsLate(local);
    return absl::OkStatus();
  }

  absl::Status Forward(const LocalTraining& local, std::span<const int64_t> batch) {
    if (options_.stop.stop_requested()) return absl::CancelledError("the run was ended");
    Executor& executor = *options_.executor;
    const double begin = SteadyNow();
    const std::span<int32_t> labels = executor.labels();
    const std::span<float> input = executor.input();
    const size_t sample = input.size() / labels.size();
    options_.samples->ReadBatch(batch, input.first(batch.size() * sample));
    for (size_t i = 0; i < batch.size(); ++i) labels[i] = options_.samples->label(batch[i]);
    // What lies behind a smaller batch has no weight, but batch norm sees it: the batch over again.
    for (size_t i = batch.size(); i < labels.size(); ++i) {
      std::copy_n(&input[(i - batch.size()) * sample], sample, &input[i * sample]);
      labels[i] = labels[i - batch.size()];
    }
    const double filled = SteadyNow();
    const int64_t step = (local.round * static_cast<int64_t>(sizes_.size()) + local.client) * kStepsAClient +
                         forwards_ % kStepsAClient;
    const double loss = executor.StepPart(step, static_cast<int64_t>(batch.size()), {});
    result_.data_seconds += filled - begin;
    result_.compute_seconds += SteadyNow() - filled;
    if (!std::isfinite(loss))
      return absl::OutOfRangeError(fmt::format(
          "the loss is {} in round {}, at local step {} of client {}; the last checkpoint is kept. Try a "
          "smaller /optimizer/learning_rate",
          loss, local.round, result_.steps, local.client));
    loss_sum_ += loss * static_cast<double>(batch.size());
    result_.samples += static_cast<int64_t>(batch.size());
    ++forwards_;
    return absl::OkStatus();
  }

  void Update(const LocalTraining& local, std::span<float> gradient) {
    const double begin = SteadyNow();
    const std::span<float> parameters = options_.executor->parameters();
    const size_t d = gradient.size();
    float* const g = gradient.data();
    if (!local.correction.empty()) {
      float* const sum = local.gradient_sum.data();
      for (size_t i = 0; i < d; ++i) {
        sum[i] += g[i];
        g[i] += local.correction[i];
      }
    }
    if (local.proximal != 0)
      for (size_t i = 0; i < d; ++i) g[i] += local.proximal * (parameters[i] - local.anchor[i]);
    options_.optimizer->Update(result_.steps, local.learning_rate, 0, gradient, parameters);
    ++result_.steps;
    result_.update_seconds += SteadyNow() - begin;
  }

  bool IsLate(const LocalTraining& local) const {
    return local.deadline_seconds > 0 && (SteadyNow() - begin_) * local.time_factor > local.deadline_seconds;
  }

  // The rest of a slow device's time; not beyond the deadline, when nobody waits for it any more.
  absl::Status StandStill(const LocalTraining& local) {
    const double worked = SteadyNow() - begin_;
    result_.seconds = worked * local.time_factor;
    double rest = result_.seconds - worked;
    if (local.deadline_seconds > 0) rest = std::min(rest, local.deadline_seconds - worked);
    if (rest <= 0) return absl::OkStatus();
    std::mutex mutex;
    std::condition_variable_any ended;
    std::unique_lock lock(mutex);
    ended.wait_for(lock, options_.stop, std::chrono::duration<double>(rest), [] { return false; });
    return options_.stop.stop_requested() ? absl::CancelledError("the run was ended") : absl::OkStatus();
  }

  const ClientTrainerOptions options_;
  std::vector<int64_t> sizes_;
  std::vector<int64_t> order_;  // of the client and epoch that is trained
  std::vector<float> whole_;
  LocalResult result_;
  double loss_sum_ = 0, begin_ = 0;
  int64_t forwards_ = 0;  // of this client
};

}  // namespace

std::unique_ptr<RoundTrainer> MakeClientTrainer(ClientTrainerOptions options) {
  return std::make_unique<ClientTrainer>(std::move(options));
}

}  // namespace concertina
