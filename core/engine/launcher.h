// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// launcher.h: starts the workers of a run, and sees them to their end. Category "launcher".
// On the way of the data: engine/run.h -> here -> worker/worker.h, which calls home (engine/home_service.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/status.h"

namespace concertina {

struct LaunchRequest {
  std::string run;
  int rank = 0;
  std::string token;                        // one time; never in an argument list or a log
  std::string engine_address;               // "unix:/…"
  std::string log_path;                     // RUN/rank-R.log
  std::vector<std::string> plugin_folders;  // a codec of a plugin is needed where it runs
};

struct WorkerExit {
  int exit_code = 0;         // meaningful when signal is 0
  int signal = 0;            // the one that ended it
  std::string message;       // of an in-process worker that failed
  std::string Text() const;  // "was killed by signal 9 (Killed)", "ended with exit code 3"
};

// One worker that was started. Its destructor does not end it.
class LaunchedWorker {
 public:
  virtual ~LaunchedWorker() = default;
  virtual int64_t pid() const = 0;
  virtual void Terminate() = 0;  // asks it to end (SIGTERM, a stop token)
  virtual void Kill() = 0;       // ends it; a thread can only be asked
};

// Calls come from the engine loop. `on_exit` and `on_line` come from a thread of the launcher and only post.
class Launcher {
 public:
  using OnExit = std::function<void(const WorkerExit&)>;        // once, after the last line
  using OnLine = std::function<void(const std::string& line)>;  // of its output
  // Ends (kills) and reaps all that still runs.
  virtual ~Launcher() = default;
  // kNotFound: no worker program; kResourceExhausted: no process can be made; the message says which.
  virtual absl::StatusOr<std::unique_ptr<LaunchedWorker>> Launch(const LaunchRequest& request, OnExit on_exit,
                                                                 OnLine on_line) = 0;
};

}  // namespace concertina
