// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// arithmetic.cc: see arithmetic.h; the decoder is there, to be inlined.
#include "core/edge/arithmetic.h"

#include <utility>

#include "fmt/format.h"

namespace concertina {

// low < 1 always, so a carry ends within what is written.
void ArithmeticEncoder::Carry() {
  for (auto byte = bytes_.rbegin(); ++*byte == 0; ++byte) {
  }
}

void ArithmeticEncoder::Encode(bool bit, AdaptiveBit& model) {
  const auto bound = static_cast<uint32_t>((static_cast<uint64_t>(range_) * model.probability()) >> 16);
  if (bit) {
    range_ = bound;
  } else {
    low_ += bound;
    if (low_ < bound) Carry();
    range_ -= bound;
  }
  model.See(bit);
  while (range_ < ArithmeticDecoder::kLeastRange) {
    bytes_.push_back(static_cast<uint8_t>(low_ >> 24));
    low_ <<= 8;
    range_ <<= 8;
  }
}

void ArithmeticEncoder::EncodeTree(uint32_t symbol, int width, std::span<AdaptiveBit> models) {
  uint32_t node = 1;
  for (int i = width - 1; i >= 0; --i) {
    const bool bit = (symbol >> i & 1) != 0;
    Encode(bit, models[node]);
    node = node << 1 | (bit ? 1U : 0U);
  }
}

std::vector<uint8_t> ArithmeticEncoder::Finish() {
  // The number in [low, low + range) that ends in the most zero bytes.
  for (int count = 0; count <= 4; ++count) {
    const uint64_t rest = (uint64_t{1} << (32 - 8 * count)) - 1;
    const uint64_t number = (low_ + rest) & ~rest;
    if (number - low_ >= range_) continue;
    if (number >> 32 != 0) Carry();
    for (int i = 0; i < count; ++i) bytes_.push_back(static_cast<uint8_t>(number >> (24 - 8 * i)));
    break;
  }
  return std::move(bytes_);
}

absl::Status ArithmeticDecoder::CheckLength(size_t found, size_t taken) {
  if (taken >= found && taken - found <= kAhead) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("found {} bytes of arithmetic code, expected {} to {}", found, taken - kAhead, taken));
}

}  // namespace concertina
