// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// json_header.cc: see json_header.h.
#include "core/worker/json_header.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "fmt/format.h"

namespace concertina {

static_assert(std::endian::native == std::endian::little, "lengths are copied as they lie in memory");

void AppendJsonHeader(const nlohmann::json& header, std::vector<uint8_t>& to) {
  const std::string text = header.dump();
  const uint64_t text_bytes = text.size();
  const auto* const length = reinterpret_cast<const uint8_t*>(&text_bytes);
  to.insert(to.end(), length, length + sizeof text_bytes);
  to.insert(to.end(), text.begin(), text.end());
}

absl::StatusOr<nlohmann::json> TakeJsonHeader(std::span<const uint8_t>& bytes, size_t max_bytes) {
  uint64_t text_bytes = 0;
  if (bytes.size() < sizeof text_bytes) return absl::DataLossError("ends before its header");
  std::memcpy(&text_bytes, bytes.data(), sizeof text_bytes);
  const std::span<const uint8_t> rest = bytes.subspan(sizeof text_bytes);
  if (text_bytes > std::min(max_bytes, rest.size()))
    return absl::DataLossError(
        fmt::format("its header is of {} bytes, and {} came", text_bytes, rest.size()));
  nlohmann::json header =
      nlohmann::json::parse(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(text_bytes), nullptr,
                            /*allow_exceptions=*/false);
  if (header.is_discarded()) return absl::DataLossError("its header cannot be read");
  bytes = rest.subspan(text_bytes);
  return header;
}

}  // namespace concertina
