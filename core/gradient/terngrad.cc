// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// terngrad.cc: TernGrad: -1, 0 or 1 at random, times the largest magnitude of the block.
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   x' = clip(x, +-c sigma),  s = max |x'_i|,  C(x)_i = s sign(x_i) B_i,  P(B_i = 1) = |x'_i| / s
//   E C(x) = x',   E ||C(x) - x'||^2 = s ||x'||_1 - ||x'||^2
// Unbiased without clipping (c = 0). Clipping makes s, and with it the noise, much smaller for a little bias.
// sigma^2 is the mean square: about zero, where gradients lie, so that a block of one element is not clipped
// away. No element that was not clipped errs by more than s, and so ||x - C(x)||^2 <= b ||x||^2.
//   Payload: block_codec.h's, one scale s, codes of 2 bits: B sign + 1. 1/4 + 4 / b bytes an element.
#include <algorithm>
#include <cmath>

#include "core/base/registry.h"
#include "core/gradient/block_codec.h"
#include "core/gradient/levels.h"
#include "core/gradient/norms.h"
#include "core/gradient/packed_codes.h"

namespace concertina {
namespace {

class TernGrad final : public BlockCodec {
 public:
  TernGrad(int64_t block, double clip_sigmas, uint64_t seed)
      : BlockCodec({.kind = "terngrad", .block = block, .bits = 2, .draws = true, .seed = seed}),
        clip_sigmas_(clip_sigmas) {}

  double ErrorBound(int64_t d) const override { return static_cast<double>(BlockOf(d)); }

 private:
  bool EncodeBlock(std::span<const float> x, int64_t offset, float* scales, uint8_t* packed) override {
    const float largest = MaxMagnitude(x);
    if (!std::isfinite(largest)) return false;
    scales[0] = largest;
    if (clip_sigmas_ > 0) {
      const double sigma = std::sqrt(SumSquares(x) / static_cast<double>(x.size()));
      if (const double limit = clip_sigmas_ * sigma; limit < largest) scales[0] = static_cast<float>(limit);
    }
    uint8_t codes[kLargestBlock];
    LevelsAtRandom(x, scales[0], 1, key(), static_cast<uint32_t>(offset), codes);
    PackCodes({codes, x.size()}, 2, packed);
    return true;
  }
  bool DecodeBlock(const float* scales, const uint8_t* packed, std::span<float> values) const override {
    uint8_t codes[kLargestBlock];
    UnpackCodes(packed, 2, {codes, values.size()});
    return LevelsToFloats(codes, scales[0], 1, values);
  }

  const double clip_sigmas_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "terngrad",
         .title = "TernGrad",
         .summary = "Sends -1, 0 or 1 for each element, drawn so that the mean is the gradient, and one "
                    "scale a block: a sixteenth of the bytes, without a residual to keep. The noise asks for "
                    "large batches or many workers, over which it averages out.",
         .citation = "Wen et al. TernGrad: Ternary Gradients to Reduce Communication in Distributed Deep "
                     "Learning. NeurIPS 2017",
         .params = {{.name = "clip_sigmas",
                     .default_value = 2.5,
                     .minimum = 0,
                     .maximum = 100,
                     .doc = "Magnitudes beyond this many standard deviations of their block are cut to it "
                            "before; 0 for never. Less noise for a little bias."},
                    {.name = "block",
                     .type = ParamType::kInteger,
                     .unit = "elements",
                     .default_value = 2048,
                     .minimum = BlockCodec::kBlockUnit,
                     .maximum = BlockCodec::kLargestBlock,
                     .doc = "Elements that share one scale, a multiple of 64; the paper takes a layer."},
                    {.name = "seed",
                     .type = ParamType::kInteger,
                     .default_value = 0,
                     .minimum = 0,
                     .maximum = 1e9,
                     .doc = "Of the draws, with that of the run; they also depend on rank, step, element and "
                            "the gradient's signs: the same run twice, or resumed, draws the same."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      RETURN_IF_ERROR(BlockCodec::CheckBlock("block", params.Integer("block")));
      return std::make_unique<TernGrad>(params.Integer("block"), params.Number("clip_sigmas"),
                                        static_cast<uint64_t>(params.Integer("seed")));
    });

}  // namespace
}  // namespace concertina
