// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// payload_sum.h: what all ranks' payloads of one codec say together: those that sum are added on the way,
// the others are gathered, and decoded in the order of the ranks. Either way all ranks end with the same
// bits. On the way of the data: gradient/codec.h's Encode -> here -> comm/communicator.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/comm/communicator.h"
#include "core/gradient/codec.h"

namespace concertina {

struct PayloadSum {
  Communicator& ranks;
  AllReduceWay way;  // of payloads that sum
  Deadline deadline;
  // Of the sum of payloads of floats, on their way. Halves are scaled before they are encoded, since their
  // sum may be beyond the largest of them, and gathered ones once they are decoded.
  float scale = 1;
};

// A payload that sums becomes all ranks' in its place; those that do not come together in `gathered`, by
// rank. `floats`: that were encoded. The codec has no rounds of sums (SummedRounds).
absl::Status SumPayloads(const Codec& codec, int64_t floats, const PayloadSum& sum,
                         std::vector<uint8_t>& payload, std::vector<std::vector<uint8_t>>& gathered);

// Then: overwrites `values` with the sum. kDataLoss as Codec::Decode, with the rank where one is to blame.
absl::Status DecodeSum(const Codec& codec, std::span<const uint8_t> payload,
                       std::span<const std::vector<uint8_t>> gathered, std::span<float> values);

}  // namespace concertina
