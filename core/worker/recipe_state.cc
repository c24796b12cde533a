// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_state.cc: see recipe_state.h.
#include "core/worker/recipe_state.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/worker/checkpoint.h"
#include "core/worker/checkpoint_manifest.h"
#include "core/worker/checkpoint_parts.h"
#include "core/worker/checkpoint_writer.h"
#include "core/worker/json_header.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using Json = nlohmann::json;
constexpr int kStateVersion = 1;
constexpr double kKeepDeadlineSeconds = 120, kLookSeconds = 0.5;

// Until the writer is done; what became of it.
absl::Status WriterSettled(CheckpointWriter& writer, const std::string& folder, const RecipeKeeping& keeping,
                           std::stop_token stop) {
  const Deadline deadline = Deadline::After(kKeepDeadlineSeconds);
  while (!writer.Await(Deadline::After(kLookSeconds))) {
    if (stop.stop_requested()) return absl::CancelledError("the run was ended");
    if (deadline.Passed())
      return absl::DeadlineExceededError(
          fmt::format("{}: writing took more than {:.0f} s", folder, kKeepDeadlineSeconds));
    if (keeping.went_on) keeping.went_on();
  }
  return writer.status();
}

}  // namespace

std::vector<uint8_t> PackRecipeState(const RecipeState& state) {
  Json told = Json::array();
  for (const RecipeState::Told& each : state.told)
    told.push_back({{"step", each.step}, {"text", each.text}, {"figures", each.figures}});
  const Json json = {{"version", kStateVersion},
                     {"next", state.next},
                     {"original_bytes", state.original_bytes},
                     {"original_accuracy", state.original_accuracy},
                     {"told", std::move(told)},
                     {"detail",
                      {{"next", state.detail.next},
                       {"first_answers", state.detail.first_answers},
                       {"ranges", state.detail.ranges}}}};
  std::vector<uint8_t> bytes;
  AppendJsonHeader(json, bytes);
  const std::array<SharedGraph, 4> graphs = {state.model, state.first, state.trained, state.before};
  const std::vector<uint8_t> packed = PackGraphs(graphs);
  bytes.insert(bytes.end(), packed.begin(), packed.end());
  return bytes;
}

absl::Status UnpackRecipeState(std::span<const uint8_t> bytes, RecipeState& state) {
  if (bytes.size() < sizeof(uint64_t))
    return absl::FailedPreconditionError(
        "it is a checkpoint of training, expected one behind a step of a recipe");
  const Json json = TakeJsonHeader(bytes, bytes.size()).value_or(Json());
  if (!json.is_object() || json.value("version", Json()) != kStateVersion)
    return absl::FailedPreconditionError(fmt::format(
        "it is no state of a recipe of version {}; it was written by training, or by another version of the "
        "program",
        kStateVersion));
  try {
    json.at("next").get_to(state.next);
    json.at("original_bytes").get_to(state.original_bytes);
    json.at("original_accuracy").get_to(state.original_accuracy);
    for (const Json& each : json.at("told")) {
      RecipeState::Told& told = state.told.emplace_back();
      each.at("step").get_to(told.step);
      each.at("text").get_to(told.text);
      for (const auto& [name, figure] : each.at("figures").items())
        if (figure.is_number()) told.figures[name] = figure.get<double>();  // else it was no finite one
    }
    json.at("detail").at("next").get_to(state.detail.next);
    json.at("detail").at("first_answers").get_to(state.detail.first_answers);
    json.at("detail").at("ranges").get_to(state.detail.ranges);
  } catch (const Json::exception& wrong) {
    return absl::DataLossError(fmt::format("the state of the recipe: {}", wrong.what()));
  }
  ASSIGN_OR_RETURN(std::vector<SharedGraph> graphs, UnpackGraphs(bytes));
  if (graphs.size() != 4 || graphs[0] == nullptr || graphs[1] == nullptr || graphs[2] == nullptr)
    return absl::DataLossError("the state of the recipe has not its models");
  state.model = std::move(graphs[0]);
  state.first = std::move(graphs[1]);
  state.trained = std::move(graphs[2]);
  state.before = std::move(graphs[3]);
  return absl::OkStatus();
}

absl::StatusOr<RecipeState> ReadRecipeState(Disk& disk, const std::string& step_folder, int rank, int ranks) {
  ASSIGN_OR_RETURN(Checkpoint saved, ReadCheckpoint(disk, step_folder, rank));
  if (saved.world_size != ranks)
    return absl::FailedPreconditionError(
        fmt::format("{}: was written by {} workers, and there are {}", step_folder, saved.world_size, ranks));
  RecipeState state;
  RETURN_IF_ERROR(Annotate(UnpackRecipeState(saved.exchange, state), step_folder));
  state.step = saved.step;
  state.seconds = saved.seconds;
  state.epochs = std::max(0.0, saved.epochs);
  state.spec_json = std::move(saved.spec_json);
  return state;
}

absl::StatusOr<KeptState> KeepRecipeState(const RecipeState& state, const RecipeKeeping& keeping,
                                          Communicator& everyone, std::stop_token stop) {
  KeptState kept{.folder = CheckpointFolder(keeping.run_folder, state.step)};
  CheckpointWriter writer(*keeping.disk, keeping.carry, keeping.keep_metrics);
  CheckpointWriter::State own;
  own.small = {.step = state.step,
               .seconds = state.seconds,
               .epochs = state.epochs,
               .rank = keeping.rank,
               .world_size = keeping.ranks};
  own.spec_json = state.spec_json;
  own.exchange = PackRecipeState(state);
  writer.Write(kept.folder, std::move(own));
  const absl::Status written = WriterSettled(writer, kept.folder, keeping, stop);
  // Without room the run goes on: a recipe that is nearly done is worth more than a place to begin again.
  if (!written.ok() && !absl::IsResourceExhausted(written)) return written;
  ASSIGN_OR_RETURN(std::vector<CheckpointManifest::Part> parts,
                   GatherCheckpointParts(written.ok() ? writer.part() : CheckpointPart(), state.step,
                                         everyone, Deadline::After(kKeepDeadlineSeconds)));
  for (size_t rank = 0; rank < parts.size() && kept.missing.empty(); ++rank) {
    kept.bytes += parts[rank].bytes;
    if (parts[rank].bytes == 0)
      kept.missing = static_cast<int>(rank) == keeping.rank
                         ? std::string(written.message())
                         : fmt::format("the disk of rank {} has no room for its part", rank);
  }
  float is_whole = kept.missing.empty() ? 1 : 0;
  if (kept.missing.empty() && keeping.rank == 0) {
    writer.WriteManifest(kept.folder, {.step = state.step, .in_step = true, .parts = std::move(parts)});
    const absl::Status settled = WriterSettled(writer, kept.folder, keeping, stop);
    if (!settled.ok() && !absl::IsResourceExhausted(settled)) return settled;
    is_whole = settled.ok() ? 1 : 0;
  }
  RETURN_IF_ERROR(everyone.Broadcast(std::as_writable_bytes(std::span(&is_whole, 1)), 0,
                                     Deadline::After(kKeepDeadlineSeconds)));
  if (is_whole == 0) {
    if (kept.missing.empty()) kept.missing = "the disk of rank 0 has no room for its manifest";
    return kept;
  }
  writer.Forget(keeping.run_folder, keeping.rank, state.step);
  RETURN_IF_ERROR(WriterSettled(writer, kept.folder, keeping, stop));
  return kept;
}

}  // namespace concertina
