// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bucket.cc: see bucket.h.
#include "core/parallel/bucket.h"

#include <algorithm>

namespace concertina {

std::vector<Bucket> CutIntoBuckets(const std::vector<ParameterSlot>& slots,
                                   const std::vector<int>& gradient_order, int64_t bytes) {
  std::vector<Bucket> buckets;
  Bucket open;
  int64_t begin = 0, end = 0, covered = 0;
  for (size_t i = 0; i < gradient_order.size(); ++i) {
    const ParameterSlot& slot = slots[static_cast<size_t>(gradient_order[i])];
    begin = open.parameters.empty() ? slot.offset : std::min(begin, slot.offset);
    end = open.parameters.empty() ? slot.offset + slot.count : std::max(end, slot.offset + slot.count);
    covered += slot.count;
    open.parameters.push_back(gradient_order[i]);
    const bool large_enough = covered * static_cast<int64_t>(sizeof(float)) >= bytes;
    if (covered == end - begin && (large_enough || i + 1 == gradient_order.size())) {
      open.offset = begin;
      open.count = covered;
      buckets.push_back(std::move(open));
      open = {};
      covered = 0;
    }
  }
  return buckets;
}

}  // namespace concertina
