// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_symbols.cc: symbols of an alphabet, in the shortest of their codes (see tensor_coding_impl.h).
#include <algorithm>
#include <bit>
#include <utility>

#include "core/edge/arithmetic.h"
#include "core/edge/huffman.h"
#include "core/edge/tensor_coding_impl.h"
#include "fmt/format.h"

namespace concertina::coding {
namespace {

constexpr int kMaxCodedWidth = 12;  // of symbols that are worth a table or a tree

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

}  // namespace

int WidthOf(size_t alphabet) { return static_cast<int>(std::bit_width(alphabet - 1)); }

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

}  // namespace concertina::coding
