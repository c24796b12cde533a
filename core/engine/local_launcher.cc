// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// local_launcher.cc: workers as processes of this machine.
// On the way of the data: engine/run.cc -> here -> app/worker.
//
// One thread forks, reads outputs and reaps. It must be one that lives as long as the engine: the kernel
// sends a worker its parent-death signal when the *thread* that forked it ends.
//   token         in the environment (CONCERTINA_TOKEN), which only this user can read; never in the
//   arguments engine dies   the worker is killed (PR_SET_PDEATHSIG) worker ends   so does its whole process
//   group: nothing it started stays behind
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <list>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "core/base/log.h"
#include "core/base/registry.h"
#include "core/engine/launcher.h"
#include "core/engine/rank_log.h"
#include "core/proto/engine_launch.h"
#include "fmt/format.h"

extern char** environ;

namespace concertina {
namespace {

struct Child {
  pid_t pid = -1;
  int pidfd = -1;   // readable once it has ended
  int output = -1;  // its standard output and error
  std::unique_ptr<RankLog> log;
  Launcher::OnExit on_exit;
};

class LocalLauncher final : public Launcher {
 public:
  LocalLauncher() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), thread_([this] { Loop(); }) {}

  ~LocalLauncher() override {
    Post([this] {
      for (Child& child : children_) kill(-child.pid, SIGKILL);
      ending_ = true;
    });
    thread_.join();
    close(wake_);
  }

  absl::StatusOr<std::unique_ptr<LaunchedWorker>> Launch(const LaunchRequest& request, OnExit on_exit,
                                                         OnLine on_line) override;

  // A signal to the worker's group, if it has not been reaped yet (its number may be another's afterwards).
  void Signal(pid_t pid, int signal_number) {
    Post([this, pid, signal_number] {
      for (const Child& child : children_)
        if (child.pid == pid) kill(-pid, signal_number);
    });
  }

 private:
  void Post(std::function<void()> command) {
    {
      absl::MutexLock lock(&mutex_);
      commands_.push_back(std::move(command));
    }
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
  }

  void Loop();
  void RunCommands();
  absl::StatusOr<pid_t> Start(const std::string& program, const LaunchRequest& request, OnExit on_exit,
                              OnLine on_line);
  static bool ReadOutput(Child& child);
  bool Reap(Child& child);

  absl::Mutex mutex_;
  std::deque<std::function<void()>> commands_ ABSL_GUARDED_BY(mutex_);
  const int wake_;

  // Launcher thread only.
  std::list<Child> children_;
  bool ending_ = false;

  std::thread thread_;
};

class LocalWorker final : public LaunchedWorker {
 public:
  LocalWorker(LocalLauncher& launcher, pid_t pid) : launcher_(launcher), pid_(pid) {}
  int64_t pid() const override { return pid_; }
  void Terminate() override { launcher_.Signal(pid_, SIGTERM); }
  void Kill() override { launcher_.Signal(pid_, SIGKILL); }

