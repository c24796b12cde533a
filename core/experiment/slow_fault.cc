// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slow_fault.cc: a worker that becomes slow, and perhaps recovers: a straggler that comes and goes.
// On the way of the data: experiment/fault_injection.h -> here -> worker/fault_acts.h.
#include <memory>
#include <utility>

#include "core/base/registry.h"
#include "core/experiment/fault_injection.h"

namespace concertina {
namespace {

class SlowFault final : public FaultInjection {
 public:
  explicit SlowFault(Params params) : params_(std::move(params)) {}

  void Draw(Rng& rng, int ranks, std::vector<FaultAct>& acts) const override {
    FaultAct act = OverStretchOf(params_, FaultAct::Kind::kSlow);
    act.rank = RankOf(params_, rng, ranks);
    act.slowdown = params_.Number("factor");
    act.step_ms = params_.Number("step_ms");
    acts.push_back(act);
  }
  absl::Status Fits(int ranks) const override {
    RETURN_IF_ERROR(FitsStretch(params_));
    return FitsRank(params_, "rank", ranks);
  }

 private:
  const Params params_;
};

std::vector<ParamSpec> SlowParams() {
  std::vector<ParamSpec> params = StretchParams();
  params.insert(params.begin(), {RankParam("The worker that is slow."),
                                 {.name = "factor",
                                  .default_value = 4.0,
                                  .minimum = 1,
                                  .maximum = 1000,
                                  .doc = "How many times as long its forward and backward pass takes."},
                                 {.name = "step_ms",
                                  .unit = "ms",
                                  .default_value = 0.0,
                                  .minimum = 0,
                                  .maximum = 60000,
                                  .doc = "What each of its steps takes longer, besides."}});
  return params;
}

REGISTER_COMPONENT(
    FaultInjection,
    Descriptor({.category = "fault",
                .kind = "slow",
                .title = "Slow a worker down",
                .summary = "From one step to another a worker computes slower than its machine.",
                .citation = "Dean, Barroso. The Tail at Scale. Communications of the ACM 56(2), 2013",
                .params = SlowParams()}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<FaultInjection>> {
      return std::make_unique<SlowFault>(params);
    });

}  // namespace
}  // namespace concertina
