// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// parameters_file.h: what a run ends with, RUN/parameters.safetensors, in training and behind a recipe alike.
// On the way of the data: worker/step_loop_keeping.cc, worker/recipe_loop.cc -> here -> edge/safetensors.h.
#pragma once

#include <map>
#include <span>
#include <string>

#include "core/base/disk.h"
#include "core/base/status.h"
#include "core/edge/safetensors.h"
#include "core/worker/room_wait.h"
#include "core/worker/step_loop.h"

namespace concertina {

// Rank 0 writes it, waits while its disk is full, and names it in `result`. Of a run that is to stop, and
// does not wait for room, it is not there: `result` says that it was stopped, and what an earlier attempt
// kept stays. Errors: of the disk; kCancelled.
absl::Status KeepParametersFile(const RoomWait& wait, Disk& disk, const std::string& run_folder,
                                std::span<const NamedTensor> tensors,
                                const std::map<std::string, std::string>& metadata, StepLoopResult& result);

}  // namespace concertina
