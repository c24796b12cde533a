// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// int8.cc: whole numbers from -127 to 127 and one scale a block, rounded to the nearest.
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   m = max |x_i| of the block,  k_i = round(127 x_i / m),  value = k_i m / 127        |x_i - value| <= m /
//   254
// The largest element itself is exact but for rounding, so a block of b elements meets
//   ||x - C(x)||^2 <= (b - 1) (m / 254)^2 <= (b - 1) / (254^2 + b - 1) ||x||^2
// Payload: block_codec.h's, one scale m, codes of 8 bits: k + 127. 1 + 4 / b bytes an element.
#include <cmath>

#include "core/base/registry.h"
#include "core/gradient/block_codec.h"
#include "core/gradient/levels.h"
#include "core/gradient/norms.h"

namespace concertina {
namespace {

constexpr int kLevels = 127;

class Int8 final : public BlockCodec {
 public:
  explicit Int8(int64_t block) : BlockCodec({.kind = "int8", .block = block, .bits = 8}) {}

  double ErrorBound(int64_t d) const override {
    const auto others = static_cast<double>(BlockOf(d) - 1);
    return others / (4 * kLevels * kLevels + others) +
           0x1p-44;  // the last: m / 127 and its multiples are rounded
  }

 private:
  bool EncodeBlock(std::span<const float> x, int64_t, float* scales, uint8_t* packed) override {
    scales[0] = MaxMagnitude(x);
    if (!std::isfinite(scales[0])) return false;
    LevelsToNearest(x, scales[0], kLevels, packed);
    return true;
  }
  bool DecodeBlock(const float* scales, const uint8_t* packed, std::span<float> values) const override {
    return LevelsToFloats(packed, scales[0], kLevels, values);
  }
};

REGISTER_COMPONENT(
    Codec,
    Descriptor({.category = "gradient-codec",
                .kind = "int8",
                .title = "8-bit integers",
                .summary = "Sends each element in one byte, as the nearest of 255 even steps between the "
                           "largest magnitudes of its block: a quarter of the bytes for an error of about "
                           "one per cent. Try it first; where that error still matters, take fp16.",
                .citation = "Dettmers. 8-Bit Approximations for Parallelism in Deep Learning. ICLR 2016",
                .params = {{.name = "block",
                            .type = ParamType::kInteger,
                            .unit = "elements",
                            .default_value = 1024,
                            .minimum = BlockCodec::kBlockUnit,
                            .maximum = BlockCodec::kLargestBlock,
                            .doc = "Elements that share one scale, a multiple of 64. Small blocks keep an "
                                   "outlier from coarsening the others, and cost 4 bytes each."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      RETURN_IF_ERROR(BlockCodec::CheckBlock("block", params.Integer("block")));
      return std::make_unique<Int8>(params.Integer("block"));
    });

}  // namespace
}  // namespace concertina
