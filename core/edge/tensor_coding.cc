// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_coding.cc: see tensor_coding.h.
#include "core/edge/tensor_coding.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "core/edge/arithmetic.h"
#include "core/edge/huffman.h"
#include "core/edge/varint.h"
#include "fmt/format.h"

namespace concertina {
namespace {

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

constexpr size_t kMaxCodebook = 256;
constexpr int kMaxCodedWidth = 12;  // of symbols that are worth a table or a tree
constexpr int kLeastGapWidth = 2, kMostGapWidth = 10;
// See the header: one and a half decisions of an arithmetic code an element, one of them for its place if it
// has one.
constexpr uint64_t kDecisionsAtLeast = 4096;  // 20 us, whatever the tensor

// What a block is compared by: an arithmetic code takes three times the time of a Huffman code, and has to
// save a 64th to be worth it. Ternary weights in equal shares are 0.7 % longer in a Huffman code, and there
// in a third of the time.
uint64_t CostOf(const std::vector<uint8_t>& block, bool is_arithmetic) {
  return block.size() + (is_arithmetic ? block.size() / 64 : 0);
}

int WidthOf(size_t alphabet) { return static_cast<int>(std::bit_width(alphabet - 1)); }

// ---- narrow floats, as bits: nothing passes through the floating-point unit, which may change a NaN

// IEEE 754 binary16 as binary32; a NaN keeps its payload.
uint32_t FromFloat16(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000U) << 16;
  const uint32_t exponent = half >> 10 & 31U, fraction = half & 1023U;
  if (exponent == 31) return sign | 0x7f800000U | fraction << 13;
  if (exponent > 0) return sign | (exponent + 112) << 23 | fraction << 13;
  if (fraction == 0) return sign;
  // fraction 2^-24, normalised
  const auto shift = static_cast<uint32_t>(std::countl_zero(fraction)) - 21;
  return sign | (113 - shift) << 23 | (fraction << shift & 1023U) << 13;
}

// The binary16 with exactly this value, or payload.
std::optional<uint16_t> ToFloat16(uint32_t bits) {
  const uint32_t sign = bits >> 16 & 0x8000U;
  const uint32_t exponent = bits >> 23 & 255U, fraction = bits & 0x7fffffU;
  uint32_t half = 0;
  if (exponent == 255) {
    half = 0x7c00U | fraction >> 13;
  } else if (exponent >= 113 && exponent <= 142) {
    half = (exponent - 112) << 10 | fraction >> 13;
  } else if (exponent >= 103 && exponent <= 112) {
    half = (fraction | 0x800000U) >> (126 - exponent);
  }
  const auto narrow = static_cast<uint16_t>(sign | half);
  return FromFloat16(narrow) == bits ? std::optional(narrow) : std::nullopt;
}

bool IsBfloat16(uint32_t bits) { return (bits & 0xffffU) == 0; }

// The narrowest of the three that has all of them exactly.
Kind FloatKindOf(std::span<const uint32_t> values) {
  if (std::all_of(values.begin(), values.end(), [](uint32_t bits) { return ToFloat16(bits).has_value(); }))
    return Kind::kFloat16;
  return std::all_of(values.begin(), values.end(), IsBfloat16) ? Kind::kBfloat16 : Kind::kFloat32;
}

void AppendFloats(std::span<const uint32_t> values, Kind kind, std::vector<uint8_t>& bytes) {
  const size_t width = kind == Kind::kFloat32 ? 4 : 2;
  size_t at = bytes.size();
  bytes.resize(at + values.size() * width);
  for (const uint32_t value : values) {
    const uint32_t stored = kind == Kind::kFloat16    ? *ToFloat16(value)
                            : kind == Kind::kBfloat16 ? value >> 16
                                                      : value;
    std::memcpy(bytes.data() + at, &stored, width);
    at += width;
  }
}

uint32_t FloatAt(std::span<const uint8_t> bytes, Kind kind, size_t i) {
  if (kind == Kind::kFloat32) {
    uint32_t bits = 0;
    std::memcpy(&bits, bytes.data() + i * 4, 4);
    return bits;
  }
  uint16_t narrow = 0;
  std::memcpy(&narrow, bytes.data() + i * 2, 2);
  return kind == Kind::kFloat16 ? FromFloat16(narrow) : static_cast<uint32_t>(narrow) << 16;
}

// ---- symbols

struct CodedSymbols {
  Code code = Code::kFixed;
  std::vector<uint8_t> bytes;
};

std::vector<uint8_t> PackSymbols(std::span<const uint16_t> symbols, int width) {
  std::vector<uint8_t> bytes;
  bytes.reserve((symbols.size() * static_cast<size_t>(width) + 7) / 8);
  uint32_t waiting = 0;
  int bits = 0;
  for (const uint16_t symbol : symbols) {
    waiting |= static_cast<uint32_t>(symbol) << bits;
    for (bits += width; bits >= 8; bits -= 8, waiting >>= 8) bytes.push_back(static_cast<uint8_t>(waiting));
  }
  if (bits > 0) bytes.push_back(static_cast<uint8_t>(waiting));
  return bytes;
}

// `decisions`: how many the arithmetic code may take.
CodedSymbols EncodeSymbols(std::span<const uint16_t> symbols, size_t alphabet, uint64_t decisions) {
  const int width = WidthOf(alphabet);
  CodedSymbols best{.code = Code::kFixed, .bytes = PackSymbols(symbols, width)};
  if (width == 0 || width > kMaxCodedWidth) return best;
  std::vector<uint8_t> bytes;
  HuffmanEncode(symbols, alphabet, bytes);
  if (bytes.size() < best.bytes.size()) best = {.code = Code::kHuffman, .bytes = std::move(bytes)};
  if (symbols.size() * static_cast<uint64_t>(width) > decisions) return best;
  std::vector<AdaptiveBit> models(size_t{1} << width);
  ArithmeticEncoder encoder;
  for (const uint16_t symbol : symbols) encoder.EncodeTree(symbol, width, models);
  bytes = encoder.Finish();
  if (CostOf(bytes, true) < best.bytes.size()) best = {.code = Code::kArithmetic, .bytes = std::move(bytes)};
  return best;
}

absl::Status UnpackSymbols(std::span<const uint8_t> bytes, int width, std::span<uint16_t> symbols) {
  const uint64_t expected = (symbols.size() * static_cast<uint64_t>(width) + 7) / 8;
  if (bytes.size() != expected)
    return absl::DataLossError(fmt::format("found {} bytes of {} symbols with {} bits, expected {}",
                                           bytes.size(), symbols.size(), width, expected));
  const uint32_t mask = (1U << width) - 1;
  uint32_t waiting = 0;
  int bits = 0;
  size_t at = 0;
  for (uint16_t& symbol : symbols) {
    for (; bits < width; bits += 8) waiting |= static_cast<uint32_t>(bytes[at++]) << bits;
    symbol = static_cast<uint16_t>(waiting & mask);
    waiting >>= width;
    bits -= width;
  }
  return absl::OkStatus();
}

// All of `bytes`. Every symbol is then below `alphabet`.
absl::Status DecodeSymbols(std::span<const uint8_t> bytes, Code code, size_t alphabet,
                           std::span<uint16_t> symbols) {
  const int width = WidthOf(alphabet);
  if (code != Code::kFixed && (width == 0 || width > kMaxCodedWidth))
    return absl::DataLossError(fmt::format("an alphabet of {} has no such code", alphabet));
  switch (code) {
    case Code::kFixed:
      RETURN_IF_ERROR(UnpackSymbols(bytes, width, symbols));
      break;
    case Code::kHuffman:
      return HuffmanDecode(bytes, alphabet, symbols);  // its table has no other symbols
    case Code::kArithmetic: {
      std::vector<AdaptiveBit> models(size_t{1} << width);
      ArithmeticDecoder decoder(bytes);
      for (uint16_t& symbol : symbols) symbol = static_cast<uint16_t>(decoder.DecodeTree(width, models));
      RETURN_IF_ERROR(decoder.Check());
      break;
    }
  }
  if (!std::has_single_bit(alphabet)) {
    const auto wrong =
        std::find_if(symbols.begin(), symbols.end(), [&](uint16_t symbol) { return symbol >= alphabet; });
    if (wrong != symbols.end())
      return absl::DataLossError(fmt::format("found symbol {} of an alphabet of {}", *wrong, alphabet));
  }
  return absl::OkStatus();
}

// ---- places

struct Extent {
  size_t elements = 0;
  size_t columns = 1;  // of a row, an index of the first dimension; a vector is one row
};

Extent ExtentOf(const Shape& shape) {
  Extent extent{.elements = static_cast<size_t>(ElementCount(shape))};
  const size_t rows = shape.size() >= 2 ? static_cast<size_t>(shape[0]) : 1;
  extent.columns = std::max<size_t>(1, rows == 0 ? 1 : extent.elements / rows);
  return extent;
}

// The models of a mask's bits. Bits come in order, and each is told before the next is asked for.
class MaskModels {
 public:
  explicit MaskModels(const Extent& extent) : recent_(std::min(extent.columns, extent.elements), 0) {}

