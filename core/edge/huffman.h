// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// huffman.h: symbols in codes of a whole number of bits, short for the frequent ones.
// On the way of the data: edge/tensor_symbols.cc -> here -> bytes, and back.
//
// The codes are the best of all whose lengths are bounded [Huffman. A Method for the Construction of
// Minimum-Redundancy Codes. Proceedings of the IRE 1952; Larmore, Hirschberg. A Fast Algorithm for Optimal
// Length-Limited Huffman Codes. JACM 1990], and canonical [Schwartz, Kallick. Generating a Canonical Prefix
// Encoding. CACM 1964]: of equal length ascending with the symbol, so that the lengths say it all.
//   table | codes, the first bit in a byte's highest, the last byte filled with zeros
//   table: a nibble for each symbol of the alphabet, its length; 0, n: the next n + 1 symbols do not occur.
//   The high nibble of a byte is the first; a last lone one is followed by 0.
// One symbol alone has length 1 and takes a bit each.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/status.h"

namespace concertina {

constexpr int kMaxCodeLength = 15;
constexpr size_t kMaxAlphabet = 4096;

// For each symbol its code's length, 0 where its count is 0. sum(count x length) is least among the codes
// with lengths of at most `limit`. At most 2^limit counts are above 0. O(limit x n + n log n).
std::vector<uint8_t> HuffmanCodeLengths(std::span<const uint64_t> counts, int limit = kMaxCodeLength);

// Appends the table and the codes to `bytes`. Every symbol is below `alphabet`, 1 to kMaxAlphabet.
void HuffmanEncode(std::span<const uint16_t> symbols, size_t alphabet, std::vector<uint8_t>& bytes);

// Fills `symbols`. kDataLoss if `bytes` are not a table and the codes of so many symbols, neither more nor
// less. About 5 ns a symbol.
absl::Status HuffmanDecode(std::span<const uint8_t> bytes, size_t alphabet, std::span<uint16_t> symbols);

}  // namespace concertina
