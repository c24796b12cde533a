// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// interrupts.h: Control-C. Before the program has a second thread both signals, SIGINT and SIGTERM, are
// blocked in all: a thread of gRPC's that did not would take them, and the program die of them. One thread
// takes them instead, unless a command waits for them itself.
#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "app/ctl/connection.h"

namespace concertina::ctl {

// Of the whole program, from before its first other thread on. `end` is called, on a thread of its own, for a
// signal that no command waits for; it ends the program. Who started the program with a signal ignored, as a
// shell does in the background, is not heard.
class ProgramInterrupts {
 public:
  explicit ProgramInterrupts(std::function<void()> end);
  ~ProgramInterrupts();
  ProgramInterrupts(const ProgramInterrupts&) = delete;

 private:
  void Wait();

  const std::function<void()> end_;
  std::thread thread_;
};

// A process that was started by such a program hears the signals again.
void UnblockInterrupts();

// While one lives, SIGINT and SIGTERM, which the program has blocked, are not taken but for whoever has it.
class BlockedInterrupts {
 public:
  BlockedInterrupts();
  ~BlockedInterrupts();
  BlockedInterrupts(const BlockedInterrupts&) = delete;
  const sigset_t& signals() const { return signals_; }
  bool is_pending() const;  // one has come, and nobody has taken it

 private:
  const sigset_t signals_;
};

// Control-C while a run is watched: the first stops the run (it keeps what it has), the second kills it. The
// signals are blocked in every thread and taken here, so no handler runs at a bad moment.
class Interrupts {
 public:
  Interrupts(Connection& engine, std::string run, bool stops_run);
  ~Interrupts();
  bool interrupted() const { return count_ > 0; }

  // The call that is cancelled when only the watching ends, at once if that has been asked for; until
  // Unwatch, which comes before `call` goes.
  void Watch(grpc::ClientContext& call);
  void Unwatch();

 private:
  void Wait(bool stops_run);
  void CancelWatched();

  Connection& engine_;
  const std::string run_;
  const BlockedInterrupts blocked_;
  std::atomic<bool> done_{false};
  std::atomic<int> count_{0};
  absl::Mutex mutex_;
  grpc::ClientContext* watched_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool is_cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace concertina::ctl
