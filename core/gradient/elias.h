// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// elias.h: bits one after another, and Elias's omega code for whole numbers from 1 up, in which small ones
// are short: 1 takes 1 bit, 2 and 3 take 3, 4 to 7 take 6, 8 to 15 take 7.
// On the way of the data: qsgd.cc -> here -> its payload.
//   omega(n) = groups(n) 0,   groups(1) is empty,   groups(n) = groups(floor(log2 n)) n
// A group is a number's bits from the leading 1 on, those after the leading one lowest first here. Every
// number tells how many bits follow the leading 1 of the next group, and a 0 where that would be ends the
// code [Elias. Universal Codeword Sets and Representations of the Integers. IEEE Trans. Inf. Theory 1975].
#pragma once

#include <cstdint>
#include <span>

namespace concertina {

// Bits of omega(n), 1 <= n < 2^16.
int OmegaBits(uint32_t n);

// Writes where there is room for all that is written: nothing is checked. Lowest bit of each byte first.
class BitWriter {
 public:
  explicit BitWriter(uint8_t* to) : to_(to) {}
  void Bit(bool bit) { Bits(bit ? 1 : 0, 1); }
  void Bits(uint64_t bits, int count) {  // the lowest `count`, at most 32; the others are 0
    word_ |= bits << filled_;
    filled_ += count;
    for (; filled_ >= 8; filled_ -= 8, word_ >>= 8) *to_++ = static_cast<uint8_t>(word_);
  }
  void Omega(uint32_t n);  // 1 <= n < 2^16
  // Fills the last byte with 0; the byte after it.
  uint8_t* Finish() {
    if (filled_ > 0) *to_++ = static_cast<uint8_t>(word_);
    return to_;
  }

 private:
  uint8_t* to_;
  uint64_t word_ = 0;
  int filled_ = 0;  // bits of it
};

// Reads no byte beyond its span. Past the end, bits are 0 and Failed() is true.
class BitReader {
 public:
  explicit BitReader(std::span<const uint8_t> from) : from_(from) {}
  bool Bit() { return Bits(1) != 0; }
  uint32_t Bits(int count) {  // at most 32
    while (filled_ < count) {
      if (next_ < from_.size())
        word_ |= static_cast<uint64_t>(from_[next_++]) << filled_;
      else
        ++missing_;
      filled_ += 8;
    }
    const auto bits = static_cast<uint32_t>(word_ & ((uint64_t{1} << count) - 1));
    word_ >>= count;
    filled_ -= count;
    return bits;
  }
  // 0 if there is no number below 2^32 here.
  uint32_t Omega() {
    uint32_t n = 1;
    while (Bit()) {
      if (n > 31) return 0;
      n = 1U << n | Bits(static_cast<int>(n));
    }
    return n;
  }
  // A bit was read that is not there.
  bool Failed() const { return missing_ > 0 && 8 * missing_ > filled_; }
  // Everything was read but the 0 bits that fill the last byte.
  bool AtEnd() const { return missing_ == 0 && next_ == from_.size() && filled_ < 8 && word_ == 0; }

 private:
  std::span<const uint8_t> from_;
  size_t next_ = 0;
  uint64_t word_ = 0;
  int filled_ = 0;
  int missing_ = 0;  // bytes after the end
};

}  // namespace concertina
