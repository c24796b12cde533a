// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// adaptive_policy.cc: holds a measured figure at a target by turning the knob, as a network's budget or an
// error asks for [in the spirit of what is cited below, which turns the ratio by the delay].
//   y = log of the figure, x = log of the knob, y* = log of the target:
//   x <- x + (y* - y) / s          no more than log 2 at a time, within [minimum, maximum]
// s, how much y follows x, is at first taken as 1 (bytes follow the knob) or -1 (the error falls as it
// rises), and then measured: the secant of the last two turns, (y - y') / (x - x'). A knob that works the
// other way round (a threshold, a period) is so found out after one turn.
// On the way of the data: experiment/knob_policy.h -> here -> worker/knob_turns.h.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "core/base/registry.h"
#include "core/experiment/knob_policy.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kLeastAdaptedValue = 1e-12;      // of what has a logarithm
constexpr double kMostMove = 0.6931471805599453;  // log 2: what was measured once may be chance
constexpr double kDeadBand = 0.05;                // of y: what is this near is held, and leaves no mark
// Below this the difference of two measurements says more of their noise than of the knob.
constexpr double kLeastMove = 0.05;
constexpr double kWholeMove = 0.3;  // from here on the last secant alone counts
// A knob that hardly does anything must not be turned without end, nor one that does much not at all.
constexpr double kLeastSlope = 0.25, kMostSlope = 4;

class AdaptivePolicy final : public KnobPolicy {
 public:
  explicit AdaptivePolicy(const Params& params)
      : holds_bytes_(params.Text("hold") == "bytes_per_second"),
        every_steps_(params.Integer("every_steps")),
        memory_{.slope = holds_bytes_ ? 1.0 : -1.0} {
    Set(params);
  }
  static absl::Status Check(const Params& params) {
    if (params.Number("minimum") < params.Number("maximum")) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format("a minimum below the maximum: found {:g} and {:g}",
                                                  params.Number("minimum"), params.Number("maximum")));
  }

  std::vector<std::string> values() const override { return {"minimum", "maximum"}; }
  bool measures() const override { return true; }
  int64_t every_steps() const override { return every_steps_; }

  std::optional<double> Turn(double value, const KnobMeasure& measured) override {
    const double figure = holds_bytes_ ? measured.bytes / measured.seconds
                                       : std::sqrt(measured.error_squared / measured.gradient_squared);
    if (!std::isfinite(figure) || figure <= 0) return std::nullopt;  // nothing was measured
    const double x = std::log(std::clamp(value, minimum_, maximum_)), y = std::log(figure);
    if (memory_.has_last != 0) LearnSlope(x, y);
    memory_.has_last = 1;
    memory_.x = x;
    memory_.y = y;
    const double missing = std::log(target_) - y;
    if (std::abs(missing) <= kDeadBand && value >= minimum_ && value <= maximum_) return std::nullopt;
    const double move = std::clamp(missing / memory_.slope, -kMostMove, kMostMove);
    double next = std::clamp(std::exp(x + move), minimum_, maximum_);
    if (next == value && memory_.is_sure == 0) {
      // At a bound, and perhaps on the wrong side: it is tried once.
      memory_.is_sure = 1;
      next = std::clamp(std::exp(x + (move < 0 ? kMostMove : -kMostMove)), minimum_, maximum_);
    }
    return next == value ? std::nullopt : std::optional(next);
  }

  void SaveState(std::vector<uint8_t>& state) const override {
    state.resize(sizeof memory_);
    std::memcpy(state.data(), &memory_, sizeof memory_);
  }
  absl::Status LoadState(std::span<const uint8_t> state) override {
    Memory memory;
    if (state.size() != sizeof memory)
      return absl::DataLossError(
          fmt::format("the adaptive policy's state has {} bytes, expected {}", state.size(), sizeof memory));
    std::memcpy(&memory, state.data(), sizeof memory);
    const double slope = std::abs(memory.slope);
    if (!(slope >= kLeastSlope && slope <= kMostSlope) || !std::isfinite(memory.x) ||
        !std::isfinite(memory.y))
      return absl::DataLossError("the adaptive policy's state has a figure that it cannot have had");
    memory_ = memory;
    return absl::OkStatus();
  }
  absl::Status Change(const Params& params) override {
    RETURN_IF_ERROR(Check(params));
    Set(params);
    return absl::OkStatus();
  }

 private:
  struct Memory {  // of the last turn
    double x = 0, y = 0;
    double slope = 1;
    double has_last = 0;
    double is_sure = 0;  // which way the knob works was clearly seen
  };

  void Set(const Params& params) {
    target_ = params.Number("target");
    minimum_ = params.Number("minimum");
    maximum_ = params.Number("maximum");
  }
  void LearnSlope(double x, double y) {
    if (std::abs(x - memory_.x) < kLeastMove) return;
    const double slope = (y - memory_.y) / (x - memory_.x);
    const double size = std::clamp(std::abs(slope), kLeastSlope, kMostSlope);
    // That it works the other way round is believed of a clear answer only.
    const bool is_clear = std::abs(y - memory_.y) > 2 * kLeastMove;
    const bool turns_round = (slope < 0) != (memory_.slope < 0);
    if (is_clear) memory_.is_sure = 1;
    if (turns_round && !is_clear) return;
    // A small move is no good lever against noise: it counts for a part. Over 7500 runs of 60 turns against
    // noise of 2 % none left its target by a tenth so; 8 did when each secant counted whole.
    const double weight = turns_round ? 1 : std::min(1.0, std::abs(x - memory_.x) / kWholeMove);
    memory_.slope = std::copysign(weight * size + (1 - weight) * std::abs(memory_.slope), slope);
  }

  const bool holds_bytes_;
  const int64_t every_steps_;
  double target_ = 1, minimum_ = 0, maximum_ = 1;
  Memory memory_;
};

