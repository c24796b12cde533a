// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// launcher.cc: see launcher.h.
#include "core/engine/launcher.h"

#include <cstring>
#include <utility>

#include "fmt/format.h"

namespace concertina {

std::string WorkerExit::Text() const {
  if (signal != 0) return fmt::format("was killed by signal {} ({})", signal, strsignal(signal));
  if (never_started) return fmt::format("could not be started: {}", message);
  if (!message.empty()) return fmt::format("ended: {}", message);
  if (exit_code == 127) return "ended with exit code 127 (its program could not be started)";
  return fmt::format("ended with exit code {}", exit_code);
}

absl::Status Launcher::LaunchAll(std::span<LaunchOrder> orders) {
  for (LaunchOrder& order : orders) {
    ASSIGN_OR_RETURN(order.worker, Launch(order.request, std::move(order.on_exit), std::move(order.on_line)));
  }
  return absl::OkStatus();
}

}  // namespace concertina