  AdaptiveBit& Next() {
    const auto steps = static_cast<size_t>(std::bit_width(static_cast<uint32_t>(recent_[column_])));
    return models_[steps << 2 | left_];
  }
  void See(bool bit) {
    // r <- r + (bit - r) / 16, rounded down. Its logarithm is the context: after a hundred zeros it still
    // tells a column that is dead from one that is not.
    uint16_t& r = recent_[column_];
    r = static_cast<uint16_t>(r +
                              (((0xffff & -static_cast<int>(bit)) - r) >> 4));  // a branch would be guessed
    left_ = (left_ << 1 | static_cast<size_t>(bit)) & 3U;
    if (++column_ < recent_.size()) return;
    column_ = 0;
    left_ = 0;
  }

 private:
  std::vector<uint16_t> recent_;  // by column
  size_t column_ = 0;
  size_t left_ = 0;
  AdaptiveBit models_[17 << 2];
};

struct CodedPlaces {
  Place place = Place::kDense;
  bool is_arithmetic = false;
  std::vector<uint8_t> block;

  uint64_t cost() const { return CostOf(block, is_arithmetic); }
};

CodedPlaces EncodeBitmap(const std::vector<bool>& mask) {
  CodedPlaces coded{
      .place = Place::kBitmap, .is_arithmetic = false, .block = std::vector<uint8_t>((mask.size() + 7) / 8)};
  for (size_t i = 0; i < mask.size(); ++i)
    if (mask[i]) coded.block[i / 8] |= static_cast<uint8_t>(1U << (i % 8));
  return coded;
}

CodedPlaces EncodeMask(const std::vector<bool>& mask, const Extent& extent) {
  MaskModels models(extent);
  ArithmeticEncoder encoder;
  for (const bool bit : mask) {
    encoder.Encode(bit, models.Next());
    models.See(bit);
  }
  const std::vector<uint8_t> bits = encoder.Finish();
  CodedPlaces coded{.place = Place::kMask, .is_arithmetic = true, .block = {}};
  AppendVarint(bits.size(), coded.block);
  coded.block.insert(coded.block.end(), bits.begin(), bits.end());
  return coded;
}

CodedPlaces EncodeGaps(const std::vector<bool>& mask, int width) {
  const auto longest = static_cast<uint16_t>((1 << width) - 1);
  std::vector<uint16_t> symbols;
  uint16_t gap = 0;
  size_t sure = 0;  // symbols up to the last nonzero
  for (const bool bit : mask) {
    if (bit) {
      symbols.push_back(gap);
      sure = symbols.size();
      gap = 0;
    } else if (++gap == longest) {
      symbols.push_back(longest);
      gap = 0;
    }
  }
  symbols.resize(sure);
  const CodedSymbols coded =
      EncodeSymbols(symbols, size_t{1} << width, std::max<uint64_t>(kDecisionsAtLeast, mask.size()));
  CodedPlaces places{.place = Place::kGaps, .is_arithmetic = coded.code == Code::kArithmetic, .block = {}};
  places.block.push_back(static_cast<uint8_t>(static_cast<int>(coded.code) << 4 | width));
  AppendVarint(symbols.size(), places.block);
  AppendVarint(coded.bytes.size(), places.block);
  places.block.insert(places.block.end(), coded.bytes.begin(), coded.bytes.end());
  return places;
}

CodedPlaces EncodePlaces(const std::vector<bool>& mask, const Extent& extent) {
  CodedPlaces best = EncodeBitmap(mask);
  const auto offer = [&](CodedPlaces other) {
    if (other.cost() < best.cost()) best = std::move(other);
  };
  for (int width = kLeastGapWidth; width <= kMostGapWidth; ++width) offer(EncodeGaps(mask, width));
  offer(EncodeMask(mask, extent));
  return best;
}

// The places of `nonzeros` elements, ascending; all lie within the tensor.
using Places = std::vector<uint32_t>;

absl::StatusOr<Places> WrongCount(size_t expected) {
  return absl::DataLossError(fmt::format("its mask has not the {} nonzeros that it says", expected));
}

absl::StatusOr<Places> DecodeBitmap(std::span<const uint8_t> bytes, size_t elements, size_t nonzeros) {
  Places places;
  places.reserve(nonzeros);
  for (size_t i = 0; i < elements; ++i) {
    if ((bytes[i / 8] >> (i % 8) & 1) == 0) continue;
    if (places.size() == nonzeros) return WrongCount(nonzeros);
    places.push_back(static_cast<uint32_t>(i));
  }
  if (places.size() != nonzeros) return WrongCount(nonzeros);
  return places;
}

absl::StatusOr<Places> DecodeMask(std::span<const uint8_t> bytes, const Extent& extent, size_t nonzeros) {
  Places places(nonzeros + 1);  // one more is written, and not kept, where a mask says more
  MaskModels models(extent);
  ArithmeticDecoder decoder(bytes);
  size_t found = 0;
  for (size_t i = 0; i < extent.elements && found <= nonzeros; ++i) {
    const bool bit = decoder.Decode(models.Next());
    models.See(bit);
    places[found] = static_cast<uint32_t>(i);
    found += static_cast<size_t>(bit);
  }
  if (found != nonzeros) return WrongCount(nonzeros);
  places.resize(nonzeros);
  RETURN_IF_ERROR(decoder.Check());
  return places;
}

absl::StatusOr<Places> DecodeGaps(std::span<const uint16_t> gaps, uint16_t longest, size_t elements,
                                  size_t nonzeros) {
  Places places;
  places.reserve(nonzeros);
  size_t at = 0;
  for (const uint16_t gap : gaps) {
    at += gap;
    if (gap == longest) continue;
    if (at >= elements) return absl::DataLossError("its gaps go beyond the tensor's end");
    if (places.size() == nonzeros) return WrongCount(nonzeros);
    places.push_back(static_cast<uint32_t>(at++));
  }
  if (places.size() != nonzeros) return WrongCount(nonzeros);
  return places;
}

absl::Status EndedEarly(const char* what) {
  return absl::DataLossError(fmt::format("it ends within {}", what));
}

absl::StatusOr<Places> ReadPlaces(Place place, const Extent& extent, VarintReader& reader) {
  const std::optional<uint64_t> nonzeros = reader.Varint();
  if (!nonzeros) return EndedEarly("its count of nonzeros");
  if (*nonzeros > extent.elements)
    return absl::DataLossError(
        fmt::format("found {} nonzeros, expected at most {}", *nonzeros, extent.elements));
  const auto count = static_cast<size_t>(*nonzeros);
  if (place == Place::kBitmap) {
    const auto bytes = reader.Bytes((extent.elements + 7) / 8);
    if (!bytes) return EndedEarly("its bitmap");
    return DecodeBitmap(*bytes, extent.elements, count);
  }
  if (place == Place::kMask) {
    const auto length = reader.Varint();
    const auto bytes = length ? reader.Bytes(*length) : std::nullopt;
    if (!bytes) return EndedEarly("its mask");
    return DecodeMask(*bytes, extent, count);
  }
  const auto way = reader.Byte();
  const auto symbols = way ? reader.Varint() : std::nullopt;
  const auto length = symbols ? reader.Varint() : std::nullopt;
  const auto bytes = length ? reader.Bytes(*length) : std::nullopt;
  if (!bytes) return EndedEarly("its gaps");
  const int width = *way & 15, code = *way >> 4;
  if (width < kLeastGapWidth || width > kMostGapWidth || code >= kCodes)
    return absl::DataLossError(fmt::format("found gaps of {} bits in code {}", width, code));
  const uint32_t longest = (1U << width) - 1;
  if (*symbols > count + extent.elements / longest)
    return absl::DataLossError(fmt::format("found {} gaps for {} nonzeros", *symbols, count));
  std::vector<uint16_t> gaps(static_cast<size_t>(*symbols));
  RETURN_IF_ERROR(DecodeSymbols(*bytes, static_cast<Code>(code), size_t{1} << width, gaps));
  return DecodeGaps(gaps, static_cast<uint16_t>(longest), extent.elements, count);
}

// ---- grids

// The whole numbers of a grid as symbols of an alphabet.
class GridSymbols {
 public:
  // `has_zero`: 0, as a float, is among the symbols; it is not where a place block says which elements are 0.
  GridSymbols(const Quantization& grid, const Shape& shape, bool has_zero) : grid_(grid) {
    least_ = grid.is_signed && grid.bits > 1 ? -((1 << (grid.bits - 1)) - 1) : grid.is_signed ? -1 : 0;
    most_ = grid.is_signed && grid.bits > 1 ? -least_ : grid.is_signed ? 1 : (1 << grid.bits) - 1;
    step_ = grid.is_signed && grid.bits == 1 ? 2 : 1;
    left_out_ =
        grid.zero_point >= least_ && grid.zero_point <= most_ && step_ == 1 && !has_zero && most_ > least_
            ? std::optional(grid.zero_point)
            : std::nullopt;
    each_ = static_cast<size_t>(ElementCount(shape)) / grid.scales.size();
  }

