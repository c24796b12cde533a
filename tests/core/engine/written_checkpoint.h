// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// written_checkpoint.h: a checkpoint as the workers of a run would have written it, for tests without any.
#pragma once

#include <string>

#include "core/worker/checkpoint_manifest.h"

namespace concertina {

// The parts of the first `written` of `ranks`, and if that is all of them the manifest.
inline bool WriteWholeCheckpoint(const std::string& run_folder, int64_t step, int ranks, int written,
                                 size_t parameters = 3) {
  const std::string folder = CheckpointFolder(run_folder, step);
  CheckpointManifest manifest{.step = step, .in_step = true, .parts = {}};
  for (int rank = 0; rank < written; ++rank) {
    Checkpoint checkpoint;
    checkpoint.step = step;
    checkpoint.rank = rank;
    checkpoint.world_size = ranks;
    checkpoint.parameters.assign(parameters, static_cast<float>(rank));
    const auto part = WriteCheckpoint(folder, checkpoint);
    if (!part.ok()) return false;
    manifest.parts.push_back({.step = step, .bytes = part->bytes, .sha256 = part->sha256});
  }
  return written < ranks || WriteCheckpointManifest(Disk::Real(), folder, manifest).ok();
}

}  // namespace concertina
