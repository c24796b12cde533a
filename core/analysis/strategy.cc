// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// strategy.cc: a row an exchange (see strategy.h).
#include "core/analysis/strategy.h"

#include <array>
#include <string_view>

#include "nlohmann/json.hpp"

namespace concertina {
namespace {

struct Row {
  std::string_view kind;
  Strategy strategy;
};

// Sharding the optimiser's state or the parameters changes where numbers are kept, not which they are.
constexpr std::array<Row, 18> kRows = {{{"single", Strategy::kLockstep},
                                        {"all-reduce", Strategy::kLockstep},
                                        {"parameter-server", Strategy::kLockstep},
                                        {"zero", Strategy::kLockstep},
                                        {"sharded", Strategy::kLockstep},
                                        {"fsdp", Strategy::kLockstep},
                                        {"gossip", Strategy::kGossip},
                                        {"local-sgd", Strategy::kLocal},
                                        {"post-local-sgd", Strategy::kLocal},
                                        {"diloco", Strategy::kLocal},
                                        {"easgd", Strategy::kLocal},
                                        {"fedavg", Strategy::kFederated},
                                        {"fedavgm", Strategy::kFederated},
                                        {"fedprox", Strategy::kFederated},
                                        {"fedadam", Strategy::kFederated},
                                        {"fednova", Strategy::kFederated},
                                        {"scaffold", Strategy::kFederated},
                                        {"federated", Strategy::kFederated}}};

std::string TextOf(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Strategy StrategyOf(const Json& exchange) {
  if (!exchange.is_object()) return Strategy::kLockstep;
  const std::string kind = TextOf(exchange, "kind");
  // A server answers all together ("sync"), or each as it comes ("async", "ssp").
  const std::string mode = TextOf(exchange, "mode");
  if (kind == "parameter-server" && !mode.empty() && mode != "sync") return Strategy::kAsynchronous;
  for (const Row& row : kRows)
    if (row.kind == kind) return row.strategy;
  return Strategy::kUnknown;
}

}  // namespace concertina
