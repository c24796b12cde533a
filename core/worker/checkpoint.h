// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint.h: all that a rank needs to go on as if it had never stopped, in one file a rank.
// On the way of the data: worker/step_loop.cc -> here -> RUN/checkpoints/step-N/rank-R. Where a group is
// formed anew (worker/step_loop_regroup.cc) the same stays in memory.
//
// File, little endian: magic "CNCKPT01" | u64 header bytes | header (JSON: step, seconds, epochs, rank,
// world_size, sections
// [{name, bytes}], spec) | sections in order (the last, knobs, where there are any) | SHA-256 of all before
// it. Written aside, fsynced, renamed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

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

// `folder`: RUN/checkpoints. Gives the bytes written.
std::string CheckpointFolder(const std::string& run_folder, int64_t step);
// A rank's file in it.
std::string CheckpointFile(const std::string& step_folder, int rank);
absl::StatusOr<uint64_t> WriteCheckpoint(const std::string& step_folder, const Checkpoint& checkpoint);
// kDataLoss (file and what does not fit) if a bit has changed or the end is missing; kNotFound.
absl::StatusOr<Checkpoint> ReadCheckpoint(const std::string& step_folder, int rank);
inline constexpr int kKeptCheckpoints = 2;
// Removes all but the newest `keep` step folders of the run up to `newest`; this rank's files only, then
// empty folders.
void ForgetOldCheckpoints(const std::string& run_folder, int rank, int64_t newest, int keep);

}  // namespace concertina
