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
// whatever the size of x. That is no contraction, so there is no bound, and error feedback is refused.
//   Majority vote ("vote"): all ranks take V = sign(sum_i sign(x_i)), each rank one vote an element
// [Bernstein et al. 2018, 2019]. Ties, of an even number of ranks, go to a sign drawn from the run's seed,
// the step and the element, so that V is one bit an element too: as 0 it would not be, and as 1 it would
// drift.
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
  struct Settings {
    int64_t block;
    bool error_feedback, is_scaled, votes;
  };
  explicit SignSgd(const Settings& settings)
      : BlockCodec({.kind = "signsgd",
                    .block = settings.block,
                    .bits = 1,
                    .error_feedback = settings.error_feedback}),
        is_scaled_(settings.is_scaled),
        votes_(settings.votes) {}

  void SeedDraws(uint64_t run_seed, int) override { tie_seed_ = SeedOfRun(0, run_seed); }
  bool combines() const override { return votes_; }
  void Combine(std::span<float> sum, int ranks, int64_t step) const override {
    if (!votes_) return BlockCodec::Combine(sum, ranks, step);
    const DrawKey ties = MakeDrawKey(tie_seed_, step, {});
    for (size_t i = 0; i < sum.size(); ++i) {
      const float tie = DrawnSign(ties, static_cast<uint32_t>(i));
      sum[i] = sum[i] > 0 ? 1.0F : sum[i] < 0 ? -1.0F : tie;
    }
  }

  double ErrorBound(int64_t d) const override {
    return is_scaled_ ? 1 - 1 / static_cast<double>(BlockOf(d)) : std::numeric_limits<double>::infinity();
  }

 private:
  // The finaliser of MurmurHash3: every bit of the index moves the highest one.
  static float DrawnSign(DrawKey key, uint32_t index) {
    uint32_t bits = index ^ key.first;
    bits = (bits ^ bits >> 16) * 0x85ebca6bU;
    bits = ((bits ^ bits >> 13) + key.second) * 0xc2b2ae35U;
    return ((bits ^ bits >> 16) & 1U) != 0 ? -1.0F : 1.0F;
  }
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

  // A vote counts once, whatever scale its payload claims.
  bool ScalesAreValid(const float* scales) const override {
    return is_scaled_ ? BlockCodec::ScalesAreValid(scales) : scales[0] == 1;
  }

  const bool is_scaled_, votes_;
  uint64_t tie_seed_ = 0;
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
         .citation = "Bernstein et al. signSGD. ICML 2018; Bernstein et al. signSGD with Majority Vote. ICLR "
                     "2019; Karimireddy et al. Error Feedback Fixes SignSGD. ICML 2019",
         .params = {ErrorFeedbackParam(
                        "Adds what was not sent to the next gradient. Without it the sign is biased: it "
                        "may not converge, and generalises worse."),
                    {.name = "scale",
                     .type = ParamType::kChoice,
                     .default_value = "mean",
                     .choices = {"mean", "one"},
                     .doc = "Size of a sign: mean |x| of the block, or 1 as in the first paper, where the "
                            "learning rate alone sets the step (about 1e-4); only without error feedback."},
                    {.name = "vote",
                     .type = ParamType::kBoolean,
                     .default_value = false,
                     .doc = "Majority vote: all workers take the sign that most of them sent, not the mean "
                            "of their signs, and a parameter server answers with one bit an element. A "
                            "worker that sends nonsense, or flips its signs, counts once: the others "
                            "outvote fewer than half. Ties go by a draw. Needs scale \"one\", no error "
                            "feedback, and all-reduce or a synchronous parameter-server; with 2 workers "
                            "what they disagree on is drawn."},
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
      if (is_scaled && params.Boolean("vote"))
        return absl::InvalidArgumentError(
            "vote: found true with scale \"mean\", expected \"one\" and no error_feedback: votes count "
            "alike, "
            "whatever the size of who casts them");
      return std::make_unique<SignSgd>(SignSgd::Settings{.block = params.Integer("block"),
                                                         .error_feedback = params.Boolean("error_feedback"),
                                                         .is_scaled = is_scaled,
                                                         .votes = params.Boolean("vote")});
    });

}  // namespace
}  // namespace concertina
