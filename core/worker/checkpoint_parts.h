// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_parts.h: what all ranks have written of one checkpoint, as rank 0's manifest names it.
// On the way of the data: worker/checkpoint_writer.h -> here -> worker/checkpoint_manifest.h.
#pragma once

#include <vector>

#include "core/base/clock.h"
#include "core/base/status.h"
#include "core/comm/communicator.h"
#include "core/worker/checkpoint_manifest.h"

namespace concertina {

// Each rank says the size and the SHA-256 of its own part, and hears the others'; all ranks together, and of
// one step. One without room for its part says {}, of 0 bytes. kDataLoss: a rank said something else; errors
// of a peer as AllGather has them.
absl::StatusOr<std::vector<CheckpointManifest::Part>> GatherCheckpointParts(const CheckpointPart& own,
                                                                            int64_t step,
                                                                            Communicator& everyone,
                                                                            Deadline deadline);

}  // namespace concertina
