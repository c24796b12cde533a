// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sparsifier.h: what a codec that chooses elements also implements, so that in a chain another codec can
// carry the values of the chosen ones. On the way of the data: gradient/chain.h -> here ->
// gradient/sparse_values.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/status.h"

namespace concertina {

// Beside Codec: class TopK final : public Codec, public Sparsifier. What it does not choose is remembered by
// the chain, so Select neither reads nor writes a residual; unless it keeps_rest.
class Sparsifier {
 public:
  virtual ~Sparsifier() = default;
  // The places of the chosen elements of `x`, ascending, and their values, as many as there are places: x's
  // own, or multiples of them where Codec::ErrorBound is above 1. Both vectors are the caller's, and keep
  // their capacity. Cost and errors as of Codec::Encode, after which the state is as before.
  virtual absl::Status Select(std::span<const float> x, int64_t step, std::vector<uint32_t>& indices,
                              std::vector<float>& values) = 0;
  // The most that Select chooses of d.
  virtual int64_t MaxSelected(int64_t d) const = 0;

  // A stamp u32 of the step that says all about the places: it travels in their stead, and whoever decodes
  // asks PlacesOf. Then Select chooses MaxSelected(d), always.
  virtual std::optional<uint32_t> PlacesStamp(int64_t /*step*/) const { return std::nullopt; }
  // As Select gave them at that step. Any stamp gives places below d.
  virtual void PlacesOf(uint32_t /*stamp*/, int64_t /*d*/, std::vector<uint32_t>& /*indices*/) const {}

  // It has a memory of its own (dgc), from which Select took the values: what the values' codec then lost of
  // them, it takes back.
  virtual bool keeps_rest() const { return false; }
  virtual void TakeBack(std::span<const uint32_t> /*indices*/, std::span<const float> /*lost*/) {}
};

// Beside Codec: one of values that remembers nothing from step to step, and so can go on with another number
// of them. Any other is made anew.
class TakesAnyLength {
 public:
  virtual ~TakesAnyLength() = default;
  // The next Encode says the length.
  virtual void ForgetLength() = 0;
};

// Beside Codec too: it knows what its last Encode sent, so that what remembers the rest need not decode the
// payload.
class KnowsWhatItSent {
 public:
  virtual ~KnowsWhatItSent() = default;
  // x -= Decode(the last payload), to the same bits; touches only what was sent. By how much ||x||^2 grew, or
  // nothing if it does not know after all: then x is as it was.
  virtual std::optional<double> SubtractSent(std::span<float> x) = 0;
  // The places that were sent, ascending; all others are zero in the payload.
  virtual std::span<const uint32_t> sent_indices() const = 0;
};

}  // namespace concertina
