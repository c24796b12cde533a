// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// message_gate.h: holds back each message that a rank is about to send, until it may go: slow motion.
// On the way of the data: comm/watched_transport.h -> here -> worker/engine_link.h -> comm/message_turns.h.
//
// A message that is late changes nothing but the time: what comes, and in which order of one sender, stays.
// So whoever opens the gate, or forgets to, cannot spoil a run.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/clock.h"
#include "core/base/message_ring.h"

namespace concertina {

class MessageGate {
 public:
  // One that waits longer opens the gate: whoever should say has gone. The engine leaves slow motion sooner.
  static constexpr double kMostSeconds = 1800;

  explicit MessageGate(double most_seconds = kMostSeconds) : most_seconds_(most_seconds) {}

  // From now on messages wait; each is told to `tell`, in the thread that sends it.
  using Tell = std::function<void(const WaitingMessage& message)>;
  void Close(Tell tell);
  // All may go, those that wait first. Any thread.
  void Open();
  // The message of that number may go, and those before it. Any thread.
  void Grant(uint64_t number);
  bool is_closed() const { return is_closed_.load(std::memory_order_acquire); }
  // When it was last opened, of the steady clock; 0: it was never closed.
  double opened_seconds() const { return opened_seconds_.load(std::memory_order_acquire); }

  // Until it may go. `message`: its number is made here.
  void Await(WaitingMessage message);

 private:
  const double most_seconds_;
  std::atomic<bool> is_closed_{false};
  std::atomic<double> opened_seconds_{0};
  absl::Mutex mutex_;
  Tell tell_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_ ABSL_GUARDED_BY(mutex_) = 0, granted_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace concertina
