// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// packed_codes.h: small whole numbers, 1, 2, 4 or 8 bits each, side by side in bytes.
// On the way of the data: the quantising codecs of this folder -> here -> their payloads.
// Code i is the `bits` bits from bit (i bits) mod 8 of byte (i bits) / 8, lowest first, whatever the
// instruction set. Bits after the last code are 0.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/status.h"

namespace concertina {

constexpr int64_t PackedBytes(int64_t n, int bits) { return (n * bits + 7) / 8; }

// Writes PackedBytes(codes.size(), bits) bytes. Each code is below 2^bits: greater ones spoil their
// neighbours.
void PackCodes(std::span<const uint8_t> codes, int bits, uint8_t* packed);
// Reads PackedBytes(codes.size(), bits) bytes, and no byte more.
void UnpackCodes(const uint8_t* packed, int bits, std::span<uint8_t> codes);

// kDataLoss if a bit after the n-th code is set: two payloads that differ must not mean the same.
absl::Status CheckPadding(std::string_view codec, std::span<const uint8_t> packed, int64_t n, int bits);

}  // namespace concertina
