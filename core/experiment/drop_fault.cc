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
    FaultAct act = OverStretchOf(params_, FaultAct::Kind::kDrop);
    if (params_.Has("rank")) act.rank = static_cast<int>(params_.Integer("rank"));
    if (params_.Has("other")) act.other = static_cast<int>(params_.Integer("other"));
    act.probability = params_.Number("probability");
    acts.push_back(act);
  }
  absl::Status Fits(int ranks) const override {
    RETURN_IF_ERROR(FitsStretch(params_));
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

std::vector<ParamSpec> DropParams() {
  std::vector<ParamSpec> params = StretchParams();
  params.insert(params.begin(),
                {{.name = "rank",
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
                         "loses. Each costs at least 200 ms, as by TCP."}});
  return params;
}

REGISTER_COMPONENT(
    FaultInjection,
    Descriptor(
        {.category = "fault",
         .kind = "drop",
         .title = "Lose messages",
         .summary = "From one step to another links lose messages, which are sent again until they come.",
         .citation = "Paxson, Allman, Chu, Sargent. Computing TCP's Retransmission Timer. RFC 6298, 2011",
         .params = DropParams()}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<FaultInjection>> {
      return std::make_unique<DropFault>(params);
    });

}  // namespace
}  // namespace concertina
