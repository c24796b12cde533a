// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// json_header.h: u64 bytes of JSON, little endian | the JSON | what it tells of.
// On the way of the data: worker/whole_model.cc, packed_graphs.h, recipe_state.h -> here, and back.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/status.h"
#include "nlohmann/json.hpp"

namespace concertina {

void AppendJsonHeader(const nlohmann::json& header, std::vector<uint8_t>& to);

// The header in front; `bytes` begins behind it then. kDataLoss: there is none, or one longer than
// `max_bytes`.
absl::StatusOr<nlohmann::json> TakeJsonHeader(std::span<const uint8_t>& bytes, size_t max_bytes);

}  // namespace concertina
