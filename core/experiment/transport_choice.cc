// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// transport_choice.cc: see transport_choice.h.
#include "core/experiment/transport_choice.h"

#include <algorithm>
#include <vector>

namespace concertina {

bool IsOfThisHost(const std::string& launcher) { return launcher == "local" || launcher == "in-process"; }

std::string TransportOf(const std::string& transport, std::span<const std::string> launchers) {
  if (transport != "auto") return transport;
  const auto is_thread = [](const std::string& launcher) { return launcher == "in-process"; };
  if (std::all_of(launchers.begin(), launchers.end(), is_thread)) return "in-process";
  return std::all_of(launchers.begin(), launchers.end(), IsOfThisHost) ? "shared-memory" : "grpc";
}

std::string TransportOf(const Spec& spec) {
  std::vector<std::string> launchers;
  for (const WorkerGroup& group : spec.workers) launchers.push_back(group.launcher.kind());
  return TransportOf(spec.network.transport, launchers);
}

}  // namespace concertina
