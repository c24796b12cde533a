// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_values.cc: the values of a tensor's elements: floats each by itself, whole numbers of a grid, or the
// entries of a codebook (see tensor_coding_impl.h).
#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "core/edge/grid_symbols.h"
#include "core/edge/narrow_floats.h"
#include "core/edge/tensor_coding_impl.h"
#include "fmt/format.h"

namespace concertina::coding {
namespace {

constexpr size_t kMaxCodebook = 256;

size_t BytesOf(Kind float_kind) { return float_kind == Kind::kFloat32 ? 4 : 2; }

// A codebook of such floats, and the floats of such a codebook.
Kind CodebookOf(Kind float_kind) {
  return float_kind == Kind::kFloat32   ? Kind::kCodebook32
         : float_kind == Kind::kFloat16 ? Kind::kCodebook16
                                        : Kind::kCodebookBfloat16;
}
Kind EntryKindOf(Kind codebook) {
  return codebook == Kind::kCodebook32   ? Kind::kFloat32
         : codebook == Kind::kCodebook16 ? Kind::kFloat16
                                         : Kind::kBfloat16;
}

// Of what is read or written: `places`, or all.
size_t CountOf(const Places* places, std::span<const float> values) {
  return places == nullptr ? values.size() : places->size();
}
inline size_t ElementAt(const Places* places, size_t i) { return places == nullptr ? i : (*places)[i]; }

// The narrowest of the three that has all of them exactly.
Kind FloatKindOf(std::span<const uint32_t> values) {
  if (std::all_of(values.begin(), values.end(), [](uint32_t bits) { return ToFloat16(bits).has_value(); }))
    return Kind::kFloat16;
  return std::all_of(values.begin(), values.end(), IsBfloat16) ? Kind::kBfloat16 : Kind::kFloat32;
}

void AppendFloats(std::span<const uint32_t> values, Kind kind, std::vector<uint8_t>& bytes) {
  const size_t width = BytesOf(kind);
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
  return kind == Kind::kFloat16 ? FromFloat16(narrow) : FromBfloat16(narrow);
}

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
  CodedValues values{.kind = CodebookOf(entry_kind), .code = coded.code, .block = {}};
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
    const float scale = on_grid.ScaleAt(ElementAt(sequence.places, i));
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

absl::Status DecodeGrid(std::span<const uint8_t> bytes, Code code, const Shape& shape,
                        const Quantization& grid, const Places* places, std::span<float> values) {
  const GridSymbols on_grid(grid, shape, places == nullptr);
  std::vector<uint16_t> symbols(CountOf(places, values));
  RETURN_IF_ERROR(DecodeSymbols(bytes, code, on_grid.alphabet(), symbols));
  if (places == nullptr && on_grid.each() > 0) {  // row by row, several elements at a time
    for (size_t row = 0; row < grid.scales.size(); ++row)
      for (size_t at = row * on_grid.each(); at < (row + 1) * on_grid.each(); ++at)
        values[at] = on_grid.ValueOf(on_grid.NumberOf(symbols[at]), grid.scales[row]);
    return absl::OkStatus();
  }
  size_t row = 0, row_end = grid.scales.size() == 1 ? values.size() : on_grid.each();
  for (size_t i = 0; i < symbols.size(); ++i) {
    const size_t at = ElementAt(places, i);
    for (; at >= row_end; row_end += on_grid.each()) ++row;  // at is below each x scales
    values[at] = on_grid.ValueOf(on_grid.NumberOf(symbols[i]), grid.scales[row]);
  }
  return absl::OkStatus();
}

// A NaN keeps its bits: it is never a float in a register.
void PutBits(uint32_t bits, float& value) { std::memcpy(&value, &bits, sizeof bits); }

absl::StatusOr<size_t> DecodeCodebook(std::span<const uint8_t> bytes, const ValueCoding& coding,
                                      const Places* places, std::span<float> values) {
  VarintReader reader(bytes);
  const auto last = reader.Byte();
  const size_t count = last ? size_t{*last} + 1 : 0;
  const Kind entry_kind = EntryKindOf(coding.kind);
  const auto table = reader.Bytes(count * BytesOf(entry_kind));
  if (!last || !table) return EndedEarly("its codebook");
  std::vector<uint32_t> entries(count);
  for (size_t i = 0; i < count; ++i) entries[i] = FloatAt(*table, entry_kind, i);
  std::vector<uint16_t> symbols(CountOf(places, values));
  RETURN_IF_ERROR(DecodeSymbols(reader.rest(), coding.code, count, symbols));
  for (size_t i = 0; i < symbols.size(); ++i) PutBits(entries[symbols[i]], values[ElementAt(places, i)]);
  return count;
}

absl::Status DecodeFloats(std::span<const uint8_t> bytes, Kind kind, const Places* places,
                          std::span<float> values) {
  const size_t count = CountOf(places, values);
  const size_t expected = count * BytesOf(kind);
  if (bytes.size() != expected)
    return absl::DataLossError(fmt::format("found {} bytes of floats, expected {}", bytes.size(), expected));
  for (size_t i = 0; i < count; ++i) PutBits(FloatAt(bytes, kind, i), values[ElementAt(places, i)]);
  return absl::OkStatus();
}

}  // namespace

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

absl::StatusOr<size_t> DecodeValues(std::span<const uint8_t> bytes, const ValueCoding& coding,
                                    const Shape& shape, const Quantization* grid, const Places* places,
                                    std::span<float> values) {
  if (coding.kind > Kind::kGrid) return DecodeCodebook(bytes, coding, places, values);
  if (coding.kind == Kind::kGrid) {
    RETURN_IF_ERROR(DecodeGrid(bytes, coding.code, shape, *grid, places, values));
  } else {
    RETURN_IF_ERROR(DecodeFloats(bytes, coding.kind, places, values));
  }
  return 0;
}

}  // namespace concertina::coding
