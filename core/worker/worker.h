// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// worker.h: one rank of one run, from joining to goodbye. app/worker runs one a process; the in-process
// launcher runs several as threads.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "core/base/status.h"

namespace concertina {

struct WorkerOptions {
  std::string engine_address;  // "unix:/…/engine.sock", or HOST:PORT
  std::string run;
  int rank = 0;
  std::string token;  // one time, from the launcher
  // Where a worker that is elsewhere than the engine keeps runs, datasets and kernel choices; "":
  // $XDG_CACHE_HOME/concertina, or ~/.cache/concertina.
  std::string home;
  std::string advertise;  // name or address by which peers reach it; "": as the engine says
  std::string kit;    // folder of a worker's start-up kit, for HOST:PORT
  bool has_process = false;  // of its own, which may end or stop itself as the engine says
};

// Joins, trains, reports, and returns when the engine has said goodbye. The status is also told to the engine
// while it can be reached. Ends within seconds of `stop`, of the engine falling silent (where it may train on
// without one: of the end of that grace), or of a peer's death.
absl::Status RunWorker(const WorkerOptions& options, std::stop_token stop);

}  // namespace concertina