  size_t alphabet() const {
    return static_cast<size_t>((most_ - least_) / step_ + 1 - (left_out_.has_value() ? 1 : 0));
  }

  // x = scale (q - zero_point), in floats.
  float ValueOf(int32_t q, float scale) const { return scale * static_cast<float>(q - grid_.zero_point); }

  int32_t NumberOf(uint16_t symbol) const {
    const int32_t q = least_ + step_ * symbol;
    return left_out_ && q >= *left_out_ ? q + 1 : q;
  }
  uint16_t SymbolOf(int32_t q) const {
    return static_cast<uint16_t>((left_out_ && q > *left_out_ ? q - 1 - least_ : q - least_) / step_);
  }

  // The q of a value that is equal to it; bit for bit except for zeros' signs.
  std::optional<int32_t> Find(float value, float scale) const {
    if (!std::isfinite(value)) return std::nullopt;
    // Where the scale is 0, or so small that products of several q are equal, the one nearest to 0 is taken.
    const double quotient = scale == 0 ? 0 : static_cast<double>(value) / scale;
    const double clamped = std::clamp(std::nearbyint(quotient) + grid_.zero_point,
                                      static_cast<double>(least_), static_cast<double>(most_));
    auto q = static_cast<int32_t>(clamped);
    if (step_ == 2) q = quotient < 0 ? -1 : 1;
    // The product was rounded, so the quotient may be one beside it.
    for (const int32_t near : {q, q - step_, q + step_})
      if (near >= least_ && near <= most_ && ValueOf(near, scale) == value) return near;
    return std::nullopt;
  }

