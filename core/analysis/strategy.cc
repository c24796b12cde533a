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

// tests/core/engine/strategy_test.cc holds this to the exchanges that there are.
constexpr std::array<Row, 16> kRows = {{{"single", Strategy::kLockstep},
                                        {"all-reduce", Strategy::kLockstep},
                                        {"parameter-server", Strategy::kLockstep},
                                        {"zero", Strategy::kLockstep},
                                        {"gossip", Strategy::kGossip},
                                        {"choco-sgd", Strategy::kGossip},
                                        {"ad-psgd", Strategy::kAsynchronous},
                                        {"local-sgd", Strategy::kLocal},
                                        {"slowmo", Strategy::kLocal},
                                        {"diloco", Strategy::kLocal},
                                        {"easgd", Strategy::kAsynchronous},
                                        {"fedavg", Strategy::kFederated},
                                        {"fedavgm", Strategy::kFederated},
                                        {"fedprox", Strategy::kFederated},
                                        {"fedadam", Strategy::kFederated},
                                        {"scaffold", Strategy::kFederated}}};

std::string TextOf(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Strategy StrategyOf(const Json& exchange) {
  if (!exchange.is_object()) return Strategy::kLockstep;
  const std::string kind = TextOf(exchange, "kind");
  // A server answers all together ("sync"), or each as it comes ("async", "stale-synchronous").
  const std::string mode = TextOf(exchange, "mode");
  if (kind == "parameter-server" && !mode.empty() && mode != "sync") return Strategy::kAsynchronous;
  for (const Row& row : kRows)
    if (row.kind == kind) return row.strategy;
  return Strategy::kUnknown;
}

}  // namespace concertina
