// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// async_server_exchange.h: the modes of the parameter server whose workers do not keep step.
// On the way of the data: parallel/parameter_server_exchange.cc makes it -> parallel/served_exchange.h.
#pragma once

#include <memory>
#include <string>

#include "core/parallel/exchange.h"
#include "core/parallel/server_shard.h"

namespace concertina {

// "exchange" of kind "parameter-server", as the file has it.
struct ParameterServerSettings {
  std::string mode = "sync";  // "sync", "async", "stale-synchronous"
  int64_t shards = 1;
  int dedicated_servers = 0;
  int64_t staleness_bound = 0;
  ServerRule::Damping damping = ServerRule::Damping::kNone;
  int backup_workers = 0;
  bool compress_down = false;
};

// What contradicts itself or the circumstances; with the pointer of the field.
absl::Status CheckSettings(const ParameterServerSettings& settings, const Circumstances& circumstances);

// async, stale-synchronous, or sync with backup workers.
std::unique_ptr<Exchange> MakeAsyncServerExchange(const ParameterServerSettings& settings);

}  // namespace concertina