  float ScaleAt(size_t element) const {
    return grid_.scales.size() == 1 ? grid_.scales[0] : grid_.scales[element / each_];
  }
  size_t each() const { return each_; }  // elements of one scale

 private:
  const Quantization& grid_;
  int32_t least_ = 0, most_ = 0, step_ = 1;
  std::optional<int32_t> left_out_;
  size_t each_ = 0;
};

absl::Status CheckOnGrid(std::span<const float> values, const Shape& shape, const Quantization& grid) {
  const GridSymbols symbols(grid, shape, true);
  for (size_t i = 0; i < values.size(); ++i)
    if (!symbols.Find(values[i], symbols.ScaleAt(i)))
      return absl::InvalidArgumentError(fmt::format(
          "element {} is {}, which is not on its grid of {} bits with a scale of {}; round it first", i,
          values[i], grid.bits, symbols.ScaleAt(i)));
  return absl::OkStatus();
}

// ---- values

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

// The entries ascend by their bits, so by sign and magnitude: what is about as frequent is near in the tree.
std::optional<CodedValues> EncodeCodebook(const ValueSequence& sequence) {
  std::vector<uint32_t> entries;
  for (const uint32_t value : sequence.values) {
    const auto at = std::lower_bound(entries.begin(), entries.end(), value);
    if (at != entries.end() && *at == value) continue;
    if (entries.size() == kMaxCodebook) return std::nullopt;
    entries.insert(at, value);
  }
  if (entries.empty()) return std::nullopt;
  std::vector<uint16_t> symbols;
  symbols.reserve(sequence.values.size());
  for (const uint32_t value : sequence.values)
    symbols.push_back(
        static_cast<uint16_t>(std::lower_bound(entries.begin(), entries.end(), value) - entries.begin()));
  const CodedSymbols coded = EncodeSymbols(symbols, entries.size(), sequence.decisions());
  const Kind entry_kind = FloatKindOf(entries);
  CodedValues values{.kind = entry_kind == Kind::kFloat32   ? Kind::kCodebook32
                             : entry_kind == Kind::kFloat16 ? Kind::kCodebook16
                                                            : Kind::kCodebookBfloat16,
                     .code = coded.code,
                     .block = {}};
  values.block.push_back(static_cast<uint8_t>(entries.size() - 1));
  AppendFloats(entries, entry_kind, values.block);
  values.block.insert(values.block.end(), coded.bytes.begin(), coded.bytes.end());
  return values;
}

std::optional<CodedValues> EncodeGrid(const ValueSequence& sequence, const Shape& shape,
                                      const Quantization& grid) {
  const GridSymbols on_grid(grid, shape, sequence.places == nullptr);
  std::vector<uint16_t> symbols;
  symbols.reserve(sequence.values.size());
  for (size_t i = 0; i < sequence.values.size(); ++i) {
    const float scale = on_grid.ScaleAt(sequence.places == nullptr ? i : (*sequence.places)[i]);
    const std::optional<int32_t> q = on_grid.Find(std::bit_cast<float>(sequence.values[i]), scale);
    if (!q) return std::nullopt;
    const uint16_t symbol = on_grid.SymbolOf(*q);
    // Not so for -0, nor where what is left out is not 0.
    if (symbol >= on_grid.alphabet() ||
        std::bit_cast<uint32_t>(on_grid.ValueOf(on_grid.NumberOf(symbol), scale)) != sequence.values[i])
      return std::nullopt;
    symbols.push_back(symbol);
  }
  CodedSymbols coded = EncodeSymbols(symbols, on_grid.alphabet(), sequence.decisions());
  return CodedValues{.kind = Kind::kGrid, .code = coded.code, .block = std::move(coded.bytes)};
}

CodedValues EncodeValues(const ValueSequence& sequence, const Shape& shape, const Quantization* grid) {
  CodedValues best{.kind = FloatKindOf(sequence.values), .code = Code::kFixed, .block = {}};
  AppendFloats(sequence.values, best.kind, best.block);
  const auto offer = [&](std::optional<CodedValues> other) {
    if (other && other->cost() < best.cost()) best = *std::move(other);
  };
  if (grid != nullptr) offer(EncodeGrid(sequence, shape, *grid));
  offer(EncodeCodebook(sequence));
  return best;
}

// Writes the values of `places`, or all, into `values`. The block is all of `bytes`.
absl::Status DecodeGrid(std::span<const uint8_t> bytes, Code code, const Shape& shape,
                        const Quantization& grid, const Places* places, std::span<float> values) {
  const GridSymbols on_grid(grid, shape, places == nullptr);
  std::vector<uint16_t> symbols(places == nullptr ? values.size() : places->size());
  RETURN_IF_ERROR(DecodeSymbols(bytes, code, on_grid.alphabet(), symbols));
  size_t row = 0, row_end = grid.scales.size() == 1 ? values.size() : on_grid.each();
  for (size_t i = 0; i < symbols.size(); ++i) {
    const size_t at = places == nullptr ? i : (*places)[i];
    for (; at >= row_end; row_end += on_grid.each()) ++row;  // at is below each x scales
    values[at] = on_grid.ValueOf(on_grid.NumberOf(symbols[i]), grid.scales[row]);
  }
  return absl::OkStatus();
}

void PutBits(uint32_t bits, float& value) { std::memcpy(&value, &bits, sizeof bits); }

absl::StatusOr<size_t> DecodeCodebook(std::span<const uint8_t> bytes, Kind kind, Code code,
                                      const Places* places, std::span<float> values) {
  VarintReader reader(bytes);
  const auto last = reader.Byte();
  const size_t count = last ? size_t{*last} + 1 : 0;
  const Kind entry_kind = kind == Kind::kCodebook32   ? Kind::kFloat32
                          : kind == Kind::kCodebook16 ? Kind::kFloat16
                                                      : Kind::kBfloat16;
  const auto table = reader.Bytes(count * (entry_kind == Kind::kFloat32 ? 4 : 2));
  if (!last || !table) return EndedEarly("its codebook");
  std::vector<uint32_t> entries(count);
  for (size_t i = 0; i < count; ++i) entries[i] = FloatAt(*table, entry_kind, i);
  std::vector<uint16_t> symbols(places == nullptr ? values.size() : places->size());
  RETURN_IF_ERROR(DecodeSymbols(reader.rest(), code, count, symbols));
  for (size_t i = 0; i < symbols.size(); ++i)
    PutBits(entries[symbols[i]], values[places == nullptr ? i : (*places)[i]]);
  return count;
}

absl::Status DecodeFloats(std::span<const uint8_t> bytes, Kind kind, const Places* places,
                          std::span<float> values) {
  const size_t count = places == nullptr ? values.size() : places->size();
  const size_t expected = count * (kind == Kind::kFloat32 ? 4 : 2);
  if (bytes.size() != expected)
    return absl::DataLossError(fmt::format("found {} bytes of floats, expected {}", bytes.size(), expected));
  for (size_t i = 0; i < count; ++i)
    PutBits(FloatAt(bytes, kind, i), values[places == nullptr ? i : (*places)[i]]);
  return absl::OkStatus();
}

std::string CodingText(Place place, Kind kind, Code code, const Quantization* grid, size_t entries) {
  std::string text = place == Place::kDense ? "" : "sparse, ";
  switch (kind) {
    case Kind::kFloat32:
      text += "float32";
      break;
    case Kind::kFloat16:
      text += "float16";
      break;
    case Kind::kBfloat16:
      text += "bfloat16";
      break;
    case Kind::kGrid:
      text += fmt::format("{}int{}", grid->is_signed ? "" : "u", grid->bits);
      break;
    case Kind::kCodebook32:
    case Kind::kCodebook16:
    case Kind::kCodebookBfloat16:
      text += entries == 1 ? "one value" : fmt::format("{}-bit codebook", WidthOf(entries));
      break;
  }
  if (code == Code::kHuffman) text += ", Huffman-coded";
  if (code == Code::kArithmetic) text += ", arithmetic-coded";
  return text;
}

}  // namespace

