// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_group.cc: sums over the tensor axis, replicas, and their bytes (see tensor_group.h).
// On the way of the data: graph/tensor_operator.cc -> here -> comm/ring.cc.
#include "core/parallel/tensor_group.h"

#include <algorithm>
#include <utility>

#include "core/graph/split_tensor.h"
#include "core/tensor/batch_lanes.h"

namespace concertina {

void TensorGroup::Join(Communicator& axis, double deadline_seconds) {
  axis_ = &axis;
  deadline_seconds_ = deadline_seconds;
}

absl::Status TensorGroup::AllReduceSum(std::span<float> values) {
  if (axis_ == nullptr)
    return absl::FailedPreconditionError("the ranks of the tensor axis have not met, and cannot sum");
  SpanTimer span(spans_, SpanKind::kExchange);
  span.SetBytes(values.size_bytes());
  const double begin = Clock::Real().SteadySeconds();
  absl::Status status = axis_->AllReduceSum(values, Deadline::After(deadline_seconds_));
  const double end = Clock::Real().SteadySeconds();
  seconds_ += end - begin;
  if (arrivals_ != nullptr) {
    arrivals_->Pass(sums_ < collectives_.size() ? collectives_[sums_] : ArrivalBook::kNone, begin, end);
    ++sums_;
  }
  return status;
}

double TensorGroup::TakeSeconds() {
  sums_ = 0;
  return std::exchange(seconds_, 0);
}

void TensorGroup::SetArrivals(ArrivalBook& arrivals, const std::string& group) {
  arrivals_ = &arrivals;
  collectives_.clear();
  for (int i = 1; i <= ArrivalBook::kMostSums; ++i)
    collectives_.push_back(arrivals.Open("tensor-sum" + std::to_string(i) + group));
}

Replicas::Replicas(const std::vector<ParameterSlot>& slots) {
  size_t total = 0;
  for (const ParameterSlot& slot : slots) {
    if (slot.slice) continue;
    ranges_.push_back({static_cast<size_t>(slot.offset), static_cast<size_t>(slot.count)});
    total += static_cast<size_t>(slot.count);
  }
  packed_.resize(total);
}

absl::Status Replicas::Follow(Communicator& axis, std::span<float> parameters, Deadline deadline) {
  if (packed_.empty() || axis.size() == 1) return absl::OkStatus();
  auto packed = packed_.begin();
  for (const Range& range : ranges_)
    packed = std::copy_n(parameters.begin() + static_cast<std::ptrdiff_t>(range.offset), range.count, packed);
  RETURN_IF_ERROR(axis.Broadcast(std::as_writable_bytes(std::span(packed_)), 0, deadline));
  packed = packed_.begin();
  for (const Range& range : ranges_) {
    std::copy_n(packed, range.count, parameters.begin() + static_cast<std::ptrdiff_t>(range.offset));
    packed += static_cast<std::ptrdiff_t>(range.count);
  }
  return absl::OkStatus();
}

Pattern TensorPattern(const Graph& part, const TensorTraffic& traffic) {
  Pattern pattern;
  const int ranks = traffic.ranks;
  if (ranks < 2) return pattern;
  // Lanes beyond the batch travel too: a sum is one contiguous span.
  const double bytes_each =
      static_cast<double>(sizeof(float)) * static_cast<double>(PaddedBatch(traffic.batch_size));
  double bytes = 0, messages = 0;
  std::vector<int64_t> sums = TensorSums(part, traffic.wants_input);
  if (traffic.recomputes)
    for (const int64_t features : TensorForwardSums(part)) sums.push_back(features);
  for (const int64_t features : sums) {
    bytes += 2.0 * (ranks - 1) / ranks * bytes_each * static_cast<double>(features) * traffic.micro_batches;
    messages += (ranks == 2 ? 1 : 2.0 * (ranks - 1)) * traffic.micro_batches;
  }
  for (int from = 0; from < ranks; ++from)
    pattern.flows.push_back({from, (from + 1) % ranks, bytes, messages});
  pattern.rounds = messages;
  const int64_t floats = Replicas(SlotsOf(part, part.parameters())).floats();
  if (!traffic.follows_replicas || floats == 0) return pattern;
  // The broadcast's binomial tree; its first edge is one of the ring, too.
  const double replicas_bytes = static_cast<double>(sizeof(float)) * static_cast<double>(floats);
  for (int reach = 1; reach < ranks; reach *= 2, ++pattern.rounds)
    for (int from = 0; from < reach && from + reach < ranks; ++from) {
      if (reach == 1) {
        pattern.flows[0].bytes += replicas_bytes;
        pattern.flows[0].messages += 1;
      } else {
        pattern.flows.push_back({from, from + reach, replicas_bytes, 1});
      }
    }
  return pattern;
}

}  // namespace concertina
