// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mutation.cc: see mutation.h.
#include "tests/fuzz/mutation.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace concertina {
namespace {

// Lengths that overflow when they are multiplied or added to, and floats that no codec may take.
constexpr std::array<uint64_t, 20> kNumbers = {0,
                                               1,
                                               0x7f,
                                               0x80,
                                               0xff,
                                               0x7fff,
                                               0xffff,
                                               0x10000,
                                               0x00800000,  // the least normal float
                                               0x7f7fffff,  // the largest
                                               0x7f800000,  // infinity
                                               0x7fc00000,  // NaN
                                               0x7fffffff,
                                               0x80000000,
                                               0xffffffff,
                                               0x3fffffffffffffff,
                                               0x4000000000000001,
                                               0x7fefffffffffffff,  // the largest double
                                               0x7fffffffffffffff,
                                               0xffffffffffffffff};
constexpr std::array<const char*, 14> kDecimals = {
    "0",   "-1",    "1e999", "-0.0", "4294967296", "9223372036854775808", "18446744073709551616", "1e-320",
    "0.5", "00001", "1e15",  "nan",  "-1e308",     "2147483648"};

class Mutation {
 public:
  Mutation(FuzzBytes bytes, const FuzzBytes& other, const std::vector<std::string>& words, Rng& rng)
      : bytes_(std::move(bytes)), other_(other), words_(words), rng_(rng) {}

  void Step() {
    switch (rng_.Below(words_.empty() ? 9 : 12)) {
      case 0:
        if (!bytes_.empty()) bytes_[Place()] ^= static_cast<uint8_t>(1U << rng_.Below(8));
        return;
      case 1:
        if (!bytes_.empty()) bytes_[Place()] = static_cast<uint8_t>(rng_.Next());
        return;
      case 2:
      case 3:
        return Number();
      case 4: {
        const auto [begin, end] = Range();
        bytes_.erase(bytes_.begin() + begin, bytes_.begin() + end);
        return;
      }
      case 5: {  // doubled, or moved to where something else was
        const auto [begin, end] = Range();
        const FuzzBytes piece(bytes_.begin() + begin, bytes_.begin() + end);
        return rng_.Below(2) == 0 ? Insert(piece) : Overwrite(piece);
      }
      case 6: {
        if (other_.empty()) return;
        const size_t begin = rng_.Below(other_.size());
        const size_t count = std::min<size_t>(Length(), other_.size() - begin);
        const std::span<const uint8_t> piece = std::span(other_).subspan(begin, count);
        return rng_.Below(2) == 0 ? Insert(piece) : Overwrite(piece);
      }
      case 7:
        if (!bytes_.empty() && rng_.Below(4) == 0) bytes_.resize(Place());
        return;
      case 8: {
        const FuzzBytes piece(Length(), static_cast<uint8_t>(rng_.Below(2) == 0 ? 0 : rng_.Next()));
        return rng_.Below(2) == 0 ? Insert(piece) : Overwrite(piece);
      }
      case 9:
        return Text(kDecimals[rng_.Below(kDecimals.size())]);
      default:
        return Text(words_[rng_.Below(words_.size())]);
    }
  }
  FuzzBytes Take() { return std::move(bytes_); }

 private:
  size_t Place() { return rng_.Below(bytes_.size()); }
  // Short ones mostly.
  size_t Length() { return size_t{1} << rng_.Below(rng_.Below(8) == 0 ? 11 : 5); }
  std::pair<std::ptrdiff_t, std::ptrdiff_t> Range() {
    if (bytes_.empty()) return {0, 0};
    const size_t begin = Place(), end = std::min(bytes_.size(), begin + Length());
    return {static_cast<std::ptrdiff_t>(begin), static_cast<std::ptrdiff_t>(end)};
  }
  void Insert(std::span<const uint8_t> piece) {
    bytes_.insert(bytes_.begin() + static_cast<std::ptrdiff_t>(rng_.Below(bytes_.size() + 1)), piece.begin(),
                  piece.end());
  }
  void Overwrite(std::span<const uint8_t> piece) {
    if (bytes_.empty()) return;
    const size_t at = Place(), count = std::min(piece.size(), bytes_.size() - at);
    std::copy_n(piece.begin(), count, bytes_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  void Text(std::string_view text) {
    const std::span<const uint8_t> piece(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    if (rng_.Below(2) == 0) return Overwrite(piece);
    // In the place of a value or a name, up to where it ends.
    if (bytes_.empty()) return Insert(piece);
    const auto is_part = [](uint8_t c) { return c != ',' && c != '\n' && c != ':' && c != '}' && c != ']'; };
    const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(Place());
    const auto at = bytes_.erase(begin, std::find_if_not(begin, bytes_.end(), is_part));
    bytes_.insert(at, piece.begin(), piece.end());
  }
  void Number() {
    const size_t width = size_t{2} << rng_.Below(3);
    if (bytes_.size() < width) return;
    const size_t at = rng_.Below(bytes_.size() - width + 1);
    std::array<uint8_t, 8> number{};
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at), width, number.begin());
    const bool is_big_endian = rng_.Below(3) == 0;
    if (is_big_endian) std::reverse(number.begin(), number.begin() + static_cast<std::ptrdiff_t>(width));
    uint64_t value = 0;
    std::memcpy(&value, number.data(), sizeof value);
    value = rng_.Below(2) == 0 ? value + rng_.Below(65) - 32 : kNumbers[rng_.Below(kNumbers.size())];
    std::memcpy(number.data(), &value, sizeof value);
    if (is_big_endian) std::reverse(number.begin(), number.begin() + static_cast<std::ptrdiff_t>(width));
    std::copy_n(number.begin(), width, bytes_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  FuzzBytes bytes_;
  const FuzzBytes& other_;
  const std::vector<std::string>& words_;
  Rng& rng_;
};

}  // namespace

FuzzBytes Mutate(FuzzBytes bytes, const FuzzBytes& other, const std::vector<std::string>& words,
                 size_t most_bytes, Rng& rng) {
  Mutation mutation(std::move(bytes), other, words, rng);
  for (uint64_t left = 1 + rng.Below(rng.Below(3) == 0 ? 8 : 2); left > 0; --left) mutation.Step();
  FuzzBytes mutated = mutation.Take();
  if (mutated.size() > most_bytes) mutated.resize(most_bytes);
  return mutated;
}

}  // namespace concertina
