// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// block_codec.h: the frame of codecs that send one or two numbers for a block of elements, and a code of 1,
// 2, 4 or 8 bits for each element: lengths, checks, error feedback, and the way through memory.
// On the way of the data: a codec's file -> here -> packed_codes.h.
//   Payload, little endian: scales f32, one block's after another's | codes, packed
// The elements after the last whole block are a shorter one.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/gradient/codec.h"
#include "core/gradient/draws.h"
#include "core/gradient/error_feedback.h"
#include "core/gradient/sparsifier.h"

namespace concertina {

class BlockCodec : public Codec, public TakesAnyLength {
 public:
  // Blocks begin at whole bytes of their codes, and at whole lines of the cache.
  static constexpr int64_t kBlockUnit = 64;
  static constexpr int64_t kLargestBlock = 16384;

  void SeedDraws(uint64_t run_seed, int rank) override { seed_ = SeedOfRank(form_.seed, run_seed, rank); }
  absl::Status Encode(std::span<const float> gradient, int64_t step, std::vector<uint8_t>& payload) override;
  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override;
  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override;
  int64_t MaxPayloadBytes(int64_t d) const override;
  Sum sum() const override { return Sum::kGathered; }
  double ResidualNormSquared() const override { return feedback_.ResidualNormSquared(); }
  std::span<const float> residual() const override { return feedback_.residual(); }
  void ForgetLength() override { length_.Forget(); }  // with error feedback, the residual has one
  void SaveState(std::vector<uint8_t>& state) const override;
  absl::Status LoadState(std::span<const uint8_t> state) override;
  absl::Status Change(const Params&) override { return absl::OkStatus(); }  // nothing is live

  // "block: found 100, expected a multiple of 64"; the descriptor's range has been checked.
  static absl::Status CheckBlock(std::string_view name, int64_t block);

 protected:
  struct Form {
    std::string_view kind;
    int64_t block = 0;  // elements, a multiple of kBlockUnit up to kLargestBlock
    int scales = 1;     // a block
    int bits = 8;       // an element
    bool error_feedback = false;
    bool draws = false;  // at random: EncodeBlock reads key()
    uint64_t seed = 0;
  };
  explicit BlockCodec(const Form& form) : form_(form), seed_(form.seed) {}

  // x is the block from element `offset` on; writes its scales and packed codes. False if an element is NaN
  // or infinite; with error feedback that has been checked.
  virtual bool EncodeBlock(std::span<const float> x, int64_t offset, float* scales, uint8_t* packed) = 0;
  // With error feedback: EncodeBlock, and x -= what it sent.
  virtual void EncodeAndTake(std::span<float> x, int64_t offset, float* scales, uint8_t* packed);
  // values = what EncodeBlock wrote, of which the scales have passed ScalesAreValid. False if a code has no
  // meaning. Every value that is given is finite.
  virtual bool DecodeBlock(const float* scales, const uint8_t* packed, std::span<float> values) const = 0;
  // Finite and at least 0.
  virtual bool ScalesAreValid(const float* scales) const;
  // The largest block of a gradient of d.
  int64_t BlockOf(int64_t d) const { return d < form_.block ? d : form_.block; }
  const Form& form() const { return form_; }
  DrawKey key() const { return key_; }

 private:
  int64_t BlocksOf(int64_t d) const { return (d + form_.block - 1) / form_.block; }
  // Elements that are worked on at once: whole blocks that stay in the nearest cache.
  int64_t ChunkOf() const;
  absl::Status EncodeDirectly(std::span<const float> gradient, uint8_t* scales, uint8_t* codes);
  absl::Status Validate(std::span<const uint8_t> payload, int64_t d) const;
  template <bool kAdd>
  absl::Status DecodeTo(std::span<const uint8_t> payload, std::span<float> gradient) const;

  const Form form_;
  uint64_t seed_;  // of the draws
  BucketLength length_;
  ErrorFeedback feedback_;
  DrawKey key_;
};

}  // namespace concertina
