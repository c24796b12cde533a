// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// blocks.cc: the few loops between a block in the nearest cache and a gradient in memory (see blocks.h).
// On the way of the data: block_codec.cc, error_feedback.cc, qsgd.cc -> here.
#include "core/gradient/blocks.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/blocks.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void StreamBlockAny(const float* block, int64_t n, float* to) {
  const hn::ScalableTag<float> d;
  ForEachVector(
      d, n, ElementsToAlignment(d, to),
      [&](int64_t i) HWY_ATTR { hn::Stream(hn::LoadU(d, block + i), d, to + i); },
      [&](int64_t i, int64_t count)
          HWY_ATTR { std::memcpy(to + i, block + i, static_cast<size_t>(count) * sizeof(float)); });
}

void AddBlockAny(const float* block, int64_t n, float* to) {
  const hn::ScalableTag<float> d;
  ForEachVector(
      d, n, 0,
      [&](int64_t i)
          HWY_ATTR { hn::StoreU(hn::Add(hn::LoadU(d, to + i), hn::LoadU(d, block + i)), d, to + i); },
      [&](int64_t i, int64_t count) HWY_ATTR {
        StorePart(d, hn::Add(LoadPart(d, to + i, count), LoadPart(d, block + i, count)), to + i, count);
      });
}

void SubtractBlockAny(const float* block, int64_t n, float* from) {
  const hn::ScalableTag<float> d;
  ForEachVector(
      d, n, 0,
      [&](int64_t i)
          HWY_ATTR { hn::StoreU(hn::Sub(hn::LoadU(d, from + i), hn::LoadU(d, block + i)), d, from + i); },
      [&](int64_t i, int64_t count) HWY_ATTR {
        StorePart(d, hn::Sub(LoadPart(d, from + i, count), LoadPart(d, block + i, count)), from + i, count);
      });
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {

HWY_EXPORT(StreamBlockAny);
HWY_EXPORT(AddBlockAny);
HWY_EXPORT(SubtractBlockAny);

bool IsLong(int64_t d) { return d >= int64_t{1} << 20; }

void StreamBlock(std::span<const float> block, float* to) {
  HWY_DYNAMIC_DISPATCH(StreamBlockAny)(block.data(), static_cast<int64_t>(block.size()), to);
}

void FinishStreams() { hwy::FlushStream(); }

void AddBlock(std::span<const float> block, float* to) {
  HWY_DYNAMIC_DISPATCH(AddBlockAny)(block.data(), static_cast<int64_t>(block.size()), to);
}

void SubtractBlock(std::span<const float> block, std::span<float> from) {
  HWY_DYNAMIC_DISPATCH(SubtractBlockAny)(block.data(), static_cast<int64_t>(block.size()), from.data());
}

}  // namespace concertina
#endif  // HWY_ONCE
