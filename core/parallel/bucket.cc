// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bucket.cc: see bucket.h.
#include "core/parallel/bucket.h"

#include <algorithm>

namespace concertina {

std::vector<Bucket> CutIntoBuckets(const std::vector<ParameterSlot>& slots,
                                   const std::vector<int>& gradient_order, int64_t bytes) {
  int64_t total = 0;
  for (const ParameterSlot& slot : slots) total = std::max(total, slot.offset + slot.count);
  // Backward reaches the first layer last, so what is ready grows from the end of the vector. Where it is a
  // whole end of it, neither this bucket nor any later one has a hole.
  std::vector<Bucket> buckets;
  Bucket open;
  int64_t lowest = total, ready = 0, cut = total;
  for (size_t i = 0; i < gradient_order.size(); ++i) {
    const ParameterSlot& slot = slots[static_cast<size_t>(gradient_order[i])];
    if (slot.count > 0) lowest = std::min(lowest, slot.offset);
    ready += slot.count;
    open.parameters.push_back(gradient_order[i]);
    const bool whole_end = ready == total - lowest;
    const bool large_enough = (cut - lowest) * static_cast<int64_t>(sizeof(float)) >= bytes;
    if (whole_end && (large_enough || i + 1 == gradient_order.size())) {
      open.offset = lowest;
      open.count = cut - lowest;
      buckets.push_back(std::move(open));
      open = {};
      cut = lowest;
    }
  }
  return buckets;
}

}  // namespace concertina
