// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_state.cc: see recipe_state.h.
#include "core/worker/recipe_state.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "core/base/clock.h"
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
constexpr double kMeetSeconds = 1;              // ranks that wait for each other meet so often
constexpr double kMeetDeadlineSeconds = 120;    // of one that has nothing to do but to come
constexpr double kForgetDeadlineSeconds = 120;  // of older checkpoints, each rank on its own disk

// What JSON has no number for stands as text: "nan", "inf", "-inf".
Json KeptNumber(double number) {
  return std::isfinite(number) ? Json(number) : Json(fmt::format("{}", number));
}
double NumberOf(const Json& kept) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (kept == "inf" || kept == "-inf") return kept == "inf" ? kInfinity : -kInfinity;
  // Earlier states have null for any of the three.
  if (kept == "nan" || kept == "-nan" || kept.is_null()) return std::numeric_limits<double>::quiet_NaN();
  return kept.get<double>();
}
Json KeptNumbers(const std::map<std::string, double>& numbers) {
  Json kept = Json::object();
  for (const auto& [name, number] : numbers) kept[name] = KeptNumber(number);
  return kept;
}
std::map<std::string, double> NumbersOf(const Json& kept) {
  std::map<std::string, double> numbers;
  for (const auto& [name, number] : kept.items()) numbers[name] = NumberOf(number);
  return numbers;
}

// The step's files go first, in the writer's thread as its part does: a state to go on from is behind what
// was told before it.
std::function<absl::Status(const std::string& file)> CarryFilesFirst(const RecipeKeeping& keeping) {
  if (!keeping.carry || keeping.files.empty()) return keeping.carry;
  return [carry = keeping.carry, left = keeping.files](const std::string& part) mutable -> absl::Status {
    for (; !left.empty(); left.erase(left.begin())) RETURN_IF_ERROR(carry(left.front()));
    return carry(part);
  };
}

// All ranks together, until each has done what its writer was asked last: kDone, or kNoRoom of any of them.
absl::StatusOr<CheckpointWriter::Report> AllSettled(CheckpointWriter& writer, const RecipeKeeping& keeping,
                                                    Communicator& everyone, std::stop_token stop) {
  using Report = CheckpointWriter::Report;
  for (;;) {
    if (stop.stop_requested()) return absl::CancelledError("the run was ended");
    const bool is_idle = writer.Await(Deadline::After(kMeetSeconds));
    // Those that wait are not late: the engine looks at who still writes.
    if (keeping.tell) keeping.tell(is_idle ? "wait" : "checkpoint");
    const auto own = static_cast<uint8_t>(is_idle ? writer.report() : Report::kNone);
    std::vector<std::vector<uint8_t>> heard;
    RETURN_IF_ERROR(
        everyone.AllGather(std::span(&own, 1), sizeof own, heard, Deadline::After(kMeetDeadlineSeconds)));
    bool all_settled = true, has_room = true;
    for (size_t rank = 0; rank < heard.size(); ++rank) {
      const auto report = heard[rank].empty() ? Report::kFailed : static_cast<Report>(heard[rank][0]);
      all_settled &= report != Report::kNone;
      has_room &= report != Report::kNoRoom;
      if (report == Report::kNone || report == Report::kDone || report == Report::kNoRoom) continue;
      if (static_cast<int>(rank) == keeping.rank) return writer.status();
      return absl::AbortedError(fmt::format("rank {} could not write its part of the recipe's state", rank));
    }
    if (all_settled) return has_room ? Report::kDone : Report::kNoRoom;
  }
}

absl::Status OlderForgotten(CheckpointWriter& writer, const RecipeKeeping& keeping, std::stop_token stop) {
  const Deadline deadline = Deadline::After(kForgetDeadlineSeconds);
  while (!writer.Await(Deadline::After(kMeetSeconds))) {
    if (stop.stop_requested()) return absl::CancelledError("the run was ended");
    if (deadline.Passed())
      return absl::DeadlineExceededError(
          fmt::format("{}/checkpoints: removing older ones took more than {:.0f} s", keeping.run_folder,
                      kForgetDeadlineSeconds));
    if (keeping.tell) keeping.tell("checkpoint");
  }
  return writer.status();
}

}  // namespace

std::vector<uint8_t> PackRecipeState(const RecipeState& state) {
  Json told = Json::array();
  for (const RecipeState::Told& each : state.told)
    told.push_back({{"step", each.step}, {"text", each.text}, {"figures", KeptNumbers(each.figures)}});
  const Json json = {{"version", kStateVersion},
                     {"next", state.next},
                     {"original_bytes", KeptNumber(state.original_bytes)},
                     {"original_accuracy", KeptNumber(state.original_accuracy)},
                     {"told", std::move(told)},
                     {"detail",
                      {{"next", state.detail.next},
                       {"first_answers", state.detail.first_answers},
                       {"ranges", KeptNumbers(state.detail.ranges)}}}};
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
    state.original_bytes = NumberOf(json.at("original_bytes"));
    state.original_accuracy = NumberOf(json.at("original_accuracy"));
    for (const Json& each : json.at("told")) {
      RecipeState::Told& told = state.told.emplace_back();
      each.at("step").get_to(told.step);
      each.at("text").get_to(told.text);
      told.figures = NumbersOf(each.at("figures"));
    }
    json.at("detail").at("next").get_to(state.detail.next);
    json.at("detail").at("first_answers").get_to(state.detail.first_answers);
    state.detail.ranges = NumbersOf(json.at("detail").at("ranges"));
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
  using Report = CheckpointWriter::Report;
  KeptState kept{.folder = CheckpointFolder(keeping.run_folder, state.step)};
  CheckpointWriter writer(*keeping.disk, CarryFilesFirst(keeping), keeping.keep_metrics);
  CheckpointWriter::State own;
  own.small = {.step = state.step,
               .seconds = state.seconds,
               .epochs = state.epochs,
               .rank = keeping.rank,
               .world_size = keeping.ranks};
  own.spec_json = state.spec_json;
  own.exchange = PackRecipeState(state);
  writer.Write(kept.folder, std::move(own));
  ASSIGN_OR_RETURN(Report report, AllSettled(writer, keeping, everyone, stop));
  const bool has_part = writer.report() == Report::kDone;
  ASSIGN_OR_RETURN(std::vector<CheckpointManifest::Part> parts,
                   GatherCheckpointParts(has_part ? writer.part() : CheckpointPart(), state.step, everyone,
                                         Deadline::After(kMeetDeadlineSeconds)));
  for (const CheckpointManifest::Part& part : parts) kept.bytes += part.bytes;
  // Without room the run goes on: a recipe that is nearly done is worth more than a place to begin again.
  if (report == Report::kNoRoom) {
    const auto without =
        std::find_if(parts.begin(), parts.end(), [](const auto& part) { return part.bytes == 0; });
    kept.missing = has_part
                       ? fmt::format("the disk of rank {} has no room for its part", without - parts.begin())
                       : std::string(writer.status().message());
    return kept;
  }
  if (keeping.rank == 0)
    writer.WriteManifest(kept.folder, {.step = state.step, .in_step = true, .parts = std::move(parts)});
  ASSIGN_OR_RETURN(report, AllSettled(writer, keeping, everyone, stop));
  if (report == Report::kNoRoom) {
    kept.missing = "the disk of rank 0 has no room for its manifest";
    return kept;
  }
  writer.Forget(keeping.run_folder, keeping.rank, state.step);
  RETURN_IF_ERROR(OlderForgotten(writer, keeping, stop));
  return kept;
}

}  // namespace concertina
