// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// partition_fault.cc: a network that falls apart into two groups of ranks, and perhaps heals: nothing gets
// from one group to the other, silently, as behind a switch that hangs. What was sent meanwhile comes when it
// is over. It lasts seconds, not steps: a run in step makes none while it lasts.
// On the way of the data: experiment/fault_injection.h -> here -> worker/fault_acts.h.
#include <algorithm>
#include <memory>
#include <utility>

#include "core/base/registry.h"
#include "core/experiment/fault_injection.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class PartitionFault final : public FaultInjection {
 public:
  explicit PartitionFault(Params params) : params_(std::move(params)) {}

  void Draw(Rng& /*rng*/, int /*ranks*/, std::vector<FaultAct>& acts) const override {
    FaultAct act = AtMomentOf(params_, FaultAct::Kind::kPartition);
    for (const int64_t rank : params_.IntegerList("ranks")) act.group.push_back(static_cast<int>(rank));
    std::sort(act.group.begin(), act.group.end());
    if (const double seconds = params_.Number("seconds"); seconds > 0) act.for_seconds = seconds;
    acts.push_back(act);
  }
  absl::Status Fits(int ranks) const override {
    std::vector<int64_t> group = params_.IntegerList("ranks");
    std::sort(group.begin(), group.end());
    for (const int64_t rank : group)
      if (rank < 0 || rank >= ranks)
        return absl::InvalidArgumentError(
            fmt::format("ranks: found {}, expected ranks from 0 to {}, of /workers", rank, ranks - 1));
    if (std::adjacent_find(group.begin(), group.end()) != group.end())
      return absl::InvalidArgumentError("ranks: found one twice, expected each once");
    if (group.empty() || static_cast<int>(group.size()) >= ranks)
      return absl::InvalidArgumentError(fmt::format(
          "ranks: found {} of {}, expected some of them: between nobody and all there is no link to cut",
          group.size(), ranks));
    return absl::OkStatus();
  }

 private:
  const Params params_;
};

std::vector<ParamSpec> PartitionParams() {
  std::vector<ParamSpec> params = MomentParams();
  params.insert(params.begin(), {.name = "ranks",
                                 .type = ParamType::kIntegerList,
                                 .default_value = {0},
                                 .minimum = 0,
                                 .maximum = 4095,
                                 .doc = "One group. All other ranks are the other."});
  params.push_back(
      {.name = "seconds",
       .unit = "s",
       .default_value = 5.0,
       .minimum = 0,
       .maximum = 86400,
       .doc = "How long; 0 for ever. After 30 s without a step the engine takes a worker for hung."});
  return params;
}

REGISTER_COMPONENT(
    FaultInjection,
    Descriptor(
        {.category = "fault",
         .kind = "partition",
         .title = "Cut the network in two",
         .summary = "For a time nothing gets from one group of workers to the other.",
         .citation = "Gilbert, Lynch. Brewer's Conjecture and the Feasibility of Consistent, Available, "
                     "Partition-Tolerant Web Services. ACM SIGACT News 33(2), 2002",
         .params = PartitionParams()}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<FaultInjection>> {
      return std::make_unique<PartitionFault>(params);
    });

}  // namespace
}  // namespace concertina
