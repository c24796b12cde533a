// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// state_parts.h: the state of something that is made of several, for checkpoints.
// On the way of the data: Codec::SaveState of a chain's codecs, parallel/codec_state.h of a bucket's -> here
// -> worker/checkpoint.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/status.h"

namespace concertina {

// State of several parts, each with its length before it (u64, little endian).
void AppendStatePart(std::span<const uint8_t> part, std::vector<uint8_t>& state);
// The state of something that can save it alone, as a part.
template <class Stateful>
void AppendStateOf(const Stateful& stateful, std::vector<uint8_t>& state) {
  std::vector<uint8_t> part;
  stateful.SaveState(part);
  AppendStatePart(part, state);
}
// The next part, which is taken off. kDataLoss if `state` is shorter than it claims.
absl::StatusOr<std::span<const uint8_t>> TakeStatePart(std::span<const uint8_t>& state);

}  // namespace concertina
