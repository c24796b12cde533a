// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// norms.cc: see norms.h. On the way of the data: the codecs of this folder -> here.
#include "core/gradient/norms.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/norms.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// As integers magnitudes are ordered as they are as floats, with infinity and NaN above all.
float MaxMagnitudeAny(const float* x, int64_t n) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const auto mask = hn::Set(di, 0x7fffffff);
  auto largest0 = hn::Zero(di), largest1 = largest0;
  const auto take = [&](auto& largest, auto v)
                        HWY_ATTR { largest = hn::Max(largest, hn::And(hn::BitCast(di, v), mask)); };
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    take(largest0, hn::LoadU(d, x + i));
    take(largest1, hn::LoadU(d, x + i + lanes));
  }
  ForEachVector(
      d, n - i, 0, [&](int64_t at) HWY_ATTR { take(largest0, hn::LoadU(d, x + i + at)); },
      [&](int64_t at, int64_t count) HWY_ATTR { take(largest1, LoadPart(d, x + i + at, count)); });
  return hn::GetLane(hn::BitCast(d, hn::MaxOfLanes(di, hn::Max(largest0, largest1))));
}

// Four sums in double, since one would wait for itself.
template <class Term>
HWY_INLINE double Sum(const float* x, int64_t n, Term term) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> df;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto sum0 = hn::Zero(d), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  const auto load = [&](int64_t at) HWY_ATTR { return hn::PromoteTo(d, hn::LoadU(df, x + at)); };
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    sum0 = term(load(i), sum0);
    sum1 = term(load(i + lanes), sum1);
    sum2 = term(load(i + 2 * lanes), sum2);
    sum3 = term(load(i + 3 * lanes), sum3);
  }
  HWY_ALIGN double rest[hn::MaxLanes(d)] = {};
  for (; i < n; i += lanes) {
    for (int64_t lane = 0; lane < lanes; ++lane) rest[lane] = i + lane < n ? static_cast<double>(x[i + lane]) : 0;
    sum0 = term(hn::Load(d, rest), sum0);
  }
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3))));
}

double SumMagnitudesAny(const float* x, int64_t n) {
  return Sum(x, n, [](auto v, auto sum) HWY_ATTR { return hn::Add(sum, hn::Abs(v)); });
}
double SumSquaresAny(const float* x, int64_t n) {
  return Sum(x, n, [](auto v, auto sum) HWY_ATTR { return hn::MulAdd(v, v, sum); });
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {

HWY_EXPORT(MaxMagnitudeAny);
HWY_EXPORT(SumMagnitudesAny);
HWY_EXPORT(SumSquaresAny);

float MaxMagnitude(std::span<const float> x) {
  return HWY_DYNAMIC_DISPATCH(MaxMagnitudeAny)(x.data(), static_cast<int64_t>(x.size()));
}
double SumMagnitudes(std::span<const float> x) {
  return HWY_DYNAMIC_DISPATCH(SumMagnitudesAny)(x.data(), static_cast<int64_t>(x.size()));
}
double SumSquares(std::span<const float> x) {
  return HWY_DYNAMIC_DISPATCH(SumSquaresAny)(x.data(), static_cast<int64_t>(x.size()));
}

}  // namespace concertina
#endif  // HWY_ONCE
