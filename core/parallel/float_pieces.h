// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// float_pieces.h: gives a message that comes in pieces, cut at any byte, as stretches of whole floats.
// On the way of the data: comm/transport.h's pieces -> here -> parallel/server_shard.h.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace concertina {

// take(first, values): floats [first, first + values.size()) of the message, ascending, each once. Without a
// copy where a piece lies at a float's boundary.
template <class Take>
class FloatPieces {
 public:
  explicit FloatPieces(Take take) : take_(take) {}

  void operator()(size_t offset, std::span<const std::byte> piece) {
    if (const size_t have = offset % sizeof(float); have != 0) {  // the rest of a float that was cut
      const size_t part = std::min(piece.size(), sizeof(float) - have);
      std::memcpy(cut_.data() + have, piece.data(), part);
      if (have + part == sizeof(float)) Copied(offset / sizeof(float), cut_.data(), 1);
      offset += part;
      piece = piece.subspan(part);
    }
    const size_t whole = piece.size() / sizeof(float);
    if (reinterpret_cast<uintptr_t>(piece.data()) % alignof(float) == 0) {
      if (whole > 0)
        take_(offset / sizeof(float), std::span(reinterpret_cast<const float*>(piece.data()), whole));
    } else {
      Copied(offset / sizeof(float), piece.data(), whole);
    }
    const std::span<const std::byte> rest = piece.subspan(whole * sizeof(float));
    if (!rest.empty()) std::memcpy(cut_.data(), rest.data(), rest.size());
  }

 private:
  void Copied(size_t first, const std::byte* bytes, size_t count) {
    std::array<float, 1024> aligned;
    for (size_t done = 0; done < count;) {
      const size_t part = std::min(aligned.size(), count - done);
      std::memcpy(aligned.data(), bytes + done * sizeof(float), part * sizeof(float));
      take_(first + done, std::span<const float>(aligned.data(), part));
      done += part;
    }
  }

  Take take_;
  std::array<std::byte, sizeof(float)> cut_;
};

}  // namespace concertina
