// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gather_plan.h: which elements of a source image each position of a target image sums, and with which
// weight. On the way of the data: tensor/convolution.cc makes one for each direction ->
// tensor/direct_gather.cc runs it.
//
// A convolution and its input gradient are both such sums. Positions with the same taps (all of the interior;
// each border; each remainder of the stride) share one table, so a border costs only the taps that it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace concertina {

struct GatherTap {
  int64_t offset = 0;  // of the source element, in floats, from the position's base
  int64_t weight = 0;  // which weight of the row
};

// One axis: for each target position, the taps that meet the source, ascending.
struct GatherAxis {
  struct Meeting {
    int64_t tap = 0;
    int64_t source = 0;
    bool operator==(const Meeting&) const = default;
  };
  std::vector<std::vector<Meeting>> positions;
};

// Forward: target o reads source o * stride - padding + tap.
GatherAxis ForwardAxis(int64_t source, int64_t target, int64_t kernel, int64_t stride, int64_t padding);
// Backward: target i reads source (i + padding - tap) / stride, where that is whole.
GatherAxis BackwardAxis(int64_t source, int64_t target, int64_t kernel, int64_t stride, int64_t padding);

class GatherPlan {
 public:
  struct Layout {
    int64_t channels = 0;  // of the source
    int64_t source_height = 0, source_width = 0;
    int64_t kernel_height = 0, kernel_width = 0;
    int64_t lanes = 0;  // from one element of the source to the next, in floats
    int64_t elements() const { return channels * source_height * source_width; }
  };
  GatherPlan() = default;
  // Taps run over channels, rows, columns: weight = (channel * kernel_height + ky) * kernel_width + kx; each
  // channel has as many.
  GatherPlan(const Layout& layout, const GatherAxis& rows, const GatherAxis& columns);

  const Layout& source() const { return layout_; }

  int64_t height() const { return static_cast<int64_t>(row_class_.size()); }
  int64_t width() const { return static_cast<int64_t>(column_class_.size()); }
  const std::vector<GatherTap>& taps(int64_t y, int64_t x) const {
    return tables_[static_cast<size_t>(row_class_[static_cast<size_t>(y)] * column_classes_ +
                                       column_class_[static_cast<size_t>(x)])];
  }
  // Where offsets count from, in floats.
  int64_t base(int64_t y, int64_t x) const {
    return row_base_[static_cast<size_t>(y)] + column_base_[static_cast<size_t>(x)];
  }

 private:
  Layout layout_;
  std::vector<int64_t> row_class_, column_class_, row_base_, column_base_;
  int64_t column_classes_ = 0;
  std::vector<std::vector<GatherTap>> tables_;
};

}  // namespace concertina
