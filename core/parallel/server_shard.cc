// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// server_shard.cc: see server_shard.h.
#include "core/parallel/server_shard.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "fmt/format.h"

namespace concertina {
namespace {

// Parameters, velocity, gradient and answer of so many elements stay in a second-level cache together.
constexpr size_t kBlockFloats = 16384;

template <class Value>
void Append(std::vector<uint8_t>& state, const Value* values, size_t count) {
  const auto* raw = reinterpret_cast<const uint8_t*>(values);
  state.insert(state.end(), raw, raw + count * sizeof(Value));
}

template <class Value>
absl::Status TakeValues(std::span<const uint8_t>& state, Value* values, size_t count) {
  const size_t bytes = count * sizeof(Value);
  if (state.size() < bytes)
    return absl::DataLossError(fmt::format(
        "a server's state ends too early: {} bytes are left, {} were expected", state.size(), bytes));
  if (bytes > 0) std::memcpy(values, state.data(), bytes);
  state = state.subspan(bytes);
  return absl::OkStatus();
}

}  // namespace

ServerShard::ServerShard(const ServerRule& rule, int workers, std::span<const float> initial,
                         std::unique_ptr<Optimizer> optimizer)
    : rule_(rule),
      parameters_(initial.begin(), initial.end()),
      optimizer_(std::move(optimizer)),
      workers_(static_cast<size_t>(workers)) {
  for (Worker& worker : workers_) worker.answer.resize(parameters_.size());
  if (rule_.update == ServerRule::Update::kMean) sum_.assign(parameters_.size(), 0.0F);
}

int64_t ServerShard::slowest_clock() const {
  int64_t slowest = std::numeric_limits<int64_t>::max();
  for (const Worker& worker : workers_)
    if (!worker.lost) slowest = std::min(slowest, worker.clock);
  return slowest == std::numeric_limits<int64_t>::max() ? 0 : slowest;
}

void ServerShard::Begin(const Push& push) {
  push_ = push;
  took_pull_ = false;
  Worker& worker = workers_[static_cast<size_t>(push.worker)];
  const int64_t tau = version_ - worker.fetched_version;
  worker.outcome = {.staleness = tau, .dropped = rule_.update == ServerRule::Update::kMean && tau > 0};
  worker.clock = push.step + 1;
  // Whether the answer is to be written along with the update is known before the first byte.
  worker.is_fresh = rule_.update == ServerRule::Update::kElastic ||
                    (rule_.update == ServerRule::Update::kEach && MayBeAnswered(worker));
  learning_rate_ = push.learning_rate;
  if (rule_.damping == ServerRule::Damping::kInverse) learning_rate_ /= static_cast<double>(1 + tau);
  if (rule_.damping == ServerRule::Damping::kWorkers) learning_rate_ /= static_cast<double>(workers_.size());
}

void ServerShard::Take(size_t first, std::span<const float> values) {
  Worker& worker = workers_[static_cast<size_t>(push_.worker)];
  for (size_t done = 0; done < values.size(); done += kBlockFloats) {
    const size_t at = first + done;
    const std::span<const float> block = values.subspan(done, std::min(kBlockFloats, values.size() - done));
    const size_t n = block.size();
    float* const c = parameters_.data() + at;
    switch (rule_.update) {
      case ServerRule::Update::kEach:
        optimizer_->Update(version_, learning_rate_, static_cast<int64_t>(at), block, {c, n});
        if (worker.is_fresh) std::copy_n(c, n, worker.answer.data() + at);
        break;
      case ServerRule::Update::kMean:
        if (worker.outcome.dropped) return;
        for (size_t i = 0; i < n; ++i) sum_[at + i] += block[i];
        break;
      case ServerRule::Update::kElastic: {
        const float alpha = this->alpha();
        const float* const x = block.data();
        float* const moved = worker.answer.data() + at;
        for (size_t i = 0; i < n; ++i) {
          const float pull = alpha * (x[i] - c[i]);
          moved[i] = x[i] - pull;
          c[i] += pull;
        }
        break;
      }
    }
  }
}

void ServerShard::KnowWorkers() {
  for (Worker& worker : workers_) worker.known.resize(parameters_.size());
}

void ServerShard::PullOf(std::span<float> pull) const {
  const std::vector<float>& h = workers_[static_cast<size_t>(push_.worker)].known;
  for (size_t i = 0; i < pull.size(); ++i) pull[i] = alpha() * (h[i] - parameters_[i]);
}

void ServerShard::TakePull(std::span<const float> pull) {
  std::vector<float>& h = workers_[static_cast<size_t>(push_.worker)].known;
  for (size_t i = 0; i < pull.size(); ++i) {
    h[i] -= pull[i];
    parameters_[i] += pull[i];
  }
  took_pull_ = true;
}

void ServerShard::End() {
  Worker& worker = workers_[static_cast<size_t>(push_.worker)];
  if (!worker.known.empty() && !took_pull_) {
    worker.known = worker.answer;
    worker.is_known = true;
  }
  worker.waits = true;
  if (rule_.update == ServerRule::Update::kMean) {
    if (!worker.outcome.dropped) {
      worker.contributed = true;
      ++contributions_;
      UpdateByMeanIfEnough();
    }
  } else {
    ++version_;
  }
  Release();
  worker.outcome.answered = !worker.waits;
}

void ServerShard::Fetch(int worker, bool at_once) {
  Worker& asks = workers_[static_cast<size_t>(worker)];
  asks.is_fresh = false;
  asks.waits = true;
  if (at_once) {
    asks.waits = false;
    due_.push_back(worker);
  }
  Release();
  asks.outcome.answered = !asks.waits;
}

bool ServerShard::MayBeAnswered(const Worker& worker) const {
  if (worker.contributed) return false;
  return rule_.staleness_bound < 0 || worker.clock - slowest_clock() <= rule_.staleness_bound;
}

void ServerShard::UpdateByMeanIfEnough() {
  int there = 0;
  for (const Worker& worker : workers_)
    there += !worker.lost && (!worker.meets || worker.contributed) ? 1 : 0;
  const int enough =
      std::clamp(static_cast<int>(workers_.size()) - rule_.backup_workers, 1, std::max(1, there));
  if (contributions_ < enough) return;
  const float share = 1.0F / static_cast<float>(contributions_);
  for (float& s : sum_) s *= share;
  optimizer_->Update(version_, learning_rate_, 0, sum_, parameters_);
  std::fill(sum_.begin(), sum_.end(), 0.0F);
  contributions_ = 0;
  ++version_;
  for (Worker& worker : workers_) worker.contributed = false;
}

void ServerShard::Release() {
  for (size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = workers_[i];
    if (!worker.waits || worker.lost || !MayBeAnswered(worker)) continue;
    worker.waits = false;
    due_.push_back(static_cast<int>(i));
  }
}

std::optional<int> ServerShard::NextAnswer() {
  if (due_.empty()) return std::nullopt;
  const int next = due_.back();
  due_.pop_back();
  Worker& worker = workers_[static_cast<size_t>(next)];
  worker.fetched_version = version_;
  worker.outcome.lead = worker.clock - slowest_clock();
  if (!worker.is_fresh) std::copy(parameters_.begin(), parameters_.end(), worker.answer.begin());
  worker.is_fresh = false;
  return next;
}

void ServerShard::Lose(int worker) {
  Worker& gone = workers_[static_cast<size_t>(worker)];
  gone.lost = true;
  gone.waits = false;
  std::erase(due_, worker);
  if (contributions_ > 0) UpdateByMeanIfEnough();
  Release();
}

void ServerShard::SetMeeting(int worker, bool meets) {
  workers_[static_cast<size_t>(worker)].meets = meets;
  if (!meets || contributions_ == 0) return;
  UpdateByMeanIfEnough();
  Release();
}

absl::Status ServerShard::Change(const Params& optimizer) {
  return optimizer_ == nullptr ? absl::OkStatus() : optimizer_->Change(optimizer);
}

// version i64 | clock and fetched version of each worker, i64 | parameters f32 | the optimiser's state f32 |
// where workers are known, of each whether it is, u8, and its parameters f32.
// What is in the sum of an unfinished mean is not kept: gradients that did not make it, as late ones.
void ServerShard::SaveState(std::vector<uint8_t>& state) const {
  Append(state, &version_, 1);
  for (const Worker& worker : workers_) {
    Append(state, &worker.clock, 1);
    Append(state, &worker.fetched_version, 1);
  }
  Append(state, parameters_.data(), parameters_.size());
  if (optimizer_ != nullptr) Append(state, optimizer_->state().data(), optimizer_->state().size());
  for (const Worker& worker : workers_) {
    if (worker.known.empty()) continue;
    state.push_back(worker.is_known ? 1 : 0);
    Append(state, worker.known.data(), worker.known.size());
  }
}

absl::Status ServerShard::LoadState(std::span<const uint8_t>& state) {
  RETURN_IF_ERROR(TakeValues(state, &version_, 1));
  bool is_sane = version_ >= 0 && version_ <= kMostServedSteps;
  for (Worker& worker : workers_) {
    RETURN_IF_ERROR(TakeValues(state, &worker.clock, 1));
    RETURN_IF_ERROR(TakeValues(state, &worker.fetched_version, 1));
    is_sane &= worker.clock >= 0 && worker.clock <= kMostServedSteps;
    is_sane &= worker.fetched_version >= 0 && worker.fetched_version <= version_;
  }
  if (!is_sane) return absl::DataLossError("a server's state has clocks or versions that cannot be");
  RETURN_IF_ERROR(TakeValues(state, parameters_.data(), parameters_.size()));
  if (optimizer_ != nullptr)
    RETURN_IF_ERROR(TakeValues(state, optimizer_->state().data(), optimizer_->state().size()));
  for (Worker& worker : workers_) {
    if (worker.known.empty()) continue;
    uint8_t is_known = 0;
    RETURN_IF_ERROR(TakeValues(state, &is_known, 1));
    if (is_known > 1) return absl::DataLossError("a server's state is damaged: a worker is known or not");
    worker.is_known = is_known == 1;
    RETURN_IF_ERROR(TakeValues(state, worker.known.data(), worker.known.size()));
  }
  return absl::OkStatus();
}

}  // namespace concertina
