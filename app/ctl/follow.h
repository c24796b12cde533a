// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// follow.h: a run while a person waits for it: its stream to the end, a progress bar, and Control-C.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <string>
#include <thread>

#include "app/ctl/connection.h"

namespace concertina::ctl {

// SIGINT and SIGTERM wait while one lives, in this thread and those that it starts.
class BlockedInterrupts {
 public:
  BlockedInterrupts();
  ~BlockedInterrupts();
  BlockedInterrupts(const BlockedInterrupts&) = delete;
  const sigset_t& signals() const { return signals_; }

 private:
  sigset_t signals_, before_;
};

// Control-C while a run is watched: the first stops the run (it keeps what it has), the second kills it. The
// signals are blocked in every thread and taken here, so no handler runs at a bad moment.
class Interrupts {
 public:
  Interrupts(Connection& engine, std::string run, bool stops_run);
  ~Interrupts();
  bool interrupted() const { return count_ > 0; }
  grpc::ClientContext* watched = nullptr;  // cancelled when only the watching ends

 private:
  void Wait(bool stops_run);

  Connection& engine_;
  const std::string run_;
  const BlockedInterrupts blocked_;
  std::atomic<bool> done_{false};
  std::atomic<int> count_{0};
  std::thread thread_;
};

// The bar of people: redrawn in place on a terminal, a line now and then elsewhere.
class ProgressBar {
 public:
  ProgressBar();
  void Update(const proto::RunSummary& run, double loss, double accuracy);
  void Update(const proto::RunSummary& run);  // with its own, as of its last evaluation

 private:
  const bool terminal_;
  double drawn_ = -1e9;
};

// Follows the run to its end. `each` sees every message.
template <class Each>
absl::Status Follow(Connection& engine, const std::string& run, bool metrics, Interrupts& interrupts,
                    Each each) {
  grpc::ClientContext context;
  interrupts.watched = &context;
  proto::WatchRequest request;
  request.set_run(run);
  request.set_metrics(metrics);
  const auto stream = engine.stub().Watch(&context, request);
  proto::WatchMessage message;
  while (stream->Read(&message)) each(message);
  interrupts.watched = nullptr;
  return FromGrpc(stream->Finish());
}

}  // namespace concertina::ctl
