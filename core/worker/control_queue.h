// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// control_queue.h: what the engine asks of a run while it goes, kept until all ranks can act on it at the
// same step. On the way of the data: worker/engine_link.cc -> here -> worker/step_loop.cc.
//
// The engine sends the same requests in the same order to every rank, but they arrive at different steps. So
// ranks meet every few steps (a gather of 16 bytes) and act on the requests that all of them have: the
// smallest of the counts.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/clock.h"
#include "core/experiment/fault_injection.h"
#include "core/proto/home.pb.h"

namespace concertina {

struct ControlRequest {
  std::optional<proto::Control::Action> action;  // or
  std::optional<proto::Knob> knob;
  int64_t steps = 0;      // of a recording
  int64_t recording = 0;  // its number
};

// A rank's own, which no other has to act on at the same step: it is slow from now on, or not any more.
struct SlowRequest {
  uint32_t number = 0;  // of the fault
  double slowdown = 1;  // 1: not any more
  double until_steady = FaultAct::kForEver;
};

class ControlQueue {
 public:
  // Kept for as long as this is: whatever loop comes next begins with those that still hold.
  void PushSlow(SlowRequest request) {
    absl::MutexLock lock(&mutex_);
    if (slows_.size() < kMostSlows) slows_.push_back(request);
  }
  // Those behind the first `taken`.
  std::vector<SlowRequest> SlowsAfter(size_t taken) const {
    absl::MutexLock lock(&mutex_);
    if (taken >= slows_.size()) return {};
    return {slows_.begin() + static_cast<std::ptrdiff_t>(taken), slows_.end()};
  }
  void Push(ControlRequest request) {
    absl::MutexLock lock(&mutex_);
    requests_.push_back(std::move(request));
  }
  // Requests received so far.
  uint64_t received() const {
    absl::MutexLock lock(&mutex_);
    return requests_.size();
  }
  ControlRequest at(uint64_t index) const {
    absl::MutexLock lock(&mutex_);
    return requests_[index];
  }
  // Until more than `count` were received, or the deadline has passed, or Close; true if there are more.
  bool WaitForMoreThan(uint64_t count, Deadline deadline) const {
    absl::MutexLock lock(&mutex_);
    const auto more = [&] {
      mutex_.AssertReaderHeld();
      return requests_.size() > count || closed_;
    };
    mutex_.AwaitWithTimeout(absl::Condition(&more), absl::Seconds(deadline.SecondsLeft()));
    return requests_.size() > count;
  }
  // Of a group that is no more: the engine says again what still holds.
  void Clear() {
    absl::MutexLock lock(&mutex_);
    requests_.clear();
  }
  void Close() {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }

 private:
  static constexpr size_t kMostSlows = 20'000;
  mutable absl::Mutex mutex_;
  std::vector<SlowRequest> slows_ ABSL_GUARDED_BY(mutex_);
  std::vector<ControlRequest> requests_ ABSL_GUARDED_BY(mutex_);  // a handful in a run: people turn knobs
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace concertina
