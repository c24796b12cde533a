// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// message_turns.h: of all messages of a run that wait to be sent, which one goes next.
// On the way of the data: comm/message_gate.h of every rank -> here -> the gate of the rank whose turn it is.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "core/comm/message_gate.h"

namespace concertina {

// Who waits longest goes first. Not thread-safe: its owner's.
class MessageTurns {
 public:
  static constexpr size_t kKeptMoved = 256;
  static constexpr int64_t kMostAllowed = 100'000;
  using Grant = std::function<void(int rank, uint64_t number)>;
  struct Moved {
    uint64_t order = 0;  // in the run, from 1
    WaitingMessage message;
  };

  explicit MessageTurns(Grant grant) : grant_(std::move(grant)) {}

  void Wait(const WaitingMessage& message);
  // So many more may go, now or as they come.
  void AllowNext(int64_t messages);
  // All of the step that the slowest is in.
  void AllowRestOfStep();
  // A rank that is lost: what it was about to send is not waited for.
  void Forget(int rank);

  const std::deque<WaitingMessage>& waiting() const { return waiting_; }
  const std::deque<Moved>& moved() const { return moved_; }  // the last kKeptMoved
  uint64_t moved_count() const { return moved_count_; }
  // That the slowest is in; what has moved of it, and of the step before.
  int64_t step() const { return step_; }
  uint64_t moved_of_step() const { return of_step_; }
  uint64_t moved_of_step_before() const { return of_step_before_; }

 private:
  void LetGo();
  void Count(const WaitingMessage& message);

  const Grant grant_;
  std::deque<WaitingMessage> waiting_;
  std::deque<Moved> moved_;
  uint64_t moved_count_ = 0;
  int64_t allowed_ = 0;
  int64_t allowed_until_step_ = -1;
  int64_t step_ = -1;
  uint64_t of_step_ = 0, of_step_before_ = 0;
};

}  // namespace concertina
