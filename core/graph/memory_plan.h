// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// memory_plan.h: one arena for everything that lives within a step; what is dead makes room.
// On the way of the data: graph/differentiate.h gives the order of work -> here -> graph/executor.h.
#pragma once

#include <cstdint>
#include <vector>

namespace concertina {

// Something that is needed from the operation `first` to the operation `last`, both included.
struct MemoryItem {
  int64_t floats = 0;
  int first = 0;
  int last = 0;
};

struct MemoryPlan {
  std::vector<int64_t> offsets;  // in floats, one for each item, on a cache line's border
  int64_t floats = 0;            // of the arena
};

// Largest items first, each into the smallest gap that is free during its life
// [Pisarchyk, Lee. Efficient Memory Management for Deep Neural Net Inference. 2020, "greedy by size"].
// O(n^2) in the number of items; equal items keep their order, so the plan is the same every time.
MemoryPlan PlanMemory(const std::vector<MemoryItem>& items);

}  // namespace concertina
