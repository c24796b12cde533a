// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// activation.cc: ReLU, tanh, sigmoid, GELU and sums, one pass over memory each.
// On the way of the data: graph/activation_operator.cc -> here.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/activation.cc"
#include "core/tensor/highway_targets.h"
// clang-format off
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "core/tensor/register_tile-inl.h"
#include "hwy/contrib/math/math-inl.h"
// clang-format on

#include "core/tensor/activation.h"
#include "core/tensor/batch_lanes.h"
#include "core/tensor/parallel_for.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {

// exp is asked for no more than this: e^88 is near the largest float.
HWY_INLINE FloatVector BoundedExp(FloatVector x) {
  const FloatTag d;
  return hn::Exp(d, hn::IfThenElse(hn::Gt(x, hn::Set(d, 88.0F)), hn::Set(d, 88.0F), x));
}

HWY_INLINE FloatVector Logistic(FloatVector x) {
  const FloatTag d;
  const FloatVector one = hn::Set(d, 1.0F);
  return hn::Div(one, hn::Add(one, BoundedExp(hn::Neg(x))));
}

// The standard normal distribution's P(X <= x), by 7.1.26 of Abramowitz and Stegun, Handbook of Mathematical
// Functions, for erf (absolute error below 1.5e-7, about a float's rounding near 1):
//   erf(z) = 1 - (a1 t + ... + a5 t^5) exp(-z^2),  t = 1 / (1 + p z),  z >= 0
// Gives exp(-x^2 / 2) too, which the density needs.
HWY_INLINE FloatVector NormalCdf(FloatVector x, FloatVector& bell) {
  const FloatTag d;
  const FloatVector one = hn::Set(d, 1.0F);
  const FloatVector z = hn::Mul(hn::Abs(x), hn::Set(d, 0.70710678F));
  const FloatVector t = hn::Div(one, hn::MulAdd(hn::Set(d, 0.3275911F), z, one));
  bell = hn::Exp(d, hn::Neg(hn::Mul(z, z)));
  FloatVector poly = hn::Set(d, 1.061405429F);
  poly = hn::MulAdd(poly, t, hn::Set(d, -1.453152027F));
  poly = hn::MulAdd(poly, t, hn::Set(d, 1.421413741F));
  poly = hn::MulAdd(poly, t, hn::Set(d, -0.284496736F));
  poly = hn::MulAdd(poly, t, hn::Set(d, 0.254829592F));
  const FloatVector tail = hn::Mul(hn::Set(d, 0.5F), hn::Mul(hn::Mul(poly, t), bell));  // P(X > |x|)
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(one, tail));
}

struct ReluOf {
  static HWY_INLINE FloatVector Value(FloatVector x) { return KeepPositive(x); }
  static HWY_INLINE FloatVector Gradient(FloatVector y, FloatVector dy) {
    return hn::IfThenElseZero(hn::Gt(y, hn::Zero(FloatTag())), dy);
  }
};

struct TanhOf {
  static HWY_INLINE FloatVector Value(FloatVector x) { return hn::Tanh(FloatTag(), x); }
  static HWY_INLINE FloatVector Gradient(FloatVector y, FloatVector dy) {
    return hn::Mul(dy, hn::NegMulAdd(y, y, hn::Set(FloatTag(), 1.0F)));
  }
};

struct SigmoidOf {
  static HWY_INLINE FloatVector Value(FloatVector x) { return Logistic(x); }
  static HWY_INLINE FloatVector Gradient(FloatVector y, FloatVector dy) {
    return hn::Mul(dy, hn::NegMulAdd(y, y, y));
  }
};

struct GeluOf {
  static HWY_INLINE FloatVector Value(FloatVector x) {
    FloatVector bell;
    return hn::Mul(x, NormalCdf(x, bell));
  }
  static HWY_INLINE FloatVector Gradient(FloatVector x, FloatVector dy) {
    FloatVector bell;
    const FloatVector cdf = NormalCdf(x, bell);
    const FloatVector density = hn::Mul(bell, hn::Set(FloatTag(), 0.39894228F));  // 1 / sqrt(2 pi)
    return hn::Mul(dy, hn::MulAdd(x, density, cdf));
  }
};

template <class Function>
struct ForwardRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const FloatTag d;
    for (int64_t i = begin * kBatchLanes; i < end * kBatchLanes; i += kVectorLanes)
      hn::StoreU(Function::Value(hn::LoadU(d, x + i)), d, y + i);
  }
  const float* x;
  float* y;
};

template <class Function>
struct BackwardRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const FloatTag d;
    for (int64_t i = begin * kBatchLanes; i < end * kBatchLanes; i += kVectorLanes) {
      FloatVector gradient = Function::Gradient(hn::LoadU(d, kept + i), hn::LoadU(d, dy + i));
      if (accumulate) gradient = hn::Add(gradient, hn::LoadU(d, dx + i));
      hn::StoreU(gradient, d, dx + i);
    }
  }
  const float *kept, *dy;
  bool accumulate;
  float* dx;
};

template <class Function>
HWY_ATTR void Forward(int threads, int64_t count, const float* x, float* y) {
  ParallelFor(threads, count / kBatchLanes, ForwardRange<Function>{x, y});
}

