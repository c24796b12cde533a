// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// message_turns.cc: see message_turns.h.
#include "core/comm/message_turns.h"

#include <algorithm>
#include <utility>

namespace concertina {

void MessageTurns::Wait(const WaitingMessage& message) {
  waiting_.push_back(message);
  LetGo();
}

void MessageTurns::AllowNext(int64_t messages) {
  allowed_ = std::min(kMostAllowed, allowed_ + std::max<int64_t>(0, messages));
  LetGo();
}

void MessageTurns::AllowRestOfStep() {
  int64_t step = std::max<int64_t>(step_, 0);
  for (size_t i = 0; i < waiting_.size(); ++i)
    step = i == 0 ? waiting_[i].step : std::min(step, waiting_[i].step);
  allowed_ = 0;
  allowed_until_step_ = std::max(allowed_until_step_, step);
  LetGo();
}

void MessageTurns::Forget(int rank) {
  std::erase_if(waiting_, [rank](const WaitingMessage& message) { return message.from == rank; });
}

void MessageTurns::Count(const WaitingMessage& message) {
  if (message.step > step_) {  // the first of a later step
    of_step_before_ = step_ < 0 ? 0 : std::exchange(of_step_, 0);
    step_ = message.step;
  }
  of_step_ += message.step == step_ ? 1 : 0;
  moved_.push_back({.order = ++moved_count_, .message = message});
  if (moved_.size() > kKeptMoved) moved_.pop_front();
}

void MessageTurns::LetGo() {
  for (size_t i = 0; i < waiting_.size();) {
    const bool is_of_step = waiting_[i].step <= allowed_until_step_;
    if (!is_of_step && allowed_ == 0) {
      ++i;
      continue;
    }
    allowed_ -= is_of_step ? 0 : 1;
    const WaitingMessage message = waiting_[i];
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    Count(message);
    grant_(message.from, message.number);
  }
}

}  // namespace concertina
