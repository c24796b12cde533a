// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// memory_plan.cc: greedy by size.
// On the way of the data: graph/differentiate.h -> here -> graph/executor.h.
#include "core/graph/memory_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace concertina {
namespace {

constexpr int64_t kFloatsOfLine = 16;

int64_t Rounded(int64_t floats) { return (floats + kFloatsOfLine - 1) / kFloatsOfLine * kFloatsOfLine; }

}  // namespace

MemoryPlan PlanMemory(const std::vector<MemoryItem>& items) {
  MemoryPlan plan;
  plan.offsets.assign(items.size(), 0);
  std::vector<size_t> order(items.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return items[a].floats > items[b].floats; });

  std::vector<size_t> placed;  // by offset
  for (const size_t i : order) {
    const int64_t size = Rounded(items[i].floats);
    int64_t best = -1;
    int64_t best_gap = std::numeric_limits<int64_t>::max();
    int64_t end = 0;  // of what lives at the same time, so far
    for (const size_t other : placed) {
      if (items[other].last < items[i].first || items[i].last < items[other].first) continue;
      const int64_t gap = plan.offsets[other] - end;
      if (gap >= size && gap < best_gap) {
        best = end;
        best_gap = gap;
      }
      end = std::max(end, plan.offsets[other] + Rounded(items[other].floats));
    }
    plan.offsets[i] = best >= 0 ? best : end;
    plan.floats = std::max(plan.floats, plan.offsets[i] + size);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), i,
                                   [&](size_t a, size_t b) { return plan.offsets[a] < plan.offsets[b]; }),
                  i);
  }
  return plan;
}

}  // namespace concertina
