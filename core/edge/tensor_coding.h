// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_coding.h: a tensor's floats in the fewest bytes that give every bit back.
// On the way of the data: edge/model_file.h -> here -> bytes, and back.
//
// All ways that can give the bits back are tried, and about the smallest is kept: so the bytes are an honest
// measure of what a compressor left. Shape and grid are known to both sides and not in the bytes, which are
// little endian:
//   coding u8: place, bits 0-1 | kind, bits 2-4 | code, bits 5-6
//   place block
//   value block, to the end
// Place: which elements the value block has.
//   0 dense       all of them; no place block
//   1 bitmap      those that are not +0: nonzeros varint | a bit an element, the first in a byte's lowest
//   2 mask        the same: nonzeros varint | length varint | a bit an element, arithmetic-coded. Its models
//                 are told apart by how often the element's column was not zero of late (17 steps; a row is
//                 an index of the first dimension), and by its two neighbours on the left. A pixel that is
//                 black in all of MNIST is a column of zeros.
//   3 gaps        the same: nonzeros varint | code and width u8, the code in bits 4-5 | symbols varint |
//                 length varint | symbols: so many zeros before a nonzero; the largest, 2^width - 1, so many
//                 and no nonzero yet [Han, Mao, Dally. Deep Compression. ICLR 2016]
// Kind: what a value is.
//   0, 1, 2       float32, float16, bfloat16, each by itself
//   3 grid        symbols: whole numbers of the grid, from its least on, without 0 where that is a place's
//   4, 5, 6       codebook: entries less one u8 | entries as float32, float16 or bfloat16, ascending by
//                 their bits | symbols: entries
// Code: how symbols of an alphabet are written.
//   0 fixed       in the bits that the largest needs, the first in a byte's lowest
//   1 Huffman     (huffman.h)
//   2 arithmetic  (arithmetic.h), each symbol by a tree of that many bits. Taken, as a mask is, where it
//                 saves a 64th against all else, and where that is at most 1.5 decisions an element, a mask's
//                 included, or 4,096, at some 10 ns: the 431,080 weights of LeNet-5 shall be there in 5 ms.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/graph/graph.h"

namespace concertina {

struct EncodedTensor {
  std::vector<uint8_t> bytes;
  std::string coding;  // as people read it: "float32", "int8", "sparse, 5-bit codebook, arithmetic-coded"
};

constexpr int64_t kMaxTensorElements = int64_t{1} << 28;

// `values`: ElementCount(shape), row-major. `grid` may be null. O(elements) time, about 0.2 us each.
// kInvalidArgument if values and shape differ, if there are more than kMaxTensorElements, if the grid is not
// one (CheckGrid), or if an element is not on it: scale * float(q - zero_point), in floats, for no q that it
// has. -0 is on a grid that has 0, but keeps the grid from being used.
absl::StatusOr<EncodedTensor> EncodeTensor(std::span<const float> values, const Shape& shape,
                                           const Quantization* grid);

struct DecodedTensor {
  std::vector<float> values;
  std::string coding;
};

// With the shape and the grid of the encoder. Trusts nothing in `bytes`: kDataLoss. Allocates about twice the
// floats of the shape, whatever the bytes are: the caller has bounded it.
absl::StatusOr<DecodedTensor> DecodeTensor(std::span<const uint8_t> bytes, const Shape& shape,
                                           const Quantization* grid);

// kInvalidArgument unless it has 1 to kMaxGridBits bits, a zero point within 2^16, and finite scales: one, or
// one for each index of the shape's first dimension.
constexpr int kMaxGridBits = 16;
absl::Status CheckGrid(const Quantization& grid, const Shape& shape);

}  // namespace concertina
