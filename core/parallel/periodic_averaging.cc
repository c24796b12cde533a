// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// periodic_averaging.cc: see periodic_averaging.h.
#include "core/parallel/periodic_averaging.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/registry.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

void AppendFloats(const std::vector<float>& values, std::vector<uint8_t>& out) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
  out.insert(out.end(), bytes, bytes + values.size() * sizeof(float));
}

// The next `values.size()` floats of the state.
absl::Status TakeFloats(std::span<const uint8_t>& state, std::vector<float>& values) {
  const size_t bytes = values.size() * sizeof(float);
  if (state.size() < bytes)
    return absl::DataLossError(fmt::format("the exchange's state ends {} bytes early", bytes - state.size()));
  std::memcpy(values.data(), state.data(), bytes);
  state = state.subspan(bytes);
  return absl::OkStatus();
}

}  // namespace

PeriodicAveraging::PeriodicAveraging(std::unique_ptr<Exchange> averaging, Period period, OuterStep outer)
    : averaging_(std::move(averaging)), period_(period), outer_(outer) {}

absl::Status PeriodicAveraging::Fits(const Circumstances& circumstances) const {
  return Annotate(averaging_->Fits(circumstances), "/exchange/averaging");
}

std::vector<std::string> PeriodicAveraging::Warnings(const Circumstances& circumstances) const {
  std::vector<std::string> warnings = averaging_->Warnings(circumstances);
  if (circumstances.total_steps > 0 && period_.steps > circumstances.total_steps)
    warnings.push_back(
        fmt::format("the workers average every {} steps and the run has {}: they agree once, at its end",
                    period_.steps, circumstances.total_steps));
  if (circumstances.ranks == 1)
    warnings.push_back("one worker averages with nobody: only the outer step is left of this exchange");
  return warnings;
}

double PeriodicAveraging::ExtraMemoryBytes(const Circumstances& circumstances) const {
  const double vectors = outer_.momentum > 0 ? 2 : 1;
  return vectors * sizeof(float) * static_cast<double>(circumstances.floats) +
         averaging_->ExtraMemoryBytes(circumstances);
}

Pattern PeriodicAveraging::PatternOf(const Traffic& traffic) const {
  Pattern pattern = averaging_->PatternOf(traffic);
  const auto period = static_cast<double>(period_.steps);
  for (Flow& flow : pattern.flows) {
    flow.bytes /= period;
    flow.messages /= period;
  }
  pattern.rounds /= period;
  pattern.encodes /= period;
  pattern.decodes /= period;
  return pattern;
}

absl::Status PeriodicAveraging::Prepare(const ExchangeContext& context) {
  context_ = context;
  if (context.recorder != nullptr) drift_series_ = context.recorder->Open("local/drift", "", RankFold::kMean);
  reference_.assign(context.parameters.begin(), context.parameters.end());
  if (outer_.momentum > 0) momentum_.assign(context.parameters.size(), 0);
  ExchangeContext inner = context;
  inner.may_overlap = false;  // what is averaged is there all at once
  return averaging_->Prepare(inner);
}

absl::Status PeriodicAveraging::Begin(int64_t step) {
  last_step_ = step;
  return absl::OkStatus();
}

absl::StatusOr<ExchangeCost> PeriodicAveraging::Finish(int64_t step, const Apply& apply) {
  apply(0, static_cast<int64_t>(context_.parameters.size()));
  ++alone_steps_;
  if (step >= period_.synchronous_steps && alone_steps_ < period_.steps) return ExchangeCost{};
  ASSIGN_OR_RETURN(const ExchangeCost cost, StepTogether(step));
  if (context_.recorder != nullptr) context_.recorder->Record(drift_series_, step, drift_);
  return cost;
}

absl::Status PeriodicAveraging::Settle() {
  return alone_steps_ == 0 ? absl::OkStatus() : StepTogether(last_step_).status();
}

