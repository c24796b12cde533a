// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// crc32c.h: the checksum of every stored chunk, so that a damaged one is found instead of drawn.
// CRC-32C [Castagnoli, Bräuer, Herrmann. IEEE Trans. Communications 1993], as in iSCSI and ext4.
#pragma once

#include <cstdint>
#include <span>

namespace concertina {

uint32_t Crc32c(std::span<const uint8_t> bytes);

}  // namespace concertina
