// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// random_faults.cc: faults at moments that nobody chose: a Poisson process, drawn by the run's seed.
//   t_k = t_{k-1} - ln(1 - U) / rate,   t_0 = from_seconds
// On the way of the data: experiment/fault_injection.h -> here -> engine/run_faults.cc,
// worker/fault_acts.h.
#include <cmath>
#include <memory>
#include <utility>

#include "core/base/registry.h"
#include "core/experiment/fault_injection.h"

namespace concertina {
namespace {

class RandomFaults final : public FaultInjection {
 public:
  explicit RandomFaults(Params params) : params_(std::move(params)) {
    using Kind = FaultAct::Kind;
    for (const auto& [name, kind] : {std::pair("kill", Kind::kKill),
                                     {"freeze", Kind::kFreeze},
                                     {"slow", Kind::kSlow},
                                     {"partition", Kind::kPartition}})
      if (params_.Boolean(name)) kinds_.push_back(kind);
  }

  void Draw(Rng& rng, int ranks, std::vector<FaultAct>& acts) const override {
    double seconds = params_.Number("from_seconds");
    const double rate = params_.Number("rate_per_minute") / 60;
    for (int64_t i = 0; i < params_.Integer("most"); ++i) {
      seconds -= std::log(1 - rng.Uniform()) / rate;
      FaultAct act;
      act.at_seconds = seconds;
      act.kind = kinds_[rng.Below(kinds_.size())];
      act.rank = static_cast<int>(rng.Below(static_cast<uint64_t>(ranks)));
      if (act.kind != FaultAct::Kind::kKill) act.for_seconds = params_.Number("seconds");
      if (act.kind == FaultAct::Kind::kSlow) act.slowdown = params_.Number("factor");
      if (act.kind == FaultAct::Kind::kPartition) act.group = {std::exchange(act.rank, -1)};
      acts.push_back(std::move(act));
    }
  }
  absl::Status Fits(int ranks) const override {
    if (kinds_.empty())
      return absl::InvalidArgumentError("kill: found no kind of fault, expected one or more to be true");
    if (ranks == 1 && params_.Boolean("partition"))
      return absl::InvalidArgumentError("partition: found true, expected false with one worker");
    return absl::OkStatus();
  }

 private:
  const Params params_;
  std::vector<FaultAct::Kind> kinds_;
};

std::vector<ParamSpec> RandomParams() {
  const auto kind = [](const char* name, bool is_in, const char* doc) {
    return ParamSpec{.name = name, .type = ParamType::kBoolean, .default_value = is_in, .doc = doc};
  };
  return {{.name = "rate_per_minute",
           .unit = "1/min",
           .default_value = 4.0,
           .minimum = 0.001,
           .maximum = 600,
           .doc = "How many faults a minute, in the mean; the times between them are exponential."},
          kind("kill", false, "Workers are killed."),
          kind("freeze", true, "Workers are frozen."),
          kind("slow", true, "Workers become slow."),
          kind("partition", false, "Workers are cut off, one at a time."),
          {.name = "seconds",
           .unit = "s",
           .default_value = 2.0,
           .minimum = 0.01,
           .maximum = 86400,
           .doc = "How long a freeze, a slow stretch or a cut lasts."},
          {.name = "factor",
           .default_value = 4.0,
           .minimum = 1,
           .maximum = 1000,
           .doc = "How many times as long computing takes on a slow worker."},
          {.name = "from_seconds",
           .unit = "s",
           .default_value = 2.0,
           .minimum = 0,
           .maximum = 1e9,
           .doc = "Nothing happens before."},
          {.name = "most",
           .type = ParamType::kInteger,
           .unit = "faults",
           .default_value = 20,
           .minimum = 1,
           .maximum = 1000,
           .doc = "Nothing happens after so many."}};
}

REGISTER_COMPONENT(
    FaultInjection,
    Descriptor({.category = "fault",
                .kind = "random",
                .title = "Random faults",
                .summary = "Faults of chosen kinds at random moments, which the run's seed draws.",
                .citation = "Basiri et al. Chaos Engineering. IEEE Software 33(3), 2016",
                .params = RandomParams()}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<FaultInjection>> {
      return std::make_unique<RandomFaults>(params);
    });

}  // namespace
}  // namespace concertina
