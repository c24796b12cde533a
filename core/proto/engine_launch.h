// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_launch.h: finds the engine of a home, and starts one where none runs. For the programs that talk to
// an engine without being one: the desktop and the command line.
// On the way of the data: concertinactl, ui/client/engine_client.h -> here -> app/engine.
#pragma once

#include <string>

#include "core/base/clock.h"
#include "core/base/status.h"

namespace concertina {

// CONCERTINA_HOME, else $XDG_DATA_HOME/concertina, else ~/.local/share/concertina. Always absolute.
std::string DefaultHome();

// The full path of one of our programs ("concertina-engine", "concertina-worker"): in the folder that
// CONCERTINA_PROGRAMS names, beside the running program, or in ../bin or ../lib/concertina of that.
// kNotFound says where it was looked for.
absl::StatusOr<std::string> FindProgram(const std::string& name);

// The folder of plugins that came with the programs: ../plugins or ../lib/concertina/plugins of theirs.
// kNotFound if there is none.
absl::StatusOr<std::string> InstalledPlugins();

// The address ("unix:/…") of the engine that runs on `home` now: one that accepts a connection.
// kUnavailable if none does.
absl::StatusOr<std::string> FindEngine(const std::string& home);

// Whether a program listens at this Unix socket now: one that accepts a connection.
bool AcceptsConnections(const std::string& socket_path);

struct EngineStart {
  // The engine ends by itself after so long without a connected program or a run; 0: never.
  double idle_exit_seconds = 600;
  std::string listen;  // HOST:PORT that it opens besides, with mutual TLS; "": none
  std::string kit;     // the engine's start-up kit, for that
};

// The same, but starts concertina-engine when none runs, in a session of its own (it outlives the caller, and
// is no child of it), and waits until it listens. When two programs do this at once, both get the one engine.
// kUnavailable: the engine ended before it listened; the message gives its last words (home/engine.log holds
// them all). kDeadlineExceeded: not ready in time. kNotFound: there is no concertina-engine program.
absl::StatusOr<std::string> FindOrStartEngine(const std::string& home, Deadline deadline,
                                              const EngineStart& start = {});

}  // namespace concertina
