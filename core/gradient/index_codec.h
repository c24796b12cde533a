// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// index_codec.h: ascending indices below d as few bytes, without loss; the places of a sparse gradient.
// On the way of the data: gradient/sparse_values.cc -> here -> its payload.
//
// A tag byte says which coding follows:
//   bitmap        bit i is set where i is an index: ceil(d/8) bytes, least from about one index in five
//   delta-varint  gaps in groups of seven bits, the lowest first, a set eighth bit announcing another: a byte
//                 for gaps up to 128, least where indices stand in clusters
//   elias-fano    floor(log2(d/k)) low bits of each index as they are, the rest in unary: at most 2 +
//                 log2(d/k) bits an index, about half a bit above the least that k of d can take [Elias.
//                 Efficient Storage and Retrieval by Content and Address of Static Files. JACM 1974]
#pragma once

#include <cstdint>
#include <span>

#include "core/base/status.h"

namespace concertina {

enum class IndexCoding : uint8_t { kBitmap = 1, kDeltaVarint = 2, kEliasFano = 3 };

// Bytes with the tag, of these k >= 1 ascending indices below d.
int64_t IndexBytes(IndexCoding coding, std::span<const uint32_t> indices, int64_t d);
// The coding of the fewest bytes for these indices.
IndexCoding SmallestCoding(std::span<const uint32_t> indices, int64_t d);
// The most that the smallest coding takes for up to k indices below d; 0 for none.
int64_t MaxIndexBytes(int64_t k, int64_t d);

// Writes exactly IndexBytes. k >= 1.
void EncodeIndices(IndexCoding coding, std::span<const uint32_t> indices, int64_t d, uint8_t* to);
// Reads indices.size() >= 1 indices from the front of `bytes`, and gives how many bytes they took. The bytes
// come from outside: kDataLoss unless the indices ascend, are below d, are as many, and are coded in the one
// way that EncodeIndices has for them.
absl::StatusOr<int64_t> DecodeIndices(std::span<const uint8_t> bytes, int64_t d, std::span<uint32_t> indices);

}  // namespace concertina
