// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// varint.h: whole numbers in as few bytes as they need, seven bits a byte, the low ones first; the high bit
// says that more follow. Those that may be negative go zigzag: 0, -1, 1, -2, … as 0, 1, 2, 3, …
// On the way of the data: edge/model_file_writer.cc, edge/tensor_coding.cc -> here -> bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace concertina {

inline void AppendVarint(uint64_t number, std::vector<uint8_t>& bytes) {
  for (; number >= 0x80; number >>= 7) bytes.push_back(static_cast<uint8_t>(number | 0x80));
  bytes.push_back(static_cast<uint8_t>(number));
}
inline void AppendZigzag(int64_t number, std::vector<uint8_t>& bytes) {
  AppendVarint((static_cast<uint64_t>(number) << 1) ^ static_cast<uint64_t>(number >> 63), bytes);
}

// Takes from the front of `bytes` and never beyond their end. nullopt: they ended, or the number has more
// than 64 bits; the reader stands where it stood.
class VarintReader {
 public:
  explicit VarintReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  size_t offset() const { return offset_; }
  size_t left() const { return bytes_.size() - offset_; }
  std::span<const uint8_t> rest() const { return bytes_.subspan(offset_); }

  std::optional<uint8_t> Byte() {
    if (left() == 0) return std::nullopt;
    return bytes_[offset_++];
  }
  std::optional<std::span<const uint8_t>> Bytes(uint64_t count) {
    if (count > left()) return std::nullopt;
    const std::span<const uint8_t> taken = bytes_.subspan(offset_, static_cast<size_t>(count));
    offset_ += taken.size();
    return taken;
  }
  std::optional<uint64_t> Varint() {
    uint64_t number = 0;
    size_t at = offset_;
    for (int shift = 0; shift < 64 && at < bytes_.size(); shift += 7) {
      const uint8_t byte = bytes_[at++];
      if (shift == 63 && byte > 1) return std::nullopt;
      number |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        offset_ = at;
        return number;
      }
    }
    return std::nullopt;
  }
  std::optional<int64_t> Zigzag() {
    const std::optional<uint64_t> number = Varint();
    if (!number) return std::nullopt;
    return static_cast<int64_t>((*number >> 1) ^ (0 - (*number & 1)));
  }

 private:
  std::span<const uint8_t> bytes_;
  size_t offset_ = 0;
};

}  // namespace concertina