template <class Function>
HWY_ATTR void Backward(int threads, int64_t count, const float* kept, const float* dy, bool accumulate,
                       float* dx) {
  ParallelFor(threads, count / kBatchLanes, BackwardRange<Function>{kept, dy, accumulate, dx});
}

// HWY_EXPORT wants plain functions.
HWY_ATTR void ReluValue(int t, int64_t n, const float* x, float* y) { Forward<ReluOf>(t, n, x, y); }
HWY_ATTR void TanhValue(int t, int64_t n, const float* x, float* y) { Forward<TanhOf>(t, n, x, y); }
HWY_ATTR void SigmoidValue(int t, int64_t n, const float* x, float* y) { Forward<SigmoidOf>(t, n, x, y); }
HWY_ATTR void GeluValue(int t, int64_t n, const float* x, float* y) { Forward<GeluOf>(t, n, x, y); }
HWY_ATTR void ReluGradient(int t, int64_t n, const float* k, const float* dy, bool a, float* dx) {
  Backward<ReluOf>(t, n, k, dy, a, dx);
}
HWY_ATTR void TanhGradient(int t, int64_t n, const float* k, const float* dy, bool a, float* dx) {
  Backward<TanhOf>(t, n, k, dy, a, dx);
}
HWY_ATTR void SigmoidGradient(int t, int64_t n, const float* k, const float* dy, bool a, float* dx) {
  Backward<SigmoidOf>(t, n, k, dy, a, dx);
}
HWY_ATTR void GeluGradient(int t, int64_t n, const float* k, const float* dy, bool a, float* dx) {
  Backward<GeluOf>(t, n, k, dy, a, dx);
}

struct AddRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const FloatTag d;
    for (int64_t i = begin * kBatchLanes; i < end * kBatchLanes; i += kVectorLanes) {
      const FloatVector sum = hn::Add(hn::LoadU(d, a + i), hn::LoadU(d, b + i));
      hn::StoreU(rectify ? KeepPositive(sum) : sum, d, y + i);
    }
  }
  const float *a, *b;
  bool rectify;
  float* y;
};

HWY_ATTR void AddValue(int threads, int64_t count, const float* a, const float* b, bool rectify, float* y) {
  ParallelFor(threads, count / kBatchLanes, AddRange{a, b, rectify, y});
}

struct PassRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const FloatTag d;
    for (int64_t i = begin * kBatchLanes; i < end * kBatchLanes; i += kVectorLanes) {
      FloatVector gradient = hn::LoadU(d, dy + i);
      if (rectified != nullptr) gradient = ReluOf::Gradient(hn::LoadU(d, rectified + i), gradient);
      if (accumulate) gradient = hn::Add(gradient, hn::LoadU(d, dx + i));
      hn::StoreU(gradient, d, dx + i);
    }
  }
  const float *rectified, *dy;
  bool accumulate;
  float* dx;
};

HWY_ATTR void AddGradient(int threads, int64_t count, const float* rectified, const float* dy,
                          bool accumulate, float* dx) {
  ParallelFor(threads, count / kBatchLanes, PassRange{rectified, dy, accumulate, dx});
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {
namespace {
HWY_EXPORT(ReluValue);
HWY_EXPORT(TanhValue);
HWY_EXPORT(SigmoidValue);
HWY_EXPORT(GeluValue);
HWY_EXPORT(ReluGradient);
HWY_EXPORT(TanhGradient);
HWY_EXPORT(SigmoidGradient);
HWY_EXPORT(GeluGradient);
HWY_EXPORT(AddValue);
HWY_EXPORT(AddGradient);
}  // namespace

void Relu(int threads, int64_t count, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(ReluValue)(threads, count, x, y);
}
void Tanh(int threads, int64_t count, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(TanhValue)(threads, count, x, y);
}
void Sigmoid(int threads, int64_t count, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(SigmoidValue)(threads, count, x, y);
}
void Gelu(int threads, int64_t count, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(GeluValue)(threads, count, x, y);
}
void ReluBackward(int threads, int64_t count, const float* kept, const float* dy, bool accumulate,
                  float* dx) {
  HWY_DYNAMIC_DISPATCH(ReluGradient)(threads, count, kept, dy, accumulate, dx);
}
void TanhBackward(int threads, int64_t count, const float* kept, const float* dy, bool accumulate,
                  float* dx) {
  HWY_DYNAMIC_DISPATCH(TanhGradient)(threads, count, kept, dy, accumulate, dx);
}
void SigmoidBackward(int threads, int64_t count, const float* kept, const float* dy, bool accumulate,
                     float* dx) {
  HWY_DYNAMIC_DISPATCH(SigmoidGradient)(threads, count, kept, dy, accumulate, dx);
}
void GeluBackward(int threads, int64_t count, const float* kept, const float* dy, bool accumulate,
                  float* dx) {
  HWY_DYNAMIC_DISPATCH(GeluGradient)(threads, count, kept, dy, accumulate, dx);
}
void AddForward(int threads, int64_t count, const float* a, const float* b, bool rectify, float* y) {
  HWY_DYNAMIC_DISPATCH(AddValue)(threads, count, a, b, rectify, y);
}
void AddBackward(int threads, int64_t count, const float* rectified, const float* dy, bool accumulate,
                 float* dx) {
  HWY_DYNAMIC_DISPATCH(AddGradient)(threads, count, rectified, dy, accumulate, dx);
}

}  // namespace concertina
#endif  // HWY_ONCE
