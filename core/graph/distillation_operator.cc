// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// distillation_operator.cc: the loss of a student that learns from the labels and from a teacher. Of a
// sample, with the logits z of the student and v of the teacher, a share s of the loss for the teacher and a
// temperature T:
//   L = (1 - s) CE(z, label) + s T^2 KL(softmax(v / T) || softmax(z / T)) + w sum over pairs D(f, g)
// T^2 keeps the two parts' gradients alike in size whatever T [Hinton, Vinyals, Dean. Distilling the
// Knowledge in a Neural Network. 2015, section 2]. Of a pair of features f (student) and g (teacher):
//   what they are        D = |f - g|^2 / 2n, n their elements   [Romero et al. FitNets. ICLR 2015, equation
//   3] where they look      D = |q(f) - q(g)|^2,  q(f) = a / |a|,  a[pixel] = sum over channels of f^2
//                                  [Zagoruyko, Komodakis. Paying More Attention to Attention. ICLR 2017]
// In evaluation it is CE alone, so that the test losses of all runs compare.
//
// A teacher that trains too (its logits depend on parameters) is another student: it learns from this one in
// the same way, each taking the other's answer as given [Zhang et al. Deep Mutual Learning. CVPR 2018]. What
// is reported is the first one's loss. On the way of the data: graph/executor.cc -> here.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/graph/operator.h"

namespace concertina {
namespace {

constexpr float kLeastNorm = 1e-12F;  // of an attention map: one of zeros has no direction

class DistillationOperator final : public Operator {
 public:
  explicit DistillationOperator(const OperatorSetup& setup)
      : lanes_(setup.lanes),
        classes_(setup.input_shape(0)[0]),
        temperature_(static_cast<float>(setup.node.attributes.temperature)),
        teacher_share_(static_cast<float>(setup.node.attributes.teacher_share)),
        feature_weight_(static_cast<float>(setup.node.attributes.feature_weight)),
        compares_attention_(setup.node.attributes.compares_attention),
        accumulates_(setup.accumulates) {
    for (size_t i = 0; i < setup.node.inputs.size(); ++i) shapes_.push_back(setup.input_shape(i));
  }

  OperatorNeeds needs() const override {
    return {.all_inputs_for_backward = true,
            .forward_scratch_floats = ScratchFloats(),
            .backward_scratch_floats = ScratchFloats()};
  }

  void Forward(const OperatorMemory& memory, const StepState& state) override {
    const float* const z = memory.inputs[0];
    const float* const v = memory.inputs[1];
    for (int64_t n = 0; n < state.count; ++n) {
      const int32_t label = state.labels[n];
      if (label < 0 || label >= classes_) {
        memory.output[n] = std::numeric_limits<float>::quiet_NaN();
        continue;
      }
      const float cross_entropy = LogSum(z, n, 1) - z[label * lanes_ + n];
      if (!state.training) {
        memory.output[n] = cross_entropy;
        continue;
      }
      memory.output[n] = (1 - teacher_share_) * cross_entropy +
                         teacher_share_ * temperature_ * temperature_ * Divergence(v, z, n);
    }
    if (!state.training || feature_weight_ == 0) return;
    for (size_t i = 2; i + 1 < memory.inputs.size(); i += 2) {
      if (compares_attention_)
        AddAttentionDistance(i, memory, state);
      else
        AddFeatureDistance(i, memory, state);
    }
  }

  void Backward(BackwardPart, const OperatorMemory& memory, const StepState& state) override {
    for (size_t i = 0; i < 2; ++i)
      if (memory.input_gradients[i] != nullptr)
        LogitsGradient(memory.inputs[i], memory.inputs[1 - i], accumulates_[i], state,
                       memory.input_gradients[i]);
    for (size_t i = 2; i + 1 < memory.inputs.size(); i += 2) {
      if (memory.input_gradients[i] == nullptr) continue;
      if (compares_attention_)
        AttentionGradient(i, memory, state);
      else
        FeatureGradient(i, memory, state);
    }
  }

 private:
  // Two attention maps, and the norms of one.
  int64_t ScratchFloats() const {
    int64_t pixels = 0;
    if (compares_attention_)
      for (size_t i = 2; i < shapes_.size(); ++i) pixels = std::max(pixels, shapes_[i][1] * shapes_[i][2]);
    return (2 * pixels + 1) * lanes_;
  }

  // log sum exp(z / t)
  float LogSum(const float* z, int64_t n, float t) const {
    float largest = z[n];
    for (int64_t c = 1; c < classes_; ++c) largest = std::max(largest, z[c * lanes_ + n]);
    float sum = 0;
    for (int64_t c = 0; c < classes_; ++c) sum += std::exp((z[c * lanes_ + n] - largest) / t);
    return largest / t + std::log(sum);
  }

  // KL(softmax(from / T) || softmax(to / T))
  float Divergence(const float* from, const float* to, int64_t n) const {
    const float from_sum = LogSum(from, n, temperature_), to_sum = LogSum(to, n, temperature_);
    float divergence = 0;
    for (int64_t c = 0; c < classes_; ++c) {
      const float log_p = from[c * lanes_ + n] / temperature_ - from_sum;
      divergence += std::exp(log_p) * (log_p - (to[c * lanes_ + n] / temperature_ - to_sum));
    }
    return divergence;
  }

