// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// decay_ranges.h: which stretches of the flat parameter vector take weight decay.
// On the way of the data: graph/executor.h's slots -> here -> nn/sgd.cc, nn/adam.cc.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/graph/executor.h"

namespace concertina {

class DecayRanges {
 public:
  DecayRanges() = default;
  // Neighbouring slots of one kind become one range, so the usual model has a single one.
  explicit DecayRanges(const std::vector<ParameterSlot>& slots) {
    for (const ParameterSlot& slot : slots) {
      if (!ranges_.empty() && ranges_.back().decays == slot.decays && ranges_.back().end == slot.offset) {
        ranges_.back().end += slot.count;
      } else {
        ranges_.push_back({slot.offset, slot.offset + slot.count, slot.decays});
      }
    }
  }

  int64_t size() const { return ranges_.empty() ? 0 : ranges_.back().end; }

  // visit(begin, end, decays) for each stretch of [begin, end), in order.
  template <class Visit>
  void ForEach(int64_t begin, int64_t end, Visit visit) const {
    for (const Range& range : ranges_) {
      const int64_t low = std::max(begin, range.begin);
      const int64_t high = std::min(end, range.end);
      if (low < high) visit(low, high, range.decays);
    }
  }

 private:
  struct Range {
    int64_t begin, end;
    bool decays;
  };
  std::vector<Range> ranges_;
};

}  // namespace concertina