absl::StatusOr<ExchangeCost> PeriodicAveraging::StepTogether(int64_t step) {
  const std::span<float> parameters = context_.parameters, moved = context_.gradients;  // used up by now
  double drift_squared = 0;
  for (size_t i = 0; i < moved.size(); ++i) {
    moved[i] = reference_[i] - parameters[i];
    drift_squared += static_cast<double>(moved[i]) * moved[i];
  }
  RETURN_IF_ERROR(averaging_->Begin(step));
  for (const int parameter : *context_.gradient_order) averaging_->GradientReady(parameter);
  ASSIGN_OR_RETURN(const ExchangeCost cost, averaging_->Finish(step, [](int64_t, int64_t) {}));

  const auto alpha = static_cast<float>(outer_.learning_rate), beta = static_cast<float>(outer_.momentum);
  if (momentum_.empty()) {
    for (size_t i = 0; i < moved.size(); ++i) parameters[i] = reference_[i] -= alpha * moved[i];
  } else {
    const auto scale =
        outer_.scales_by_learning_rate ? static_cast<float>(context_.learning_rate(step)) : 1.0F;
    const float inverse = scale > 0 ? 1 / scale : 0;
    for (size_t i = 0; i < moved.size(); ++i) {
      const float pull = moved[i] * inverse;
      momentum_[i] = beta * momentum_[i] + pull;
      const float direction = outer_.is_nesterov ? pull + beta * momentum_[i] : momentum_[i];
      parameters[i] = reference_[i] -= alpha * scale * direction;
    }
  }
  if (!context_.buffers.empty())
    RETURN_IF_ERROR(context_.data->AllReduceSum(context_.buffers, Deadline::After(context_.deadline_seconds),
                                                1.0F / static_cast<float>(context_.data->size())));
  drift_ = std::sqrt(drift_squared);
  alone_steps_ = 0;
  return cost;
}

// Steps alone u64 | x_ref | u, where there is one | the averaging exchange's own.
void PeriodicAveraging::SaveState(std::vector<uint8_t>& state) const {
  std::vector<uint8_t> inner;
  averaging_->SaveState(inner);
  state.resize(sizeof alone_steps_);
  std::memcpy(state.data(), &alone_steps_, sizeof alone_steps_);
  AppendFloats(reference_, state);
  AppendFloats(momentum_, state);
  state.insert(state.end(), inner.begin(), inner.end());
}

absl::Status PeriodicAveraging::LoadState(std::span<const uint8_t> state) {
  int64_t alone_steps = 0;
  if (state.size() < sizeof alone_steps) return absl::DataLossError("the exchange's state ends too early");
  std::memcpy(&alone_steps, state.data(), sizeof alone_steps);
  if (alone_steps < 0) return absl::DataLossError("the exchange's state counts steps below 0");
  state = state.subspan(sizeof alone_steps);
  RETURN_IF_ERROR(TakeFloats(state, reference_));
  RETURN_IF_ERROR(TakeFloats(state, momentum_));
  alone_steps_ = alone_steps;
  return averaging_->LoadState(state);
}

absl::Status PeriodicAveraging::Change(const Params& params) {
  period_ = {params.Integer("period_steps"), params.Integer("synchronous_steps")};
  const OuterStep outer = OuterOf(params);
  if (outer.momentum > 0 && momentum_.empty()) momentum_.assign(reference_.size(), 0);
  outer_ = outer;
  return averaging_->Change(params.Component("averaging"));
}

std::vector<ParamSpec> PeriodicAveraging::CommonParams(int64_t period_steps) {
  return {
      {.name = "period_steps",
       .type = ParamType::kInteger,
       .unit = "steps",
       .default_value = period_steps,
       .minimum = 1,
       .maximum = 1e9,
       .live = true,
       .doc = "H: steps that every worker makes alone before all average. Bytes fall to 1/H; the longer the "
              "period, the further the workers drift apart."},
      {.name = "synchronous_steps",
       .type = ParamType::kInteger,
       .unit = "steps",
       .default_value = 0,
       .minimum = 0,
       .maximum = 1e12,
       .live = true,
       .doc = "Average after every step until here, and only then every H: post-local SGD [Lin et al. Don't "
              "Use Large Mini-Batches, Use Local SGD. ICLR 2020]. The first steps matter most."},
      {.name = "averaging",
       .type = ParamType::kComponent,
       .default_value = DefaultValue::FromJson(R"({"kind": "all-reduce"})"),
       .choices = {"exchange"},
       .doc = "How the average is made: all-reduce or a synchronous parameter-server. The codec of /gradient "
              "is applied to what the workers have moved since the last average."}};
}

absl::StatusOr<std::unique_ptr<Exchange>> PeriodicAveraging::Create(const Params& params, OuterStep outer) {
  const Params inner = params.Component("averaging");
  const std::string& kind = inner.kind();
  if (kind != "all-reduce" && kind != "parameter-server" && kind != "single")
    return absl::InvalidArgumentError(
        fmt::format("/exchange/averaging/kind: \"{}\" does not average gradients in step; take all-reduce or "
                    "parameter-server",
                    kind));
  ASSIGN_OR_RETURN(std::unique_ptr<Exchange> averaging,
                   Registry::Global().Create<Exchange>("exchange", inner));
  return std::make_unique<PeriodicAveraging>(
      std::move(averaging), Period{params.Integer("period_steps"), params.Integer("synchronous_steps")},
      outer);
}

}  // namespace concertina
