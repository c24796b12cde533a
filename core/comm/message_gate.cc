// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// message_gate.cc: see message_gate.h.
#include "core/comm/message_gate.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"

namespace concertina {

void MessageGate::Close(Tell tell) {
  absl::MutexLock lock(&mutex_);
  tell_ = std::move(tell);
  is_closed_.store(true, std::memory_order_release);
}

void MessageGate::Open() {
  absl::MutexLock lock(&mutex_);
  if (!is_closed_) return;
  opened_seconds_.store(SteadyNow(), std::memory_order_release);
  is_closed_.store(false, std::memory_order_release);
  tell_ = nullptr;
}

void MessageGate::Grant(uint64_t number) {
  absl::MutexLock lock(&mutex_);
  granted_ = std::max(granted_, std::min(number, last_));
}

void MessageGate::Await(WaitingMessage message) {
  Tell tell;
  {
    absl::MutexLock lock(&mutex_);
    if (!is_closed_) return;
    message.number = ++last_;
    tell = tell_;
  }
  if (tell) tell(message);  // without the lock: the answer may come within
  absl::MutexLock lock(&mutex_);
  const auto may_go = [&] {
    mutex_.AssertReaderHeld();
    return granted_ >= message.number || !is_closed_;
  };
  if (mutex_.AwaitWithTimeout(absl::Condition(&may_go), absl::Seconds(most_seconds_))) return;
  spdlog::warn("a message waited {:.0f} s for its turn in slow motion: from now on all go", most_seconds_);
  opened_seconds_.store(SteadyNow(), std::memory_order_release);
  is_closed_.store(false, std::memory_order_release);
  tell_ = nullptr;
}

}  // namespace concertina
