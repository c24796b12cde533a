// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_parts.cc: see checkpoint_parts.h.
#include "core/worker/checkpoint_parts.h"

#include <algorithm>
#include <cstring>

#include "fmt/format.h"

namespace concertina {

absl::StatusOr<std::vector<CheckpointManifest::Part>> GatherCheckpointParts(const CheckpointPart& own,
                                                                            int64_t step,
                                                                            Communicator& everyone,
                                                                            Deadline deadline) {
  constexpr size_t kDigits = 64;
  std::vector<uint8_t> said(sizeof own.bytes + kDigits);
  std::memcpy(said.data(), &own.bytes, sizeof own.bytes);
  std::copy_n(own.sha256.begin(), std::min(kDigits, own.sha256.size()), &said[sizeof own.bytes]);
  std::vector<std::vector<uint8_t>> heard;
  RETURN_IF_ERROR(everyone.AllGather(said, said.size(), heard, deadline));
  std::vector<CheckpointManifest::Part> parts;
  for (const std::vector<uint8_t>& each : heard) {
    if (each.size() != said.size())
      return absl::DataLossError(
          fmt::format("rank {}: said {} bytes of its part of a checkpoint, expected {}", parts.size(),
                      each.size(), said.size()));
    CheckpointManifest::Part& part = parts.emplace_back();
    part.step = step;
    std::memcpy(&part.bytes, each.data(), sizeof part.bytes);
    part.sha256.assign(each.begin() + sizeof part.bytes, each.end());
  }
  return parts;
}

}  // namespace concertina
