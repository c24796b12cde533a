// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// half.cc: parameters in 16 bits: IEEE's binary16, or the upper half of a float (bfloat16).
// On the way of the data: experiment/spec.h's recipe -> here -> edge/model_file.h, which writes two bytes for
// what fits.
#include <bit>
#include <cmath>

#include "core/base/registry.h"
#include "core/compress/compressor.h"
#include "core/compress/layer_choice.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr float kLargestBinary16 = 65504;

// Ties to even, by adding just less than half of what is cut off, and its last kept bit.
float RoundToBfloat16(float x) {
  const auto bits = std::bit_cast<uint32_t>(x);
  return std::bit_cast<float>((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000U);
}

// 11 significant bits, and no exponent below -24: the spacing at x is 2^(e - 10).
float RoundToBinary16(float x) {
  if (x == 0) return x;
  const int exponent = std::max(std::ilogb(x), -14);
  const float spacing = std::ldexp(1.0F, exponent - 10);
  return std::nearbyint(x / spacing) * spacing;
}

class Half final : public Compressor {
 public:
  explicit Half(bool is_bfloat) : is_bfloat_(is_bfloat) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& /*context*/) const override {
    Graph compressed = graph;
    for (const ValueId id : graph.kept()) {
      if (graph.value(id).quantization) continue;  // it is smaller already
      std::vector<float> values = GivenOf(graph, id);
      for (float& value : values) {
        const float rounded = is_bfloat_ ? RoundToBfloat16(value) : RoundToBinary16(value);
        if (!std::isfinite(value))
          return absl::InvalidArgumentError(
              fmt::format("{}: has {}, expected numbers; the training has diverged, lower the learning rate",
                          graph.value(id).name, value));
        if (!is_bfloat_ && !(std::abs(rounded) <= kLargestBinary16))
          return absl::InvalidArgumentError(fmt::format(
              "{}: {} is beyond 65504, the largest number of fp16; take bf16", graph.value(id).name, value));
        value = rounded;
      }
      Give(compressed, id, std::move(values));
    }
    return compressed;
  }

 private:
  const bool is_bfloat_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "half",
         .title = "16 bits a parameter",
         .summary = "Rounds every parameter to 16 bits, which halves the file and is hardly ever seen in the "
                    "accuracy.",
         .citation = "IEEE 754-2008, binary16; Kalamkar et al. A Study of BFLOAT16 for Deep Learning "
                     "Training. 2019",
         .params = {{.name = "format",
                     .type = ParamType::kChoice,
                     .default_value = "fp16",
                     .choices = {"fp16", "bf16"},
                     .doc = "fp16: 11 significant bits, up to 65504; bf16: 8, with the range of floats."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<Half>(params.Text("format") == "bf16");
    });

}  // namespace
}  // namespace concertina
