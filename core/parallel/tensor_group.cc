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
  RETURN_IF_ERROR(HaveMet());
  SpanTimer span(spans_, SpanKind::kExchange);
  span.SetBytes(values.size_bytes());
  const double begin = Clock::Real().SteadySeconds();
  absl::Status status = axis_->AllReduceSum(values, Deadline::After(deadline_seconds_));
  const double end = Clock::Real().SteadySeconds();
  seconds_ += end - begin;
  NoteArrival(begin, end);
  return status;
}

absl::Status TensorGroup::AllReduceSumInTraining(std::span<float> values, int64_t step) {
  if (!codec_) return AllReduceSum(values);
  RETURN_IF_ERROR(HaveMet());
  const double begin = Clock::Real().SteadySeconds();
  absl::Status status =
      codec_->Sum(values, step, *axis_, Deadline::After(deadline_seconds_), spans_, seconds_);
  NoteArrival(begin, Clock::Real().SteadySeconds());
  return status;
}

void TensorGroup::NoteArrival(double begin_seconds, double end_seconds) {
  if (arrivals_ == nullptr) return;
  arrivals_->Pass(sums_ < collectives_.size() ? collectives_[sums_] : ArrivalBook::kNone, begin_seconds,
                  end_seconds);
  ++sums_;
}

absl::Status TensorGroup::HaveMet() const {
  if (axis_ != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError("the ranks of the tensor axis have not met, and cannot sum");
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

CodingSeconds TensorGroup::TakeCodingSeconds() {
  return codec_ ? std::exchange(codec_->seconds(), {}) : CodingSeconds();
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
  std::vector<int64_t> sums = TensorSums(part, traffic.wants_input);
  if (traffic.recomputes)
    for (const int64_t features : TensorForwardSums(part)) sums.push_back(features);
  double payload_bytes = 0;
  for (const int64_t features : sums) {
    // Lanes beyond the batch travel too: a sum is one contiguous span.
    const int64_t floats = features * PaddedBatch(traffic.batch_size);
    payload_bytes +=
        static_cast<double>(traffic.codec == nullptr ? 4 * floats : traffic.codec->MaxPayloadBytes(floats));
  }
  payload_bytes *= traffic.micro_batches;
  const double count = static_cast<double>(sums.size()) * traffic.micro_batches;
  double messages = count;
  if (traffic.codec != nullptr && traffic.codec->sum() == Codec::Sum::kGathered) {
    for (int from = 0; from < ranks; ++from)
      for (int to = 0; to < ranks; ++to)
        if (from != to) pattern.flows.push_back({from, to, payload_bytes, count});
  } else {
    if (ranks > 2) messages *= 2.0 * (ranks - 1);
    for (int from = 0; from < ranks; ++from)
      pattern.flows.push_back(
          {from, (from + 1) % ranks, 2.0 * (ranks - 1) / ranks * payload_bytes, messages});
  }
  pattern.rounds = messages;
  const int64_t floats = Replicas(SlotsOf(part, part.parameters())).floats();
  if (!traffic.follows_replicas || floats == 0) return pattern;
  // The broadcast's binomial tree; its first edge is also the first flow of the sums.
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
