// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ring.cc: all-reduce on a ring [Patarasuk, Yuan. Bandwidth Optimal All-reduce Algorithms for Clusters of
// Workstations. JPDC 2009], and between two ranks.
// On the way of the data: comm/all_reduce.cc -> here -> comm/transport.h.
//
// n elements are N chunks, chunk c = [c n / N, (c + 1) n / N). In step s = 0 … N - 2 rank r sends chunk r - s
// and adds what comes to chunk r - s - 1; then chunk r + 1 is whole at r. In N - 1 more steps the whole
// chunks go round. Each chunk is summed in one order, along the ring, and then copied: all ranks hold the
// same bits. What comes is added piece by piece as it comes, straight from the transport's buffers. A chunk
// is not cut into segments besides: while a chunk comes another goes, so a segment could only hide the sum of
// the last piece.
#include "core/comm/communicator.h"
#include "core/comm/reduce.h"

namespace concertina {

// a + b is b + a to the bit, so both may add for themselves.
template <class Sum>
absl::Status Communicator::Swap(std::span<typename Sum::Element> values, Deadline deadline, Sum sum) {
  transport_.Note({.kind = MessageKind::kReduce});
  return transport_.SendReceive(global_rank(1 - rank_), TagOf(Purpose::kReduce), std::as_bytes(values),
                                deadline, PieceAdder(values.data(), sum, /*is_last=*/true));
}

template <class Sum>
absl::Status Communicator::Ring(std::span<typename Sum::Element> values, Deadline deadline, Sum sum) {
  const int n = size();
  const int right = global_rank((rank_ + 1) % n);
  const int left = global_rank((rank_ + n - 1) % n);
  const auto chunk_of = [&](int chunk) {
    const auto c = static_cast<size_t>((chunk % n + n) % n);
    const size_t first = values.size() * c / static_cast<size_t>(n);
    return values.subspan(first, values.size() * (c + 1) / static_cast<size_t>(n) - first);
  };
  for (int step = 0; step < n - 1; ++step) {
    const std::span<const std::byte> outgoing = std::as_bytes(chunk_of(rank_ - step));
    transport_.Note({.kind = MessageKind::kReduce, .part = (rank_ - step + n) % n, .parts = n});
    RETURN_IF_ERROR(transport_.Send(right, TagOf(Purpose::kReduce), outgoing, deadline));
    const auto chunk = chunk_of(rank_ - step - 1);
    RETURN_IF_ERROR(transport_.Receive(left, TagOf(Purpose::kReduce), chunk.size_bytes(), deadline,
                                       PieceAdder(chunk.data(), sum, /*is_last=*/step == n - 2)));
  }
  for (int step = 0; step < n - 1; ++step) {
    const std::span<const std::byte> outgoing = std::as_bytes(chunk_of(rank_ + 1 - step));
    transport_.Note({.kind = MessageKind::kSpread, .part = (rank_ + 1 - step + n) % n, .parts = n});
    RETURN_IF_ERROR(transport_.Send(right, TagOf(Purpose::kSpread), outgoing, deadline));
    // Overwritten below is what went out N - 1 steps ago and has come back, summed: it has left long since.
    const std::span<std::byte> chunk = std::as_writable_bytes(chunk_of(rank_ - step));
    RETURN_IF_ERROR(
        transport_.Receive(left, TagOf(Purpose::kSpread), chunk.size(), deadline, PieceCopier(chunk)));
  }
  return absl::OkStatus();
}

template absl::Status Communicator::Swap(std::span<float>, Deadline, FloatSum);
template absl::Status Communicator::Swap(std::span<uint16_t>, Deadline, HalfSum);
template absl::Status Communicator::Ring(std::span<float>, Deadline, FloatSum);
template absl::Status Communicator::Ring(std::span<uint16_t>, Deadline, HalfSum);

}  // namespace concertina
