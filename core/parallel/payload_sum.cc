// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// payload_sum.cc: see payload_sum.h.
#include "core/parallel/payload_sum.h"

#include <string>

namespace concertina {

absl::Status SumPayloads(const Codec& codec, int64_t floats, const PayloadSum& sum,
                         std::vector<uint8_t>& payload, std::vector<std::vector<uint8_t>>& gathered) {
  switch (codec.sum()) {
    case Codec::Sum::kFloat16:
      return sum.ranks.AllReduceSumHalf({reinterpret_cast<uint16_t*>(payload.data()), payload.size() / 2},
                                        sum.deadline, sum.way);
    case Codec::Sum::kFloat32:
      return sum.ranks.AllReduceSum(
          {reinterpret_cast<float*>(payload.data()), payload.size() / sizeof(float)}, sum.deadline, sum.scale,
          sum.way);
    case Codec::Sum::kGathered:
      break;
  }
  return sum.ranks.AllGather(payload, static_cast<size_t>(codec.MaxPayloadBytes(floats)), gathered,
                             sum.deadline);
}

absl::Status DecodeSum(const Codec& codec, std::span<const uint8_t> payload,
                       std::span<const std::vector<uint8_t>> gathered, std::span<float> values) {
  if (codec.sum() != Codec::Sum::kGathered) return codec.Decode(payload, values);
  for (size_t rank = 0; rank < gathered.size(); ++rank) {
    const absl::Status status =
        rank == 0 ? codec.Decode(gathered[0], values) : codec.DecodeAdd(gathered[rank], values);
    if (!status.ok()) return Annotate(status, "the payload of rank " + std::to_string(rank));
  }
  return absl::OkStatus();
}

}  // namespace concertina
