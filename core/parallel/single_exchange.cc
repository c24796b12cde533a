// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// single_exchange.cc: one worker, nobody to agree with. A codec is still applied, so that what it does to
// training can be seen without a network.
#include "core/base/registry.h"
#include "core/parallel/bucketed_exchange.h"

namespace concertina {
namespace {

class SingleExchange final : public BucketedExchange {
 public:
  SingleExchange() : BucketedExchange(/*bucket_mib=*/1) {}
  Pattern PatternOf(const Traffic&) const override { return {}; }

 private:
  absl::Status Ready() override {
    if (data().size() == 1) return absl::OkStatus();
    return absl::InvalidArgumentError("/exchange/kind: single is for one worker, there are " +
                                      std::to_string(data().size()) +
                                      "; take all-reduce or parameter-server");
  }
  absl::Status Average(std::span<Part> parts, int64_t step) override {
    for (Part& part : parts) {
      if (part.codec == nullptr) continue;
      RETURN_IF_ERROR(Encode(part, step));
      RETURN_IF_ERROR(
          Timed(cost().decode_seconds, [&] { return part.codec->Decode(part.payload, GradientOf(part)); }));
    }
    return absl::OkStatus();
  }
};

REGISTER_COMPONENT(
    Exchange,
    Descriptor({.category = "exchange",
                .kind = "single",
                .title = "Single worker",
                .summary = "One worker trains alone; a gradient codec is applied, but nothing is sent.",
                .citation = "",
                .params = {}}),
    [](const Params&) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<SingleExchange>();
    });

}  // namespace
}  // namespace concertina