 private:
  LocalLauncher& launcher_;
  const pid_t pid_;
};

absl::StatusOr<std::unique_ptr<LaunchedWorker>> LocalLauncher::Launch(const LaunchRequest& request,
                                                                      OnExit on_exit, OnLine on_line) {
  ASSIGN_OR_RETURN(const std::string program, FindProgram("concertina-worker"));
  absl::StatusOr<pid_t> pid;
  absl::Notification done;
  Post([&] {
    pid = Start(program, request, std::move(on_exit), std::move(on_line));
    done.Notify();
  });
  done.WaitForNotification();
  if (!pid.ok()) return pid.status();
  return std::make_unique<LocalWorker>(*this, *pid);
}

absl::StatusOr<pid_t> LocalLauncher::Start(const std::string& program, const LaunchRequest& request,
                                           OnExit on_exit, OnLine on_line) {
  std::vector<std::string> arguments = {program,     "--engine", request.engine_address,      "--run",
                                        request.run, "--rank",   std::to_string(request.rank)};
  for (const std::string& folder : request.plugin_folders) {
    arguments.emplace_back("--plugins");
    arguments.push_back(folder);
  }
  constexpr std::string_view kTokenName = "CONCERTINA_TOKEN=";
  std::string token = std::string(kTokenName) + request.token;
  std::vector<char*> argv, envp;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (std::strncmp(*entry, kTokenName.data(), kTokenName.size()) != 0) envp.push_back(*entry);
  envp.push_back(token.data());
  envp.push_back(nullptr);

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "making a pipe for a worker");
  sigset_t no_signals;
  sigemptyset(&no_signals);
  const pid_t engine = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    // Only async-signal-safe calls from here to exec: the engine has other threads.
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != engine) _exit(127);  // it died before prctl could hear of it
    sigprocmask(SIG_SETMASK, &no_signals, nullptr);
    signal(SIGPIPE, SIG_DFL);
    const int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  const int error = errno;
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return ErrnoStatus(error, "starting a worker");
  }
  setpgid(pid, pid);  // the child does it too: whoever comes first
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  Child child;
  child.pid = pid;
  child.pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  child.output = ends[0];
  child.log = std::make_unique<RankLog>(request.log_path, std::move(on_line));
  child.on_exit = std::move(on_exit);
  children_.push_back(std::move(child));
  return pid;
}

// False once there is nothing more to come.
bool LocalLauncher::ReadOutput(Child& child) {
  std::array<char, 16384> buffer;
  for (int reads = 0; reads < 64; ++reads) {  // a flood of one worker must not starve the others
    const ssize_t count = read(child.output, buffer.data(), buffer.size());
    if (count > 0)
      child.log->Add({buffer.data(), static_cast<size_t>(count)});
    else if (count < 0 && (errno == EAGAIN || errno == EINTR))
      return true;
    else
      return false;
  }
  return true;
}

// True if it had ended; then it is told, and the child's entry can go.
bool LocalLauncher::Reap(Child& child) {
  siginfo_t ended = {};
  if (waitid(P_PID, static_cast<id_t>(child.pid), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      ended.si_pid == 0)
    return false;
  kill(-child.pid, SIGKILL);  // what it had started; the number is its own until it is reaped
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (child.output >= 0) {
    ReadOutput(child);
    close(child.output);
  }
  if (child.pidfd >= 0) close(child.pidfd);
  child.log->Finish();
  WorkerExit exit;
  if (WIFSIGNALED(status))
    exit.signal = WTERMSIG(status);
  else
    exit.exit_code = WEXITSTATUS(status);
  child.on_exit(exit);
  return true;
}

void LocalLauncher::RunCommands() {
  std::deque<std::function<void()>> commands;
  {
    absl::MutexLock lock(&mutex_);
    commands.swap(commands_);
  }
  for (std::function<void()>& command : commands) command();
}

void LocalLauncher::Loop() {
  std::vector<pollfd> watched;
  while (!ending_ || !children_.empty()) {
    watched.assign(1, {wake_, POLLIN, 0});
    int patience = -1;
    for (const Child& child : children_) {
      if (child.pidfd >= 0)
        watched.push_back({child.pidfd, POLLIN, 0});
      else
        patience = 20;  // a kernel without pidfd_open: look for its end now and then (milliseconds)
      if (child.output >= 0) watched.push_back({child.output, POLLIN, 0});
    }
    poll(watched.data(), watched.size(), patience);
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t drained = read(wake_, &count, sizeof(count));
    RunCommands();
    for (auto child = children_.begin(); child != children_.end();) {
      if (child->output >= 0 && !ReadOutput(*child)) {
        close(child->output);
        child->output = -1;
      }
      child = Reap(*child) ? children_.erase(child) : std::next(child);
    }
  }
}

REGISTER_COMPONENT(Launcher,
                   Descriptor({.category = "launcher",
                               .kind = "local",
                               .title = "Processes on this machine",
                               .summary = "Starts each worker as a process of its own beside the engine.",
                               .params = {}}),
                   [](const Params&) -> absl::StatusOr<std::unique_ptr<Launcher>> {
                     return std::make_unique<LocalLauncher>();
                   });

}  // namespace
}  // namespace concertina
