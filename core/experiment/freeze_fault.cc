// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// freeze_fault.cc: a worker's process stands still, and perhaps goes on later, as when its machine swaps or
// hangs (SIGSTOP, SIGCONT). Its connections stay open: only its silence tells.
// On the way of the data: experiment/fault_injection.h -> here -> engine/run_faults.cc.
#include <memory>
#include <utility>

#include "core/base/registry.h"
#include "core/experiment/fault_injection.h"

namespace concertina {
namespace {

class FreezeFault final : public FaultInjection {
 public:
  explicit FreezeFault(Params params) : params_(std::move(params)) {}

  void Draw(Rng& rng, int ranks, std::vector<FaultAct>& acts) const override {
    FaultAct act = AtMomentOf(params_, FaultAct::Kind::kFreeze);
    act.rank = RankOf(params_, rng, ranks);
    if (const double seconds = params_.Number("seconds"); seconds > 0) act.for_seconds = seconds;
    acts.push_back(act);
  }
  absl::Status Fits(int ranks) const override { return FitsRank(params_, "rank", ranks); }

 private:
  const Params params_;
};

std::vector<ParamSpec> FreezeParams() {
  std::vector<ParamSpec> params = MomentParams();
  params.insert(params.begin(), RankParam("The worker that stands still."));
  params.push_back({.name = "seconds",
                    .unit = "s",
                    .default_value = 2.0,
                    .minimum = 0,
                    .maximum = 86400,
                    .doc = "How long; 0 for ever. After 5 s of silence the engine takes a worker for lost."});
  return params;
}

REGISTER_COMPONENT(
    FaultInjection,
    Descriptor({.category = "fault",
                .kind = "freeze",
                .title = "Freeze a worker",
                .summary = "A worker's process stands still (SIGSTOP) for a time, or for ever.",
                .citation = "Basiri et al. Chaos Engineering. IEEE Software 33(3), 2016",
                .params = FreezeParams()}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<FaultInjection>> {
      return std::make_unique<FreezeFault>(params);
    });

}  // namespace
}  // namespace concertina
