// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mutation.h: an input with a few changes of the kind that decoders trip over.
// On the way of the data: a seed of tests/fuzz/driver.cc -> here -> a target.
#pragma once

#include <string>
#include <vector>

#include "core/base/rng.h"
#include "tests/fuzz/target.h"

namespace concertina {

// `bytes` with one to eight changes, each one of: a bit, a byte or a number of 2, 4 or 8 bytes of either
// order (as it is plus a little, or one where lengths and floats break: 0, -1, 2^31, NaN, …), a piece left
// out, doubled, moved, or put in from `other`, a word of the format, a decimal number, an end cut off. The
// same draws give the same bytes.
FuzzBytes Mutate(FuzzBytes bytes, const FuzzBytes& other, const std::vector<std::string>& words,
                 size_t most_bytes, Rng& rng);

}  // namespace concertina
