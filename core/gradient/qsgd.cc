// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// qsgd.cc: QSGD: each element as one of s levels of its block's norm, at random between the two around it.
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   C(x)_i = N sign(x_i) k_i / s,   k_i = floor(s |x_i| / N + u_i),  u_i uniform in [0, 1)
//   N = ||x||_2: E C(x) = x,  E ||C(x) - x||^2 <= min(b / s^2, sqrt(b) / s) ||x||^2      [Lemma 3.1]
//   N = max |x_i|, as in the paper's experiments: E C(x) = x, and errs less where elements are alike
// for a block (the paper's bucket) of b elements. Whatever is drawn, ||C(x) - x||^2 <= b / s^2 ||x||^2.
//   Fixed: block_codec.h's payload, one scale N, codes of 2 bits for s = 1, 4 up to 7, else 8: k sign + s.
//   Elias: scales as there | bits of all blocks (see elias.h), the last byte filled with 0.
// Where s^2 < b and N = ||x||_2 most levels are 0, and a block is [Code_s] omega(distance to the next k > 0),
// sign, omega(k), ..., and at last the distance to one past its end; else [Code'_s] omega(k + 1) and, if
// k > 0, a sign, for each element.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/registry.h"
#include "core/gradient/block_codec.h"
#include "core/gradient/blocks.h"
#include "core/gradient/checks.h"
#include "core/gradient/elias.h"
#include "core/gradient/levels.h"
#include "core/gradient/norms.h"
#include "core/gradient/packed_codes.h"
#include "fmt/format.h"

namespace concertina {
namespace {

struct Options {
  int levels = 0;
  int64_t block = 0;
  bool is_l2 = false;
  uint64_t seed = 0;

  // False if an element is NaN or infinite.
  bool ScaleOf(std::span<const float> x, float& scale) const {
    if (!is_l2) {
      scale = MaxMagnitude(x);
      return std::isfinite(scale);
    }
    const double squares = SumSquares(x);
    // Beyond the largest float any scale that no element exceeds does as well.
    scale = static_cast<float>(std::min<double>(std::sqrt(squares), std::numeric_limits<float>::max()));
    return std::isfinite(squares);
  }
  double ErrorBound(int64_t d) const {
    return static_cast<double>(std::min(d, block)) / (static_cast<double>(levels) * levels);
  }
  int bits() const { return levels == 1 ? 2 : levels <= 7 ? 4 : 8; }
};

class Qsgd final : public BlockCodec {
 public:
  explicit Qsgd(const Options& options)
      : BlockCodec({.kind = "qsgd",
                    .block = options.block,
                    .bits = options.bits(),
                    .draws = true,
                    .seed = options.seed}),
        options_(options) {}

  double ErrorBound(int64_t d) const override { return options_.ErrorBound(d); }

 private:
  bool EncodeBlock(std::span<const float> x, int64_t offset, float* scales, uint8_t* packed) override {
    if (!options_.ScaleOf(x, scales[0])) return false;
    uint8_t codes[kLargestBlock];
    uint8_t* const target = form().bits == 8 ? packed : codes;
    LevelsAtRandom(x, scales[0], options_.levels, key(), static_cast<uint32_t>(offset), target);
    if (target == codes) PackCodes({codes, x.size()}, form().bits, packed);
    return true;
  }
  bool DecodeBlock(const float* scales, const uint8_t* packed, std::span<float> values) const override {
    if (form().bits == 8) return LevelsToFloats(packed, scales[0], options_.levels, values);
    uint8_t codes[kLargestBlock];
    UnpackCodes(packed, form().bits, {codes, values.size()});
    return LevelsToFloats(codes, scales[0], options_.levels, values);
  }

  const Options options_;
};

class QsgdElias final : public Codec, public TakesAnyLength {
 public:
  explicit QsgdElias(const Options& options)
      : options_(options),
        is_sparse_(int64_t{options.levels} * options.levels < options.block),
        most_bits_(1 + OmegaBits(static_cast<uint32_t>(is_sparse_ ? options.levels : options.levels + 1))),
        seed_(options.seed) {}

  void SeedDraws(uint64_t run_seed, int rank) override { seed_ = SeedOfRank(options_.seed, run_seed, rank); }

