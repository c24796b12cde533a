// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// reduce_scatter.cc: each rank its chunk of the sum, and all chunks to all ranks: the two halves of an
// all-reduce, for chunks of any size.
// On the way of the data: parallel/exchange.h -> here -> comm/transport.h.
//
// Directly, everyone to everyone: a rank sends (N - 1) messages and (N - 1) / N n bytes, as on a ring, but no
// message waits for another: one latency instead of N - 1. Each begins with its neighbour, so that nobody is
// everybody's first. The owner adds in a fixed order, its own first and then around the circle, whoever came
// first; so the bits depend on N and the bounds alone.
#include <algorithm>
#include <cstring>

#include "core/comm/communicator.h"
#include "core/comm/reduce.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// Of one chunk, so that what is under way at once is bounded.
constexpr size_t kScatterBlockBytes = size_t{64} << 20;

}  // namespace

absl::Status Communicator::CheckBounds(size_t size_of_values, std::span<const size_t> bounds) const {
  if (bounds.size() != members_.size() + 1)
    return absl::InvalidArgumentError(
        fmt::format("{} bounds of chunks for {} ranks: {} expected", bounds.size(), size(), size() + 1));
  if (!std::is_sorted(bounds.begin(), bounds.end()) || bounds.back() > size_of_values)
    return absl::InvalidArgumentError(
        fmt::format("bounds of chunks of {} elements must ascend from 0 to at most that; the last is {}",
                    size_of_values, bounds.back()));
  return absl::OkStatus();
}

template <class Sum>
absl::Status Communicator::ReduceScatterChunks(std::span<typename Sum::Element> values,
                                               std::span<const size_t> bounds, Deadline deadline, Sum sum) {
  using Element = typename Sum::Element;
  constexpr size_t kBlock = kScatterBlockBytes / sizeof(Element);
  const int n = size();
  for (size_t first = 0; first == 0 || first < LongestChunk(bounds); first += kBlock) {
    const auto block_of = [&](int rank) { return BlockOf(values, bounds, rank, first, kBlock); };
    for (int step = 1; step < n; ++step) {
      const int to = (rank_ + step) % n;
      if (block_of(to).empty()) continue;
      transport_.Note({.kind = MessageKind::kReduce, .part = to, .parts = n});
      RETURN_IF_ERROR(
          transport_.Send(global_rank(to), TagOf(Purpose::kReduce), std::as_bytes(block_of(to)), deadline));
    }
    const std::span<Element> mine = block_of(rank_);
    for (int step = 1; step < n && !mine.empty(); ++step) {
      const bool is_last = step == n - 1;
      const PieceAdder adder(mine.data(), sum, is_last);
      RETURN_IF_ERROR(transport_.Receive(global_rank((rank_ + step) % n), TagOf(Purpose::kReduce),
                                         mine.size_bytes(), deadline, adder));
    }
  }
  return absl::OkStatus();
}

template <class Element>
absl::Status Communicator::AllGatherChunks(std::span<Element> values, std::span<const size_t> bounds,
                                           Deadline deadline) {
  constexpr size_t kBlock = kScatterBlockBytes / sizeof(Element);
  const int n = size();
  for (size_t first = 0; first == 0 || first < LongestChunk(bounds); first += kBlock) {
    const auto block_of = [&](int rank) { return BlockOf(values, bounds, rank, first, kBlock); };
    const std::span<const std::byte> mine = std::as_bytes(block_of(rank_));
    for (int step = 1; step < n && !mine.empty(); ++step) {
      transport_.Note({.kind = MessageKind::kSpread, .part = rank_, .parts = n});
      RETURN_IF_ERROR(
          transport_.Send(global_rank((rank_ + step) % n), TagOf(Purpose::kSpread), mine, deadline));
    }
    for (int step = 1; step < n; ++step) {
      const int from = (rank_ + step) % n;
      const std::span<std::byte> theirs = std::as_writable_bytes(block_of(from));
      if (theirs.empty()) continue;
      RETURN_IF_ERROR(transport_.Receive(global_rank(from), TagOf(Purpose::kSpread), theirs.size(), deadline,
                                         PieceCopier(theirs)));
    }
  }
  return absl::OkStatus();
}

absl::Status Communicator::ReduceScatterSum(std::span<float> values, std::span<const size_t> bounds,
                                            Deadline deadline, float scale) {
  RETURN_IF_ERROR(CheckBounds(values.size(), bounds));
  if (size() == 1) {
    if (scale != 1) ScaleFloats(values.subspan(bounds[0], bounds[1] - bounds[0]), scale);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(ReduceScatterChunks(values, bounds, deadline, FloatSum{scale}));
  return Flush(deadline);
}

absl::Status Communicator::AllGather(std::span<float> values, std::span<const size_t> bounds,
                                     Deadline deadline) {
  RETURN_IF_ERROR(CheckBounds(values.size(), bounds));
  RETURN_IF_ERROR(AllGatherChunks(values, bounds, deadline));
  return Flush(deadline);
}

template absl::Status Communicator::ReduceScatterChunks(std::span<float>, std::span<const size_t>, Deadline,
                                                        FloatSum);
template absl::Status Communicator::ReduceScatterChunks(std::span<uint16_t>, std::span<const size_t>,
                                                        Deadline, HalfSum);
template absl::Status Communicator::AllGatherChunks(std::span<float>, std::span<const size_t>, Deadline);
template absl::Status Communicator::AllGatherChunks(std::span<uint16_t>, std::span<const size_t>, Deadline);

}  // namespace concertina
