// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// state_parts.cc: see state_parts.h.
#include "core/gradient/state_parts.h"

#include <cstring>

#include "fmt/format.h"

namespace concertina {

void AppendStatePart(std::span<const uint8_t> part, std::vector<uint8_t>& state) {
  const uint64_t bytes = part.size();
  const auto* raw = reinterpret_cast<const uint8_t*>(&bytes);
  state.insert(state.end(), raw, raw + sizeof bytes);
  state.insert(state.end(), part.begin(), part.end());
}

absl::StatusOr<std::span<const uint8_t>> TakeStatePart(std::span<const uint8_t>& state) {
  uint64_t bytes = 0;
  if (state.size() < sizeof bytes)
    return absl::DataLossError(
        fmt::format("codec state: {} bytes are left, expected a length of {}", state.size(), sizeof bytes));
  std::memcpy(&bytes, state.data(), sizeof bytes);
  const std::span<const uint8_t> rest = state.subspan(sizeof bytes);
  if (bytes > rest.size())
    return absl::DataLossError(
        fmt::format("codec state: a part claims {} bytes, {} are left", bytes, rest.size()));
  state = rest.subspan(bytes);
  return rest.first(bytes);
}

}  // namespace concertina
