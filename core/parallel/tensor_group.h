// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_group.h: the ranks of the tensor axis, and what they say to each other in a step.
// On the way of the data: graph/tensor_operator.cc -> here -> comm/communicator.h.
//
// An executor is made before the ranks have met, so its axis is made unjoined and joined later.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/comm/communicator.h"
#include "core/graph/executor.h"
#include "core/graph/tensor_axis.h"
#include "core/parallel/arrival_book.h"
#include "core/parallel/pattern.h"
#include "core/parallel/tensor_codec.h"

namespace concertina {

class TensorGroup final : public TensorAxis {
 public:
  TensorGroup(int rank, int size) : rank_(rank), size_(size) {}

  // Before an executor is made: what training sums goes through such codecs.
  void UseCodec(TensorCodec::MakeCodec make_codec) { codec_.emplace(std::move(make_codec)); }
  // Of a live knob.
  absl::Status ChangeCodec(const Params& codec) { return codec_ ? codec_->Change(codec) : absl::OkStatus(); }
  // Before the first step; `axis`, of this rank and size, outlives the last. Each sum waits that long at
  // most.
  void Join(Communicator& axis, double deadline_seconds);

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  absl::Status AllReduceSum(std::span<float> values) override;
  absl::Status AllReduceSumInTraining(std::span<float> values, int64_t step) override;
  absl::Status Expect(size_t values) override { return codec_ ? codec_->Expect(values) : absl::OkStatus(); }

  // Seconds in sums since the last call. They stand in the way of the step: nothing hides them.
  double TakeSeconds();
  // Seconds beside these that codecs took, since the last call.
  CodingSeconds TakeCodingSeconds();
  // As Executor::SetSpans.
  void SetSpans(SpanRing* spans) { spans_ = spans; }
  // The first sums of a step are collectives of the book, whose names end with `group`. Before the first
  // step.
  void SetArrivals(ArrivalBook& arrivals, const std::string& group);

 private:
  absl::Status HaveMet() const;
  void NoteArrival(double begin_seconds, double end_seconds);

  const int rank_, size_;
  Communicator* axis_ = nullptr;
  double deadline_seconds_ = 0;
  double seconds_ = 0;
  SpanRing* spans_ = nullptr;
  std::optional<TensorCodec> codec_;
  ArrivalBook* arrivals_ = nullptr;
  std::vector<int> collectives_;
  size_t sums_ = 0;  // since TakeSeconds
};

// The parameters that all ranks of the axis hold whole. Their gradients are the same bits everywhere, and so
// are their updates, but for a lossy codec: what it sends of one parameter depends on what else is in the
// bucket, which is each rank's own part of the divided ones. Then all take the replicas of rank 0.
class Replicas {
 public:
  explicit Replicas(const std::vector<ParameterSlot>& slots);
  int64_t floats() const { return static_cast<int64_t>(packed_.size()); }
  // `parameters`: flat, as the slots say. One broadcast; allocates nothing.
  absl::Status Follow(Communicator& axis, std::span<float> parameters, Deadline deadline);

 private:
  struct Range {
    size_t offset, count;
  };
  std::vector<Range> ranges_;
  std::vector<float> packed_;
};

// What is summed over a tensor axis in a training step.
struct TensorTraffic {
  int64_t batch_size = 1;  // of a micro-batch, where there are several
  int ranks = 1;
  bool follows_replicas = false;
  const Codec* codec = nullptr;  // of what is summed; null: none
  // Of a pipeline's stage:
  int micro_batches = 1;
  bool wants_input = false;  // it makes the gradient of its input
  bool recomputes = false;   // it makes its forward pass twice
};
// Who sends what to whom on one tensor axis in a training step of `part` (of SplitTensor, or a piece of
// such): its sums, and the replicas if they are followed.
Pattern TensorPattern(const Graph& part, const TensorTraffic& traffic);

}  // namespace concertina