absl::Status CheckGrid(const Quantization& grid, const Shape& shape) {
  if (grid.bits < 1 || grid.bits > kMaxGridBits)
    return absl::InvalidArgumentError(
        fmt::format("its grid has {} bits, expected 1 to {}", grid.bits, kMaxGridBits));
  if (std::abs(int64_t{grid.zero_point}) > 1 << kMaxGridBits)
    return absl::InvalidArgumentError(
        fmt::format("its grid has its zero at {}, expected within {}", grid.zero_point, 1 << kMaxGridBits));
  const bool has_rows = !shape.empty() && grid.scales.size() == static_cast<size_t>(shape[0]);
  if (grid.scales.empty() || (grid.scales.size() != 1 && !has_rows))
    return absl::InvalidArgumentError(fmt::format("its grid has {} scales, expected 1{}", grid.scales.size(),
                                                  shape.empty() ? "" : fmt::format(" or {}", shape[0])));
  for (const float scale : grid.scales)
    if (!std::isfinite(scale))
      return absl::InvalidArgumentError(fmt::format("its grid has a scale of {}", scale));
  return absl::OkStatus();
}

absl::StatusOr<EncodedTensor> EncodeTensor(std::span<const float> values, const Shape& shape,
                                           const Quantization* grid) {
  if (static_cast<int64_t>(values.size()) != ElementCount(shape))
    return absl::InvalidArgumentError(
        fmt::format("found {} values, expected {}", values.size(), ShapeText(shape)));
  if (static_cast<int64_t>(values.size()) > kMaxTensorElements)
    return absl::InvalidArgumentError(
        fmt::format("found {} values, expected at most {}", values.size(), kMaxTensorElements));
  if (grid != nullptr) {
    RETURN_IF_ERROR(CheckGrid(*grid, shape));
    RETURN_IF_ERROR(CheckOnGrid(values, shape, *grid));
  }
  const Extent extent = ExtentOf(shape);
  std::vector<uint32_t> all(values.size()), nonzero;
  if (!values.empty()) std::memcpy(all.data(), values.data(), values.size_bytes());
  Place place = Place::kDense;
  std::vector<uint8_t> place_block;
  CodedValues coded = EncodeValues({.values = all, .places = nullptr, .elements = all.size()}, shape, grid);
  if (std::find(all.begin(), all.end(), 0U) != all.end()) {
    Places places;
    std::vector<bool> mask(all.size());
    for (size_t i = 0; i < all.size(); ++i) {
      mask[i] = all[i] != 0;
      if (!mask[i]) continue;
      places.push_back(static_cast<uint32_t>(i));
      nonzero.push_back(all[i]);
    }
    CodedValues others =
        EncodeValues({.values = nonzero, .places = &places, .elements = all.size()}, shape, grid);
    const CodedPlaces coded_places = EncodePlaces(mask, extent);
    std::vector<uint8_t> block;
    AppendVarint(nonzero.size(), block);
    block.insert(block.end(), coded_places.block.begin(), coded_places.block.end());
    if (CostOf(block, coded_places.is_arithmetic) + others.cost() < coded.cost()) {
      place = coded_places.place;
      place_block = std::move(block);
      coded = std::move(others);
    }
  }
  EncodedTensor encoded;
  encoded.bytes.reserve(1 + place_block.size() + coded.block.size());
  encoded.bytes.push_back(static_cast<uint8_t>(static_cast<int>(place) | static_cast<int>(coded.kind) << 2 |
                                               static_cast<int>(coded.code) << 5));
  encoded.bytes.insert(encoded.bytes.end(), place_block.begin(), place_block.end());
  encoded.bytes.insert(encoded.bytes.end(), coded.block.begin(), coded.block.end());
  const size_t entries = coded.kind >= Kind::kCodebook32 ? size_t{coded.block[0]} + 1 : 0;
  encoded.coding = CodingText(place, coded.kind, coded.code, grid, entries);
  return encoded;
}

