// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// index_codec.cc: ascending indices below d as few bytes (see index_codec.h).
// On the way of the data: gradient/sparse_values.cc -> here -> its payload.
#include "core/gradient/index_codec.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "core/gradient/checks.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kTagBytes = 1;

int64_t BytesOfBits(int64_t bits) { return (bits + 7) / 8; }

// Elias-Fano's parts for k of d: the low bits, and then index i's bit at (index >> low) + i of the high ones.
struct EliasFano {
  EliasFano(int64_t k, int64_t d)
      : low(std::bit_width(static_cast<uint64_t>(d / k)) - 1),
        low_bytes(BytesOfBits(low * k)),
        high_bytes(BytesOfBits(k + ((d - 1) >> low))) {}
  int64_t bytes() const { return low_bytes + high_bytes; }
  int low;
  int64_t low_bytes, high_bytes;
};

int64_t DeltaVarintBytes(std::span<const uint32_t> indices) {
  int64_t bytes = 0, last = -1;
  for (const uint32_t index : indices) {
    const int64_t gap = index - last - 1;
    bytes += 1 + (gap >= 1 << 7) + (gap >= 1 << 14) + (gap >= 1 << 21) + (gap >= 1 << 28);
    last = index;
  }
  return bytes;
}

// Sets the bits at n ascending places, and clears the others.
template <class PlaceOf>
void WriteBits(int64_t n, PlaceOf place_of, uint8_t* to, int64_t bytes) {
  std::memset(to, 0, static_cast<size_t>(bytes));
  int64_t word = 0;
  uint64_t bits = 0;
  const auto flush = [&] {
    std::memcpy(to + 8 * word, &bits, static_cast<size_t>(std::min<int64_t>(8, bytes - 8 * word)));
  };
  for (int64_t i = 0; i < n; ++i) {
    const int64_t place = place_of(i);
    if (place >> 6 != word) {
      flush();
      word = place >> 6;
      bits = 0;
    }
    bits |= uint64_t{1} << (place & 63);
  }
  flush();
}

uint64_t ReadWord(std::span<const uint8_t> bytes, int64_t at) {
  uint64_t word = 0;
  const auto size = static_cast<int64_t>(bytes.size());
  if (at + 8 <= size) {
    std::memcpy(&word, bytes.data() + at, 8);
  } else if (at < size) {
    std::memcpy(&word, bytes.data() + at, static_cast<size_t>(size - at));
  }
  return word;
}

// Gives take(place) each set bit, ascending, until it says no.
template <class Take>
void ReadBits(std::span<const uint8_t> bytes, Take take) {
  for (int64_t at = 0; at < static_cast<int64_t>(bytes.size()); at += 8)
    for (uint64_t bits = ReadWord(bytes, at); bits != 0; bits &= bits - 1)
      if (!take(8 * at + std::countr_zero(bits))) return;
}

absl::Status TooFewBytes(int64_t bytes, int64_t expected) {
  return absl::DataLossError(fmt::format("indices: {} bytes, expected at least {}", bytes, expected));
}

absl::Status BadIndex(int64_t index, int64_t place, int64_t last, int64_t d) {
  return absl::DataLossError(
      fmt::format("indices: {} at place {}, expected one from {} to {}", index, place, last + 1, d - 1));
}

absl::Status BadCount(int64_t found, int64_t k) {
  return absl::DataLossError(
      fmt::format("indices: {} of them{}, expected {}", std::min(found, k), found > k ? " and more" : "", k));
}

absl::StatusOr<int64_t> DecodeBitmap(std::span<const uint8_t> bytes, int64_t d, std::span<uint32_t> indices) {
  const auto k = static_cast<int64_t>(indices.size());
  const int64_t size = BytesOfBits(d);
  if (static_cast<int64_t>(bytes.size()) < size) return TooFewBytes(static_cast<int64_t>(bytes.size()), size);
  int64_t found = 0, last = -1;
  ReadBits(bytes.first(static_cast<size_t>(size)), [&](int64_t place) {
    if (found < k) indices[static_cast<size_t>(found)] = static_cast<uint32_t>(place);
    last = place;
    return ++found <= k;
  });
  if (found != k) return BadCount(found, k);
  if (last >= d) return BadIndex(last, k - 1, -1, d);
  return size;
}

absl::StatusOr<int64_t> DecodeDeltaVarint(std::span<const uint8_t> bytes, int64_t d,
                                          std::span<uint32_t> indices) {
  const auto size = static_cast<int64_t>(bytes.size());
  int64_t at = 0, last = -1;
  for (size_t i = 0; i < indices.size(); ++i) {
    int64_t gap = 0;
    for (int shift = 0;; shift += 7) {
      if (at == size) return TooFewBytes(size, size + 1);
      const uint8_t byte = bytes[static_cast<size_t>(at++)];
      gap |= static_cast<int64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (byte == 0 && shift > 0)
          return absl::DataLossError(fmt::format("indices: a gap ends in a byte of nothing at place {}", i));
        break;
      }
      if (shift == 28)
        return absl::DataLossError(fmt::format("indices: a gap of over 35 bits at place {}", i));
    }
    const int64_t index = last + 1 + gap;
    if (index >= d) return BadIndex(index, static_cast<int64_t>(i), last, d);
    indices[i] = static_cast<uint32_t>(index);
    last = index;
  }
  return at;
}

