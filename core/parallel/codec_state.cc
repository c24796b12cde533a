// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// codec_state.cc: see codec_state.h.
#include "core/parallel/codec_state.h"

#include <cstring>

#include "fmt/format.h"

namespace concertina {

void AppendCodecState(const Codec& codec, std::vector<uint8_t>& state) {
  std::vector<uint8_t> bytes;
  codec.SaveState(bytes);
  const uint64_t size = bytes.size();
  const auto* raw = reinterpret_cast<const uint8_t*>(&size);
  state.insert(state.end(), raw, raw + sizeof size);
  state.insert(state.end(), bytes.begin(), bytes.end());
}

absl::Status TakeCodecState(std::span<const uint8_t>& state, Codec& codec) {
  uint64_t size = 0;
  if (state.size() < sizeof size) return absl::DataLossError("the codecs' state ends too early");
  std::memcpy(&size, state.data(), sizeof size);
  const std::span<const uint8_t> rest = state.subspan(sizeof size);
  if (size > rest.size())
    return absl::DataLossError(
        fmt::format("a codec's state claims {} bytes where {} are left", size, rest.size()));
  RETURN_IF_ERROR(codec.LoadState(rest.first(size)));
  state = rest.subspan(size);
  return absl::OkStatus();
}

}  // namespace concertina
