// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// schedule.cc: learning rate over time: constant, step and cosine, each after a linear warm-up.
// On the way of the data: worker/step_loop.h asks the factor of a step -> here -> nn/optimizer.h.
//   factor(t) = warm-up(t) shape(t)      warm-up(t) = min(1, (t + 1) / w)      [Goyal et al. Accurate, Large
//   Minibatch SGD: Training ImageNet in 1 Hour. 2017, section 2.2]
#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/registry.h"
#include "core/nn/optimizer.h"

namespace concertina {
namespace {

class WarmUp : public Schedule {
 public:
  explicit WarmUp(int64_t warmup_steps) : warmup_steps_(warmup_steps) {}

  double Factor(int64_t step, int64_t total_steps, int64_t steps_per_epoch) const final {
    const double warm =
        step < warmup_steps_ ? static_cast<double>(step + 1) / static_cast<double>(warmup_steps_) : 1;
    return warm * After(step, total_steps, std::max<int64_t>(1, steps_per_epoch));
  }

 protected:
  virtual double After(int64_t step, int64_t total_steps, int64_t steps_per_epoch) const = 0;
  int64_t warmup_steps() const { return warmup_steps_; }

 private:
  int64_t warmup_steps_;
};

class Constant final : public WarmUp {
 public:
  using WarmUp::WarmUp;
  double After(int64_t, int64_t, int64_t) const override { return 1; }
};

class StepDecay final : public WarmUp {
 public:
  StepDecay(int64_t warmup_steps, int64_t every_epochs, double factor)
      : WarmUp(warmup_steps), every_epochs_(every_epochs), factor_(factor) {}
  double After(int64_t step, int64_t, int64_t steps_per_epoch) const override {
    return std::pow(factor_, static_cast<double>(step / steps_per_epoch / every_epochs_));
  }

 private:
  int64_t every_epochs_;
  double factor_;
};

// From 1 at the end of the warm-up to 0 after the last step, without restarts.
class Cosine final : public WarmUp {
 public:
  using WarmUp::WarmUp;
  double After(int64_t step, int64_t total_steps, int64_t) const override {
    const int64_t length = std::max<int64_t>(1, total_steps - warmup_steps());
    const double progress = static_cast<double>(step - warmup_steps()) / static_cast<double>(length);
    return 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(progress, 0.0, 1.0)));
  }
};

ParamSpec WarmUpSteps() {
  return {
      .name = "warmup_steps",
      .type = ParamType::kInteger,
      .unit = "steps",
      .default_value = 0,
      .minimum = 0,
      .maximum = 1e9,
      .doc = "The learning rate rises in a straight line to its full value over the first so many steps."};
}

REGISTER_COMPONENT(Schedule,
                   Descriptor({.category = "schedule",
                               .kind = "constant",
                               .title = "Constant",
                               .summary = "The learning rate stays, after the warm-up.",
                               .citation = "",
                               .params = {WarmUpSteps()}}),
                   [](const Params& params) -> absl::StatusOr<std::unique_ptr<Schedule>> {
                     return std::make_unique<Constant>(params.Integer("warmup_steps"));
                   });

REGISTER_COMPONENT(Schedule,
                   Descriptor({.category = "schedule",
                               .kind = "step",
                               .title = "Step decay",
                               .summary = "Every few epochs the learning rate is multiplied by a factor.",
                               .citation = "",
                               .params = {{.name = "every_epochs",
                                           .type = ParamType::kInteger,
                                           .unit = "epochs",
                                           .default_value = 1,
                                           .minimum = 1,
                                           .maximum = 1e6,
                                           .doc = "Epochs between two multiplications."},
                                          {.name = "factor",
                                           .default_value = 0.1,
                                           .minimum = 0,
                                           .maximum = 1,
                                           .doc = "What the learning rate is multiplied by."},
                                          WarmUpSteps()}}),
                   [](const Params& params) -> absl::StatusOr<std::unique_ptr<Schedule>> {
                     return std::make_unique<StepDecay>(params.Integer("warmup_steps"),
                                                        params.Integer("every_epochs"),
                                                        params.Number("factor"));
                   });

REGISTER_COMPONENT(
    Schedule,
    Descriptor(
        {.category = "schedule",
         .kind = "cosine",
         .title = "Cosine",
         .summary = "Half a cosine from the full learning rate down to zero at the end of the run.",
         .citation = "Loshchilov, Hutter. SGDR: Stochastic Gradient Descent with Warm Restarts. ICLR 2017",
         .params = {WarmUpSteps()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Schedule>> {
      return std::make_unique<Cosine>(params.Integer("warmup_steps"));
    });

}  // namespace
}  // namespace concertina
