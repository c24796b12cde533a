// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gather_plan.cc: finds the few distinct windows of an image and writes a table for each.
// On the way of the data: tensor/convolution.cc -> here -> tensor/direct_gather.cc.
#include "core/tensor/gather_plan.h"

#include <algorithm>

namespace concertina {
namespace {

using Meetings = std::vector<GatherAxis::Meeting>;

// The same with sources counted from the first.
Meetings Relative(const Meetings& meetings) {
  Meetings relative = meetings;
  for (GatherAxis::Meeting& meeting : relative) meeting.source -= meetings.front().source;
  return relative;
}

// The distinct relative meetings, and for each position its class and its first source.
struct Classes {
  explicit Classes(const GatherAxis& axis) {
    for (const Meetings& position : axis.positions) {
      const Meetings relative = Relative(position);
      const auto found = std::find(distinct.begin(), distinct.end(), relative);
      index.push_back(found - distinct.begin());
      if (found == distinct.end()) distinct.push_back(relative);
      first.push_back(position.empty() ? 0 : position.front().source);
    }
  }
  std::vector<Meetings> distinct;
  std::vector<int64_t> index;
  std::vector<int64_t> first;
};

}  // namespace

GatherAxis ForwardAxis(int64_t source, int64_t target, int64_t kernel, int64_t stride, int64_t padding) {
  GatherAxis axis;
  for (int64_t o = 0; o < target; ++o) {
    Meetings& position = axis.positions.emplace_back();
    for (int64_t tap = 0; tap < kernel; ++tap) {
      const int64_t i = o * stride - padding + tap;
      if (i >= 0 && i < source) position.push_back({tap, i});
    }
  }
  return axis;
}

GatherAxis BackwardAxis(int64_t source, int64_t target, int64_t kernel, int64_t stride, int64_t padding) {
  GatherAxis axis;
  for (int64_t i = 0; i < target; ++i) {
    Meetings& position = axis.positions.emplace_back();
    for (int64_t tap = 0; tap < kernel; ++tap) {
      const int64_t scaled = i + padding - tap;
      if (scaled >= 0 && scaled % stride == 0 && scaled / stride < source)
        position.push_back({tap, scaled / stride});
    }
  }
  return axis;
}

GatherPlan::GatherPlan(const Layout& layout, const GatherAxis& rows, const GatherAxis& columns)
    : layout_(layout) {
  const Classes row(rows);
  const Classes column(columns);
  row_class_ = row.index;
  column_class_ = column.index;
  column_classes_ = static_cast<int64_t>(column.distinct.size());
  for (const int64_t y : row.first) row_base_.push_back(y * layout.source_width * layout.lanes);
  for (const int64_t x : column.first) column_base_.push_back(x * layout.lanes);
  for (const Meetings& ys : row.distinct) {
    for (const Meetings& xs : column.distinct) {
      std::vector<GatherTap>& table = tables_.emplace_back();
      for (int64_t c = 0; c < layout.channels; ++c)
        for (const auto& y : ys)
          for (const auto& x : xs)
            table.push_back(
                {.offset =
                     ((c * layout.source_height + y.source) * layout.source_width + x.source) * layout.lanes,
                 .weight = (c * layout.kernel_height + y.tap) * layout.kernel_width + x.tap});
    }
  }
}

}  // namespace concertina
