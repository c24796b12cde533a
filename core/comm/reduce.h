// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// reduce.h: adds what came to what is here, at memory speed on any x86-64.
// On the way of the data: comm/transport.h's pieces -> here -> the caller's vector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace concertina {

// sums[i] = (sums[i] + addends[i]) * scale. `addends` may lie at any byte.
void AddFloats(float* sums, const void* addends, size_t count, float scale);
// The same for IEEE binary16: added in binary32, then rounded to the nearest (ties to even).
void AddHalves(uint16_t* sums, const void* addends, size_t count);
// values[i] *= scale.
void ScaleFloats(std::span<float> values, float scale);

// How what comes is added: to floats, whose last addition scales the sum, or to halves.
struct FloatSum {
  using Element = float;
  float scale = 1;
  void operator()(float* sums, const void* addends, size_t count, bool is_last) const {
    AddFloats(sums, addends, count, is_last ? scale : 1);
  }
};
struct HalfSum {
  using Element = uint16_t;
  void operator()(uint16_t* sums, const void* addends, size_t count, bool /*is_last*/) const {
    AddHalves(sums, addends, count);
  }
};

// A sink (transport.h) that adds a vector to `sums`. Its pieces may be cut at any byte, but must ascend
// without gaps.
template <class Sum>
class PieceAdder {
 public:
  using Element = typename Sum::Element;
  // `is_last`: no more will be added.
  PieceAdder(Element* sums, Sum sum, bool is_last) : sums_(sums), sum_(sum), is_last_(is_last) {}
  void operator()(size_t offset, std::span<const std::byte> piece) const {
    if (const size_t have = offset % sizeof(Element); have != 0) {  // the rest of an element that was cut
      const size_t part = piece.size() < sizeof(Element) - have ? piece.size() : sizeof(Element) - have;
      std::memcpy(cut_ + have, piece.data(), part);
      if (have + part == sizeof(Element)) sum_(sums_ + offset / sizeof(Element), cut_, 1, is_last_);
      offset += part;
      piece = piece.subspan(part);
    }
    const size_t whole = piece.size() / sizeof(Element);
    if (whole > 0) sum_(sums_ + offset / sizeof(Element), piece.data(), whole, is_last_);
    const std::span<const std::byte> rest = piece.subspan(whole * sizeof(Element));
    if (!rest.empty()) std::memcpy(cut_, rest.data(), rest.size());
  }

 private:
  Element* const sums_;
  const Sum sum_;
  const bool is_last_;
  mutable std::byte cut_[sizeof(Element)];  // a sink is called as const
};

// A sink that copies.
class PieceCopier {
 public:
  explicit PieceCopier(std::span<std::byte> into) : into_(into) {}
  void operator()(size_t offset, std::span<const std::byte> piece) const {
    std::memcpy(into_.data() + offset, piece.data(), piece.size());
  }

 private:
  const std::span<std::byte> into_;
};

}  // namespace concertina
