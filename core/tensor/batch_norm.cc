// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// batch_norm.cc: channel by channel, so that the second pass over a plane finds it in the cache.
// On the way of the data: graph/batch_norm_operator.cc -> here.
//
// With n elements a channel, x^ = (x - mean) / sqrt(variance + epsilon), and z the gradient after ReLU:
//   dshift = sum z     dscale = sum z x^     dx = scale / sqrt(variance + epsilon) (z - dshift / n - x^
//   dscale / n)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/batch_norm.cc"
#include "core/tensor/highway_targets.h"
// clang-format off
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "core/tensor/register_tile-inl.h"
// clang-format on

#include <cmath>

#include "core/tensor/batch_norm.h"
#include "core/tensor/parallel_for.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {

// 1 for samples of the batch and 0 beyond, for the vector that begins at `lane`.
HWY_INLINE FloatVector InBatch(int64_t lane, int64_t batch) {
  const FloatTag d;
  const FloatVector index = hn::Iota(d, static_cast<float>(lane));
  return hn::IfThenElseZero(hn::Lt(index, hn::Set(d, static_cast<float>(batch))), hn::Set(d, 1.0F));
}

// A plane's sum in double from sums of its columns in float: each lane adds up at most `places` numbers.
HWY_INLINE double TotalOf(FloatVector sum) {
  HWY_ALIGN float lanes[kVectorLanes];
  hn::Store(sum, FloatTag(), lanes);
  double total = 0;
  for (const float lane : lanes) total += lane;
  return total;
}

// The sum over the plane of x - centre, or of its square.
template <bool kSquare>
HWY_INLINE double PlaneSum(const BatchNormShape& shape, const float* plane, float centre) {
  const FloatTag d;
  const FloatVector middle = hn::Set(d, centre);
  double total = 0;
  for (int64_t lane = 0; lane < shape.batch; lane += kVectorLanes) {
    const FloatVector weight = InBatch(lane, shape.batch);
    FloatVector even = hn::Zero(d);
    FloatVector odd = hn::Zero(d);
    const auto add = [&](int64_t place, FloatVector& sum) HWY_ATTR {
      const FloatVector x = hn::Sub(hn::LoadU(d, plane + place * shape.lanes + lane), middle);
      sum = kSquare ? hn::MulAdd(x, x, sum) : hn::Add(sum, x);
    };
    int64_t place = 0;
    for (; place + 2 <= shape.places; place += 2) {
      add(place, even);
      add(place + 1, odd);
    }
    if (place < shape.places) add(place, even);
    total += TotalOf(hn::Mul(hn::Add(even, odd), weight));
  }
  return total;
}

HWY_INLINE void Normalise(const BatchNormShape& shape, const float* x, float factor, float offset, float* y) {
  const FloatTag d;
  const FloatVector a = hn::Set(d, factor);
  const FloatVector b = hn::Set(d, offset);
  for (int64_t i = 0; i < shape.places * shape.lanes; i += kVectorLanes) {
    const FloatVector value = hn::MulAdd(hn::LoadU(d, x + i), a, b);
    hn::StoreU(shape.rectify ? KeepPositive(value) : value, d, y + i);
  }
}

struct NormForwardRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const int64_t plane = shape.places * shape.lanes;
    const auto count = static_cast<double>(shape.places * shape.batch);
    for (int64_t c = begin; c < end; ++c) {
      const float* p = x + c * plane;
      const auto mean = static_cast<float>(PlaneSum<false>(shape, p, 0.0F) / count);
      const double variance = PlaneSum<true>(shape, p, mean) / count;
      const auto inverse = static_cast<float>(1 / std::sqrt(variance + shape.epsilon));
      saved[c] = mean;
      saved[shape.channels + c] = inverse;
      const auto mix = [this](float& running, double now) {
        running = static_cast<float>((1 - shape.momentum) * running + shape.momentum * now);
      };
      mix(values.running_mean[c], mean);
      mix(values.running_variance[c], count > 1 ? variance * count / (count - 1) : variance);
      const float factor = values.scale[c] * inverse;
      Normalise(shape, p, factor, values.shift[c] - mean * factor, y + c * plane);
    }
  }
  const BatchNormShape& shape;
  const BatchNormValues& values;
  const float* x;
  float* saved;
  float* y;
};

struct NormEvaluateRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const int64_t plane = shape.places * shape.lanes;
    for (int64_t c = begin; c < end; ++c) {
      const auto inverse =
          static_cast<float>(1 / std::sqrt(static_cast<double>(values.running_variance[c]) + shape.epsilon));
      const float factor = values.scale[c] * inverse;
      Normalise(shape, x + c * plane, factor, values.shift[c] - values.running_mean[c] * factor,
                y + c * plane);
    }
  }
  const BatchNormShape& shape;
  const BatchNormValues& values;
  const float* x;
  float* y;
};

