// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// launcher.h: starts the workers of a run, and sees them to their end. Category "launcher".
// On the way of the data: engine/run.h -> here -> worker/worker.h, which calls home (engine/home_service.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/process_identity.h"
#include "core/base/status.h"

namespace concertina {

struct LaunchRequest {
  std::string run;
  int rank = 0;
  std::string token;                        // one time; never in an argument list or a log
  std::string engine_address;               // "unix:/…"
  std::string log_path;                     // RUN/rank-R.log
  std::vector<std::string> plugin_folders;  // a codec of a plugin is needed where it runs
  // Where the engine can be met from other machines ("host:port", by mutual TLS); "": nowhere.
  std::string remote_address;
  std::string home;  // the engine's folder, for workers whose file system has it
  int threads = 1;   // that it computes with
  // It is not to end with the engine: it calls the next one, or ends by itself. A wish, see
  // LaunchedWorker::process.
  bool outlives_engine = false;
  std::string transport;  // what carries its tensors: the ranks of "mpi" have to be started as one MPI world
  // What a person must do or know: an event of the run. Any thread.
  std::function<void(const std::string& message)> tell;
};

struct WorkerExit {
  int exit_code = 0;           // meaningful when signal is 0
  int signal = 0;              // the one that ended it
  std::string message;         // in place of the exit code: of one that failed where it has none
  bool never_started = false;  // the message says why
  bool is_cause = false;       // the message says more than what workers felt of it: a job that was cancelled
  std::string Text() const;    // "was killed by signal 9 (Killed)", "ended with exit code 3"
};

// One worker that was started. Its destructor does not end it.
class LaunchedWorker {
 public:
  virtual ~LaunchedWorker() = default;
  virtual int64_t pid() const = 0;  // 0 where only the worker itself knows it, and tells it when it joins
  // False of a thread of the engine: what were done to its process would be done to the engine's.
  virtual bool has_process() const { return true; }
  virtual void Terminate() = 0;  // asks it to end (SIGTERM, a stop token)
  virtual void Kill() = 0;       // ends it; a thread can only be asked
  // Its process stands still, and goes on (SIGSTOP, SIGCONT). kUnimplemented: nobody here can do that.
  virtual absl::Status Freeze() {
    return absl::UnimplementedError("its launcher has no process here that could be frozen");
  }
  virtual void Thaw() {}
  // False where `on_exit` never comes: its stream to the engine is then all that is known of the worker. Once
  // that is closed it ends by itself (worker/engine_link.h).
  virtual bool end_is_seen() const { return true; }
  // Of one that outlives the engine: how the next one knows it (Launcher::Adopt). Nobody's: it does not.
  virtual ProcessIdentity process() const { return {}; }
  // What a person enters to start it; "": nothing has to be. It holds the worker's token: for who asks, and
  // in no log, event or database.
  virtual std::string StartLine() const { return {}; }
  // How much later than it happens its end may be told, at most.
  virtual double end_lag_seconds() const { return 0; }
};

// A machine as a launcher found it.
struct HostReport {
  std::string host;     // as it calls itself
  std::string version;  // of the concertina-worker there; "": none yet
  bool will_copy = false;
  std::string system;  // "Linux x86_64"
  int64_t cores = 0;
  uint64_t memory_bytes = 0;
  std::vector<std::string> datasets;  // names of folders
};

// One worker to be started, and once it is, what was started.
struct LaunchOrder {
  LaunchRequest request;
  std::function<void(const WorkerExit&)> on_exit;        // as Launcher::OnExit
  std::function<void(const std::string& line)> on_line;  // as Launcher::OnLine
  std::unique_ptr<LaunchedWorker> worker;
};

// Calls come from the engine loop. `on_exit` and `on_line` come from a thread of the launcher and only post.
class Launcher {
 public:
  using OnExit = std::function<void(const WorkerExit&)>;        // once, after the last line
  using OnLine = std::function<void(const std::string& line)>;  // of its output
  // Ends (kills) and reaps all that still runs.
  virtual ~Launcher() = default;
  // Whether its workers share no file system with the engine: as IsOfThisHost (experiment/transport_choice.h)
  // says of its kind, which those know that have no launchers.
  virtual bool is_elsewhere() const { return false; }
  // How much longer than usual (RunLimits::join) its workers may take to call home.
  virtual double patience_seconds() const { return 0; }
  // The folder of the start-up kit that its workers come with; "": none, or one that only they know.
  virtual std::string kit_folder() const { return ""; }
  // Where other workers reach those of this launcher; "": as the worker itself thinks.
  virtual std::string advertise_host() const { return ""; }
  // Looks at the machine without starting a worker. Returns at once; `done` comes once, from a thread of the
  // launcher or from here, within the launcher's own deadlines, and at the latest when the launcher goes.
  // kUnimplemented: there is nothing to look at before a run. Other errors: why no worker could be started
  // there, and what to do.
  using OnReport = std::function<void(const absl::StatusOr<HostReport>& report)>;
  virtual void Test(OnReport done) {
    done(absl::UnimplementedError("this launcher has no machine that could be tested before a run"));
  }
  // kNotFound: no worker program; kResourceExhausted: no process can be made; the message says which.
  virtual absl::StatusOr<std::unique_ptr<LaunchedWorker>> Launch(const LaunchRequest& request, OnExit on_exit,
                                                                 OnLine on_line) = 0;
  // One that an engine before this has launched, and that is still here. `on_exit` cannot know its exit code.
  // kNotFound: it has ended.
  virtual absl::StatusOr<std::unique_ptr<LaunchedWorker>> Adopt(const ProcessIdentity& /*process*/,
                                                                OnExit /*on_exit*/) {
    return absl::UnimplementedError("workers of this launcher end with their engine");
  }
  // All workers of one entry of /workers, in the order of their ranks, which follow one another. Those that
  // have a `worker` afterwards were started, also where the status is an error of the first that has none.
  // By itself: one after the other.
  virtual absl::Status LaunchAll(std::span<LaunchOrder> orders);
};

}  // namespace concertina