absl::StatusOr<DecodedTensor> DecodeTensor(std::span<const uint8_t> bytes, const Shape& shape,
                                           const Quantization* grid) {
  VarintReader reader(bytes);
  const auto coding = reader.Byte();
  if (!coding) return EndedEarly("its coding");
  const auto place = static_cast<Place>(*coding & 3);
  const auto kind = static_cast<Kind>(*coding >> 2 & 7);
  const auto code = static_cast<Code>(*coding >> 5);
  const bool has_symbols = kind >= Kind::kGrid;
  if (static_cast<uint8_t>(kind) >= kKinds || static_cast<uint8_t>(code) >= kCodes ||
      (!has_symbols && code != Code::kFixed))
    return absl::DataLossError(fmt::format("found coding {}, which there is not", *coding));
  if (kind == Kind::kGrid && grid == nullptr)
    return absl::DataLossError("its values are on a grid, and it has none");

  const Extent extent = ExtentOf(shape);
  Places places;
  if (place != Place::kDense) {
    ASSIGN_OR_RETURN(places, ReadPlaces(place, extent, reader));
  }
  const Places* const sparse = place == Place::kDense ? nullptr : &places;
  DecodedTensor decoded;
  decoded.values.resize(extent.elements);
  size_t entries = 0;
  if (kind == Kind::kGrid) {
    RETURN_IF_ERROR(DecodeGrid(reader.rest(), code, shape, *grid, sparse, decoded.values));
  } else if (has_symbols) {
    ASSIGN_OR_RETURN(entries, DecodeCodebook(reader.rest(), kind, code, sparse, decoded.values));
  } else {
    RETURN_IF_ERROR(DecodeFloats(reader.rest(), kind, sparse, decoded.values));
  }
  decoded.coding = CodingText(place, kind, code, grid, entries);
  return decoded;
}

}  // namespace concertina
