// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fault_injection.cc: see fault_injection.h.
#include "core/experiment/fault_injection.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>

#include "core/base/registry.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

std::string Lasting(const FaultAct& act) {
  if (act.to_step >= 0) return fmt::format(" until step {}", act.to_step);
  return std::isfinite(act.for_seconds) ? fmt::format(" for {:g} s", act.for_seconds) : "";
}

bool IsIn(const std::vector<int>& group, int rank) {
  return std::find(group.begin(), group.end(), rank) != group.end();
}

}  // namespace

bool FaultAct::IsOnLink(int from, int to) const {
  if (kind == Kind::kPartition) return IsIn(group, from) != IsIn(group, to);
  if (kind != Kind::kDrop) return false;
  if (rank < 0) return true;
  return (from == rank && (other < 0 || to == other)) || (to == rank && (other < 0 || from == other));
}

std::vector<FaultAct> DrawFaults(const Spec& spec) {
  std::vector<FaultAct> acts;
  for (size_t entry = 0; entry < spec.faults.size(); ++entry) {
    const auto fault = Registry::Global().Create<FaultInjection>("fault", spec.faults[entry]);
    if (!fault.ok()) continue;  // the spec was checked
    Rng rng(spec.seed, "fault", entry);
    const size_t before = acts.size();
    (*fault)->Draw(rng, static_cast<int>(spec.worker_count()), acts);
    for (size_t i = before; i < acts.size(); ++i) acts[i].entry = static_cast<int>(entry);
  }
  return acts;
}

std::string FaultText(const FaultAct& act) {
  switch (act.kind) {
    case FaultAct::Kind::kKill:
      return fmt::format("rank {} is killed", act.rank);
    case FaultAct::Kind::kFreeze:
      return fmt::format("rank {} is frozen{}", act.rank, Lasting(act));
    case FaultAct::Kind::kSlow: {
      std::string text = fmt::format("rank {} is slow{}:", act.rank, Lasting(act));
      if (act.slowdown != 1) text += fmt::format(" computing takes {:g} times as long", act.slowdown);
      if (act.step_ms > 0)
        text += fmt::format("{} {:g} ms more a step", act.slowdown != 1 ? "," : "", act.step_ms);
      return text;
    }
    case FaultAct::Kind::kDrop: {
      const std::string link = act.rank < 0 ? "every link"
                               : act.other < 0
                                   ? fmt::format("every link of rank {}", act.rank)
                                   : fmt::format("the link of ranks {} and {}", act.rank, act.other);
      return fmt::format("{} loses {:g} % of its messages{}", link, 100 * act.probability, Lasting(act));
    }
    case FaultAct::Kind::kPartition:
      return fmt::format("rank{} {} {} cut off from the others{}", act.group.size() == 1 ? "" : "s",
                         fmt::join(act.group, ", "), act.group.size() == 1 ? "is" : "are", Lasting(act));
  }
  return "";
}

LinkShape WithDrop(LinkShape link, double probability) {
  link.loss = 1 - (1 - link.loss) * (1 - probability);
  return link;
}

LinkShape WithCut(LinkShape link, int64_t until_nanoseconds) {
  link.cut_until_nanoseconds = std::max(link.cut_until_nanoseconds, until_nanoseconds);
  return link;
}

std::vector<ParamSpec> MomentParams() {
  return {{.name = "at_step",
           .type = ParamType::kInteger,
           .unit = "steps",
           .default_value = 100,
           .minimum = 0,
           .maximum = 1e12,
           .doc = "The step at which it happens."},
          {.name = "at_seconds",
           .unit = "s",
           .minimum = 0,
           .maximum = 1e9,
           .doc = "The second since the first step at which it happens, in place of a step.",
           .optional = true}};
}

ParamSpec RankParam(const std::string& doc) {
  return {.name = "rank",
          .type = ParamType::kInteger,
          .minimum = 0,
          .maximum = 4095,
          .doc = doc + " Left out, or \"any\": one that the run's seed draws.",
          .optional = true};
}

std::vector<ParamSpec> StretchParams() {
  return {{.name = "from_step",
           .type = ParamType::kInteger,
           .unit = "steps",
           .default_value = 100,
           .minimum = 0,
           .maximum = 1e12,
           .doc = "The first step of it."},
          {.name = "to_step",
           .type = ParamType::kInteger,
           .unit = "steps",
           .default_value = 0,
           .minimum = 0,
           .maximum = 1e12,
           .doc = "The step before which it is over; 0 for the end of the run."}};
}

FaultAct OverStretchOf(const Params& params, FaultAct::Kind kind) {
  FaultAct act;
  act.kind = kind;
  act.at_step = params.Integer("from_step");
  if (params.Integer("to_step") > 0) act.to_step = params.Integer("to_step");
  return act;
}

absl::Status FitsStretch(const Params& params) {
  const int64_t from = params.Integer("from_step"), to = params.Integer("to_step");
  if (to <= 0 || to > from) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("to_step: found {}, expected more than from_step, which is {}; or 0", to, from));
}

FaultAct AtMomentOf(const Params& params, FaultAct::Kind kind) {
  FaultAct act;
  act.kind = kind;
  if (params.Has("at_seconds"))
    act.at_seconds = params.Number("at_seconds");
  else
    act.at_step = params.Integer("at_step");
  return act;
}

int RankOf(const Params& params, Rng& rng, int ranks) {
  assert(ranks > 0);
  // Drawn either way: a rank that is named leaves the other draws of the entry as they were.
  const auto drawn = static_cast<int>(rng.Below(static_cast<uint64_t>(ranks)));
  return params.Has("rank") ? static_cast<int>(params.Integer("rank")) : drawn;
}

absl::Status FitsRank(const Params& params, const std::string& name, int ranks) {
  if (!params.Has(name) || params.Integer(name) < ranks) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: found {}, expected a rank from 0 to {}, of /workers",
                                                name, params.Integer(name), ranks - 1));
}

}  // namespace concertina
