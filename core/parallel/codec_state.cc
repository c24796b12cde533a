// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// codec_state.cc: see codec_state.h.
#include "core/parallel/codec_state.h"

#include "core/gradient/state_parts.h"

namespace concertina {

void AppendCodecState(const Codec& codec, std::vector<uint8_t>& state) {
  std::vector<uint8_t> bytes;
  codec.SaveState(bytes);
  AppendStatePart(bytes, state);
}

absl::Status TakeCodecState(std::span<const uint8_t>& state, Codec& codec) {
  std::span<const uint8_t> rest = state;
  ASSIGN_OR_RETURN(const std::span<const uint8_t> part, TakeStatePart(rest));
  RETURN_IF_ERROR(codec.LoadState(part));
  state = rest;
  return absl::OkStatus();
}

}  // namespace concertina