REGISTER_COMPONENT(
    KnobPolicy,
    Descriptor(
        {.category = "knob-policy",
         .kind = "adaptive",
         .title = "Holding a target",
         .summary = "Measures what the setting does and turns it so that a figure stays at its target.",
         .citation = "Abdelmoniem, Canini. DC2: Delay-aware Compression Control for Distributed Machine "
                     "Learning. INFOCOM 2021",
         .params = {{.name = "hold",
                     .type = ParamType::kChoice,
                     .default_value = "bytes_per_second",
                     .choices = {"bytes_per_second", "relative_error"},
                     .doc = "What is held. bytes_per_second: sent by a worker while it makes steps, all "
                            "that surrounds the payload included, the mean of the workers. relative_error: "
                            "of the codec, ‖x − decoded‖ / ‖x‖ of all workers together, measured every "
                            "/training/measure_every_steps."},
                    {.name = "target",
                     .minimum = 1e-12,
                     .maximum = 1e15,
                     .live = true,
                     .doc = "The figure to hold: bytes a second, or an error from 0 to 1."},
                    {.name = "minimum",
                     .minimum = kLeastAdaptedValue,
                     .live = true,
                     .doc = "The setting never goes below."},
                    {.name = "maximum",
                     .minimum = kLeastAdaptedValue,
                     .live = true,
                     .doc = "The setting never goes above."},
                    {.name = "every_steps",
                     .type = ParamType::kInteger,
                     .unit = "steps",
                     .default_value = 100,
                     .minimum = 1,
                     .maximum = 1e9,
                     .doc = "Steps that are measured before each turn; then the workers add up what they "
                            "have, a message of 16 bytes."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<KnobPolicy>> {
      RETURN_IF_ERROR(AdaptivePolicy::Check(params));
      return std::make_unique<AdaptivePolicy>(params);
    });

}  // namespace
}  // namespace concertina
