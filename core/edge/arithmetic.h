// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// arithmetic.h: bits in as little as they are surprising, -log2 p each, with a p that is learned on the way.
// On the way of the data: edge/tensor_symbols.cc, edge/tensor_places.cc -> here -> bytes, and back.
//
// A message is a number within [low, low + range), and each bit takes its share of the range:
//   bound = range p(1);   1: range <- bound;   0: low <- low + bound, range <- range - bound
// [Witten, Neal, Cleary. Arithmetic Coding for Data Compression. CACM 1987], a byte at a time with 32 bits of
// range [Martin. Range Encoding: an Algorithm for Removing Redundancy from a Digitised Message. Video and
// Data Recording Conference 1979]. A carry goes back into the bytes that are written already.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/status.h"

namespace concertina {

// The probability that a bit of one kind is 1, as seen so far:
//   p_0 = 1/2,  p_{n+1} = p_n + (bit - p_n) / (n + 2) = (ones + 1/2) / (n + 1)
// [Krichevsky, Trofimov. The Performance of Universal Encoding. IEEE Transactions on Information Theory
// 1981], about log2(n)/2 bits above the entropy of n bits. From 1022 bits on the step stays 1/1024, and old
// ones fade. A constant step of 1/32, as is usual, takes 0.011 bits a bit more for as long as the tensor is.
struct AdaptiveBit {
  uint32_t one = uint32_t{1} << 31;  // p, in units of 2^-32
  uint32_t seen = 0;

  static constexpr uint32_t kMostSeen = 1022;

  // Odd, in units of 2^-16: neither bit is ever impossible.
  uint32_t probability() const { return one >> 17 << 1 | 1; }
  void See(bool bit) {
    const int64_t error = static_cast<int64_t>(0U - static_cast<uint32_t>(bit)) - static_cast<int64_t>(one);
    one = static_cast<uint32_t>(static_cast<int64_t>(one) + ((error * kSteps[seen]) >> 16));
    seen += seen < kMostSeen ? 1 : 0;
  }

 private:
  static constexpr std::array<uint16_t, kMostSeen + 1> kSteps = [] {
    std::array<uint16_t, kMostSeen + 1> steps{};
    for (uint32_t n = 0; n <= kMostSeen; ++n) steps[n] = static_cast<uint16_t>(65536 / (n + 2));
    return steps;
  }();
};

class ArithmeticEncoder {
 public:
  void Encode(bool bit, AdaptiveBit& model);
  // `width` bits of `symbol`, the highest first, each with a model of its own for what went before: a tree of
  // 2^width models, the first unused.
  void EncodeTree(uint32_t symbol, int width, std::span<AdaptiveBit> models);
  // What was encoded, in as few bytes as tell it from every other end when zeros follow. Ends the encoder.
  std::vector<uint8_t> Finish();

 private:
  void Carry();

  uint32_t low_ = 0, range_ = 0xffffffff;
  std::vector<uint8_t> bytes_;
};

// Reads zeros where `bytes` ended, and never beyond. Whoever decodes knows how many bits there are, and asks
// Check at the end.
class ArithmeticDecoder {
 public:
  explicit ArithmeticDecoder(std::span<const uint8_t> bytes) : bytes_(bytes) {
    for (size_t i = 0; i < kAhead; ++i) offset_ = offset_ << 8 | NextByte();
  }

  bool Decode(AdaptiveBit& model) {
    const auto bound = static_cast<uint32_t>((static_cast<uint64_t>(range_) * model.probability()) >> 16);
    // Without a branch: nobody can foretell what an arithmetic code says, and a wrong guess takes 4 ns.
    const bool bit = offset_ < bound;
    const uint32_t if_zero = static_cast<uint32_t>(bit) - 1;
    offset_ -= bound & if_zero;
    range_ = bound + ((range_ - 2 * bound) & if_zero);
    model.See(bit);
    while (range_ < kLeastRange) {  // at most twice: p is at least 2^-16
      range_ <<= 8;
      offset_ = offset_ << 8 | NextByte();
    }
    return bit;
  }

  uint32_t DecodeTree(int width, std::span<AdaptiveBit> models) {
    uint32_t node = 1;
    for (int i = 0; i < width; ++i) node = node << 1 | static_cast<uint32_t>(Decode(models[node]));
    return node - (1U << width);
  }

  // kDataLoss if the bytes were more, or fewer, than an encoder makes of the bits that were decoded.
  absl::Status Check() const { return CheckLength(bytes_.size(), taken_); }

  static constexpr uint32_t kLeastRange = uint32_t{1} << 24;

 private:
  static constexpr size_t kAhead = 4;  // bytes that the decoder knows and the bits so far may not need

  // Static: where the decoder's own address leaves no loop, its state stays in registers.
  static absl::Status CheckLength(size_t found, size_t taken);

  uint8_t NextByte() {
    const uint8_t byte = taken_ < bytes_.size() ? bytes_[taken_] : 0;
    ++taken_;
    return byte;
  }

  std::span<const uint8_t> bytes_;
  size_t taken_ = 0;
  uint32_t offset_ = 0, range_ = 0xffffffff;  // offset_: of the message from low
};

}  // namespace concertina
