// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// drop_fault.cc: a link that loses messages for a while, as an emulated one does (comm/link_shaper.h): each
// is sent again until it comes, and what was sent after it waits.
// On the way of the data: experiment/fault_injection.h -> here -> worker/fault_acts.h.
#include <memory>
#include <utility>

#include "core/base/registry.h"
#include "core/experiment/fault_injection.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class DropFault final : public FaultInjection {
 public:
  explicit DropFault(Params params) : params_(std::move(params)) {}

  void Draw(Rng& /*rng*/, int /*ranks*/, std::vector<FaultAct>& acts) const override {
    FaultAct act;
    act.kind = FaultAct::Kind::kDrop;
    if (params_.Has("rank")) act.rank = static_cast<int>(params_.Integer("rank"));
    if (params_.Has("other")) act.other = static_cast<int>(params_.Integer("other"));
    act.probability = params_.Number("probability");
    act.at_step = params_.Integer("from_step");
    if (params_.Integer("to_step") > 0) act.to_step = params_.Integer("to_step");
    acts.push_back(act);
  }
  absl::Status Fits(int ranks) const override {
    const int64_t from = params_.Integer("from_step"), to = params_.Integer("to_step");
    if (to > 0 && to <= from)
      return absl::InvalidArgumentError(
          fmt::format("to_step: found {}, expected more than from_step, which is {}; or 0", to, from));
    if (params_.Has("other") && !params_.Has("rank"))
      return absl::InvalidArgumentError("rank: found nothing, expected the rank at the link's first end");
    if (params_.Has("other") && params_.Integer("other") == params_.Integer("rank"))
      return absl::InvalidArgumentError(
          fmt::format("other: found {}, expected another rank than the first", params_.Integer("other")));
    RETURN_IF_ERROR(FitsRank(params_, "other", ranks));
    return FitsRank(params_, "rank", ranks);
  }

 private:
  const Params params_;
};

REGISTER_COMPONENT(
    FaultInjection,
    Descriptor(
        {.category = "fault",
         .kind = "drop",
         .title = "Lose messages",
         .summary = "From one step to another links lose messages, which are sent again until they come.",
         .citation = "Paxson, Allman, Chu, Sargent. Computing TCP's Retransmission Timer. RFC 6298, 2011",
         .params = {{.name = "rank",
                     .type = ParamType::kInteger,
                     .minimum = 0,
                     .maximum = 4095,
                     .doc = "The worker at one end of the link; left out: all links.",
                     .optional = true},
                    {.name = "other",
                     .type = ParamType::kInteger,
                     .minimum = 0,
                     .maximum = 4095,
                     .doc = "The worker at the other end; left out: every link of the first.",
                     .optional = true},
                    {.name = "probability",
                     .default_value = 0.05,
                     .minimum = 0,
                     .maximum = 0.5,
                     .doc = "Share of the messages that are lost, besides what the emulated link "
                            "loses. Each costs at least 200 ms, as by TCP."},
                    {.name = "from_step",
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
                     .doc = "The step before which it is over; 0 for the end of the run."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<FaultInjection>> {
      return std::make_unique<DropFault>(params);
    });

}  // namespace
}  // namespace concertina