  absl::Status Encode(std::span<const float> gradient, int64_t step, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    const auto d = static_cast<int64_t>(gradient.size());
    payload.resize(static_cast<size_t>(MaxPayloadBytes(d)));
    const DrawKey key = MakeDrawKey(seed_, step, gradient);
    BitWriter writer(payload.data() + 4 * BlocksOf(d));
    for (int64_t at = 0; at < d; at += options_.block) {
      const auto count = static_cast<size_t>(std::min(options_.block, d - at));
      const auto block = gradient.subspan(static_cast<size_t>(at), count);
      float scale;
      if (!options_.ScaleOf(block, scale)) return NotFiniteError(block, at);
      std::memcpy(payload.data() + 4 * (at / options_.block), &scale, 4);
      uint8_t codes[BlockCodec::kLargestBlock];
      LevelsAtRandom(block, scale, options_.levels, key, static_cast<uint32_t>(at), codes);
      if (is_sparse_)
        WriteDistances({codes, count}, writer);
      else
        WriteLevels({codes, count}, writer);
    }
    payload.resize(static_cast<size_t>(writer.Finish() - payload.data()));
    return absl::OkStatus();
  }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return DecodeTo<false>(payload, gradient);
  }
  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return DecodeTo<true>(payload, gradient);
  }

  // Every element at the highest level: no distance of more than 1 costs as much as the elements it skips.
  int64_t MaxPayloadBytes(int64_t d) const override {
    const int64_t blocks = BlocksOf(d);
    const int64_t bits = d * most_bits_ + (is_sparse_ ? d + blocks : 0);
    return 4 * blocks + (bits + 7) / 8;
  }
  bool has_fixed_size() const override { return false; }
  double ErrorBound(int64_t d) const override { return options_.ErrorBound(d); }
  Sum sum() const override { return Sum::kGathered; }
  void ForgetLength() override { length_.Forget(); }
  void SaveState(std::vector<uint8_t>& state) const override { state.clear(); }
  absl::Status LoadState(std::span<const uint8_t> state) override { return CheckNoState("qsgd", state); }
  absl::Status Change(const Params&) override { return absl::OkStatus(); }

 private:
  int64_t BlocksOf(int64_t d) const { return (d + options_.block - 1) / options_.block; }

  void WriteLevel(int signed_level, BitWriter& writer) const {
    writer.Bit(signed_level < 0);
    writer.Omega(static_cast<uint32_t>(std::abs(signed_level)));
  }
  void WriteDistances(std::span<const uint8_t> codes, BitWriter& writer) const {
    size_t next = 0;  // the first element that was not told of
    for (size_t i = 0; i < codes.size(); ++i) {
      if (codes[i] == options_.levels) continue;
      writer.Omega(static_cast<uint32_t>(i - next + 1));
      WriteLevel(codes[i] - options_.levels, writer);
      next = i + 1;
    }
    writer.Omega(static_cast<uint32_t>(codes.size() - next + 1));
  }
  void WriteLevels(std::span<const uint8_t> codes, BitWriter& writer) const {
    for (const uint8_t code : codes) {
      const int level = code - options_.levels;
      writer.Omega(static_cast<uint32_t>(std::abs(level) + 1));
      if (level != 0) writer.Bit(level < 0);
    }
  }

  // False if the bits are none of WriteDistances or WriteLevels, whatever follows them.
  bool ReadDistances(BitReader& reader, std::span<uint8_t> codes) const {
    std::fill(codes.begin(), codes.end(), static_cast<uint8_t>(options_.levels));
    for (size_t next = 0;;) {
      const uint64_t distance = reader.Omega();
      if (reader.Failed() || distance == 0 || distance > codes.size() - next + 1) return false;
      if (distance == codes.size() - next + 1) return true;
      next += distance;
      const bool is_negative = reader.Bit();
      const uint32_t level = reader.Omega();
      if (level == 0 || level > static_cast<uint32_t>(options_.levels)) return false;
      codes[next - 1] = CodeOf(level, is_negative);
    }
  }
  bool ReadLevels(BitReader& reader, std::span<uint8_t> codes) const {
    for (uint8_t& code : codes) {
      const uint32_t level = reader.Omega() - 1;  // what is not there is 0, and its predecessor too great
      if (level > static_cast<uint32_t>(options_.levels)) return false;
      code = CodeOf(level, level > 0 && reader.Bit());
    }
    return !reader.Failed();
  }
  uint8_t CodeOf(uint32_t level, bool is_negative) const {
    const auto steps = static_cast<int>(level);
    return static_cast<uint8_t>(options_.levels + (is_negative ? -steps : steps));
  }

