// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// periodic_averaging.h: ranks train alone for H steps, then take one step together: what local SGD, SlowMo
// and DiLoCo share. On the way of the data: worker/step_loop.cc -> here -> the exchange that averages ->
// worker/step_loop.cc.
//
//   alone     x_i <- the run's optimiser on the gradient of rank i
//   together  D = mean_i (x_ref - x_i)          what the ranks have moved, as if it were a gradient
//             u = beta u + D / s                s = 1, or the learning rate of the step (SlowMo)
//             x_ref <- x_ref - alpha s u        (Nesterov: alpha s (D / s + beta u));   x_i = x_ref
// With alpha = 1 and beta = 0 that is x_ref = mean_i x_i. D goes through an exchange of gradients as it is,
// with its algorithm and codec: the traffic of a step is that exchange's, divided by H.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/parallel/exchange.h"

namespace concertina {

struct OuterStep {
  double learning_rate = 1;  // alpha
  double momentum = 0;       // beta
  bool is_nesterov = false;
  bool scales_by_learning_rate = false;  // s is the inner learning rate
};

class PeriodicAveraging : public Exchange {
 public:
  struct Period {
    int64_t steps = 1;              // H
    int64_t synchronous_steps = 0;  // until then ranks average at every step: post-local
  };
  // `averaging` must average gradients in lockstep (Fits checks).
  PeriodicAveraging(std::unique_ptr<Exchange> averaging, Period period, OuterStep outer);

  absl::Status Fits(const Circumstances& circumstances) const override;
  std::vector<std::string> Warnings(const Circumstances& circumstances) const override;
  double ExtraMemoryBytes(const Circumstances& circumstances) const override;
  Pattern PatternOf(const Traffic& traffic) const override;

  absl::Status Prepare(const ExchangeContext& context) override;
  absl::Status Begin(int64_t step) override;
  void GradientReady(int /*parameter_index*/) override {}
  absl::StatusOr<ExchangeCost> Finish(int64_t step, const Apply& apply) override;
  absl::Status Settle() override;
  void SaveState(std::vector<uint8_t>& state) const override;
  absl::Status LoadState(std::span<const uint8_t> state) override;
  bool codes_by_layer() const override { return averaging_->codes_by_layer(); }
  absl::Status ChangeCodec(const Params& params) override { return averaging_->ChangeCodec(params); }
  absl::Status ChangeLayerCodec(int chain, const Params& params) override {
    return averaging_->ChangeLayerCodec(chain, params);
  }
  absl::Status Change(const Params& params) override;

  // "period_steps", "synchronous_steps" and "averaging": what all of them take.
  static std::vector<ParamSpec> CommonParams(int64_t period_steps);
  static absl::StatusOr<std::unique_ptr<Exchange>> Create(const Params& params, OuterStep outer);

 protected:
  // The outer step of the new, checked parameters.
  virtual OuterStep OuterOf(const Params& /*params*/) const { return outer_; }

 private:
  absl::StatusOr<ExchangeCost> StepTogether(int64_t step);

  const std::unique_ptr<Exchange> averaging_;
  Period period_;
  OuterStep outer_;
  ExchangeContext context_;
  Recorder::Series drift_series_ = -1;
  double drift_ = 0;  // ||x_i - x_ref|| at the last step together
  int64_t last_step_ = 0;
  int64_t alone_steps_ = 0;  // since the last step together
  std::vector<float> reference_, momentum_;
};

}  // namespace concertina
