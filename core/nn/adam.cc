// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// adam.cc: Adam; AdamW, which is Adam with the decay taken out of the gradient; and 1-bit Adam, which is
// AdamW whose v stands still after T steps. On the way of the data: parallel/exchange.h -> here -> the next
// step's graph/executor.h.
//   Adam:  g' = g + weight_decay w          AdamW:  g' = g,  w = (1 - learning_rate weight_decay) w
//   m = b1 m + (1 - b1) g';  v = b2 v + (1 - b2) g'^2;  t = step + 1
//   w -= learning_rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
// 1-bit Adam, t > T: m comes from outside, agreed on by the ranks (averaged_momentum), v and its correction
// are those of step T, and elements whose v is 0 stay: what Adam does to g is then linear, and an error that
// m carries is fed back undistorted. State: m of every parameter, then v of every parameter. The bias
// corrections follow from the step alone.
#include <cassert>
#include <cmath>
#include <optional>

#include "core/base/registry.h"
#include "core/nn/decay_ranges.h"
#include "core/nn/optimizer.h"
#include "core/nn/update_kernels.h"

namespace concertina {
namespace {

class Adam final : public Optimizer {
 public:
  // `warm_up_steps`: T of 1-bit Adam.
  Adam(const Params& params, bool decoupled, std::optional<int64_t> warm_up_steps = std::nullopt)
      : decoupled_(decoupled),
        warm_up_steps_(warm_up_steps),
        beta1_(params.Number("beta1")),
        beta2_(params.Number("beta2")),
        epsilon_(params.Number("epsilon")) {
    Take(params);
  }

  void Prepare(const std::vector<ParameterSlot>& slots) override {
    ranges_ = DecayRanges(slots);
    moments_.assign(static_cast<size_t>(2 * ranges_.size()), 0.0F);
  }

  void Update(int64_t step, double learning_rate, int64_t offset, std::span<const float> gradient,
              std::span<float> parameters) override {
    assert(gradient.size() == parameters.size());
    const auto end = offset + static_cast<int64_t>(gradient.size());
    assert(offset >= 0 && end <= ranges_.size());
    const auto t = static_cast<double>(step + 1);
    AdamFactors factors = {.beta1 = static_cast<float>(beta1_),
                           .beta2 = static_cast<float>(beta2_),
                           .step_size = static_cast<float>(learning_rate / (1 - std::pow(beta1_, t))),
                           .second_moment_scale = static_cast<float>(1 / std::sqrt(1 - std::pow(beta2_, t))),
                           .epsilon = static_cast<float>(epsilon_)};
    float* first = moments_.data();
    float* second = moments_.data() + ranges_.size();
    const bool is_frozen = warm_up_steps_ && step >= *warm_up_steps_;
    if (is_frozen)
      factors.second_moment_scale =
          static_cast<float>(1 / std::sqrt(1 - std::pow(beta2_, static_cast<double>(*warm_up_steps_))));
    ranges_.ForEach(offset, end, [&](int64_t low, int64_t high, bool decays) {
      const double decay = decays ? weight_decay_ : 0.0;
      factors.gradient_decay = decoupled_ ? 0.0F : static_cast<float>(decay);
      factors.parameter_keep = decoupled_ ? static_cast<float>(1 - learning_rate * decay) : 1.0F;
      if (is_frozen)
        return FrozenUpdate(factors, gradient.data() + (low - offset), second + low,
                            parameters.data() + (low - offset), high - low);
      AdamUpdate(factors, gradient.data() + (low - offset), first + low, second + low,
                 parameters.data() + (low - offset), high - low);
    });
  }

  std::span<float> state() override { return moments_; }
  double base_learning_rate() const override { return learning_rate_; }
  std::optional<AveragedMomentum> averaged_momentum() const override {
    if (!warm_up_steps_) return std::nullopt;
    return AveragedMomentum{.beta = beta1_, .first = *warm_up_steps_};
  }

  absl::Status Change(const Params& params) override {
    for (const auto& [name, value] : {std::pair{"beta1", beta1_}, {"beta2", beta2_}, {"epsilon", epsilon_}})
      if (params.Number(name) != value)
        return absl::FailedPreconditionError(std::string("/optimizer/") + name +
                                             ": cannot change while a run goes; start another run");
    if (warm_up_steps_ && params.Integer("warm_up_steps") != *warm_up_steps_)
      return absl::FailedPreconditionError(
          "/optimizer/warm_up_steps: cannot change while a run goes; start another run");
    Take(params);
    return absl::OkStatus();
  }

