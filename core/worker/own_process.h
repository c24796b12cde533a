// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// own_process.h: a worker's process ends or stops itself, where the engine has none that it could signal: a
// process's number is another machine's business, and may be another process's by the time it is used.
// On the way of the data: worker/engine_link.h (the engine's Harm) -> here.
#pragma once

#include <string>

#include "core/base/status.h"

namespace concertina {

// SIGKILL: nothing is said, nothing is flushed.
[[noreturn]] void KillOwnProcess();

// By then the engine has long given it up, and a process that nobody wakes would stay on its machine.
inline constexpr double kLongestOwnStopSeconds = 600;

// Standard output and error go to the end of that file from now on.
absl::Status SendOutputTo(const std::string& path);

// What is asked to end and has not after so long is ended, whatever it does then. It outlives its engine, and
// nobody else would.
void EndOwnProcessWithin(double seconds);

// SIGSTOP to all of its threads; returns once the process goes on: after so many seconds (0, or more than
// kLongestOwnStopSeconds: after those), or when somebody else lets it. A forked guard, which has none of its
// files and ends with it, does the waiting.
// kResourceExhausted: no guard can be made, and nothing was stopped.
absl::Status StopOwnProcess(double seconds);

}  // namespace concertina
