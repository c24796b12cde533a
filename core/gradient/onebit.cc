// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onebit.cc: 1-bit SGD: one bit an element, and in each block what either bit stands for.
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   C(x)_i = mean of the x_j >= 0 if x_i >= 0, else mean of the x_j < 0
//   x_t = g_t + e_t,  payload = C(x_t),  e_(t+1) = x_t - C(x_t)                      (error feedback)
// With a threshold of 0 these two values have the least squared error. A group of n elements errs by
// ||x||^2 - ||x||_1^2 / n <= (1 - 1/n) of its own ||x||^2, and so ||x - C(x)||^2 <= (1 - 1/b) ||x||^2.
// Seide et al. take a column of a weight matrix for a block; a bucket has no columns, and b is a parameter.
//   Payload: block_codec.h's, two scales: positive and negative value; codes of 1 bit: 1 for negative.
// 1/8 + 8 / b bytes an element.
#include <cmath>

#include "core/base/registry.h"
#include "core/gradient/block_codec.h"
#include "core/gradient/checks.h"
#include "core/gradient/signs.h"

namespace concertina {
namespace {

class OneBit final : public BlockCodec {
 public:
  OneBit(int64_t block, bool error_feedback)
      : BlockCodec(
            {.kind = "onebit", .block = block, .scales = 2, .bits = 1, .error_feedback = error_feedback}) {}

  double ErrorBound(int64_t d) const override { return 1 - 1 / static_cast<double>(BlockOf(d)); }

 private:
  static TwoValues MeansOf(std::span<const float> x) {
    const SumsBySign sums = SumBySign(x);
    const int64_t positives = static_cast<int64_t>(x.size()) - sums.negatives;
    TwoValues means{.positive = 0, .negative = -0.0F};
    if (positives > 0) means.positive = static_cast<float>(sums.positive / static_cast<double>(positives));
    if (sums.negatives > 0)
      means.negative = static_cast<float>(sums.negative / static_cast<double>(sums.negatives));
    return means;
  }
  bool EncodeBlock(std::span<const float> x, int64_t, float* scales, uint8_t* packed) override {
    if (!IsFinite(x)) return false;
    const TwoValues means = MeansOf(x);
    scales[0] = means.positive;
    scales[1] = means.negative;
    SignsOf(x, packed);
    return true;
  }
  void EncodeAndTake(std::span<float> x, int64_t, float* scales, uint8_t* packed) override {
    const TwoValues means = MeansOf(x);
    scales[0] = means.positive;
    scales[1] = means.negative;
    TakeSigns(x, means, packed);
  }
  bool DecodeBlock(const float* scales, const uint8_t* packed, std::span<float> values) const override {
    SignsToFloats(packed, {scales[0], scales[1]}, values);
    return true;
  }
  bool ScalesAreValid(const float* scales) const override {
    return std::isfinite(scales[0]) && std::isfinite(scales[1]) && !std::signbit(scales[0]) &&
           std::signbit(scales[1]);
  }
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "onebit",
         .title = "1-bit SGD",
         .summary = "Sends one bit an element, and for each block the mean of its positive and of its "
                    "negative elements; the rest waits in a residual. As small as signSGD, and nearer where "
                    "gradients lean to one side.",
         .citation = "Seide, Fu, Droppo, Li, Yu. 1-Bit Stochastic Gradient Descent and Its Application to "
                     "Data-Parallel Distributed Training of Speech DNNs. Interspeech 2014",
         .params =
             {ErrorFeedbackParam(
                  "Adds what was not sent to the next gradient. Without it the paper's training diverges."),
              {.name = "block",
               .type = ParamType::kInteger,
               .unit = "elements",
               .default_value = 2048,
               .minimum = BlockCodec::kBlockUnit,
               .maximum = BlockCodec::kLargestBlock,
               .doc = "Elements that share their two values, a multiple of 64; the paper takes the columns "
                      "of its matrices."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      RETURN_IF_ERROR(BlockCodec::CheckBlock("block", params.Integer("block")));
      return std::make_unique<OneBit>(params.Integer("block"), params.Boolean("error_feedback"));
    });

}  // namespace
}  // namespace concertina