  // (1 - s) (softmax(z) - label) + s T (softmax(z / T) - softmax(v / T)), of the mean over the samples.
  void LogitsGradient(const float* z, const float* v, bool accumulates, const StepState& state,
                      float* gradient) const {
    const float each = 1.0F / static_cast<float>(state.count);
    for (int64_t n = 0; n < lanes_; ++n) {
      const bool counts = n < state.count;
      const float hard = counts ? LogSum(z, n, 1) : 0;
      const float own = counts ? LogSum(z, n, temperature_) : 0;
      const float other = counts ? LogSum(v, n, temperature_) : 0;
      for (int64_t c = 0; c < classes_; ++c) {
        const int64_t at = c * lanes_ + n;
        float value = 0;
        if (counts) {
          const float label = state.labels[n] == c ? 1.0F : 0.0F;
          value =
              each * ((1 - teacher_share_) * (std::exp(z[at] - hard) - label) +
                      teacher_share_ * temperature_ *
                          (std::exp(z[at] / temperature_ - own) - std::exp(v[at] / temperature_ - other)));
        }
        gradient[at] = (accumulates ? gradient[at] : 0.0F) + value;
      }
    }
  }

  void AddFeatureDistance(size_t i, const OperatorMemory& memory, const StepState& state) const {
    const int64_t elements = ElementCount(shapes_[i]);
    const float scale = feature_weight_ / (2 * static_cast<float>(elements));
    for (int64_t e = 0; e < elements; ++e)
      for (int64_t n = 0; n < state.count; ++n) {
        const float error = memory.inputs[i][e * lanes_ + n] - memory.inputs[i + 1][e * lanes_ + n];
        memory.output[n] += scale * error * error;
      }
  }

  void FeatureGradient(size_t i, const OperatorMemory& memory, const StepState& state) const {
    const int64_t elements = ElementCount(shapes_[i]);
    const float scale = feature_weight_ / (static_cast<float>(elements) * static_cast<float>(state.count));
    float* const gradient = memory.input_gradients[i];
    for (int64_t e = 0; e < elements; ++e)
      for (int64_t n = 0; n < lanes_; ++n) {
        const int64_t at = e * lanes_ + n;
        const float value =
            n < state.count ? scale * (memory.inputs[i][at] - memory.inputs[i + 1][at]) : 0.0F;
        gradient[at] = (accumulates_[i] ? gradient[at] : 0.0F) + value;
      }
  }

  // q of all samples, pixels x lanes, and |a| of each.
  void Attention(const Shape& shape, const float* feature, float* map, float* norms) const {
    const int64_t pixels = shape[1] * shape[2];
    std::fill_n(map, pixels * lanes_, 0.0F);
    for (int64_t c = 0; c < shape[0]; ++c)
      for (int64_t e = 0; e < pixels * lanes_; ++e) {
        const float x = feature[c * pixels * lanes_ + e];
        map[e] += x * x;
      }
    for (int64_t n = 0; n < lanes_; ++n) {
      float sum = 0;
      for (int64_t p = 0; p < pixels; ++p) sum += map[p * lanes_ + n] * map[p * lanes_ + n];
      const float norm = std::max(std::sqrt(sum), kLeastNorm);
      for (int64_t p = 0; p < pixels; ++p) map[p * lanes_ + n] /= norm;
      norms[n] = norm;
    }
  }

  void AddAttentionDistance(size_t i, const OperatorMemory& memory, const StepState& state) const {
    const int64_t pixels = shapes_[i][1] * shapes_[i][2];
    float* const own = memory.forward_scratch;
    float* const other = own + pixels * lanes_;
    float* const norms = other + pixels * lanes_;
    Attention(shapes_[i], memory.inputs[i], own, norms);
    Attention(shapes_[i + 1], memory.inputs[i + 1], other, norms);
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t n = 0; n < state.count; ++n) {
        const float error = own[p * lanes_ + n] - other[p * lanes_ + n];
        memory.output[n] += feature_weight_ * error * error;
      }
  }

  // With r = q(f) . q(g):  dD/da[pixel] = -2 (q(g)[pixel] - r q(f)[pixel]) / |a|,  da/df = 2 f.
  void AttentionGradient(size_t i, const OperatorMemory& memory, const StepState& state) const {
    const int64_t channels = shapes_[i][0], pixels = shapes_[i][1] * shapes_[i][2];
    float* const own = memory.backward_scratch;
    float* const other = own + pixels * lanes_;
    float* const gradient = memory.input_gradients[i];
    const float each = feature_weight_ / static_cast<float>(state.count);
    float* const norms = other + pixels * lanes_;
    Attention(shapes_[i + 1], memory.inputs[i + 1], other, norms);
    Attention(shapes_[i], memory.inputs[i], own, norms);
    for (int64_t n = 0; n < lanes_; ++n) {
      float along = 0;
      for (int64_t p = 0; p < pixels; ++p) along += own[p * lanes_ + n] * other[p * lanes_ + n];
      for (int64_t p = 0; p < pixels; ++p) {
        const int64_t at = p * lanes_ + n;
        // From here on `other` is dD/da.
        other[at] = n < state.count ? -2 * each * (other[at] - along * own[at]) / norms[n] : 0.0F;
      }
    }
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t e = 0; e < pixels * lanes_; ++e) {
        const int64_t at = c * pixels * lanes_ + e;
        gradient[at] = (accumulates_[i] ? gradient[at] : 0.0F) + 2 * memory.inputs[i][at] * other[e];
      }
  }

  const int64_t lanes_, classes_;
  const float temperature_, teacher_share_, feature_weight_;
  const bool compares_attention_;
  const std::vector<bool> accumulates_;
  std::vector<Shape> shapes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> MakeDistillation(const OperatorSetup& setup) {
  return std::make_unique<DistillationOperator>(setup);
}

}  // namespace concertina
