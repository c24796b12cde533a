// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// communicator.h: a group of ranks (an axis of the mesh) and its collectives.
// On the way of the data: parallel/exchange.h -> here -> comm/transport.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/comm/all_reduce.h"
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

  // In place: every rank ends with the element-wise sum times `scale` (1 / N gives the mean), the same bits
  // on all, along any of the ways of all_reduce.h. All ranks must name the same way.
  absl::Status AllReduceSum(std::span<float> values, Deadline deadline, float scale = 1,
                            AllReduceWay way = {});
  absl::Status AllReduceSumHalf(std::span<uint16_t> values, Deadline deadline,
                                AllReduceWay way = {});  // IEEE binary16 elements
  // Before the first use of kAuto, all ranks together: rank 0 looks for the table of this link in the user's
  // file, or all measure, a second or two, and it is kept; then rank 0's is everyone's.
  absl::Status PrepareAuto(int group, Deadline deadline);
  const AllReduceTable& table() const { return table_; }
  void SetTable(AllReduceTable table) { table_ = std::move(table); }
  // The two halves of an all-reduce, in place, over chunks of any size: that of rank r is
  // [bounds[r], bounds[r + 1]) of `values`; N + 1 bounds, ascending. Each sends (N - 1) / N n bytes when the
  // chunks are equal. kInvalidArgument if the bounds are not such.
  //   ReduceScatterSum: this rank's chunk is the sum of all ranks' times `scale`; the others are as before.
  //   AllGather: every rank has all chunks, each as its own rank had it.
  absl::Status ReduceScatterSum(std::span<float> values, std::span<const size_t> bounds, Deadline deadline,
                                float scale = 1);
  absl::Status AllGather(std::span<float> values, std::span<const size_t> bounds, Deadline deadline);
  // Everyone's bytes to everyone; gathered[r] is of rank r (sizes may differ, each at most max_bytes).
  absl::Status AllGather(std::span<const uint8_t> mine, size_t max_bytes,
                         std::vector<std::vector<uint8_t>>& gathered, Deadline deadline);
  absl::Status Broadcast(std::span<std::byte> bytes, int root, Deadline deadline);  // binomial tree
  absl::Status Barrier(Deadline deadline);                                          // dissemination
  // Point to point within the group. What was sent must stay until Flush, as Transport::Send says; the
  // collectives above flush what they send themselves.
  absl::Status Send(int to, std::span<const std::byte> bytes, Deadline deadline);
  absl::Status Receive(int from, std::span<std::byte> bytes, Deadline deadline);
  absl::Status Receive(int from, size_t bytes, Deadline deadline, Transport::Sink sink);
  absl::Status ReceiveMessage(int from, size_t max_bytes, std::vector<uint8_t>& bytes, Deadline deadline);
  absl::Status Flush(Deadline deadline);

 private:
  enum class Purpose : uint16_t {
    kReduce,
    kSpread,
    kGather,
    kBroadcast,
    kBarrier,
    kPointToPoint,
    kReduceToo,  // of the second tree
    kSpreadToo
  };
  uint32_t TagOf(Purpose purpose) const { return uint32_t{channel_} << 16 | static_cast<uint32_t>(purpose); }
  // These flush nothing, and what they send must stay until the other half, or a flush, is done.
  template <class Sum>
  absl::Status ReduceScatterChunks(std::span<typename Sum::Element> values, std::span<const size_t> bounds,
                                   Deadline deadline, Sum sum);
  template <class Element>
  absl::Status AllGatherChunks(std::span<Element> values, std::span<const size_t> bounds, Deadline deadline);
  absl::Status CheckBounds(size_t size_of_values, std::span<const size_t> bounds) const;
  static size_t LongestChunk(std::span<const size_t> bounds) {
    size_t longest = 0;
    for (size_t i = 1; i < bounds.size(); ++i) longest = std::max(longest, bounds[i] - bounds[i - 1]);
    return longest;
  }
  // Elements [first, first + most) of the chunk of `rank`, as far as it goes.
  template <class Element>
  static std::span<Element> BlockOf(std::span<Element> values, std::span<const size_t> bounds, int rank,
                                    size_t first, size_t most) {
    const auto r = static_cast<size_t>(rank);
    const size_t length = bounds[r + 1] - bounds[r];
    return values.subspan(bounds[r] + std::min(first, length),
                          std::min(most, length - std::min(first, length)));
  }
  template <class Sum>
  absl::Status AllReduce(std::span<typename Sum::Element> values, AllReduceWay way, Deadline deadline,
                         Sum sum);
  // None of these flushes.
  template <class Sum>
  absl::Status AllReduceBlock(std::span<typename Sum::Element> values, AllReduceWay way, Deadline deadline,
                              Sum sum);
  template <class Sum>
  absl::Status Swap(std::span<typename Sum::Element> values, Deadline deadline, Sum sum);
  template <class Sum>
  absl::Status Ring(std::span<typename Sum::Element> values, Deadline deadline, Sum sum);
  template <class Sum>
  absl::Status HalvingDoubling(std::span<typename Sum::Element> values, Deadline deadline, Sum sum);
  template <class Sum>
  absl::Status DoubleTree(std::span<typename Sum::Element> values, Deadline deadline, Sum sum);
  template <class Sum>
  absl::Status Hierarchical(std::span<typename Sum::Element> values, int group, Deadline deadline, Sum sum);
  template <class Sum>
  absl::Status OneShot(std::span<typename Sum::Element> values, Deadline deadline, Sum sum);
  template <class Sum>
  absl::Status TwoShot(std::span<typename Sum::Element> values, Deadline deadline, Sum sum);
  struct Hierarchy;
  const Hierarchy& HierarchyOf(int group);

  Transport& transport_;
  std::vector<int> members_;
  int rank_ = 0;
  uint16_t channel_;
  AllReduceTable table_;  // empty until PrepareAuto or SetTable
  // Kept, so that a step allocates nothing.
  std::shared_ptr<Hierarchy> hierarchy_;  // shared, for its type is hierarchical.cc's alone
  std::vector<std::byte> scratch_;
  std::vector<size_t> bounds_;
};

}  // namespace concertina
