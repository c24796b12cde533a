// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// worker_keeper.cc: see worker_keeper.h.
#include "core/worker/worker_keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/base/clock.h"

namespace concertina {
namespace {

constexpr size_t kLongestToken = 512;

// A byte at a time: what comes behind the line is the parent's.
absl::StatusOr<std::string> ReadToken() {
  const Deadline deadline = Deadline::After(kTokenDeadlineSeconds);
  std::string token;
  for (;;) {
    pollfd input = {STDIN_FILENO, POLLIN, 0};
    const int ready = poll(&input, 1, static_cast<int>(std::max(0.0, deadline.SecondsLeft() * 1e3)));
    if (ready == 0) return absl::DeadlineExceededError("no token came through standard input");
    char c = 0;
    const ssize_t got = ready < 0 ? -1 : read(STDIN_FILENO, &c, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0)
      return absl::InvalidArgumentError("standard input ended before a token had come through it");
    if (c == '\n') return token;
    if (token.size() == kLongestToken)
      return absl::InvalidArgumentError("the line on standard input is no token");
    token += c;
  }
}

// True once there is nothing more to come.
bool InputEnded() {
  std::array<char, 4096> ignored;
  const ssize_t got = read(STDIN_FILENO, ignored.data(), ignored.size());
  return got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

[[noreturn]] void Keep(pid_t worker) {
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, worker, 0));
  double kill_at = 0;  // 0: it was not asked to end yet
  for (;;) {
    int status = 0;
    if (waitpid(worker, &status, WNOHANG) == worker) {
      if (!WIFSIGNALED(status)) _exit(WEXITSTATUS(status));
      std::fprintf(stderr, "the worker was killed by signal %d (%s)\n", WTERMSIG(status),
                   strsignal(WTERMSIG(status)));
      std::fflush(stderr);
      _exit(128 + WTERMSIG(status));
    }
    const double now = Clock::Real().SteadySeconds();
    if (kill_at > 0 && now >= kill_at) kill(worker, SIGKILL);
    pollfd watched[2] = {{kill_at > 0 ? -1 : STDIN_FILENO, POLLIN, 0}, {pidfd, POLLIN, 0}};
    // Without a pidfd, and once it was asked, its end is looked for now and then.
    const int patience = pidfd < 0 || kill_at > 0 ? 50 : -1;
    if (poll(watched, 2, patience) <= 0 || watched[0].revents == 0 || !InputEnded()) continue;
    kill(worker, SIGTERM);
    kill_at = now + kKeeperGraceSeconds;
  }
}

}  // namespace

absl::StatusOr<std::string> BecomeKeptWorker() {
  ASSIGN_OR_RETURN(std::string token, ReadToken());
  const pid_t keeper = getpid();
  const pid_t worker = fork();
  if (worker < 0) return ErrnoStatus(errno, "starting the worker beside its keeper");
  if (worker > 0) Keep(worker);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != keeper) _exit(1);  // it died before prctl could hear of it
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null >= 0) dup2(null, STDIN_FILENO);
  return token;
}

}  // namespace concertina
