// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// interrupts.cc: see interrupts.h.
#include "app/ctl/interrupts.h"

#include <pthread.h>
#include <unistd.h>

#include "app/ctl/output.h"

namespace concertina::ctl {
namespace {

sigset_t InterruptSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// Who waits for the signals; guarded as they come and go in any thread.
struct Waiters {
  absl::Mutex mutex;
  int count ABSL_GUARDED_BY(mutex) = 0;
  bool is_over ABSL_GUARDED_BY(mutex) = false;  // the program's end has begun
};
Waiters& WaitersOfProgram() {
  static auto* const waiters = new Waiters;  // outlives every thread
  return *waiters;
}

bool IsIgnored(int signal) {
  struct sigaction given = {};
  return sigaction(signal, nullptr, &given) == 0 && given.sa_handler == SIG_IGN;
}

}  // namespace

ProgramInterrupts::ProgramInterrupts(std::function<void()> end) : end_(std::move(end)) {
  const sigset_t signals = InterruptSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  thread_ = std::thread([this] { Wait(); });
}

ProgramInterrupts::~ProgramInterrupts() {
  {
    Waiters& waiters = WaitersOfProgram();
    absl::MutexLock lock(&waiters.mutex);
    waiters.is_over = true;
  }
  pthread_kill(thread_.native_handle(), SIGTERM);  // to that thread alone: it wakes
  thread_.join();
}

void ProgramInterrupts::Wait() {
  const sigset_t signals = InterruptSignals();
  Waiters& waiters = WaitersOfProgram();
  const auto is_mine = [&waiters] {
    waiters.mutex.AssertReaderHeld();
    return waiters.count == 0 || waiters.is_over;
  };
  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    absl::MutexLock lock(&waiters.mutex);
    if (waiters.is_over) return;
    if (waiters.count > 0) {  // it was taken from somebody: given back, and not looked at until they are done
      kill(getpid(), signal);
      waiters.mutex.Await(absl::Condition(&is_mine));
      if (waiters.is_over) return;
    } else if (!IsIgnored(signal)) {
      end_();
    }
  }
}

void UnblockInterrupts() {
  const sigset_t signals = InterruptSignals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

BlockedInterrupts::BlockedInterrupts() : signals_(InterruptSignals()) {
  Waiters& waiters = WaitersOfProgram();
  absl::MutexLock lock(&waiters.mutex);
  ++waiters.count;
}

BlockedInterrupts::~BlockedInterrupts() {
  Waiters& waiters = WaitersOfProgram();
  absl::MutexLock lock(&waiters.mutex);
  --waiters.count;
}

bool BlockedInterrupts::is_pending() const {
  sigset_t pending;
  sigemptyset(&pending);
  sigpending(&pending);
  return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1;
}

Interrupts::Interrupts(Connection& engine, std::string run, bool stops_run)
    : engine_(engine), run_(std::move(run)) {
  thread_ = std::thread([this, stops_run] { Wait(stops_run); });
}

Interrupts::~Interrupts() {
  done_ = true;
  thread_.join();
}

void Interrupts::Watch(grpc::ClientContext& call) {
  absl::MutexLock lock(&mutex_);
  watched_ = &call;
  if (is_cancelled_) call.TryCancel();
}

void Interrupts::Unwatch() {
  absl::MutexLock lock(&mutex_);
  watched_ = nullptr;
}

void Interrupts::CancelWatched() {
  absl::MutexLock lock(&mutex_);
  is_cancelled_ = true;
  if (watched_ != nullptr) watched_->TryCancel();
}

void Interrupts::Wait(bool stops_run) {
  const timespec slice{0, 100'000'000};
  while (!done_) {
    if (sigtimedwait(&blocked_.signals(), nullptr, &slice) <= 0) continue;
    const int count = ++count_;
    if (!stops_run || count > 2) {
      CancelWatched();
      continue;
    }
    Tell("{}", count == 1 ? "\nstopping the run; once more to kill it\n" : "\nkilling the run\n");
    proto::ControlRunRequest request;
    request.set_run(run_);
    request.set_action(count == 1 ? proto::ControlRunRequest::STOP : proto::ControlRunRequest::KILL);
    engine_.Call(&proto::Engine::Stub::ControlRun, request).IgnoreError();
  }
}

}  // namespace concertina::ctl
