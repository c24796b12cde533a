// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fake_quantize_operator.cc: an activation as it will be once it is a whole number, while the model still
// trains in floats; and the gradient of the grid's step.
//   v = x / s,  y = s clamp(round(v), N, P),      N = -zero_point,  P = 2^bits - 1 - zero_point
//   dy/dx = 1 within (N, P), else 0
//   dy/ds = round(v) - v within, N below, P above; summed, and scaled by 1 / sqrt(n P), n the features
// [Esser et al. Learned Step Size Quantization. ICLR 2020, equations 1 to 3 and section 2.2]
// On the way of the data: graph/executor.cc -> here.
#include <algorithm>
#include <cmath>

#include "core/graph/operator.h"

namespace concertina {
namespace {

constexpr float kLeastStep = 1e-8F;  // learning must not turn the grid round

class FakeQuantizeOperator final : public Operator {
 public:
  explicit FakeQuantizeOperator(const OperatorSetup& setup)
      : lanes_(setup.lanes),
        features_(ElementCount(setup.input_shape(0))),
        least_(static_cast<float>(-setup.node.attributes.zero_point)),
        most_(static_cast<float>((int64_t{1} << setup.node.attributes.bits) - 1 -
                                 setup.node.attributes.zero_point)),
        step_scale_(1 / std::sqrt(static_cast<float>(features_) * std::max(most_, 1.0F))),
        accumulates_(setup.accumulates[0]) {}

  OperatorNeeds needs() const override { return {.input_for_backward = true}; }

  void Forward(const OperatorMemory& memory, const StepState& /*state*/) override {
    const float step = StepOf(memory), inverse = 1 / step;
    for (int64_t i = 0; i < features_ * lanes_; ++i)
      memory.output[i] =
          step * std::min(std::max(std::nearbyint(memory.inputs[0][i] * inverse), least_), most_);
  }

  void Backward(BackwardPart, const OperatorMemory& memory, const StepState& state) override {
    const float inverse = 1 / StepOf(memory);
    double sum = 0;
    for (int64_t f = 0; f < features_; ++f) {
      float of_feature = 0;
      for (int64_t n = 0; n < state.count; ++n) {
        const int64_t at = f * lanes_ + n;
        const float v = memory.inputs[0][at] * inverse, g = memory.output_gradient[at];
        of_feature += g * (v <= least_ ? least_ : v >= most_ ? most_ : std::nearbyint(v) - v);
      }
      sum += of_feature;
    }
    if (memory.input_gradients[1] != nullptr)
      *memory.input_gradients[1] = static_cast<float>(sum) * step_scale_;
    float* const gradient = memory.input_gradients[0];
    if (gradient == nullptr) return;
    for (int64_t i = 0; i < features_ * lanes_; ++i) {
      const float v = memory.inputs[0][i] * inverse;
      const float value = v > least_ && v < most_ ? memory.output_gradient[i] : 0.0F;
      gradient[i] = (accumulates_ ? gradient[i] : 0.0F) + value;
    }
  }

 private:
  static float StepOf(const OperatorMemory& memory) { return std::max(*memory.inputs[1], kLeastStep); }

  const int64_t lanes_, features_;
  const float least_, most_, step_scale_;
  const bool accumulates_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> MakeFakeQuantize(const OperatorSetup& setup) {
  return std::make_unique<FakeQuantizeOperator>(setup);
}

}  // namespace concertina
