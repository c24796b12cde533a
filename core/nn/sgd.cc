// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sgd.cc: stochastic gradient descent with momentum, Nesterov's form and weight decay.
// On the way of the data: parallel/exchange.h -> here -> the next step's graph/executor.h.
//   d = g + weight_decay w;  v = momentum v + d;  w -= learning_rate v         (Nesterov: d + momentum v)
// As PyTorch has it: the learning rate is outside the velocity, so a change of it acts at once.
// State: the velocity, one float a parameter.
#include <cassert>

#include "core/base/registry.h"
#include "core/nn/decay_ranges.h"
#include "core/nn/optimizer.h"
#include "core/nn/update_kernels.h"

namespace concertina {
namespace {

class Sgd final : public Optimizer {
 public:
  explicit Sgd(const Params& params) : nesterov_(params.Boolean("nesterov")) { Take(params); }

  void Prepare(const std::vector<ParameterSlot>& slots) override {
    ranges_ = DecayRanges(slots);
    velocity_.assign(static_cast<size_t>(ranges_.size()), 0.0F);
  }

  void Update(int64_t, double learning_rate, int64_t offset, std::span<const float> gradient,
              std::span<float> parameters) override {
    assert(gradient.size() == parameters.size());
    const auto end = offset + static_cast<int64_t>(gradient.size());
    assert(offset >= 0 && end <= ranges_.size());
    ranges_.ForEach(offset, end, [&](int64_t low, int64_t high, bool decays) {
      SgdUpdate({.learning_rate = static_cast<float>(learning_rate),
                 .momentum = momentum_,
                 .weight_decay = decays ? weight_decay_ : 0.0F,
                 .nesterov = nesterov_},
                gradient.data() + (low - offset), velocity_.data() + low, parameters.data() + (low - offset),
                high - low);
    });
  }

  std::span<float> state() override { return velocity_; }
  double base_learning_rate() const override { return learning_rate_; }

  absl::Status Change(const Params& params) override {
    if (params.Boolean("nesterov") != nesterov_)
      return absl::FailedPreconditionError(
          "/optimizer/nesterov: cannot change while a run goes; start another run");
    Take(params);
    return absl::OkStatus();
  }

 private:
  void Take(const Params& params) {
    learning_rate_ = params.Number("learning_rate");
    weight_decay_ = static_cast<float>(params.Number("weight_decay"));
    const auto momentum = static_cast<float>(params.Number("momentum"));
    // Without momentum the velocity is not kept up; an old one must not come back when momentum does.
    if (momentum == 0 && momentum_ != 0) std::fill(velocity_.begin(), velocity_.end(), 0.0F);
    momentum_ = momentum;
  }

  DecayRanges ranges_;
  std::vector<float> velocity_;
  double learning_rate_ = 0;
  float momentum_ = 0;
  float weight_decay_ = 0;
  bool nesterov_;
};

REGISTER_COMPONENT(
    Optimizer,
    Descriptor(
        {.category = "optimizer",
         .kind = "sgd",
         .title = "Stochastic gradient descent",
         .summary = "Steps against the gradient, with momentum, Nesterov's look-ahead and weight decay.",
         .citation = "Sutskever, Martens, Dahl, Hinton. On the Importance of Initialization and Momentum in "
                     "Deep Learning. ICML 2013",
         .params =
             {{.name = "learning_rate",
               .default_value = 0.05,
               .minimum = 0,
               .maximum = 1000,
               .live = true,
               .doc = "Length of a step, before the schedule's factor."},
              {.name = "momentum",
               .default_value = 0.0,
               .minimum = 0,
               .maximum = 0.9999,
               .live = true,
               .doc = "Share of the last step's velocity that is kept. 0 is plain gradient descent."},
              {.name = "nesterov",
               .type = ParamType::kBoolean,
               .default_value = false,
               .doc = "Takes the gradient's step after the velocity's. Without momentum it changes nothing."},
              {.name = "weight_decay",
               .default_value = 0.0,
               .minimum = 0,
               .maximum = 1,
               .live = true,
               .doc = "Times each parameter, added to its gradient."},
              {.name = "schedule",
               .type = ParamType::kComponent,
               .default_value = DefaultValue::FromJson(R"({"kind": "constant"})"),
               .choices = {"schedule"},
               .doc = "How the learning rate goes over the run."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Optimizer>> {
      return std::make_unique<Sgd>(params);
    });

}  // namespace
}  // namespace concertina
