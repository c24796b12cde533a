// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// communicator.h: a group of ranks (an axis of the mesh) and its collectives.
// On the way of the data: parallel/exchange.h -> here -> comm/transport.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/comm/transport.h"

namespace concertina {

class Communicator {
 public:
  // `members`: ranks of the transport in group order; this rank is among them. Several communicators share a
  // transport; `channel` keeps their messages apart.
  Communicator(Transport& transport, std::vector<int> members, uint16_t channel);

  int rank() const { return rank_; }  // within the group
  int size() const { return static_cast<int>(members_.size()); }
  Transport& transport() { return transport_; }
  int global_rank(int group_rank) const { return members_[static_cast<size_t>(group_rank)]; }

  // In place: every rank ends with the element-wise sum, the same bits on all.
  // ring: 2 (N - 1) messages of n / N; sends 2 (N - 1) / N n bytes [Patarasuk, Yuan. JPDC 2009].
  absl::Status AllReduceSum(std::span<float> values, Deadline deadline);
  absl::Status AllReduceSumHalf(std::span<uint16_t> values,
                                Deadline deadline);  // IEEE binary16 elements, ring
  // Everyone's bytes to everyone; gathered[r] is of rank r (sizes may differ, each at most max_bytes).
  absl::Status AllGather(std::span<const uint8_t> mine, size_t max_bytes,
                         std::vector<std::vector<uint8_t>>& gathered, Deadline deadline);
  absl::Status Broadcast(std::span<std::byte> bytes, int root, Deadline deadline);  // binomial tree
  absl::Status Barrier(Deadline deadline);                                          // dissemination
  // Point to point within the group.
  absl::Status Send(int to, std::span<const std::byte> bytes, Deadline deadline);
  absl::Status Receive(int from, std::span<std::byte> bytes, Deadline deadline);

 private:
  Transport& transport_;
  std::vector<int> members_;
  int rank_ = 0;
  uint16_t channel_;
};

}  // namespace concertina
