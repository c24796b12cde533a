// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sparse_payload.h: the payload of the codecs that send some elements as they are, and say which.
// On the way of the data: a sparsifying codec -> here -> comm/transport.h.
//   little endian: k u32 | k indices u32, ascending | k values f32         8k + 4 bytes against 4d
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace concertina {

inline int64_t SparsePayloadBytes(int64_t k) { return 4 + 8 * k; }

// Resizes `payload` to k elements, and gives where they are to be written. The pointers need no alignment.
struct SparsePlaces {
  uint8_t* indices;
  uint8_t* values;
};
SparsePlaces BeginSparsePayload(int64_t k, std::vector<uint8_t>& payload);
void WriteSparsePayload(std::span<const uint32_t> indices, std::span<const float> values,
                        std::vector<uint8_t>& payload);

// Decode and DecodeAdd of such a payload, of `least` elements or more: nothing of it is believed, and nothing
// written, before all of it was checked. kDataLoss says what is wrong with the payload of `codec`.
absl::Status DecodeSparse(std::string_view codec, std::span<const uint8_t> payload, int64_t least,
                          std::span<float> gradient);
absl::Status AddSparse(std::string_view codec, std::span<const uint8_t> payload, int64_t least,
                       std::span<float> gradient);

// take(index, value) for every element of a payload that is known to be good.
template <class Take>
void ForEachSent(std::span<const uint8_t> payload, Take take) {
  uint32_t k, index;
  float value;
  std::memcpy(&k, payload.data(), 4);
  const uint8_t* indices = payload.data() + 4;
  const uint8_t* values = indices + 4 * size_t{k};
  for (size_t i = 0; i < k; ++i) {
    std::memcpy(&index, indices + 4 * i, 4);
    std::memcpy(&value, values + 4 * i, 4);
    take(index, value);
  }
}

// What was sent leaves x: its elements become 0. Gives their sum of squares, so that the residual's norm need
// not be measured.
double TakeSent(std::span<const uint8_t> payload, std::span<float> x);

}  // namespace concertina
