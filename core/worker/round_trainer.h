// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// round_trainer.h: trains virtual clients, one after another, with this worker's executor and optimiser.
// On the way of the data: data/partition.h shares the samples among clients -> here (batches, local steps) ->
// parallel/federated_exchange.h takes the parameters that a client ends with.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "core/data/dataset.h"
#include "core/graph/executor.h"
#include "core/nn/optimizer.h"
#include "core/parallel/round_trainer.h"

namespace concertina {

// Executor and optimiser outlive it; between calls of Train they are free for other uses (evaluation).
struct ClientTrainerOptions {
  std::shared_ptr<const Samples> samples;
  std::vector<std::vector<int64_t>> shards;  // by client; none empty
  Executor* executor = nullptr;
  Optimizer* optimizer = nullptr;
  uint64_t seed = 0;
  std::stop_token stop;
};

// Batches hold as many samples as the executor's. Their order is drawn from (seed, client, round, epoch); the
// last of an epoch may be smaller, and counts as what it is (see Executor::StepPart).
std::unique_ptr<RoundTrainer> MakeClientTrainer(ClientTrainerOptions options);

}  // namespace concertina
