// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// server_shard.h: what a server keeps of one shard of the parameters, and its rule: how what a worker pushes
// changes them, and when the worker is answered. No transport and no thread: who calls owns it.
// On the way of the data: parallel/served_exchange.h (a worker's push) -> here -> nn/optimizer.h ->
// parallel/served_exchange.h (the answer).
//
// The version counts the updates. A push is stale by as many updates as were made between the answer that
// its worker computed on and the push itself:
//   tau = version now - version of the worker's last answer
// Workers are numbered from 0; a worker's clock counts its pushes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/status.h"
#include "core/nn/optimizer.h"

namespace concertina {

// No clock or version goes beyond: what comes from a file or a peer is refused where it does.
inline constexpr int64_t kMostServedSteps = int64_t{1} << 53;

struct ServerRule {
  enum class Update {
    kEach,    // each gradient moves the parameters when it comes
    kMean,    // the mean of a version's gradients does, once there are enough; later ones are dropped
    kElastic  // parameters come instead of gradients; x and the centre c move towards each other
  };
  enum class Damping { kNone, kInverse, kWorkers };  // learning rate as it is, over 1 + tau, over N
  Update update = Update::kEach;
  Damping damping = Damping::kNone;
  int64_t staleness_bound = -1;  // a worker is answered once it is at most so far ahead; -1: at once
  int backup_workers = 0;        // kMean: N - this many gradients are enough
  double moving_rate = 0;        // kElastic: beta; x -= alpha (x - c), c += alpha (x - c), alpha = beta / N
};

class ServerShard {
 public:
  // `optimizer`: prepared for the shard's elements; null with kElastic.
  ServerShard(const ServerRule& rule, int workers, std::span<const float> initial,
              std::unique_ptr<Optimizer> optimizer);

  // A push: Begin, Take until every element was given once, End. After an error of the transport End is left
  // out: what was taken stays (a part of a gradient is a smaller step), and no update is counted.
  struct Push {
    int worker = 0;
    int64_t step = 0;
    double learning_rate = 0;
  };
  void Begin(const Push& push);
  void Take(size_t first, std::span<const float> values);
  void End();
  // The same of kElastic through a codec, in two halves between Begin and End: `moved`, decoded, is how the
  // worker's parameters have changed since the server last knew them, h; the elastic alpha (h - c) is written
  // to `pull`. Then both ends are moved by what a codec made of that. Only once the worker is known, by a
  // push of whole parameters.
  void KnowWorkers();  // from the first push on, what they push whole is remembered
  bool knows(int worker) const { return workers_[static_cast<size_t>(worker)].is_known; }
  std::span<float> known(int worker) { return workers_[static_cast<size_t>(worker)].known; }
  void PullOf(std::span<float> pull) const;
  void TakePull(std::span<const float> pull);
  // The worker asks for parameters without a push. `at_once`: whatever the bound says.
  void Fetch(int worker, bool at_once);

  // What a worker is told of its push, from End on.
  struct Outcome {
    int64_t staleness = 0;  // tau
    int64_t lead = 0;       // its clock minus the slowest worker's, when it was answered
    bool dropped = false;
    bool answered = true;  // false: the answer has to wait for others
  };
  const Outcome& outcome(int worker) const { return workers_[static_cast<size_t>(worker)].outcome; }
  // A worker whose answer may go now, each once; its parameters stay in answer(worker) until its next push or
  // fetch.
  std::optional<int> NextAnswer();
  std::span<const float> answer(int worker) const { return workers_[static_cast<size_t>(worker)].answer; }

  // Nobody waits for this worker any more.
  void Lose(int worker);
  // While workers meet they push nothing: a mean is then of those that are left.
  void SetMeeting(int worker, bool meets);

  absl::Status Change(const Params& optimizer);
  std::span<const float> parameters() const { return parameters_; }
  int64_t version() const { return version_; }
  // Pushes that every worker that is left has made.
  int64_t slowest_clock() const;

  void SaveState(std::vector<uint8_t>& state) const;  // appended
  absl::Status LoadState(std::span<const uint8_t>& state);

 private:
  struct Worker {
    int64_t clock = 0;
    int64_t fetched_version = 0;
    bool lost = false, meets = false;
    bool waits = false;        // for its answer, which the rule holds back
    bool contributed = false;  // kMean: its gradient is in the sum
    bool is_fresh = false;     // the answer was written along with the update
    Outcome outcome;
    std::vector<float> answer;
    std::vector<float> known;  // h, what of its parameters is known
    bool is_known = false;
  };
  float alpha() const { return static_cast<float>(rule_.moving_rate / static_cast<double>(workers_.size())); }
  bool MayBeAnswered(const Worker& worker) const;
  void UpdateByMeanIfEnough();
  void Release();

  const ServerRule rule_;
  std::vector<float> parameters_;
  std::unique_ptr<Optimizer> optimizer_;
  std::vector<Worker> workers_;
  std::vector<int> due_;  // answers that may go
  int64_t version_ = 0;
  Push push_;  // the one that is being taken
  bool took_pull_ = false;
  double learning_rate_ = 0;
  std::vector<float> sum_;  // kMean
  int contributions_ = 0;
};

}  // namespace concertina
