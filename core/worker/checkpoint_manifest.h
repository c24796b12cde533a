// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_manifest.h: which files are one checkpoint. It is written last, once all ranks have flushed
// theirs: a folder without it was never finished, and one whose files are not those that it names (of another
// attempt, of another step, damaged) is none.
// On the way of the data: worker/checkpoint.h -> here -> engine/run_preparation.h, which goes on from the
// newest that is whole.
//
// RUN/checkpoints/step-N/manifest.json: {"step", "in_step", "parts": [{"step", "bytes", "sha256"} by rank]},
// a line, and the SHA-256 of that line in a second one.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "core/base/disk.h"
#include "core/base/status.h"
#include "core/worker/checkpoint.h"

namespace concertina {

struct CheckpointManifest {
  int64_t step = 0;     // of the folder: the smallest of its parts
  bool in_step = true;  // all parts are of that step; else ranks do not keep step, and none is of an earlier
  struct Part {
    int64_t step = 0;    // in_step only
    uint64_t bytes = 0;  // 0: not known
    std::string sha256;  // or its first digits, where ranks could say no more to one another
  };
  std::vector<Part> parts;  // by rank
};

std::string CheckpointManifestFile(const std::string& step_folder);
absl::Status WriteCheckpointManifest(Disk& disk, const std::string& step_folder,
                                     const CheckpointManifest& manifest);
// kNotFound; kDataLoss (what does not fit) if a bit has changed or something is missing.
absl::StatusOr<CheckpointManifest> ReadCheckpointManifest(Disk& disk, const std::string& step_folder);

// Reads every byte of every part: seconds where the state is large. kNotFound: something is missing, or was
// never finished; kDataLoss: something does not fit.
absl::Status CheckWholeCheckpoint(Disk& disk, const std::string& step_folder, int64_t step, int ranks);

// As many as its manifest names: of a run whose group changes.
inline constexpr int kAnyRanks = -1;

struct WholeCheckpoint {
  int64_t step = 0;
  int ranks = 0;
  std::string path;
  std::vector<std::string> passed_over;  // newer ones, and why they are none; the newest first
};
// The newest that is. kNotFound: there is none, and why those there are were passed over.
absl::StatusOr<WholeCheckpoint> NewestWholeCheckpoint(Disk& disk, const std::string& run_folder, int ranks);
// The same as far as names tell, for a quick look: all files are there.
absl::StatusOr<WholeCheckpoint> NewestNamedCheckpoint(
    Disk& disk, const std::string& run_folder, int ranks,
    int64_t at_most = std::numeric_limits<int64_t>::max());

// Of the checkpoints up to step `newest` that were finished the newest `keep` stay, and whatever is between
// them; of older ones this rank's file goes, the manifest before it, and the folder with the last. With those
// of rank 0 go the files of ranks that the newest does not have.
void ForgetOldCheckpoints(Disk& disk, const std::string& run_folder, int rank, int64_t newest, int keep);

}  // namespace concertina
