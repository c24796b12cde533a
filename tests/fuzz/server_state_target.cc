// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// server_state_target.cc: what a server of parameters loads from a checkpoint, and pushes after it.
// Input: rule u8 | state.
#include "core/base/registry.h"
#include "core/parallel/server_shard.h"
#include "nlohmann/json.hpp"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

constexpr int kWorkers = 3;
constexpr size_t kFloats = 5;

ServerRule RuleOf(uint8_t choice) {
  return {.update = static_cast<ServerRule::Update>(choice % 3),
          .damping = static_cast<ServerRule::Damping>(choice / 3 % 3),
          .staleness_bound = choice / 9 % 2 == 0 ? -1 : 2,
          .moving_rate = 0.9};
}

ServerShard ShardOf(uint8_t choice) {
  static const Params params = [] {
    std::vector<Fault> faults;
    return Registry::Global().Check("optimizer", Json{{"kind", "sgd"}, {"momentum", 0.9}}, "", faults);
  }();
  const ServerRule rule = RuleOf(choice);
  std::unique_ptr<Optimizer> optimizer;
  if (rule.update != ServerRule::Update::kElastic) {
    optimizer = *Registry::Global().Create<Optimizer>("optimizer", params);
    optimizer->Prepare({{.name = "w", .shape = {kFloats}, .count = kFloats}});
  }
  return ServerShard(rule, kWorkers, std::vector<float>(kFloats, 1.0F), std::move(optimizer));
}

void Push(ServerShard& shard, int worker, int64_t step) {
  shard.Begin({.worker = worker, .step = step, .learning_rate = 0.1});
  shard.Take(0, std::vector<float>(kFloats, 0.5F));
  shard.End();
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  for (uint8_t choice = 0; choice < 18; ++choice) {
    ServerShard shard = ShardOf(choice);
    Push(shard, 0, 0);
    Push(shard, 1, 0);
    FuzzBytes input = {choice};
    shard.SaveState(input);
    inputs.seeds.push_back(std::move(input));
  }
  inputs.most_bytes = 512;
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  InputReader input({data, size});
  ServerShard shard = ShardOf(input.Byte());
  std::span<const uint8_t> state = input.rest();
  absl::Status loaded;
  {
    const auto bound = AllocationBound::OfClaimed(0);
    loaded = shard.LoadState(state);
  }
  Note(loaded);
  if (!loaded.ok()) return 0;
  for (const int worker : {0, 1, 2, 0}) {
    Push(shard, worker, shard.slowest_clock());
    while (const std::optional<int> answered = shard.NextAnswer())
      Require(shard.outcome(*answered).lead >= 0, "ahead of the slowest by less than nothing");
    Require(shard.outcome(worker).staleness >= 0, "a negative staleness");
  }
  return 0;
}
