// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pixel_groups-inl.h: the pixels of a convolution's outputs as vectors, and vectors of outputs to their
// places. On the way of the data: float_convolution.cc and integer_convolution.cc include it, once for each
// instruction set.

#if defined(CONCERTINA_EDGE_PIXEL_GROUPS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CONCERTINA_EDGE_PIXEL_GROUPS_INL_H
#undef CONCERTINA_EDGE_PIXEL_GROUPS_INL_H
#else
#define CONCERTINA_EDGE_PIXEL_GROUPS_INL_H
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/edge/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace concertina::edge {
namespace HWY_NAMESPACE {

// 32 registers hold 24 sums, 16 hold 12, in two vectors of pixels.
#if HWY_TARGET <= HWY_AVX3
inline constexpr int kRows = 12;
#else
inline constexpr int kRows = 6;
#endif
inline constexpr int kVectors = 2;

// The outputs of one channel, in vectors: each within a row, or, where that makes fewer, across the ends of
// rows as the prepared pixels stand there. Then the lanes between two rows are nobody's.
struct PixelGroups {
  int64_t per_row = 1, count = 0;
  bool across = false;
};
HWY_INLINE PixelGroups GroupsOf(const ConvolutionShape& s) {
  const int64_t per_row = (s.out_width + kLanes - 1) / kLanes, within = per_row * s.out_height;
  const int64_t across = ((s.out_height - 1) * s.phase_width() + s.out_width + kLanes - 1) / kLanes;
  constexpr int64_t kWorthIt = 8;  // one vector in so many: what crosses a row is stored in two parts
  if (within - across > within / kWorthIt) return {per_row, across, true};
  return {per_row, within, false};
}

// Where a group begins among the prepared pixels and among the outputs, and how many of its lanes are outputs
// of that row, if the row has as many.
struct PixelGroup {
  int64_t from, to, count;
};
HWY_INLINE PixelGroup GroupAt(const ConvolutionShape& s, const PixelGroups& groups, int64_t group) {
  const int64_t first = group * kLanes, width = s.phase_width();
  const int64_t row = groups.across ? first / width : group / groups.per_row;
  const int64_t column = groups.across ? first % width : group % groups.per_row * kLanes;
  return {row * width + column, row * s.out_width + column, s.out_width - column};
}

HWY_INLINE void StoreLanes(FloatV v, float* to) { hn::StoreU(v, Floats(), to); }
HWY_INLINE void StoreLanes(IntV v, uint8_t* to) {
  const hn::Rebind<uint8_t, Ints> d;
  hn::StoreU(hn::DemoteTo(d, v), d, to);
}

// A group to its outputs. Groups are stored in their order, so what a whole vector writes too far is written
// over by the next; at the end of the plane there is no next.
template <class V, class T>
HWY_INLINE void StoreGroup(V v, const ConvolutionShape& s, const PixelGroups& groups, const PixelGroup& group,
                           T* plane) {
  const int64_t end = s.out_height * s.out_width;
  if ((!groups.across || group.count >= kLanes) && group.to + kLanes <= end)
    return StoreLanes(v, plane + group.to);
  HWY_ALIGN T lanes[2 * kLanes];
  StoreLanes(v, lanes);
  int64_t to = group.to, count = group.count;
  for (int64_t lane = 0; lane < kLanes && to < end;) {
    if (to + kLanes <= end)
      std::memcpy(plane + to, lanes + lane, kLanes * sizeof(T));
    else if (count > 0)
      std::memcpy(plane + to, lanes + lane, static_cast<size_t>(std::min(count, kLanes - lane)) * sizeof(T));
    if (!groups.across) return;
    lane += count + s.phase_width() - s.out_width;
    to += count;
    count = s.out_width;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina::edge
HWY_AFTER_NAMESPACE();

#endif  // include guard, toggled for each instruction set
