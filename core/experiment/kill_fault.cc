// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// kill_fault.cc: a worker's process ends without a word, as when its machine loses power or memory (SIGKILL).
// On the way of the data: experiment/fault_injection.h -> here -> engine/run_faults.cc.
#include <memory>
#include <utility>

#include "core/base/registry.h"
#include "core/experiment/fault_injection.h"

namespace concertina {
namespace {

class KillFault final : public FaultInjection {
 public:
  explicit KillFault(Params params) : params_(std::move(params)) {}

  void Draw(Rng& rng, int ranks, std::vector<FaultAct>& acts) const override {
    FaultAct act = AtMomentOf(params_, FaultAct::Kind::kKill);
    act.rank = RankOf(params_, rng, ranks);
    acts.push_back(act);
  }
  absl::Status Fits(int ranks) const override { return FitsRank(params_, "rank", ranks); }

 private:
  const Params params_;
};

std::vector<ParamSpec> KillParams() {
  std::vector<ParamSpec> params = MomentParams();
  params.insert(params.begin(), RankParam("The worker that is killed."));
  return params;
}

REGISTER_COMPONENT(FaultInjection,
                   Descriptor({.category = "fault",
                               .kind = "kill",
                               .title = "Kill a worker",
                               .summary = "A worker's process is ended without a word (SIGKILL).",
                               .citation = "Basiri et al. Chaos Engineering. IEEE Software 33(3), 2016",
                               .params = KillParams()}),
                   [](const Params& params) -> absl::StatusOr<std::unique_ptr<FaultInjection>> {
                     return std::make_unique<KillFault>(params);
                   });

}  // namespace
}  // namespace concertina
