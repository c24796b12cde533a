// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chain.h: "gradient" of an experiment, a list of codecs, as one codec.
// On the way of the data: experiment/spec.h -> here -> parallel/exchange.h.
//
// In this order, each but one of the first three optional:
//   1. what remembers what the others lose: error-feedback or momentum-correction (wrapper.h, kFirst)
//   2. a sparsifier (sparsifier.h): chooses elements; their places travel as few bytes as index_codec.h can
//   3. a codec: of the chosen values, or without a sparsifier of the gradient
//   4. a lossless stage: zstd (wrapper.h, kLast)
// A sparsifier's own error_feedback is the chain's then, around all of it, so that the values' codec is
// corrected too; dgc takes back what the values lost by itself. A list of one is that codec, to the same
// bits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/gradient/codec.h"

namespace concertina {

// Elements that were checked each by itself. "none" may stand alone only. Adds what is wrong with them
// together, with the pointer (one an element) of what is to be changed.
void CheckChain(std::span<const Params> chain, std::span<const std::string> pointers,
                std::vector<Fault>& faults);

// Where a chain works: of its draws (codec.h, SeedDraws).
struct ChainPlace {
  uint64_t run_seed = 0;
  int rank = 0;
};

// Live knobs go to it element by element: Codec::Change finds whose kind it is. kInvalidArgument as
// CheckChain says.
absl::StatusOr<std::unique_ptr<Codec>> MakeChain(std::span<const Params> chain,
                                                 std::optional<ChainPlace> place = std::nullopt);

// Whether it sends the gradient as it is.
bool IsEmptyChain(std::span<const Params> chain);
// The pointer of the element or the switch by which it remembers what it did not send, below /gradient.
// Nothing if it does not.
std::optional<std::string> RememberingPointer(std::span<const Params> chain);
// The pointer of the switch by which it would remember, of a chain that errs to one side and forgets what it
// does not send. Nothing of others, of unbiased codecs, and of votes, which have no size to remember.
std::optional<std::string> ForgettingPointer(std::span<const Params> chain);
// The pointer of the element that has momentum of its own, below /gradient. Nothing if none has.
std::optional<std::string> MomentumPointer(std::span<const Params> chain);
// The same of the element of which all ranks take something else than the mean (codec.h, combines).
std::optional<std::string> CombiningPointer(std::span<const Params> chain);
// "top-k, fp16, zstd".
std::string ChainText(std::span<const Params> chain);

}  // namespace concertina
