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

// Feeds a vector that comes in pieces, cut at any byte, to one of the above; pieces must ascend without gaps.
template <class Element, class Add>
class PieceAdder {
 public:
  // Calls add(first, bytes, count) for whole elements.
  explicit PieceAdder(Add add) : add_(add) {}
  void operator()(size_t offset, std::span<const std::byte> piece) const {
    if (const size_t have = offset % sizeof(Element); have != 0) {  // the rest of an element that was cut
      const size_t part = piece.size() < sizeof(Element) - have ? piece.size() : sizeof(Element) - have;
      std::memcpy(cut_ + have, piece.data(), part);
      if (have + part == sizeof(Element)) add_(offset / sizeof(Element), cut_, 1);
      offset += part;
      piece = piece.subspan(part);
    }
    const size_t whole = piece.size() / sizeof(Element);
    if (whole > 0) add_(offset / sizeof(Element), piece.data(), whole);
    const std::span<const std::byte> rest = piece.subspan(whole * sizeof(Element));
    if (!rest.empty()) std::memcpy(cut_, rest.data(), rest.size());
  }

 private:
  Add add_;
  mutable std::byte cut_[sizeof(Element)];  // a sink is called as const
};

}  // namespace concertina
