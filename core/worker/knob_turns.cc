// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// knob_turns.cc: see knob_turns.h.
#include "core/worker/knob_turns.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/registry.h"
#include "core/gradient/state_parts.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr double kNotYet = std::numeric_limits<double>::quiet_NaN();

}  // namespace

absl::StatusOr<KnobTurns> KnobTurns::Create(const Spec& spec) {
  KnobTurns turns;
  for (const HeldKnob& knob : spec.knobs) {
    const std::optional<ParamSpec> param = LiveParam(spec, knob.pointer);
    if (!param)
      return absl::InvalidArgumentError(
          fmt::format("/knobs: {} cannot change while a run goes", knob.pointer));
    Held& held = turns.held_.emplace_back();
    held.pointer = knob.pointer;
    held.is_whole = param->type == ParamType::kInteger;
    held.value = kNotYet;
    ASSIGN_OR_RETURN(held.policy, Registry::Global().Create<KnobPolicy>("knob-policy", knob.policy));
  }
  return turns;
}

void KnobTurns::Add(const KnobMeasure& cost) {
  for (Held& held : held_) {
    held.since.bytes += cost.bytes;
    held.since.seconds += cost.seconds;
    held.since.error_squared += cost.error_squared;
    held.since.gradient_squared += cost.gradient_squared;
  }
}

absl::StatusOr<std::vector<KnobTurns::Turn>> KnobTurns::Before(int64_t step, int64_t total_steps,
                                                               const Spec& spec, Sum sum) {
  std::vector<Turn> turns;
  for (Held& held : held_) {
    const bool measures = held.policy->measures();
    KnobTurn next{.value = held.value};
    if (!measures) {
      next = held.policy->At(step, total_steps);
      if (next.value == held.value) continue;
    } else if (step == 0 || step % held.policy->every_steps() != 0) {
      continue;
    }
    const Json file = Json::parse(spec.json, nullptr, false);
    const Json::json_pointer at(held.pointer);
    const double now = file.contains(at) && file.at(at).is_number() ? file.at(at).get<double>() : kNotYet;
    if (measures) {
      if (std::isnan(now)) continue;
      float figures[4] = {static_cast<float>(held.since.bytes), static_cast<float>(held.since.seconds),
                          static_cast<float>(held.since.error_squared),
                          static_cast<float>(held.since.gradient_squared)};
      RETURN_IF_ERROR(sum(figures));
      held.since = {};
      const std::optional<double> turned = held.policy->Turn(now, {.bytes = figures[0],
                                                                   .seconds = figures[1],
                                                                   .error_squared = figures[2],
                                                                   .gradient_squared = figures[3]});
      if (!turned) continue;
      next.value = *turned;
    }
    held.value = next.value;
    const double value = held.is_whole ? std::round(next.value) : next.value;
    if (value == now) continue;
    turns.push_back({.pointer = held.pointer,
                     .json = held.is_whole ? std::to_string(static_cast<int64_t>(value)) : Json(value).dump(),
                     .is_marked = next.is_marked});
  }
  return turns;
}

absl::Status KnobTurns::Change(const Spec& spec) {
  for (size_t i = 0; i < held_.size(); ++i) RETURN_IF_ERROR(held_[i].policy->Change(spec.knobs[i].policy));
  return absl::OkStatus();
}

void KnobTurns::SaveState(std::vector<uint8_t>& state) const {
  state.clear();
  for (const Held& held : held_) {
    const size_t begin = state.size();
    state.resize(begin + sizeof held.since);
    std::memcpy(&state[begin], &held.since, sizeof held.since);
    std::vector<uint8_t> own;
    held.policy->SaveState(own);
    AppendStatePart(own, state);
  }
}

absl::Status KnobTurns::LoadState(std::span<const uint8_t> state) {
  for (Held& held : held_) {
    if (state.size() < sizeof held.since)
      return absl::DataLossError(fmt::format("the state of the policies ends at that of {}", held.pointer));
    std::memcpy(&held.since, state.data(), sizeof held.since);
    state = state.subspan(sizeof held.since);
    ASSIGN_OR_RETURN(const std::span<const uint8_t> own, TakeStatePart(state));
    RETURN_IF_ERROR(Annotate(held.policy->LoadState(own), held.pointer));
  }
  if (!state.empty())
    return absl::DataLossError(
        fmt::format("{} bytes of the policies' state are left over: another experiment's?", state.size()));
  return absl::OkStatus();
}

}  // namespace concertina