  template <bool kAdd>
  absl::Status DecodeTo(std::span<const uint8_t> payload, std::span<float> gradient) const {
    const auto d = static_cast<int64_t>(gradient.size());
    const auto scales_bytes = static_cast<size_t>(4 * BlocksOf(d));
    const int64_t at_most = MaxPayloadBytes(d);
    if (payload.size() < scales_bytes || static_cast<int64_t>(payload.size()) > at_most)
      return absl::DataLossError(fmt::format("qsgd payload: {} bytes, expected {} to {} for {} elements",
                                             payload.size(), scales_bytes, at_most, d));
    BitReader reader(payload.subspan(scales_bytes));
    for (int64_t at = 0; at < d; at += options_.block) {
      const int64_t block = at / options_.block;
      const auto count = static_cast<size_t>(std::min(options_.block, d - at));
      float scale;
      std::memcpy(&scale, payload.data() + 4 * block, 4);
      if (!std::isfinite(scale) || std::signbit(scale))
        return absl::DataLossError(fmt::format(
            "qsgd payload: block {} has a scale of {}, expected a finite one of at least 0", block, scale));
      uint8_t codes[BlockCodec::kLargestBlock];
      if (!(is_sparse_ ? ReadDistances(reader, {codes, count}) : ReadLevels(reader, {codes, count})))
        return absl::DataLossError(
            fmt::format("qsgd payload: the bits of block {} are no Elias code of {} elements up to level {}",
                        block, count, options_.levels));
      const auto target = gradient.subspan(static_cast<size_t>(at), count);
      if constexpr (kAdd) {
        float values[BlockCodec::kLargestBlock];
        LevelsToFloats(codes, scale, options_.levels, {values, count});
        AddBlock({values, count}, target.data());
      } else {
        LevelsToFloats(codes, scale, options_.levels, target);
      }
    }
    if (!reader.AtEnd())
      return absl::DataLossError(
          fmt::format("qsgd payload: bits are left after the last of {} elements, expected none", d));
    return absl::OkStatus();
  }

  const Options options_;
  const bool is_sparse_;
  const int most_bits_;  // of an element, its distance aside
  uint64_t seed_;        // of the draws
  BucketLength length_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "qsgd",
         .title = "QSGD",
         .summary = "Sends each element as one of a few levels of its block's norm, drawn so that the mean "
                    "is the gradient: the number of levels trades bytes for noise, from TernGrad's 2 bits to "
                    "8. Needs no residual.",
         .citation = "Alistarh et al. QSGD: Communication-Efficient SGD via Gradient Quantization and "
                     "Encoding. NeurIPS 2017",
         .params =
             {{.name = "levels",
               .type = ParamType::kInteger,
               .default_value = 7,
               .minimum = 1,
               .maximum = kMostLevels,
               .doc = "s, the levels above 0. Fixed coding takes 2 bits for 1, 4 for up to 7, 8 for more; "
                      "the error is at most norm / s an element."},
              {.name = "block",
               .type = ParamType::kInteger,
               .unit = "elements",
               .default_value = 512,
               .minimum = BlockCodec::kBlockUnit,
               .maximum = BlockCodec::kLargestBlock,
               .doc = "Elements that share one norm, a multiple of 64; the paper's bucket. Small blocks have "
                      "less noise, and cost 4 bytes each."},
              {.name = "norm",
               .type = ParamType::kChoice,
               .default_value = "max",
               .choices = {"max", "l2"},
               .doc = "What is divided into levels: the largest magnitude, with less noise, or the Euclidean "
                      "norm of the theory, with which most levels are 0 and Elias coding is short."},
              {.name = "coding",
               .type = ParamType::kChoice,
               .default_value = "fixed",
               .choices = {"fixed", "elias"},
               .doc = "Fixed: every element the same bits, fast. Elias: small levels and runs of zeros are "
                      "shorter, some 20 times slower; the bytes foretold are then the worst case."},
              {.name = "seed",
               .type = ParamType::kInteger,
               .default_value = 0,
               .minimum = 0,
               .maximum = 1e9,
               .doc = "Of the draws, with that of the run; they also depend on rank, step, element and the "
                      "gradient's signs: the same run twice, or resumed, draws the same."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      RETURN_IF_ERROR(BlockCodec::CheckBlock("block", params.Integer("block")));
      const Options options{.levels = static_cast<int>(params.Integer("levels")),
                            .block = params.Integer("block"),
                            .is_l2 = params.Text("norm") == "l2",
                            .seed = static_cast<uint64_t>(params.Integer("seed"))};
      if (params.Text("coding") == "elias") return std::make_unique<QsgdElias>(options);
      return std::make_unique<Qsgd>(options);
    });

}  // namespace
}  // namespace concertina
