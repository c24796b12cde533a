// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// child_process.cc: see child_process.h.
#include "core/base/child_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/synchronization/notification.h"
#include "fmt/format.h"

extern char** environ;

namespace concertina {
namespace {

constexpr size_t kMostAnswerBytes = size_t{64} << 10;

std::string_view NameOf(std::string_view entry) { return entry.substr(0, entry.find('=')); }

// The caller's own environment with `changed` in place of what has the same name.
std::vector<char*> EnvironmentWith(const std::vector<std::string>& changed) {
  std::vector<char*> envp;
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (std::none_of(changed.begin(), changed.end(),
                     [&](const std::string& each) { return NameOf(each) == NameOf(*entry); }))
      envp.push_back(*entry);
  for (const std::string& each : changed)
    if (each.find('=') != std::string::npos) envp.push_back(const_cast<char*>(each.c_str()));
  envp.push_back(nullptr);
  return envp;
}

// What a child may take of the machine, as the kernel is told it between fork and exec.
class ChildLimits {
 public:
  explicit ChildLimits(const ChildCommand& command)
      : has_cores_(!command.cores.empty()), has_niceness_(command.niceness != 0) {
    CPU_ZERO(&cores_);
    for (const int core : command.cores) CPU_SET(static_cast<size_t>(core), &cores_);
    niceness_ = getpriority(PRIO_PROCESS, 0) + command.niceness;
    has_data_ = command.most_data_bytes > 0 && getrlimit(RLIMIT_DATA, &data_) == 0;
    if (has_data_) data_.rlim_cur = std::min<rlim_t>(data_.rlim_max, command.most_data_bytes);
  }
  // In the child. False: a core is not the engine's any more.
  bool Take() const {
    return (!has_cores_ || sched_setaffinity(0, sizeof(cores_), &cores_) == 0) &&
           (!has_niceness_ || setpriority(PRIO_PROCESS, 0, niceness_) == 0) &&
           (!has_data_ || setrlimit(RLIMIT_DATA, &data_) == 0);
  }

