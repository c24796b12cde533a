// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// exchange.cc: what most exchanges have in common (see exchange.h).
#include "core/parallel/exchange.h"

#include <algorithm>

namespace concertina {

std::vector<ParameterRange> Exchange::Updates(const std::vector<ParameterSlot>& layout,
                                              const std::vector<int>& /*gradient_order*/, int /*rank*/,
                                              int /*ranks*/) const {
  return {{0, TotalOf(layout)}};
}

std::vector<ParameterRange> Exchange::Keeps(const std::vector<ParameterSlot>& layout,
                                            const std::vector<int>& /*gradient_order*/, int /*rank*/,
                                            int /*ranks*/) const {
  return {{0, TotalOf(layout)}};
}

absl::StatusOr<std::vector<std::optional<int64_t>>> Exchange::Meet(
    int64_t /*word*/, absl::FunctionRef<absl::Status()> /*meanwhile*/) {
  return absl::InternalError("this exchange keeps its ranks in step, and has no meetings of its own");
}

int64_t TotalOf(const std::vector<ParameterRange>& ranges) {
  int64_t total = 0;
  for (const ParameterRange& range : ranges) total += range.count;
  return total;
}

std::vector<ParameterSlot> SlotsWithin(const std::vector<ParameterSlot>& layout,
                                       const std::vector<ParameterRange>& ranges) {
  std::vector<ParameterSlot> slots;
  int64_t offset = 0;
  for (const ParameterRange& range : ranges)
    for (const ParameterSlot& slot : layout) {
      const int64_t begin = std::max(range.offset, slot.offset);
      const int64_t end = std::min(range.offset + range.count, slot.offset + slot.count);
      if (begin >= end) continue;
      ParameterSlot& kept = slots.emplace_back(slot);
      kept.first += begin - slot.offset;
      kept.offset = offset;
      kept.count = end - begin;
      offset += kept.count;
    }
  return slots;
}

}  // namespace concertina
