// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// worker_keeper.h: keeps a worker that was started from another machine from outliving its purpose.
// On the way of the data: engine/ssh_launcher.cc, by ssh -> here -> worker/worker.h.
#pragma once

#include <string>

#include "core/base/status.h"

namespace concertina {

// Reads one line from standard input, the token, and forks. Returns in the child, with the token, nothing to
// read and SIGKILL when the parent ends. The parent does not return: it reads on, and when its input ends
// (the connection that it comes from is gone, or the engine wishes it) asks the child to end, and after
// kKeeperGraceSeconds ends it, frozen or not. It ends as the child did, with exit code 128 + n, and a line
// that says so, where signal n ended that. To be called before there are threads. kInvalidArgument,
// kDeadlineExceeded: no such line.
absl::StatusOr<std::string> BecomeKeptWorker();
inline constexpr double kTokenDeadlineSeconds = 30, kKeeperGraceSeconds = 5;

}  // namespace concertina