 private:
  const bool has_cores_, has_niceness_;
  bool has_data_ = false;
  cpu_set_t cores_;
  int niceness_ = 0;
  rlimit data_ = {};
};

void CloseOnce(int& fd) {
  if (fd >= 0) close(fd);
  fd = -1;
}

}  // namespace

absl::StatusOr<std::string> FindOnPath(const std::string& program, const std::string& package) {
  const char* path = std::getenv("PATH");
  const std::string folders = path != nullptr ? path : "/usr/bin:/bin";
  for (size_t begin = 0; begin <= folders.size();) {
    const size_t end = std::min(folders.find(':', begin), folders.size());
    std::string candidate = folders.substr(begin, end - begin) + "/" + program;
    if (candidate.front() == '/' && access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  return absl::NotFoundError(
      fmt::format("there is no {} in {}; install the package {}", program, folders, package));
}

ChildProcesses::ChildProcesses() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

ChildProcesses::~ChildProcesses() {
  std::thread thread;
  {
    absl::MutexLock lock(&mutex_);
    if (thread_.joinable())
      tasks_.emplace_back([this] {
        for (const Child& child : children_) Send(child, SIGKILL);
        timers_.clear();
        ending_ = true;
      });
    taken_down_ = true;
    thread = std::move(thread_);
  }
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
  if (thread.joinable()) thread.join();
  close(wake_);
}

bool ChildProcesses::Post(Task task) {
  {
    absl::MutexLock lock(&mutex_);
    if (taken_down_) return false;
    tasks_.push_back(std::move(task));
    if (!thread_.joinable()) thread_ = std::thread([this] { Loop(); });
  }
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
  return true;
}

bool ChildProcesses::is_own_thread() {
  absl::MutexLock lock(&mutex_);
  return thread_.get_id() == std::this_thread::get_id();
}

void ChildProcesses::After(double seconds, Task task) {
  timers_.emplace(Clock::Real().SteadySeconds() + seconds, std::move(task));
}

absl::StatusOr<pid_t> ChildProcesses::Start(const ChildCommand& command, OnOutput on_output, OnExit on_exit) {
  absl::StatusOr<pid_t> pid = absl::UnavailableError("the engine is ending");
  RunHere([&] { pid = Fork(command, std::move(on_output), std::move(on_exit)); });
  return pid;
}

bool ChildProcesses::RunHere(const Task& task) {
  if (is_own_thread()) {
    task();
    return true;
  }
  absl::Notification done;
  const bool posted = Post([&] {
    task();
    done.Notify();
  });
  if (posted) done.WaitForNotification();
  return posted;
}

absl::Status ChildProcesses::Adopt(const ProcessIdentity& process, OnExit on_exit) {
  absl::Status status = absl::UnavailableError("the engine is ending");
  RunHere([&] {
    if (ending_) return;
    const absl::StatusOr<int> opened = OpenProcess(process);
    status = opened.status();
    if (!opened.ok()) return;
    Child child;
    child.pid = process.pid;
    child.pidfd = *opened;
    child.is_adopted = true;
    child.on_exit = std::move(on_exit);
    children_.push_back(std::move(child));
  });
  return status;
}

// A child's number is its own until it is reaped; that of one that was adopted may be another's.
void ChildProcesses::Send(const Child& child, int signal_number) {
  if (child.is_adopted)
    syscall(SYS_pidfd_send_signal, child.pidfd, signal_number, nullptr, 0U);
  else
    kill(-child.pid, signal_number);
}

void ChildProcesses::Signal(pid_t pid, int signal_number) {
  Post([this, pid, signal_number] {
    if (const Child* child = Find(pid)) Send(*child, signal_number);
  });
}

void ChildProcesses::Feed(pid_t pid, std::string bytes) {
  Post([this, pid, bytes = std::move(bytes)] {
    Child* child = Find(pid);
    if (child == nullptr || child->input < 0 || child->input_ends) return;
    child->unfed += bytes;
    WriteInput(*child);
  });
}

void ChildProcesses::EndInput(pid_t pid) {
  Post([this, pid] {
    Child* child = Find(pid);
    if (child == nullptr) return;
    child->input_ends = true;
    WriteInput(*child);
  });
}

void ChildProcesses::Call(ChildCommand command, const std::string& input, double seconds,
                          std::function<void(const ChildAnswer&)> on_answer) {
  struct Going {
    ChildAnswer answer;
    bool has_ended = false;
  };
  const auto going = std::make_shared<Going>();
  command.is_fed = !input.empty();
  const absl::StatusOr<pid_t> pid = Start(
      command,
      [going](std::string_view bytes) {
        std::string& output = going->answer.output;
        output += bytes.substr(0, kMostAnswerBytes - std::min(kMostAnswerBytes, output.size()));
      },
      [going, on_answer](const ChildExit& exit) {
        going->has_ended = true;
        going->answer.exit = exit;
        on_answer(going->answer);
      });
  if (!pid.ok())
    return on_answer(
        {.status = pid.status(), .exit = {.exit_code = 127}, .output = std::string(pid.status().message())});
  if (command.is_fed) {
    Feed(*pid, input);
    EndInput(*pid);
  }
  After(seconds, [this, going, pid = *pid, seconds, program = command.arguments.front()] {
    if (going->has_ended) return;
    going->answer.status =
        absl::DeadlineExceededError(fmt::format("{} did not end within {:.1f} s", program, seconds));
    Signal(pid, SIGKILL);
  });
}

ChildProcesses::Child* ChildProcesses::Find(pid_t pid) {
  const auto found =
      std::find_if(children_.begin(), children_.end(), [&](const Child& child) { return child.pid == pid; });
  return found == children_.end() ? nullptr : &*found;
}

absl::StatusOr<pid_t> ChildProcesses::Fork(const ChildCommand& command, OnOutput on_output, OnExit on_exit) {
  if (ending_) return absl::UnavailableError("the engine is ending");
  const std::string& program = command.arguments.front();
  std::vector<char*> argv;
  for (const std::string& argument : command.arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp = EnvironmentWith(command.environment);

  int ends[2], feeding[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "making a pipe for " + program);
  // Not a pipe: writing to one that is read no more would be a signal to the caller.
  if (command.is_fed && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, feeding) != 0) {
    const int error = errno;
    close(ends[0]);
    close(ends[1]);
    return ErrnoStatus(error, "making a pipe for " + program);
  }
  if (!command.is_fed) {
    const std::string& path = command.input_file.empty() ? "/dev/null" : command.input_file;
    feeding[1] = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (feeding[1] < 0) {
      const int error = errno;
      close(ends[0]);
      close(ends[1]);
      return ErrnoStatus(error, "opening " + path);
    }
  }
  sigset_t no_signals;
  sigemptyset(&no_signals);
  const ChildLimits limits(command);
  const bool outlives = command.outlives_starter;
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    // Only async-signal-safe calls from here to exec: the caller has other threads.
    setpgid(0, 0);
    if (!outlives) prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);  // it died before prctl could hear of it
    if (!limits.Take()) _exit(127);
    sigprocmask(SIG_SETMASK, &no_signals, nullptr);
    signal(SIGPIPE, SIG_DFL);
    dup2(feeding[1], STDIN_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  const int error = errno;
  close(ends[1]);
  close(feeding[1]);
  if (pid < 0) {
    close(ends[0]);
    CloseOnce(feeding[0]);
    return ErrnoStatus(error, "starting " + program);
  }
  setpgid(pid, pid);  // the child does it too: whoever comes first
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  Child child;
  child.pid = pid;
  child.pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  child.output = ends[0];
  child.input = feeding[0];
  child.on_output = std::move(on_output);
  child.on_exit = std::move(on_exit);
  children_.push_back(std::move(child));
  return pid;
}

void ChildProcesses::WriteInput(Child& child) {
  while (child.input >= 0 && !child.unfed.empty()) {
    const ssize_t sent =
        send(child.input, child.unfed.data(), child.unfed.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) return CloseOnce(child.input);  // it reads no more
    child.unfed.erase(0, static_cast<size_t>(sent));
  }
  if (child.input_ends) CloseOnce(child.input);
}

// False once there is nothing more to come.
bool ChildProcesses::ReadOutput(Child& child) {
  std::array<char, 16384> buffer;
  for (int reads = 0; reads < 64; ++reads) {  // a flood of one child must not starve the others
    const ssize_t count = read(child.output, buffer.data(), buffer.size());
    if (count > 0)
      child.on_output({buffer.data(), static_cast<size_t>(count)});
    else if (count < 0 && (errno == EAGAIN || errno == EINTR))
      return true;
    else
      return false;
  }
  return true;
}

bool ChildProcesses::HasEnded(const Child& child) {
  if (child.is_adopted) {
    pollfd ended{.fd = child.pidfd, .events = POLLIN, .revents = 0};
    return poll(&ended, 1, 0) == 1;
  }
  siginfo_t ended = {};
  return waitid(P_PID, static_cast<id_t>(child.pid), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid != 0;
}

// True if it had ended; then it is told, and the child's entry can go.
bool ChildProcesses::Reap(Child& child) {
  if (!HasEnded(child)) return false;
  int status = 0;
  if (!child.is_adopted) {
    kill(-child.pid, SIGKILL);  // what it had started; the number is its own until it is reaped
    while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
  }
  if (child.output >= 0) ReadOutput(child);
  CloseOnce(child.output);
  CloseOnce(child.pidfd);
  CloseOnce(child.input);
  ChildExit exit{.is_known = !child.is_adopted};
  if (WIFSIGNALED(status))
    exit.signal = WTERMSIG(status);
  else
    exit.exit_code = WEXITSTATUS(status);
  child.pid = -1;  // nobody finds it any more
  child.on_exit(exit);
  return true;
}

void ChildProcesses::RunDue() {
  std::deque<Task> tasks;
  {
    absl::MutexLock lock(&mutex_);
    tasks.swap(tasks_);
  }
  for (Task& task : tasks) task();
  while (!timers_.empty() && timers_.begin()->first <= Clock::Real().SteadySeconds()) {
    const Task task = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    task();
  }
}

void ChildProcesses::Loop() {
  std::vector<pollfd> watched;
  while (!ending_ || !children_.empty()) {
    watched.assign(1, {wake_, POLLIN, 0});
    double patience = timers_.empty() ? 1e6 : timers_.begin()->first - Clock::Real().SteadySeconds();
    for (const Child& child : children_) {
      if (child.pidfd >= 0)
        watched.push_back({child.pidfd, POLLIN, 0});
      else
        patience = std::min(patience, 0.02);  // a kernel without pidfd_open: look for its end now and then
      if (child.output >= 0) watched.push_back({child.output, POLLIN, 0});
      if (child.input >= 0 && !child.unfed.empty()) watched.push_back({child.input, POLLOUT, 0});
    }
    poll(watched.data(), watched.size(), static_cast<int>(std::ceil(std::clamp(patience, 0.0, 1e6) * 1e3)));
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t drained = read(wake_, &count, sizeof(count));
    RunDue();
    for (auto child = children_.begin(); child != children_.end();) {
      if (child->output >= 0 && !ReadOutput(*child)) CloseOnce(child->output);
      WriteInput(*child);
      child = Reap(*child) ? children_.erase(child) : std::next(child);
    }
  }
}

ChildAnswer RunToEnd(const ChildCommand& command, Deadline deadline) {
  ChildAnswer answer;
  absl::Notification is_over;
  ChildProcesses children;  // last, so that nobody calls back when the others are gone
  children.Post([&] {
    children.Call(command, "", deadline.SecondsLeft(), [&](const ChildAnswer& given) {
      answer = given;
      is_over.Notify();
    });
  });
  is_over.WaitForNotification();  // it ends by the deadline, if not by itself
  return answer;
}

}  // namespace concertina
