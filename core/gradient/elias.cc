// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// elias.cc: Elias's omega code (see elias.h).
// On the way of the data: qsgd.cc -> here -> its payload.
#include "core/gradient/elias.h"

#include <array>
#include <bit>

namespace concertina {
namespace {

struct Word {
  uint32_t bits = 0;
  int count = 0;
};

// For n < 2^16: groups of at most 16, 4 and 2 bits and the 0 are 23 bits.
constexpr Word MakeOmega(uint32_t n) {
  uint32_t groups[6] = {};
  int depth = 0;
  for (; n > 1; n = static_cast<uint32_t>(std::bit_width(n)) - 1) groups[depth++] = n;
  Word word;
  while (depth > 0) {
    const uint32_t group = groups[--depth];
    const int rest = static_cast<int>(std::bit_width(group)) - 1;
    word.bits |= (1U | (group ^ (1U << rest)) << 1) << word.count;
    word.count += rest + 1;
  }
  ++word.count;  // the 0
  return word;
}

constexpr uint32_t kTable = 256;
constexpr std::array<Word, kTable> kOmega = [] {
  std::array<Word, kTable> table{};
  for (uint32_t n = 1; n < kTable; ++n) table[n] = MakeOmega(n);
  return table;
}();

}  // namespace

int OmegaBits(uint32_t n) { return MakeOmega(n).count; }

void BitWriter::Omega(uint32_t n) {
  const Word word = n < kTable ? kOmega[n] : MakeOmega(n);
  Bits(word.bits, word.count);
}

}  // namespace concertina
