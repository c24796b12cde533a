// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// child_process.h: programs that another starts, fed, read and reaped by one thread; none of them is left
// over. On the way of the data: engine/local_launcher.cc, engine/ssh_launcher.cc, engine/slurm_job.h,
// app/ctl/report_pdf.cc -> here -> app/worker, ssh, sbatch, app/desktop.
//
// One thread forks, reads outputs and reaps. It must be one that lives as long as what it started: the kernel
// sends a child its parent-death signal when the *thread* that forked it ends.
//   who started it dies   the child is killed (PR_SET_PDEATHSIG), unless it is one that outlives its starter:
//                         that ends by itself, or is adopted by who comes next
//   child ends            so does its whole process group: nothing it started stays behind
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/clock.h"
#include "core/base/process_identity.h"
#include "core/base/status.h"

namespace concertina {

struct ChildCommand {
  std::vector<std::string> arguments;  // [0]: the program's path. Everyone can read them: no secrets
  // "NAME=VALUE", in place of the caller's own of that name; "NAME" alone: without it.
  std::vector<std::string> environment;
  bool is_fed = false;     // its standard input is what Feed gives, until EndInput
  std::string input_file;  // otherwise this file; "": nothing
  // What it may take of this machine, and what it starts of that.
  std::vector<int> cores = {};    // that it runs on; none: the engine's
  int niceness = 0;               // beyond the engine's own
  uint64_t most_data_bytes = 0;   // that it may map of its own memory, used or not (RLIMIT_DATA); 0: no limit
  bool outlives_starter = false;  // it sees by itself that it does not stay for ever
};

struct ChildExit {
  int exit_code = 0;  // meaningful when signal is 0; 127 where the program could not be run
  int signal = 0;
  bool is_known = true;  // false of one that was adopted: only its parent hears more than that it has ended
};

// What came of a program that is run for what it says.
struct ChildAnswer {
  absl::Status
      status;  // kDeadlineExceeded: it did not end in time, and was killed; else why it could not start
  ChildExit exit;
  std::string output;  // the first 64 KiB of it; where it could not start: why
};

// The full path of a program, in the folders of PATH. kNotFound: it is not installed; the message names the
// Debian package that has it.
absl::StatusOr<std::string> FindOnPath(const std::string& program, const std::string& package);

class ChildProcesses {
 public:
  using Task = std::function<void()>;
  using OnOutput = std::function<void(std::string_view bytes)>;  // standard output and error, as they come
  using OnExit = std::function<void(const ChildExit&)>;          // once, after the last output

  ChildProcesses();
  // Kills and reaps all that still runs; what was posted before is done, timers are dropped.
  ~ChildProcesses();
  ChildProcesses(const ChildProcesses&) = delete;
  ChildProcesses& operator=(const ChildProcesses&) = delete;

  // Any thread. The callbacks come on the thread of this object, and may call everything here.
  // kResourceExhausted, kUnavailable: no pipe, file or process can be had.
  absl::StatusOr<pid_t> Start(const ChildCommand& command, OnOutput on_output, OnExit on_exit);
  // One that somebody else started, who is gone: from here on it is as one of these, but for its output, its
  // exit code, and what it started itself. Errors: those of OpenProcess.
  absl::Status Adopt(const ProcessIdentity& process, OnExit on_exit);
  // A signal to the child's group, if it has not been reaped yet (its number may be another's afterwards).
  void Signal(pid_t pid, int signal_number);
  // Bytes for its input, in order; they wait here where it does not read. For a few words, not for files.
  void Feed(pid_t pid, std::string bytes);
  // After what was fed it reads the end of its input.
  void EndInput(pid_t pid);

  // Runs a program to its end, or kills it after `seconds`; `input` is what it reads. On that thread only.
  void Call(ChildCommand command, const std::string& input, double seconds,
            std::function<void(const ChildAnswer&)> on_answer);

  // Runs `task` on the thread of this object; false once that is ending.
  bool Post(Task task);
  // The same, not before `seconds` from now. On that thread only.
  void After(double seconds, Task task);

 private:
  struct Child {
    pid_t pid = -1;
    int pidfd = -1;   // readable once it has ended
    int output = -1;  // its standard output and error
    int input = -1;
    std::string unfed;
    bool input_ends = false;
    bool is_adopted = false;
    OnOutput on_output;
    OnExit on_exit;
  };

  void Loop();
  void RunDue();
  bool is_own_thread();
  absl::StatusOr<pid_t> Fork(const ChildCommand& command, OnOutput on_output, OnExit on_exit);
  // Runs `task` on that thread, which may be this one, and waits for it; false once that is ending.
  bool RunHere(const Task& task);
  Child* Find(pid_t pid);
  static void Send(const Child& child, int signal_number);
  static bool HasEnded(const Child& child);
  static bool ReadOutput(Child& child);
  static void WriteInput(Child& child);
  static bool Reap(Child& child);

  const int wake_;
  absl::Mutex mutex_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_ ABSL_GUARDED_BY(mutex_);  // from the first task on
  bool taken_down_ ABSL_GUARDED_BY(mutex_) = false;

  // Its thread only.
  std::list<Child> children_;
  std::multimap<double, Task> timers_;  // by steady time
  bool ending_ = false;
};

// The same for a caller that waits for the answer.
ChildAnswer RunToEnd(const ChildCommand& command, Deadline deadline);

}  // namespace concertina
