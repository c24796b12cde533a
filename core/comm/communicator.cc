// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// communicator.cc: gather, broadcast, barrier and point to point (see communicator.h; all-reduce is
// all_reduce.cc).
// On the way of the data: parallel/exchange.h -> here -> comm/transport.h.
#include "core/comm/communicator.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace concertina {

Communicator::Communicator(Transport& transport, std::vector<int> members, uint16_t channel)
    : transport_(transport), members_(std::move(members)), channel_(channel) {
  const auto self = std::find(members_.begin(), members_.end(), transport.rank());
  assert(self != members_.end());
  rank_ = static_cast<int>(self - members_.begin());
}

// Directly, everyone to everyone: one latency, and each sends (N - 1) times its own. A ring sends as much.
absl::Status Communicator::AllGather(std::span<const uint8_t> mine, size_t max_bytes,
                                     std::vector<std::vector<uint8_t>>& gathered, Deadline deadline) {
  const int n = size();
  gathered.resize(static_cast<size_t>(n));
  gathered[static_cast<size_t>(rank_)].assign(mine.begin(), mine.end());
  // Each begins with its neighbour, so that nobody is everybody's first.
  for (int step = 1; step < n; ++step) {
    const int to = global_rank((rank_ + step) % n);
    transport_.Note({.kind = MessageKind::kGather, .part = rank_, .parts = n});
    RETURN_IF_ERROR(transport_.Send(to, TagOf(Purpose::kGather), std::as_bytes(mine), deadline));
  }
  for (int step = 1; step < n; ++step) {
    const int from = (rank_ + n - step) % n;
    RETURN_IF_ERROR(transport_.ReceiveMessage(global_rank(from), TagOf(Purpose::kGather), max_bytes, deadline,
                                              gathered[static_cast<size_t>(from)]));
  }
  return Flush(deadline);
}

// Binomial tree: in round k, whoever is nearer than 2^k to the root sends to the one 2^k further.
absl::Status Communicator::Broadcast(std::span<std::byte> bytes, int root, Deadline deadline) {
  const int n = size();
  const int distance = (rank_ + n - root) % n;
  for (int reach = 1; reach < n; reach *= 2) {
    if (distance < reach) {
      if (distance + reach >= n) continue;
      const int to = global_rank((rank_ + reach) % n);
      transport_.Note({.kind = MessageKind::kBroadcast});
      RETURN_IF_ERROR(transport_.Send(to, TagOf(Purpose::kBroadcast), bytes, deadline));
    } else if (distance < 2 * reach) {
      const int from = global_rank((rank_ + n - reach) % n);
      RETURN_IF_ERROR(transport_.Receive(from, TagOf(Purpose::kBroadcast), bytes.size(), deadline,
                                         [&](size_t offset, std::span<const std::byte> piece) {
                                           std::memcpy(bytes.data() + offset, piece.data(), piece.size());
                                         }));
    }
  }
  return Flush(deadline);
}

// Dissemination [Hensgen, Finkel, Manber. Two Algorithms for Barrier Synchronization. IJPP 1988]: log2 N
// rounds.
absl::Status Communicator::Barrier(Deadline deadline) {
  const int n = size();
  for (int reach = 1; reach < n; reach *= 2) {
    transport_.Note({.kind = MessageKind::kBarrier});
    RETURN_IF_ERROR(
        transport_.Send(global_rank((rank_ + reach) % n), TagOf(Purpose::kBarrier), {}, deadline));
    RETURN_IF_ERROR(transport_.Receive(global_rank((rank_ + n - reach) % n), TagOf(Purpose::kBarrier), 0,
                                       deadline, [](size_t, std::span<const std::byte>) {}));
  }
  return Flush(deadline);
}

absl::Status Communicator::Send(int to, std::span<const std::byte> bytes, Deadline deadline) {
  return transport_.Send(global_rank(to), TagOf(Purpose::kPointToPoint), bytes, deadline);
}

absl::Status Communicator::Receive(int from, std::span<std::byte> bytes, Deadline deadline) {
  return Receive(from, bytes.size(), deadline, [&](size_t offset, std::span<const std::byte> piece) {
    std::memcpy(bytes.data() + offset, piece.data(), piece.size());
  });
}

absl::Status Communicator::Receive(int from, size_t bytes, Deadline deadline, Transport::Sink sink) {
  return transport_.Receive(global_rank(from), TagOf(Purpose::kPointToPoint), bytes, deadline, sink);
}

absl::Status Communicator::ReceiveMessage(int from, size_t max_bytes, std::vector<uint8_t>& bytes,
                                          Deadline deadline) {
  return transport_.ReceiveMessage(global_rank(from), TagOf(Purpose::kPointToPoint), max_bytes, deadline,
                                   bytes);
}

absl::Status Communicator::Flush(Deadline deadline) {
  for (const int member : members_)
    if (member != transport_.rank()) RETURN_IF_ERROR(transport_.Flush(member, deadline));
  return absl::OkStatus();
}

}  // namespace concertina