struct NormBackwardRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    for (int64_t c = begin; c < end; ++c) Channel(c);
  }

  HWY_INLINE void Channel(int64_t c) const {
    const FloatTag d;
    const int64_t plane = shape.places * shape.lanes;
    const float* p = x + c * plane;
    const float* g = dy + c * plane;
    const float mean = saved[c];
    const float inverse = saved[shape.channels + c];
    const float factor = values.scale[c] * inverse;
    const FloatVector middle = hn::Set(d, mean);
    const FloatVector slope = hn::Set(d, factor);
    const FloatVector offset = hn::Set(d, values.shift[c] - mean * factor);
    // The gradient after ReLU; whether it was rectified is worked out again from x, in the forward pass's
    // very arithmetic, so y need not be kept.
    const auto after_relu = [&](FloatVector element, FloatVector gradient) HWY_ATTR {
      if (!shape.rectify) return gradient;
      return hn::IfThenElseZero(hn::Gt(hn::MulAdd(element, slope, offset), hn::Zero(d)), gradient);
    };
    // Gradients of lanes beyond the batch are zero, so no mask is needed here.
    double sum = 0;
    double product = 0;  // of gradient and x - mean
    for (int64_t lane = 0; lane < shape.lanes; lane += kVectorLanes) {
      FloatVector sums = hn::Zero(d);
      FloatVector products = hn::Zero(d);
      for (int64_t place = 0; place < shape.places; ++place) {
        const int64_t i = place * shape.lanes + lane;
        const FloatVector element = hn::LoadU(d, p + i);
        const FloatVector gradient = after_relu(element, hn::LoadU(d, g + i));
        sums = hn::Add(sums, gradient);
        products = hn::MulAdd(gradient, hn::Sub(element, middle), products);
      }
      sum += TotalOf(sums);
      product += TotalOf(products);
    }
    const auto put = [c](float* target, bool accumulate, double value) {
      if (target != nullptr) target[c] = static_cast<float>((accumulate ? target[c] : 0.0F) + value);
    };
    put(gradients.shift, gradients.accumulate_shift, sum);
    put(gradients.scale, gradients.accumulate_scale, product * inverse);
    if (gradients.x == nullptr) return;

    const auto count = static_cast<double>(shape.places * shape.batch);
    const FloatVector mean_gradient = hn::Set(d, static_cast<float>(sum / count));
    const FloatVector pull = hn::Set(d, static_cast<float>(product * inverse * inverse / count));
    float* out = gradients.x + c * plane;
    for (int64_t lane = 0; lane < shape.lanes; lane += kVectorLanes) {
      const FloatVector factor_in_batch = hn::Mul(slope, InBatch(lane, shape.batch));
      for (int64_t place = 0; place < shape.places; ++place) {
        const int64_t i = place * shape.lanes + lane;
        const FloatVector element = hn::LoadU(d, p + i);
        const FloatVector gradient = hn::Sub(after_relu(element, hn::LoadU(d, g + i)), mean_gradient);
        FloatVector result =
            hn::Mul(factor_in_batch, hn::NegMulAdd(hn::Sub(element, middle), pull, gradient));
        if (gradients.accumulate_x) result = hn::Add(result, hn::LoadU(d, out + i));
        hn::StoreU(result, d, out + i);
      }
    }
  }
  const BatchNormShape& shape;
  const BatchNormValues& values;
  const float *x, *saved, *dy;
  const BatchNormGradients& gradients;
};

HWY_ATTR void NormForward(const BatchNormShape& shape, const BatchNormValues& values, const float* x,
                          float* saved, float* y) {
  ParallelFor(shape.threads, shape.channels, NormForwardRange{shape, values, x, saved, y});
}
HWY_ATTR void NormEvaluate(const BatchNormShape& shape, const BatchNormValues& values, const float* x,
                           float* y) {
  ParallelFor(shape.threads, shape.channels, NormEvaluateRange{shape, values, x, y});
}
HWY_ATTR void NormBackward(const BatchNormShape& shape, const BatchNormValues& values, const float* x,
                           const float* saved, const float* dy, const BatchNormGradients& gradients) {
  ParallelFor(shape.threads, shape.channels, NormBackwardRange{shape, values, x, saved, dy, gradients});
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {
namespace {
HWY_EXPORT(NormForward);
HWY_EXPORT(NormEvaluate);
HWY_EXPORT(NormBackward);
}  // namespace

void BatchNormForward(const BatchNormShape& shape, const BatchNormValues& values, const float* x,
                      float* saved, float* y) {
  HWY_DYNAMIC_DISPATCH(NormForward)(shape, values, x, saved, y);
}
void BatchNormEvaluate(const BatchNormShape& shape, const BatchNormValues& values, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(NormEvaluate)(shape, values, x, y);
}
void BatchNormBackward(const BatchNormShape& shape, const BatchNormValues& values, const float* x,
                       const float* saved, const float* dy, const BatchNormGradients& gradients) {
  HWY_DYNAMIC_DISPATCH(NormBackward)(shape, values, x, saved, dy, gradients);
}

}  // namespace concertina
#endif  // HWY_ONCE
