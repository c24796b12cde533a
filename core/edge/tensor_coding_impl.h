// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_coding_impl.h: the insides of tensor_coding.h, which stand in four files: tensor_symbols.cc (symbols
// of an alphabet), tensor_places.cc (which elements there are), tensor_values.cc (what they are), and
// tensor_coding.cc, which puts them together.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/status.h"
#include "core/edge/varint.h"
#include "core/graph/graph.h"
#include "fmt/format.h"

namespace concertina::coding {

static_assert(std::endian::native == std::endian::little, "floats are written as they lie in memory");

// The numbers of the format.
enum class Place : uint8_t { kDense, kBitmap, kMask, kGaps };
enum class Kind : uint8_t {
  kFloat32,
  kFloat16,
  kBfloat16,
  kGrid,
  kCodebook32,
  kCodebook16,
  kCodebookBfloat16
};
constexpr uint8_t kKinds = 7;
enum class Code : uint8_t { kFixed, kHuffman, kArithmetic };
constexpr uint8_t kCodes = 3;

// See tensor_coding.h: one and a half decisions of an arithmetic code an element, one of them for its place
// if it has one.
constexpr uint64_t kDecisionsAtLeast = 4096;  // 20 us, whatever the tensor

// What a block is compared by: an arithmetic code takes three times the time of a Huffman code, and has to
// save a 64th to be worth it. Ternary weights in equal shares are 0.7 % longer in a Huffman code, and there
// in a third of the time.
inline uint64_t CostOf(const std::vector<uint8_t>& block, bool is_arithmetic) {
  return block.size() + (is_arithmetic ? block.size() / 64 : 0);
}

inline absl::Status EndedEarly(const char* what) {
  return absl::DataLossError(fmt::format("it ends within {}", what));
}

// The places of nonzero elements, ascending; all lie within the tensor.
using Places = std::vector<uint32_t>;

// tensor_symbols.cc
int WidthOf(size_t alphabet);  // bits that its largest symbol needs

struct CodedSymbols {
  Code code = Code::kFixed;
  std::vector<uint8_t> bytes;
};
// `decisions`: how many the arithmetic code may take.
CodedSymbols EncodeSymbols(std::span<const uint16_t> symbols, size_t alphabet, uint64_t decisions);
// All of `bytes`. Every symbol is then below `alphabet`.
absl::Status DecodeSymbols(std::span<const uint8_t> bytes, Code code, size_t alphabet,
                           std::span<uint16_t> symbols);

// tensor_places.cc
struct Extent {
  size_t elements = 0;
  size_t columns = 1;  // of a row, an index of the first dimension; a vector is one row
};
Extent ExtentOf(const Shape& shape);

struct CodedPlaces {
  Place place = Place::kDense;
  bool is_arithmetic = false;
  std::vector<uint8_t> block;

  uint64_t cost() const { return CostOf(block, is_arithmetic); }
};
// The block without the count of nonzeros, which stands before it.
CodedPlaces EncodePlaces(const std::vector<bool>& mask, const Extent& extent);
absl::StatusOr<Places> ReadPlaces(Place place, const Extent& extent, VarintReader& reader);

// tensor_values.cc
struct CodedValues {
  Kind kind = Kind::kFloat32;
  Code code = Code::kFixed;
  std::vector<uint8_t> block;

  uint64_t cost() const { return CostOf(block, code == Code::kArithmetic); }
};
// What is encoded: `values` are all elements, or those at `places`.
struct ValueSequence {
  std::span<const uint32_t> values;  // bits
  const Places* places = nullptr;    // null: all
  size_t elements = 0;               // of the tensor

  uint64_t decisions() const {
    return std::max<uint64_t>(kDecisionsAtLeast, (places == nullptr ? 3 : 1) * elements / 2);
  }
};
// In the least of the ways that there are; `grid` may be null.
CodedValues EncodeValues(const ValueSequence& sequence, const Shape& shape, const Quantization* grid);

// How the bytes have the values; a grid, where that is their kind, is there.
struct ValueCoding {
  Kind kind = Kind::kFloat32;
  Code code = Code::kFixed;
};
// Writes the values of `places`, or of all, into `values`; `bytes` are the block. Gives the entries of a
// codebook, 0 without one.
absl::StatusOr<size_t> DecodeValues(std::span<const uint8_t> bytes, const ValueCoding& coding,
                                    const Shape& shape, const Quantization* grid, const Places* places,
                                    std::span<float> values);

}  // namespace concertina::coding
