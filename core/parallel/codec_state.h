// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// codec_state.h: what a codec keeps, as a part of an exchange's state: u64 bytes, little endian | the bytes.
// On the way of the data: gradient/codec.h -> here -> Exchange::SaveState and LoadState.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/status.h"
#include "core/gradient/codec.h"

namespace concertina {

void AppendCodecState(const Codec& codec, std::vector<uint8_t>& state);
// Loads what `state` begins with, and takes it off. The state comes from a file: kDataLoss if it is shorter
// than it claims.
absl::Status TakeCodecState(std::span<const uint8_t>& state, Codec& codec);

}  // namespace concertina