 private:
  // w = parameter_keep w - step_size m / (second_moment_scale sqrt(v) + epsilon). What had no gradient at all
  // until v stood still (a pixel that is always black, a dead unit) stays: a codec of signs gives it a
  // momentum of the size of its neighbours', which epsilon alone would divide.
  static void FrozenUpdate(const AdamFactors& factors, const float* momentum, const float* second_moment,
                           float* parameters, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      const float step = factors.step_size * momentum[i] /
                         (factors.second_moment_scale * std::sqrt(second_moment[i]) + factors.epsilon);
      parameters[i] = factors.parameter_keep * parameters[i] - (second_moment[i] > 0 ? step : 0.0F);
    }
  }

  void Take(const Params& params) {
    learning_rate_ = params.Number("learning_rate");
    weight_decay_ = params.Number("weight_decay");
  }

  bool decoupled_;
  std::optional<int64_t> warm_up_steps_;
  double beta1_, beta2_, epsilon_;
  double learning_rate_ = 0, weight_decay_ = 0;
  DecayRanges ranges_;
  std::vector<float> moments_;
};

std::vector<ParamSpec> AdamParams(double weight_decay, std::string decay_doc) {
  return {{.name = "learning_rate",
           .default_value = 0.001,
           .minimum = 0,
           .maximum = 1000,
           .live = true,
           .doc = "Length of a step, before the schedule's factor."},
          {.name = "beta1",
           .default_value = 0.9,
           .minimum = 0,
           .maximum = 0.9999,
           .doc = "Share of the old mean of the gradients that is kept."},
          {.name = "beta2",
           .default_value = 0.999,
           .minimum = 0,
           .maximum = 0.999999,
           .doc = "Share of the old mean of their squares that is kept."},
          {.name = "epsilon",
           .default_value = 1e-8,
           .minimum = 1e-30,
           .maximum = 1,
           .doc = "Added to the root of the mean square, so that it is never zero."},
          {.name = "weight_decay",
           .default_value = weight_decay,
           .minimum = 0,
           .maximum = 1,
           .live = true,
           .doc = std::move(decay_doc)},
          {.name = "schedule",
           .type = ParamType::kComponent,
           .default_value = DefaultValue::FromJson(R"({"kind": "constant"})"),
           .choices = {"schedule"},
           .doc = "How the learning rate goes over the run."}};
}

REGISTER_COMPONENT(
    Optimizer,
    Descriptor({.category = "optimizer",
                .kind = "adam",
                .title = "Adam",
                .summary = "Divides each step by a running mean of the gradient's magnitude.",
                .citation = "Kingma, Ba. Adam: A Method for Stochastic Optimization. ICLR 2015",
                .params = AdamParams(0.0, "Times each parameter, added to its gradient.")}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Optimizer>> {
      return std::make_unique<Adam>(params, false);
    });

REGISTER_COMPONENT(
    Optimizer,
    Descriptor(
        {.category = "optimizer",
         .kind = "adamw",
         .title = "AdamW",
         .summary = "Adam whose weight decay shrinks the parameters directly, apart from the gradient.",
         .citation = "Loshchilov, Hutter. Decoupled Weight Decay Regularization. ICLR 2019",
         .params = AdamParams(
             0.01, "Times the learning rate, the share of each parameter that a step takes away.")}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Optimizer>> {
      return std::make_unique<Adam>(params, true);
    });

std::vector<ParamSpec> OneBitAdamParams() {
  std::vector<ParamSpec> params =
      AdamParams(0.0, "Times the learning rate, the share of each parameter that a step takes away.");
  params.push_back(
      {.name = "warm_up_steps",
       .type = ParamType::kInteger,
       .unit = "steps",
       .default_value = 100,
       .minimum = 1,
       .maximum = 1000000000,
       .doc =
           "T: so many first steps are AdamW's, with gradients averaged as they are, all their bytes; "
           "plan tells the bytes after them. The mean square of gradients must have settled by then, since "
           "it is kept, and a warm-up of the learning rate be over. Elements whose gradient was 0 until then "
           "stay as they are; those where it nearly was jump by as much as the others' momentum over their "
           "small mean: a larger epsilon holds them."});
  return params;
}

REGISTER_COMPONENT(
    Optimizer,
    Descriptor(
        {.category = "optimizer",
         .kind = "one-bit-adam",
         .title = "1-bit Adam",
         .summary = "Adam whose workers agree on momentum, a bit an element, after a warm-up.",
         .citation = "Tang et al. 1-bit Adam: Communication Efficient Large-Scale Training with Adam's "
                     "Convergence Speed. ICML 2021",
         .params = OneBitAdamParams()}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Optimizer>> {
      return std::make_unique<Adam>(params, true, params.Integer("warm_up_steps"));
    });

}  // namespace
}  // namespace concertina
