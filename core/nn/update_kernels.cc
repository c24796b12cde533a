// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// update_kernels.cc: the vector loops of the optimisers (see update_kernels.h).
// On the way of the data: nn/sgd.cc, nn/adam.cc -> here, and back.
// Highway compiles this file once for every instruction set, and picks one when the program runs. The ends
// are done by the same operations one lane wide, so that they round as the middle does. Each product that is
// added is an explicit MulAdd: left to itself, GCC fuses some of them in the middle and none at the ends.
#include "core/nn/update_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/nn/update_kernels.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <bool kMomentum, class D>
int64_t SgdLoop(D d, const SgdFactors& f, const float* HWY_RESTRICT gradient, float* HWY_RESTRICT velocity,
                float* HWY_RESTRICT parameters, int64_t i, int64_t n) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto rate = hn::Set(d, f.learning_rate);
  const auto momentum = hn::Set(d, f.momentum);
  const auto decay = hn::Set(d, f.weight_decay);
  for (; i + lanes <= n; i += lanes) {
    const auto w = hn::LoadU(d, parameters + i);
    const auto g = hn::MulAdd(decay, w, hn::LoadU(d, gradient + i));
    auto direction = g;
    if constexpr (kMomentum) {
      const auto v = hn::MulAdd(momentum, hn::LoadU(d, velocity + i), g);
      hn::StoreU(v, d, velocity + i);
      direction = f.nesterov ? hn::MulAdd(momentum, v, g) : v;
    }
    hn::StoreU(hn::NegMulAdd(rate, direction, w), d, parameters + i);
  }
  return i;
}

void SgdUpdateAny(const SgdFactors& f, const float* gradient, float* velocity, float* parameters, int64_t n) {
  const hn::ScalableTag<float> wide;
  const hn::CappedTag<float, 1> one;
  if (f.momentum != 0) {
    const int64_t done = SgdLoop<true>(wide, f, gradient, velocity, parameters, 0, n);
    SgdLoop<true>(one, f, gradient, velocity, parameters, done, n);
  } else {
    const int64_t done = SgdLoop<false>(wide, f, gradient, velocity, parameters, 0, n);
    SgdLoop<false>(one, f, gradient, velocity, parameters, done, n);
  }
}

template <class D>
int64_t AdamLoop(D d, const AdamFactors& f, const float* HWY_RESTRICT gradient,
                 float* HWY_RESTRICT first_moment, float* HWY_RESTRICT second_moment,
                 float* HWY_RESTRICT parameters, int64_t i, int64_t n) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto beta1 = hn::Set(d, f.beta1);
  const auto beta2 = hn::Set(d, f.beta2);
  const auto rest1 = hn::Set(d, 1 - f.beta1);
  const auto rest2 = hn::Set(d, 1 - f.beta2);
  const auto step_size = hn::Set(d, f.step_size);
  const auto scale = hn::Set(d, f.second_moment_scale);
  const auto epsilon = hn::Set(d, f.epsilon);
  const auto decay = hn::Set(d, f.gradient_decay);
  const auto keep = hn::Set(d, f.parameter_keep);
  for (; i + lanes <= n; i += lanes) {
    const auto w = hn::LoadU(d, parameters + i);
    const auto g = hn::MulAdd(decay, w, hn::LoadU(d, gradient + i));
    const auto m = hn::MulAdd(beta1, hn::LoadU(d, first_moment + i), hn::Mul(rest1, g));
    const auto v = hn::MulAdd(beta2, hn::LoadU(d, second_moment + i), hn::Mul(hn::Mul(rest2, g), g));
    hn::StoreU(m, d, first_moment + i);
    hn::StoreU(v, d, second_moment + i);
    const auto change = hn::Div(hn::Mul(step_size, m), hn::MulAdd(scale, hn::Sqrt(v), epsilon));
    hn::StoreU(hn::MulSub(keep, w, change), d, parameters + i);
  }
  return i;
}

void AdamUpdateAny(const AdamFactors& f, const float* gradient, float* first_moment, float* second_moment,
                   float* parameters, int64_t n) {
  const hn::ScalableTag<float> wide;
  const hn::CappedTag<float, 1> one;
  const int64_t done = AdamLoop(wide, f, gradient, first_moment, second_moment, parameters, 0, n);
  AdamLoop(one, f, gradient, first_moment, second_moment, parameters, done, n);
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {

HWY_EXPORT(SgdUpdateAny);
HWY_EXPORT(AdamUpdateAny);

void SgdUpdate(const SgdFactors& factors, const float* gradient, float* velocity, float* parameters,
               int64_t n) {
  HWY_DYNAMIC_DISPATCH(SgdUpdateAny)(factors, gradient, velocity, parameters, n);
}

void AdamUpdate(const AdamFactors& factors, const float* gradient, float* first_moment, float* second_moment,
                float* parameters, int64_t n) {
  HWY_DYNAMIC_DISPATCH(AdamUpdateAny)(factors, gradient, first_moment, second_moment, parameters, n);
}

}  // namespace concertina
#endif  // HWY_ONCE
