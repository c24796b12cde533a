// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// loss.cc: a few numbers for each sample. Scalar code over lanes would do, but exp is worth vectors.
// On the way of the data: graph/loss_operator.cc -> here.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/loss.cc"
#include "core/tensor/highway_targets.h"
// clang-format off
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "core/tensor/register_tile-inl.h"
#include "hwy/contrib/math/math-inl.h"
// clang-format on

#include <limits>

#include "core/tensor/loss.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {

// Softmax of one vector of samples: the largest logit, and the sum of exp(z - largest).
struct Softmax {
  HWY_INLINE Softmax(const LossShape& shape, const float* logits, int64_t lane)
      : largest(hn::LoadU(FloatTag(), logits + lane)), sum(hn::Zero(FloatTag())) {
    const FloatTag d;
    for (int64_t c = 1; c < shape.classes; ++c)
      largest = hn::Max(hn::LoadU(d, logits + c * shape.lanes + lane), largest);
    for (int64_t c = 0; c < shape.classes; ++c)
      sum = hn::Add(sum, hn::Exp(d, hn::Sub(hn::LoadU(d, logits + c * shape.lanes + lane), largest)));
  }
  FloatVector largest, sum;
};

HWY_ATTR void CrossEntropy(const LossShape& shape, const float* logits, const int32_t* labels, int64_t count,
                           float* losses) {
  const FloatTag d;
  for (int64_t lane = 0; lane < shape.lanes; lane += kVectorLanes) {
    const Softmax softmax(shape, logits, lane);
    hn::StoreU(hn::Add(softmax.largest, hn::Log(d, softmax.sum)), d, losses + lane);
  }
  for (int64_t n = 0; n < count; ++n) {
    const bool known = labels[n] >= 0 && labels[n] < shape.classes;
    losses[n] =
        known ? losses[n] - logits[labels[n] * shape.lanes + n] : std::numeric_limits<float>::quiet_NaN();
  }
}

HWY_ATTR void CrossEntropyGradient(const LossShape& shape, const float* logits, const int32_t* labels,
                                   int64_t count, bool accumulate, float* gradient) {
  const FloatTag d;
  const float share = 1.0F / static_cast<float>(count);
  for (int64_t lane = 0; lane < shape.lanes; lane += kVectorLanes) {
    const Softmax softmax(shape, logits, lane);
    const FloatVector index = hn::Iota(d, static_cast<float>(lane));
    const auto in_batch = hn::Lt(index, hn::Set(d, static_cast<float>(count)));
    const FloatVector scale = hn::Div(hn::Set(d, share), softmax.sum);
    for (int64_t c = 0; c < shape.classes; ++c) {
      const FloatVector z = hn::LoadU(d, logits + c * shape.lanes + lane);
      const FloatVector probability = hn::Mul(hn::Exp(d, hn::Sub(z, softmax.largest)), scale);
      FloatVector value = hn::IfThenElseZero(in_batch, probability);
      if (accumulate) value = hn::Add(value, hn::LoadU(d, gradient + c * shape.lanes + lane));
      hn::StoreU(value, d, gradient + c * shape.lanes + lane);
    }
  }
  for (int64_t n = 0; n < count; ++n)
    if (labels[n] >= 0 && labels[n] < shape.classes) gradient[labels[n] * shape.lanes + n] -= share;
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {
namespace {
HWY_EXPORT(CrossEntropy);
HWY_EXPORT(CrossEntropyGradient);
}  // namespace

void SoftmaxCrossEntropyForward(const LossShape& shape, const float* logits, const int32_t* labels,
                                int64_t count, float* losses) {
  HWY_DYNAMIC_DISPATCH(CrossEntropy)(shape, logits, labels, count, losses);
}

void SoftmaxCrossEntropyBackward(const LossShape& shape, const float* logits, const int32_t* labels,
                                 int64_t count, bool accumulate, float* gradient) {
  HWY_DYNAMIC_DISPATCH(CrossEntropyGradient)(shape, logits, labels, count, accumulate, gradient);
}

void SquaredErrorForward(const LossShape& shape, const float* prediction, const int32_t* labels,
                         int64_t count, float* losses) {
  for (int64_t n = 0; n < count; ++n) {
    float sum = 0;
    for (int64_t c = 0; c < shape.classes; ++c) {
      const float error = prediction[c * shape.lanes + n] - (labels[n] == c ? 1.0F : 0.0F);
      sum += error * error;
    }
    const bool known = labels[n] >= 0 && labels[n] < shape.classes;
    losses[n] = known ? sum / static_cast<float>(shape.classes) : std::numeric_limits<float>::quiet_NaN();
  }
}

void SquaredErrorBackward(const LossShape& shape, const float* prediction, const int32_t* labels,
                          int64_t count, bool accumulate, float* gradient) {
  const float share = 2.0F / static_cast<float>(count * shape.classes);
  for (int64_t c = 0; c < shape.classes; ++c) {
    for (int64_t n = 0; n < shape.lanes; ++n) {
      float& element = gradient[c * shape.lanes + n];
      const float value =
          n < count ? share * (prediction[c * shape.lanes + n] - (labels[n] == c ? 1.0F : 0.0F)) : 0.0F;
      element = (accumulate ? element : 0.0F) + value;
    }
  }
}

int64_t CountCorrect(const LossShape& shape, const float* prediction, const int32_t* labels, int64_t count) {
  int64_t correct = 0;
  for (int64_t n = 0; n < count; ++n) {
    int64_t best = 0;
    for (int64_t c = 1; c < shape.classes; ++c)
      if (prediction[c * shape.lanes + n] > prediction[best * shape.lanes + n]) best = c;
    if (best == labels[n]) ++correct;
  }
  return correct;
}

}  // namespace concertina
#endif  // HWY_ONCE
