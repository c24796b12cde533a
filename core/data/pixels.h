// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pixels.h: stored elements as floats, at the speed of the memory.
// On the way of the data: data/stored_bytes.h -> here -> graph/executor.h input().
#pragma once

#include <cstddef>
#include <cstdint>

namespace concertina {

// to[i] = from[i] / 255, correctly rounded: the same bits on every machine.
void PixelsToFloats(const uint8_t* from, size_t count, float* to);

// IDX keeps floats big endian. `from` is aligned to 4 bytes, as in a mapped IDX file.
void BigEndianToFloats(const uint8_t* from, size_t count, float* to);

}  // namespace concertina
