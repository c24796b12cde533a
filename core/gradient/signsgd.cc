// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// signsgd.cc: one bit an element, and the mean magnitude of each block.
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   C(x) = s sign(x),  s = ||x||_1 / b        ||x - C(x)||^2 = ||x||^2 - ||x||_1^2 / b <= (1 - 1/b) ||x||^2
//   x_t = g_t + e_t,  payload = C(x_t),  e_(t+1) = x_t - C(x_t)                      (error feedback)
// [Karimireddy et al. 2019], with a scale for each block of b elements as [Zheng, Huang, Kwok. NeurIPS 2019]
// take it: one pass over memory, and layers of different size in a bucket do not share their scale.
// sign(0) = 1. With "scale": "one" it is signSGD as first proposed [Bernstein et al. 2018]: C(x) = sign(x),
// whatever the size of x. That is no contraction, so there is no bound, and error feedback is refused. The
// majority vote of the same paper is the sign of the ranks' sum: the exchange would have to take it, of what
// it has gathered; here the ranks' signs are averaged.
//   Payload: block_codec.h's, one scale s, codes of 1 bit: 1 for negative. 1/8 + 4 / b bytes an element.
#include <cmath>
#include <limits>

#include "core/base/registry.h"
#include "core/gradient/block_codec.h"
#include "core/gradient/norms.h"
#include "core/gradient/signs.h"

namespace concertina {
namespace {

class SignSgd final : public BlockCodec {
 public:
  SignSgd(int64_t block, bool error_feedback, bool is_scaled)
      : BlockCodec({.kind = "signsgd", .block = block, .bits = 1, .error_feedback = error_feedback}),
        is_scaled_(is_scaled) {}

  double ErrorBound(int64_t d) const override {
    return is_scaled_ ? 1 - 1 / static_cast<double>(BlockOf(d)) : std::numeric_limits<double>::infinity();
  }

 private:
  // False if x is not finite, which a sum in double shows.
  bool ScaleOf(std::span<const float> x, float& scale) const {
    const double sum = SumMagnitudes(x);
    scale = is_scaled_ ? static_cast<float>(sum / static_cast<double>(x.size())) : 1;
    return std::isfinite(sum);
  }
  bool EncodeBlock(std::span<const float> x, int64_t, float* scales, uint8_t* packed) override {
    if (!ScaleOf(x, scales[0])) return false;
    SignsOf(x, packed);
    return true;
  }
  void EncodeAndTake(std::span<float> x, int64_t, float* scales, uint8_t* packed) override {
    ScaleOf(x, scales[0]);
    TakeSigns(x, {scales[0], -scales[0]}, packed);
  }
  bool DecodeBlock(const float* scales, const uint8_t* packed, std::span<float> values) const override {
    SignsToFloats(packed, {scales[0], -scales[0]}, values);
    return true;
  }

  const bool is_scaled_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "signsgd",
         .title = "signSGD with error feedback",
         .summary = "Sends one bit an element, its sign, and the mean magnitude of each block; what that "
                    "leaves out waits in a residual. A thirtieth of the bytes, and with error feedback SGD's "
                    "rate of convergence.",
         .citation = "Bernstein et al. signSGD. ICML 2018; Karimireddy et al. Error Feedback Fixes SignSGD. "
                     "ICML 2019",
         .params = {{.name = "error_feedback",
                     .type = ParamType::kBoolean,
                     .default_value = true,
                     .doc = "Adds what was not sent to the next gradient. Without it the sign is biased: it "
                            "may not converge, and generalises worse."},
                    {.name = "scale",
                     .type = ParamType::kChoice,
                     .default_value = "mean",
                     .choices = {"mean", "one"},
                     .doc = "Size of a sign: mean |x| of the block, or 1 as in the first paper, where the "
                            "learning rate alone sets the step (about 1e-4); only without error feedback."},
                    {.name = "block",
                     .type = ParamType::kInteger,
                     .unit = "elements",
                     .default_value = 4096,
                     .minimum = BlockCodec::kBlockUnit,
                     .maximum = BlockCodec::kLargestBlock,
                     .doc = "Elements that share one scale, a multiple of 64."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      RETURN_IF_ERROR(BlockCodec::CheckBlock("block", params.Integer("block")));
      const bool is_scaled = params.Text("scale") == "mean";
      if (!is_scaled && params.Boolean("error_feedback"))
        return absl::InvalidArgumentError(
            "scale: found \"one\" with error_feedback, expected \"mean\": signs of size 1 are no "
            "contraction, and their residual would not shrink; set error_feedback to false");
      return std::make_unique<SignSgd>(params.Integer("block"), params.Boolean("error_feedback"), is_scaled);
    });

}  // namespace
}  // namespace concertina
