// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sparse_values.h: a sparsifier chooses elements, and another codec carries their values.
// On the way of the data: gradient/chain.h -> here -> gradient/index_codec.h and the values' codec.
//   payload = k, I, V(x_I),   I = the places that S chooses of x
// Payload, little endian: k u32 | if k > 0: the indices (index_codec.h) | the values' payload. Where the step
// says all about the places, a stamp u32 of it stands for the indices (Sparsifier::PlacesStamp).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/sparsifier.h"

namespace concertina {

// Makes a codec for so many values as are chosen: codecs have one length. Where the sparsifier chooses
// another number than before (a threshold, a live ratio), a codec that remembers nothing goes on with it
// (TakesAnyLength), and of any other a new one is made, some hundred bytes.
using MakeValueCodec = std::function<absl::StatusOr<std::unique_ptr<Codec>>(const Params&)>;

// Keeps no residual: error_feedback.cc does, around it, or a sparsifier that keeps_rest.
class SparseValues final : public Codec, public KnowsWhatItSent {
 public:
  // `sparsifier` also implements Sparsifier.
  static absl::StatusOr<std::unique_ptr<SparseValues>> Create(std::unique_ptr<Codec> sparsifier,
                                                              const Params& sparsifier_params,
                                                              const Params& value_params,
                                                              MakeValueCodec make_value_codec);

  void SeedDraws(uint64_t run_seed, int rank) override;
  absl::Status Encode(std::span<const float> gradient, int64_t step, std::vector<uint8_t>& payload) override;
  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override;
  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override;
  int64_t MaxPayloadBytes(int64_t d) const override;
  bool has_fixed_size() const override { return sparsifier_->has_fixed_size(); }
  double ErrorBound(int64_t d) const override;
  Sum sum() const override { return Sum::kGathered; }
  std::span<const float> residual() const override { return sparsifier_->residual(); }
  bool sends_chosen() const override { return true; }
  double ResidualNormSquared() const override { return sparsifier_->ResidualNormSquared(); }
  void SaveState(std::vector<uint8_t>& state) const override;
  absl::Status LoadState(std::span<const uint8_t> state) override;
  absl::Status Change(const Params& params) override;

  std::optional<double> SubtractSent(std::span<float> x) override;
  std::span<const uint32_t> sent_indices() const override { return indices_; }

 private:
  SparseValues(std::unique_ptr<Codec> sparsifier, Sparsifier* select, const Params& sparsifier_params,
               const Params& value_params, MakeValueCodec make_value_codec,
               std::unique_ptr<Codec> value_codec);
  absl::StatusOr<std::unique_ptr<Codec>> FreshValueCodec() const;
  absl::Status PrepareValueCodec(int64_t count);
  absl::Status Parse(std::span<const uint8_t> payload, int64_t d) const;

  const std::unique_ptr<Codec> sparsifier_;
  Sparsifier* const select_;  // the same object
  const std::string sparsifier_kind_;
  Params value_params_;
  const MakeValueCodec make_value_codec_;
  std::unique_ptr<Codec> value_codec_;
  int64_t value_count_ = 0;                       // of value_codec_; 0: of none yet
  std::optional<std::pair<uint64_t, int>> seed_;  // of SeedDraws, for the next value codec

  BucketLength length_;
  std::vector<uint32_t> indices_;  // of the last Encode
  std::vector<float> values_, lost_;
  std::vector<uint8_t> value_payload_;
  // Room to decode in, as long as Decode's d may need.
  mutable std::vector<uint32_t> decoded_indices_;
  mutable std::vector<float> decoded_values_;
  mutable int64_t decoded_ = 0;
};

}  // namespace concertina
