// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// own_process.cc: see own_process.h.
#include "core/worker/own_process.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "fmt/format.h"

namespace concertina {
namespace {

// In the child of a process with many threads: system calls only, nothing that takes a lock.
[[noreturn]] void Guard(int worker, int milliseconds) {
  // Its connections must end when it ends, and not when the guard does.
  if (worker > 0) syscall(SYS_close_range, 0U, static_cast<unsigned>(worker) - 1, 0U);
  syscall(SYS_close_range, static_cast<unsigned>(worker) + 1, ~0U, 0U);
  pollfd ended{.fd = worker, .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = poll(&ended, 1, milliseconds);
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) syscall(SYS_pidfd_send_signal, worker, SIGCONT, nullptr, 0U);
  _exit(0);
}

}  // namespace

void KillOwnProcess() {
  for (;;) kill(getpid(), SIGKILL);
}

absl::Status SendOutputTo(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return ErrnoStatus(errno, "opening " + path);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  close(file);
  return absl::OkStatus();
}

void EndOwnProcessWithin(double seconds) {
  std::thread([seconds] {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    KillOwnProcess();
  }).detach();
}

absl::Status StopOwnProcess(double seconds) {
  const double wanted = seconds > 0 ? std::min(seconds, kLongestOwnStopSeconds) : kLongestOwnStopSeconds;
  const int own = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0U));
  if (own < 0)
    return absl::ResourceExhaustedError(
        fmt::format("stopping this process: pidfd_open: {}", strerror(errno)));
  // Without the handlers of pthread_atfork: they are for children that go on as a program.
  const pid_t guard = _Fork();
  if (guard == 0) Guard(own, static_cast<int>(1e3 * wanted));
  const int fork_errno = errno;
  close(own);
  if (guard < 0)
    return absl::ResourceExhaustedError(fmt::format("stopping this process: fork: {}", strerror(fork_errno)));
  // To this thread: it stops before the call returns, and all others with it.
  pthread_kill(pthread_self(), SIGSTOP);
  // Somebody else may have been sooner.
  kill(guard, SIGKILL);
  while (waitpid(guard, nullptr, 0) < 0 && errno == EINTR) {
  }
  return absl::OkStatus();
}

}  // namespace concertina
