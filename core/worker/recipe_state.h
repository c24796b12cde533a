// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_state.h: what a rank needs to go on with a recipe behind one of its steps as if it had never
// stopped. On the way of the data: worker/recipe_loop.cc -> here (worker/packed_graphs.h) ->
// worker/checkpoint.h, and back.
//
// It is kept as any checkpoint is, RUN/checkpoints/step-N/rank-R and the manifest, so that whoever looks for
// one, carries it, checks it or removes it need not know of recipes. Parameters, buffers and the optimiser's
// state are empty there: training begins anew with each step of a recipe, and the model is in the rest, with
// its masks, codebooks and grids.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/disk.h"
#include "core/comm/communicator.h"
#include "core/worker/packed_graphs.h"
#include "core/worker/recipe_detail.h"

namespace concertina {

struct RecipeState {
  int64_t next = 0;  // step of the recipe, from 0
  int64_t step = 0;  // of the run
  double seconds = 0, epochs = 0;
  std::string spec_json;                             // knobs that were turned included
  double original_bytes = 0, original_accuracy = 0;  // of the model as it was trained
  SharedGraph model, first, trained, before;         // as CompressContext has them; before may be null
  RecipeDetail::Memory detail;                       // of this rank's share of the test samples
  struct Told {
    int64_t step = 0;
    std::string text;
    std::map<std::string, double> figures;
  };
  std::vector<Told> told;  // of the steps so far; rank 0 has them
};

std::vector<uint8_t> PackRecipeState(const RecipeState& state);  // what a checkpoint has no place for
absl::Status UnpackRecipeState(std::span<const uint8_t> bytes, RecipeState& state);

// Of this rank, whose checkpoint says that so many ranks wrote it. kFailedPrecondition: it is none of a
// recipe, or of another number of ranks; kDataLoss, kNotFound as ReadCheckpoint.
absl::StatusOr<RecipeState> ReadRecipeState(Disk& disk, const std::string& step_folder, int rank, int ranks);

struct RecipeKeeping {
  Disk* disk = &Disk::Real();
  std::string run_folder;
  int rank = 0, ranks = 1;
  std::function<absl::Status(const std::string& file)> carry;  // as StepLoopListener has it
  std::function<absl::Status()> keep_metrics;                  // likewise
  std::vector<std::string> files = {};  // of this rank, carried before its part; none without a carry
  // On the caller's thread, about each second: "checkpoint" while this rank writes, "wait" for others.
  std::function<void(const char* phase)> tell;
};
struct KeptState {
  uint64_t bytes = 0;  // of all ranks
  std::string folder;
  std::string missing;  // why it is not there: a disk is full. Empty: it is
};
// All ranks together. Older ones go once it is whole. Each waits for the others for as long as they write:
// they meet each second meanwhile, and only who does not come for two minutes is an error. A file that is
// carried has a deadline of its own, without progress (EngineLink::SendFile); the engine looks after a disk
// that hangs. Errors: of the disk, of a peer; kCancelled.
absl::StatusOr<KeptState> KeepRecipeState(const RecipeState& state, const RecipeKeeping& keeping,
                                          Communicator& everyone, std::stop_token stop);

}  // namespace concertina
