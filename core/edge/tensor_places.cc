// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_places.cc: which elements of a tensor are not zero: as a bitmap, an arithmetic-coded mask, or gaps
// (see tensor_coding_impl.h).
#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "core/edge/arithmetic.h"
#include "core/edge/tensor_coding_impl.h"
#include "fmt/format.h"

namespace concertina::coding {
namespace {

constexpr int kLeastGapWidth = 2, kMostGapWidth = 10;

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

}  // namespace

Extent ExtentOf(const Shape& shape) {
  Extent extent{.elements = static_cast<size_t>(ElementCount(shape))};
  const size_t rows = shape.size() >= 2 ? static_cast<size_t>(shape[0]) : 1;
  extent.columns = std::max<size_t>(1, rows == 0 ? 1 : extent.elements / rows);
  return extent;
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

}  // namespace concertina::coding
