// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint.h: all that a rank needs to go on as if it had never stopped, in one file a rank.
// On the way of the data: worker/step_loop_checkpoint.cc -> worker/checkpoint_writer.h -> here ->
// RUN/checkpoints/step-N/rank-R, which worker/checkpoint_manifest.h holds together. Where a group is formed
// anew (worker/step_loop_regroup.cc) the same stays in memory.
//
// File, little endian: magic "CNCKPT01" | u64 header bytes | header (JSON: step, seconds, epochs, rank,
// world_size, manifest (true: a manifest belongs to it), sections [{name, bytes}], spec) | sections in order
// (the last, knobs, where there are any) | SHA-256 of all before it. Written aside, fsynced, renamed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/disk.h"
#include "core/base/status.h"

namespace concertina {

struct Checkpoint {
  int64_t step = 0;    // the next step to make
  double seconds = 0;  // of training so far
  // That lie behind it. Not step over steps of an epoch, where the group has had another size before;
  // negative: it is not known, and is just that.
  double epochs = -1;
  int rank = 0;
  int world_size = 1;
  std::string spec_json;  // as it was then, live knobs included
  std::vector<float> parameters;
  std::vector<float> buffers;
  std::vector<float> optimizer;
  std::vector<uint8_t> exchange;  // codecs' residuals
  std::vector<uint8_t> knobs;     // what the policies of /knobs remember
};

// The same, where its arrays are somebody else's.
struct CheckpointView {
  int64_t step = 0;
  double seconds = 0;
  double epochs = -1;
  int rank = 0;
  int world_size = 1;
  std::string_view spec_json;
  std::span<const float> parameters, buffers, optimizer;
  std::span<const uint8_t> exchange, knobs;
};

// What a manifest says of one rank's file, and what the file says of itself.
struct CheckpointPart {
  int64_t step = 0;
  int world_size = 0;
  bool has_manifest = false;  // older programs wrote none
  uint64_t bytes = 0;
  std::string sha256;  // of all but itself; 64 lower-case digits
};

// `run_folder` holds RUN/checkpoints.
std::string CheckpointFolder(const std::string& run_folder, int64_t step);
// A rank's file in it.
std::string CheckpointFile(const std::string& step_folder, int rank);
absl::StatusOr<CheckpointPart> WriteCheckpoint(Disk& disk, const std::string& step_folder,
                                               const CheckpointView& checkpoint);
absl::StatusOr<CheckpointPart> WriteCheckpoint(const std::string& step_folder, const Checkpoint& checkpoint);
// kDataLoss (file and what does not fit) if a bit has changed or the end is missing; kNotFound.
absl::StatusOr<Checkpoint> ReadCheckpoint(Disk& disk, const std::string& step_folder, int rank);
absl::StatusOr<Checkpoint> ReadCheckpoint(const std::string& step_folder, int rank);
// Reads all of the file, and keeps none: the same errors.
absl::StatusOr<CheckpointPart> CheckCheckpoint(Disk& disk, const std::string& step_folder, int rank);
// Of the beginning of the file alone, for a quick look: whether a manifest belongs to it.
bool SaysItHasManifest(Disk& disk, const std::string& step_folder, int rank);
inline constexpr int kKeptCheckpoints = 2;

}  // namespace concertina