absl::StatusOr<int64_t> DecodeEliasFano(std::span<const uint8_t> bytes, int64_t d,
                                        std::span<uint32_t> indices) {
  const auto k = static_cast<int64_t>(indices.size());
  const EliasFano parts(k, d);
  if (static_cast<int64_t>(bytes.size()) < parts.bytes())
    return TooFewBytes(static_cast<int64_t>(bytes.size()), parts.bytes());
  const auto low = bytes.first(static_cast<size_t>(parts.low_bytes));
  const auto high = bytes.subspan(low.size(), static_cast<size_t>(parts.high_bytes));
  const int64_t low_mask = (int64_t{1} << parts.low) - 1;
  int64_t found = 0, last = -1, bad = -1;
  ReadBits(high, [&](int64_t place) {
    if (found == k) {
      ++found;
      return false;
    }
    const int64_t bit = found * parts.low;
    const auto low_bits = static_cast<int64_t>(ReadWord(low, bit >> 3) >> (bit & 7)) & low_mask;
    const int64_t index = ((place - found) << parts.low) | low_bits;
    if (index <= last || index >= d) {
      bad = index;
      return false;
    }
    indices[static_cast<size_t>(found++)] = static_cast<uint32_t>(index);
    last = index;
    return true;
  });
  if (bad >= 0) return BadIndex(bad, found, last, d);
  if (found != k) return BadCount(found, k);
  if (const int64_t used = parts.low * k % 8; used != 0 && low.back() >> used != 0)
    return absl::DataLossError("indices: bits are set behind the last low ones");
  return parts.bytes();
}

}  // namespace

int64_t IndexBytes(IndexCoding coding, std::span<const uint32_t> indices, int64_t d) {
  switch (coding) {
    case IndexCoding::kBitmap:
      return kTagBytes + BytesOfBits(d);
    case IndexCoding::kDeltaVarint:
      return kTagBytes + DeltaVarintBytes(indices);
    case IndexCoding::kEliasFano:
      return kTagBytes + EliasFano(static_cast<int64_t>(indices.size()), d).bytes();
  }
  return 0;
}

IndexCoding SmallestCoding(std::span<const uint32_t> indices, int64_t d) {
  const auto k = static_cast<int64_t>(indices.size());
  const int64_t bitmap = BytesOfBits(d), elias_fano = EliasFano(k, d).bytes();
  const int64_t known = std::min(bitmap, elias_fano);
  // A gap takes at least a byte: often the indices need not be looked at.
  if (k < known && DeltaVarintBytes(indices) < known) return IndexCoding::kDeltaVarint;
  return elias_fano <= bitmap ? IndexCoding::kEliasFano : IndexCoding::kBitmap;
}

int64_t MaxIndexBytes(int64_t k, int64_t d) {
  if (k < 1) return 0;
  const auto most = [&](int64_t of) { return std::min(BytesOfBits(d), EliasFano(of, d).bytes()); };
  // Elias-Fano grows with k, but for the byte that rounding may save where an index gets a low bit less.
  int64_t bytes = most(k);
  for (int64_t fewer = d >> EliasFano(k, d).low; fewer >= 1; fewer /= 2)
    if (fewer <= k) bytes = std::max(bytes, most(fewer));
  return kTagBytes + bytes;
}

void EncodeIndices(IndexCoding coding, std::span<const uint32_t> indices, int64_t d, uint8_t* to) {
  const auto k = static_cast<int64_t>(indices.size());
  assert(k >= 1 && indices.back() < d);
  *to++ = static_cast<uint8_t>(coding);
  if (coding == IndexCoding::kBitmap) {
    WriteBits(
        k, [&](int64_t i) { return int64_t{indices[static_cast<size_t>(i)]}; }, to, BytesOfBits(d));
    return;
  }
  if (coding == IndexCoding::kDeltaVarint) {
    int64_t last = -1;
    for (const uint32_t index : indices) {
      auto gap = static_cast<uint32_t>(index - last - 1);
      for (; gap >= 0x80; gap >>= 7) *to++ = static_cast<uint8_t>(gap | 0x80);
      *to++ = static_cast<uint8_t>(gap);
      last = index;
    }
    return;
  }
  const EliasFano parts(k, d);
  uint8_t* low = to;
  const uint32_t low_mask = static_cast<uint32_t>((uint64_t{1} << parts.low) - 1);
  uint64_t bits = 0;
  int count = 0;  // bits that wait, below 32
  for (const uint32_t index : indices) {
    bits |= static_cast<uint64_t>(index & low_mask) << count;
    count += parts.low;
    if (count >= 32) {
      const auto whole = static_cast<uint32_t>(bits);
      std::memcpy(low, &whole, 4);
      low += 4;
      bits >>= 32;
      count -= 32;
    }
  }
  std::memcpy(low, &bits, static_cast<size_t>(BytesOfBits(count)));
  WriteBits(
      k, [&](int64_t i) { return (int64_t{indices[static_cast<size_t>(i)]} >> parts.low) + i; },
      to + parts.low_bytes, parts.high_bytes);
}

absl::StatusOr<int64_t> DecodeIndices(std::span<const uint8_t> bytes, int64_t d,
                                      std::span<uint32_t> indices) {
  const auto k = static_cast<int64_t>(indices.size());
  assert(k >= 1);
  if (k > d) return BadCount(k, d);
  if (bytes.empty()) return TooFewBytes(0, kTagBytes);
  const auto rest = bytes.subspan(kTagBytes);
  absl::StatusOr<int64_t> used;
  switch (static_cast<IndexCoding>(bytes[0])) {
    case IndexCoding::kBitmap:
      used = DecodeBitmap(rest, d, indices);
      break;
    case IndexCoding::kDeltaVarint:
      used = DecodeDeltaVarint(rest, d, indices);
      break;
    case IndexCoding::kEliasFano:
      used = DecodeEliasFano(rest, d, indices);
      break;
    default:
      return absl::DataLossError(fmt::format(
          "indices: coding {}, expected 1 (bitmap), 2 (delta-varint) or 3 (elias-fano)", bytes[0]));
  }
  if (used.ok()) *used += kTagBytes;
  return used;
}

}  // namespace concertina
