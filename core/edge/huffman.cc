// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// huffman.cc: see huffman.h.
#include "core/edge/huffman.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>

#include "fmt/format.h"

namespace concertina {
namespace {

static_assert(std::endian::native == std::endian::little, "codes are read eight bytes at a time");

// The lengths as nibbles, with runs of absent symbols.
void AppendCodeLengths(std::span<const uint8_t> lengths, std::vector<uint8_t>& bytes) {
  bool has_high = false;
  const auto nibble = [&](uint8_t value) {
    if (has_high)
      bytes.back() |= value;
    else
      bytes.push_back(static_cast<uint8_t>(value << 4));
    has_high = !has_high;
  };
  for (size_t i = 0; i < lengths.size();) {
    nibble(lengths[i]);
    if (lengths[i++] != 0) continue;
    uint8_t more = 0;
    for (; more < 15 && i < lengths.size() && lengths[i] == 0; ++i) ++more;
    nibble(more);
  }
}

// How many bytes the table has.
absl::StatusOr<size_t> ReadCodeLengths(std::span<const uint8_t> bytes, std::span<uint8_t> lengths) {
  size_t at = 0;  // in nibbles
  const auto nibble = [&]() -> int {
    if (at / 2 >= bytes.size()) return -1;
    const uint8_t byte = bytes[at / 2];
    return at++ % 2 == 0 ? byte >> 4 : byte & 15;
  };
  for (size_t i = 0; i < lengths.size();) {
    const int length = nibble();
    const int more = length == 0 ? nibble() : 0;
    if (length < 0 || more < 0)
      return absl::DataLossError(
          fmt::format("its table of Huffman codes ends at symbol {} of {}", i, lengths.size()));
    if (static_cast<size_t>(more) >= lengths.size() - i)
      return absl::DataLossError(
          fmt::format("its table of Huffman codes is longer than the alphabet of {}", lengths.size()));
    lengths[i++] = static_cast<uint8_t>(length);
    for (int k = 0; k < more; ++k) lengths[i++] = 0;
  }
  if (at % 2 == 1 && nibble() != 0)
    return absl::DataLossError("its table of Huffman codes does not end with a zero");
  return at / 2;
}

using CountsByLength = std::array<uint32_t, kMaxCodeLength + 1>;

CountsByLength CountLengths(std::span<const uint8_t> lengths) {
  CountsByLength counts{};
  for (const uint8_t length : lengths) ++counts[length];
  counts[0] = 0;
  return counts;
}

// first[l] = 2 (first[l - 1] + counts[l - 1]): the least code of l bits.
CountsByLength FirstCodes(const CountsByLength& counts) {
  CountsByLength first{};
  for (size_t length = 1; length < first.size(); ++length)
    first[length] = (first[length - 1] + counts[length - 1]) << 1;
  return first;
}

}  // namespace

std::vector<uint8_t> HuffmanCodeLengths(std::span<const uint64_t> counts, int limit) {
  assert(limit >= 1 && limit <= kMaxCodeLength);
  std::vector<uint8_t> lengths(counts.size(), 0);
  std::vector<uint16_t> symbols;  // those that occur, the rarest first
  for (size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0) symbols.push_back(static_cast<uint16_t>(i));
  std::sort(symbols.begin(), symbols.end(),
            [&](uint16_t a, uint16_t b) {  // the same lengths on every machine
              return counts[a] != counts[b] ? counts[a] < counts[b] : a < b;
            });
  const size_t n = symbols.size();
  assert(n <= size_t{1} << limit);
  if (n == 1) lengths[symbols[0]] = 1;
  if (n <= 1) return lengths;

  // Package-merge. A list has the symbols and, paired two by two, what the list of one bit more has, in
  // ascending order of weight. Only which element is a symbol has to be remembered.
  std::vector<std::vector<bool>> is_symbol(static_cast<size_t>(limit));
  std::vector<uint64_t> list, pairs;
  for (auto level = is_symbol.rbegin(); level != is_symbol.rend(); ++level) {
    pairs.clear();
    for (size_t i = 0; i + 1 < list.size(); i += 2) pairs.push_back(list[i] + list[i + 1]);
    list.clear();
    size_t s = 0, p = 0;
    while (s < n || p < pairs.size()) {
      const bool takes_symbol = p == pairs.size() || (s < n && counts[symbols[s]] <= pairs[p]);
      list.push_back(takes_symbol ? counts[symbols[s++]] : pairs[p++]);
      level->push_back(takes_symbol);
    }
  }
  // The 2n - 2 least of the last list; each symbol in them, or in their packages, lengthens its code by one.
  size_t taken = 2 * n - 2;
  for (const std::vector<bool>& level : is_symbol) {
    const auto end = level.begin() + static_cast<std::ptrdiff_t>(taken);
    const auto of_symbols = static_cast<size_t>(std::count(level.begin(), end, true));
    for (size_t i = 0; i < of_symbols; ++i) ++lengths[symbols[i]];
    taken = 2 * (taken - of_symbols);
  }
  return lengths;
}

void HuffmanEncode(std::span<const uint16_t> symbols, size_t alphabet, std::vector<uint8_t>& bytes) {
  assert(alphabet >= 1 && alphabet <= kMaxAlphabet);
  std::vector<uint64_t> counts(alphabet, 0);
  for (const uint16_t symbol : symbols) ++counts[symbol];
  const std::vector<uint8_t> lengths = HuffmanCodeLengths(counts);
  AppendCodeLengths(lengths, bytes);
  CountsByLength next = FirstCodes(CountLengths(lengths));
  std::vector<uint32_t> codes(alphabet);
  for (size_t i = 0; i < alphabet; ++i)
    if (lengths[i] > 0) codes[i] = next[lengths[i]]++;
  uint64_t waiting = 0;  // its low `bits` bits are not written yet
  int bits = 0;
  for (const uint16_t symbol : symbols) {
    waiting = waiting << lengths[symbol] | codes[symbol];
    for (bits += lengths[symbol]; bits >= 8; bits -= 8)
      bytes.push_back(static_cast<uint8_t>(waiting >> (bits - 8)));
  }
  if (bits > 0) bytes.push_back(static_cast<uint8_t>(waiting << (8 - bits)));
}

absl::Status HuffmanDecode(std::span<const uint8_t> bytes, size_t alphabet, std::span<uint16_t> symbols) {
  assert(alphabet >= 1 && alphabet <= kMaxAlphabet);
  std::vector<uint8_t> lengths(alphabet);
  ASSIGN_OR_RETURN(const size_t table_bytes, ReadCodeLengths(bytes, lengths));
  const CountsByLength counts = CountLengths(lengths);
  // Kraft's sum in units of 2^-15; at 1 every 15 bits begin with one code.
  uint32_t sum = 0;
  int longest = 1;
  for (int length = 1; length <= kMaxCodeLength; ++length) {
    const uint32_t count = counts[static_cast<size_t>(length)];
    sum += count << (kMaxCodeLength - length);
    if (count > 0) longest = length;
  }
  const bool is_one_alone = longest == 1 && counts[1] == 1;
  if (sum == 0 && symbols.empty() && bytes.size() == table_bytes) return absl::OkStatus();
  if (sum != 1U << kMaxCodeLength && !is_one_alone)
    return absl::DataLossError("its table of Huffman codes is not that of a complete code");

  // For every `longest` bits what they begin with: symbol << 4 | length.
  std::vector<uint16_t> begins(size_t{1} << longest);
  CountsByLength next = FirstCodes(counts);
  for (size_t i = 0; i < alphabet; ++i) {
    const uint8_t length = lengths[i];
    if (length == 0) continue;
    const size_t each = size_t{1} << (longest - length);
    const auto begin = begins.begin() + static_cast<std::ptrdiff_t>(each * next[length]++);
    std::fill_n(begin, is_one_alone ? begins.size() : each, static_cast<uint16_t>(i << 4 | length));
  }
  const std::span<const uint8_t> codes = bytes.subspan(table_bytes);
  size_t at = 0;
  uint64_t window = 0;  // the next bits are its highest `held`
  int held = 0;
  uint64_t used = 0;
  for (uint16_t& symbol : symbols) {
    if (held < kMaxCodeLength) {
      if (codes.size() - std::min(at, codes.size()) >= sizeof window) {
        uint64_t next = 0;
        std::memcpy(&next, codes.data() + at, sizeof next);
        window |= __builtin_bswap64(next) >> held;
        const int whole = (63 - held) / 8;
        at += static_cast<size_t>(whole);
        held += 8 * whole;
      } else {
        for (; held <= 56; held += 8, ++at)
          window |= static_cast<uint64_t>(at < codes.size() ? codes[at] : 0) << (56 - held);
      }
    }
    const uint16_t begin = begins[window >> (64 - longest)];
    const int length = begin & 15;
    symbol = begin >> 4;
    window <<= length;
    held -= length;
    used += static_cast<uint64_t>(length);
  }
  if ((used + 7) / 8 != codes.size())
    return absl::DataLossError(
        fmt::format("found {} bytes of Huffman codes, and its symbols take {} bits", codes.size(), used));
  return absl::OkStatus();
}

}  // namespace concertina
