// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// error_feedback.cc: remembers what a lossy codec did not send (see error_feedback.h).
// On the way of the data: a codec's Encode -> here -> the same codec's payload.
#include "core/gradient/error_feedback.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/error_feedback.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// x = g + e for n floats, to `x` and, past the cache, to `kept` unless it is null. False if an element of x
// is NaN or infinite.
bool AddResidualAny(const float* g, const float* e, float* x, float* kept, int64_t n) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  auto largest = hn::Zero(di);
  const auto magnitude_mask = hn::Set(di, 0x7fffffff);
  const auto sum = [&](auto a, auto b) HWY_ATTR {
    const auto v = hn::Add(a, b);
    largest = hn::Max(largest, hn::And(hn::BitCast(di, v), magnitude_mask));
    return v;
  };
  const auto part = [&](int64_t i, int64_t count) HWY_ATTR {
    const auto v = sum(LoadPart(d, g + i, count), LoadPart(d, e + i, count));
    StorePart(d, v, x + i, count);
    if (kept != nullptr) StorePart(d, v, kept + i, count);
  };
  if (kept != nullptr) {
    ForEachVector(
        d, n, 0,
        [&](int64_t i) HWY_ATTR {
          const auto v = sum(hn::LoadU(d, g + i), hn::Load(d, e + i));
          hn::Store(v, d, x + i);
          hn::Stream(v, d, kept + i);
        },
        part);
  } else {
    ForEachVector(
        d, n, 0,
        [&](int64_t i) HWY_ATTR { hn::Store(sum(hn::LoadU(d, g + i), hn::Load(d, e + i)), d, x + i); }, part);
  }
  return hn::AllTrue(di, hn::Lt(largest, hn::Set(di, 0x7f800000)));
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <cassert>
#include <cstring>

#include "core/gradient/blocks.h"
#include "core/gradient/norms.h"
#include "fmt/format.h"

namespace concertina {
namespace {

HWY_EXPORT(AddResidualAny);

constexpr int64_t kBlock = 4096;  // 16 KiB: a block and its three sources stay in the nearest cache

}  // namespace

absl::Status ErrorFeedback::Allocate(int64_t d) {
  Floats residual = hwy::AllocateAligned<float>(static_cast<size_t>(d));
  Floats corrected = hwy::AllocateAligned<float>(static_cast<size_t>(d));
  if (residual == nullptr || corrected == nullptr)
    return absl::ResourceExhaustedError(fmt::format("no memory for the residual of {} elements", d));
  std::fill_n(residual.get(), d, 0.0F);
  std::fill_n(corrected.get(), d, 0.0F);
  residual_ = std::move(residual);
  corrected_ = std::move(corrected);
  d_ = d;
  return absl::OkStatus();
}

absl::Status ErrorFeedback::Correct(std::span<const float> gradient) {
  return Correct(gradient, [](std::span<const float>, int64_t) {});
}

absl::Status ErrorFeedback::Correct(std::span<const float> gradient, Visit visit) {
  RETURN_IF_ERROR(length_.Check(gradient));
  const auto d = static_cast<int64_t>(gradient.size());
  if (d_ == 0) RETURN_IF_ERROR(Allocate(d));
  // A long x is written past the cache, and visited in a block that stays there.
  const bool streams = IsLong(d);
  alignas(64) float block[kBlock];
  double norm_squared = 0;
  for (int64_t begin = 0; begin < d; begin += kBlock) {
    const int64_t count = std::min(kBlock, d - begin);
    float* const kept = corrected_.get() + begin;
    float* const x = streams ? block : kept;
    if (!HWY_DYNAMIC_DISPATCH(AddResidualAny)(gradient.data() + begin, residual_.get() + begin, x,
                                              streams ? kept : nullptr, count))
      return NotFiniteError({x, static_cast<size_t>(count)}, begin);
    norm_squared += SumSquares({x, static_cast<size_t>(count)});
    visit({x, static_cast<size_t>(count)}, begin);
  }
  if (streams) hwy::FlushStream();
  corrected_norm_squared_ = norm_squared;
  return absl::OkStatus();
}

absl::Status ErrorFeedback::CorrectAndTake(std::span<const float> gradient, int64_t block, Take take) {
  RETURN_IF_ERROR(length_.Check(gradient));
  const auto d = static_cast<int64_t>(gradient.size());
  if (d_ == 0) RETURN_IF_ERROR(Allocate(d));
  assert(block >= 1 && block <= kLargestTake);
  const bool streams = IsLong(d);
  alignas(64) float scratch[kLargestTake];
  for (int64_t begin = 0; begin < d; begin += block) {
    const int64_t count = std::min(block, d - begin);
    float* const kept = corrected_.get() + begin;
    const std::span<float> x(streams ? scratch : kept, static_cast<size_t>(count));
    if (!HWY_DYNAMIC_DISPATCH(AddResidualAny)(gradient.data() + begin, residual_.get() + begin, x.data(),
                                              nullptr, count))
      return NotFiniteError(x, begin);
    take(x, begin);
    if (streams) StreamBlock(x, kept);
  }
  if (streams) FinishStreams();
  return absl::OkStatus();
}

void ErrorFeedback::Commit(std::optional<double> residual_norm_squared) {
  std::swap(residual_, corrected_);
  residual_norm_squared_ = residual_norm_squared;
}

double ErrorFeedback::ResidualNormSquared() const {
  if (!residual_norm_squared_) residual_norm_squared_ = SumSquares(residual());
  return *residual_norm_squared_;
}

void ErrorFeedback::SaveState(std::vector<uint8_t>& state) const {
  state.resize(static_cast<size_t>(4 * d_));
  if (d_ > 0) std::memcpy(state.data(), residual_.get(), state.size());
}

absl::Status ErrorFeedback::LoadState(std::span<const uint8_t> state) {
  const auto d = static_cast<int64_t>(state.size() / 4);
  if (state.size() % 4 != 0)
    return absl::DataLossError(fmt::format("residual: {} bytes, expected a multiple of 4", state.size()));
  if (const int64_t bad = FirstNotFinite(state.data(), d); bad >= 0)
    return absl::DataLossError(fmt::format("residual: element {} is infinite or not a number", bad));
  if (d_ != 0 && d != 0 && d != d_)
    return absl::InvalidArgumentError(fmt::format("residual of {} elements, expected {}", d, d_));
  if (d == 0) {  // saved before the first step
    std::fill_n(residual_.get(), d_, 0.0F);
    residual_norm_squared_ = 0;
    return absl::OkStatus();
  }
  if (d_ == 0) {
    RETURN_IF_ERROR(Allocate(d));
    RETURN_IF_ERROR(length_.Check(residual()));
  }
  std::memcpy(residual_.get(), state.data(), state.size());
  residual_norm_squared_.reset();
  return absl::OkStatus();
}

}  // namespace concertina
#endif  // HWY_ONCE
