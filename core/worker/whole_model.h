// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// whole_model.h: one model again, of the parts that the ranks of the model axes hold.
// On the way of the data: graph/executor.h parameters() of every part -> here -> edge/safetensors.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/comm/communicator.h"
#include "core/graph/executor.h"

namespace concertina {

// What one rank holds of the parameters (or of the buffers).
struct ModelPart {
  const std::vector<ParameterSlot>* layout = nullptr;
  std::span<const float> values;  // flat, as the layout says
  bool sends_whole = true;  // false: others hold the slots that are no slices too, and one of them sends them
};

// By all ranks of `model`, those that hold one copy of the model between them. Rank 0 ends with all of it in
// `gathered`, in the order of `whole` (the slots of the undivided model); the others' stays as it was. Parts
// are found by name, so it does not matter how the layers were divided. kDataLoss, naming the rank, if what
// comes is not a part of this model; kInternal, naming the parameter, if parts overlap or something is
// missing.
absl::Status GatherWhole(Communicator& model, const std::vector<ParameterSlot>& whole, const ModelPart& mine,
                         Deadline deadline, std::vector<float>& gathered);

}  // namespace concertina
