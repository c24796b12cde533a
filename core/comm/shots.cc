// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// shots.cc: all-reduce in one or two rounds, everyone to everyone at once. The fewer rounds, the fewer times
// that a rank must be woken: what counts when there are more ranks than cores, or little to send.
// On the way of the data: comm/all_reduce.cc -> here -> comm/transport.h.
//
//   one shot    everyone sends everyone all it has, and each adds all, in the order of ranks: (N - 1) n bytes
//   two shots   a reduce-scatter of N equal chunks, then an all-gather, both direct (reduce_scatter.cc):
//               2 (N - 1) / N n bytes, as few as can be [Chan et al. Collective Communication. CCPE 2007]
// Both ask of the network that a rank can hear N - 1 others at once without loss.
#include <cstring>

#include "core/comm/communicator.h"
#include "core/comm/reduce.h"

namespace concertina {

template <class Sum>
absl::Status Communicator::OneShot(std::span<typename Sum::Element> values, Deadline deadline, Sum sum) {
  using Element = typename Sum::Element;
  const int n = size();
  for (int step = 1; step < n; ++step) {
    transport_.Note({.kind = MessageKind::kReduce});
    RETURN_IF_ERROR(transport_.Send(global_rank((rank_ + step) % n), TagOf(Purpose::kReduce),
                                    std::as_bytes(values), deadline));
  }
  // Summed apart: `values` must stay as they are until all of them have left.
  if (scratch_.size() < values.size_bytes()) scratch_.resize(values.size_bytes());
  auto* sums = reinterpret_cast<Element*>(scratch_.data());
  for (int rank = 0; rank < n; ++rank) {
    const bool is_last = rank == n - 1;
    if (rank == rank_ && rank == 0)
      std::memcpy(sums, values.data(), values.size_bytes());
    else if (rank == rank_)
      sum(sums, values.data(), values.size(), is_last);
    else if (rank == 0)
      RETURN_IF_ERROR(
          transport_.Receive(global_rank(rank), TagOf(Purpose::kReduce), values.size_bytes(), deadline,
                             PieceCopier({reinterpret_cast<std::byte*>(sums), values.size_bytes()})));
    else
      RETURN_IF_ERROR(transport_.Receive(global_rank(rank), TagOf(Purpose::kReduce), values.size_bytes(),
                                         deadline, PieceAdder(sums, sum, is_last)));
  }
  RETURN_IF_ERROR(Flush(deadline));
  std::memcpy(values.data(), sums, values.size_bytes());
  return absl::OkStatus();
}

template <class Sum>
absl::Status Communicator::TwoShot(std::span<typename Sum::Element> values, Deadline deadline, Sum sum) {
  const size_t n = members_.size();
  bounds_.resize(n + 1);
  for (size_t r = 0; r <= n; ++r) bounds_[r] = values.size() * r / n;
  RETURN_IF_ERROR(ReduceScatterChunks(values, bounds_, deadline, sum));
  // Over what went to the others: their sums hold it, so it has left.
  return AllGatherChunks(values, bounds_, deadline);
}

template absl::Status Communicator::OneShot(std::span<float>, Deadline, FloatSum);
template absl::Status Communicator::OneShot(std::span<uint16_t>, Deadline, HalfSum);
template absl::Status Communicator::TwoShot(std::span<float>, Deadline, FloatSum);
template absl::Status Communicator::TwoShot(std::span<uint16_t>, Deadline, HalfSum);

}  // namespace concertina
