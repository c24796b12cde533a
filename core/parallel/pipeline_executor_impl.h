// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_executor_impl.h: the insides of the pipeline executor, which stand in two files:
// pipeline_executor.cc (a step, an evaluation) and pipeline_executor_prepare.cc (what there is before the
// first, and codecs).
#pragma once

#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/graph/stage.h"
#include "core/parallel/pipeline_executor.h"
#include "core/tensor/float_buffer.h"

namespace concertina {

class StageExecutor final : public PipelineExecutor {
 public:
  static constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

  StageExecutor(const PipelineSchedule& schedule, const PipelineOptions& options)
      : options_(options),
        samples_(options.executor.batch_size / options.micro_batches),
        tasks_(schedule.Tasks(options.stage, options.stages, options.micro_batches)),
        peak_activations_(PeakActivations(tasks_)) {}

  absl::Status Prepare(const std::vector<Graph>& graphs);

  void Join(Communicator& forwards, Communicator& backwards, double deadline_seconds) override {
    forwards_ = &forwards;
    backwards_ = &backwards;
    deadline_seconds_ = deadline_seconds;
  }
  void SetArrivals(ArrivalBook& arrivals, const std::string& group) override;
  double TakeWaitSeconds() override { return std::exchange(wait_seconds_, 0); }
  int peak_activations() const override { return peak_activations_; }
  absl::Status ChangeCodec(const Params& codec) override;
  void SaveCodecs(std::vector<uint8_t>& state) const override;
  absl::Status TakeCodecs(std::span<const uint8_t>& state) override;

  std::span<float> input() override { return input_.span(); }
  std::span<int32_t> labels() override { return labels_; }
  std::span<float> parameters() override { return parameters_.span(); }
  std::span<float> gradients() override { return gradients_.span(); }
  std::span<float> buffers() override { return buffers_.span(); }
  const std::vector<ParameterSlot>& parameter_slots() const override { return parameter_slots_; }
  const std::vector<ParameterSlot>& buffer_slots() const override { return buffer_slots_; }
  const std::vector<int>& gradient_order() const override { return gradient_order_; }
  std::span<const float> prediction() override { return prediction_.span(); }
  absl::Status status() const override { return status_; }
  bool has_loss() const override { return pieces_.back().is_last; }

  void SetParameterSource(ParameterSource* source) override {
    fetches_ = source != nullptr;
    for (Piece& piece : pieces_) piece.stage->SetParameterSource(source, piece.first_parameter);
  }

  double StepPart(int64_t step, int64_t count, const GradientReady& ready) override;
  Evaluation Evaluate(int64_t count) override;
  int64_t memory_bytes() const override;

 private:
  struct Piece {
    bool is_first = false, is_last = false;  // of the model
    int first_parameter = 0;                 // its index among those of this rank
    int slots_under_way = 1;
    std::unique_ptr<Stage> stage;
    int ring = 0;                              // gradients of its input that may be on their way
    std::vector<FloatBuffer> outgoing;         // these; with a codec they lie in `before`
    FloatBuffer zeros;                         // the gradient of its input, where nothing comes of that
    std::unique_ptr<CutCodec> before, behind;  // of the cuts; null where all goes as it is
  };

  absl::Status PrepareCuts(Piece& piece);
  StepState StateOf(int64_t step, int micro_batch, bool training);
  Deadline Wait() const { return Deadline::After(deadline_seconds_); }
  int next() const { return (options_.stage + 1) % options_.stages; }
  int previous() const { return (options_.stage + options_.stages - 1) % options_.stages; }
  absl::Status CheckJoined() const;
  absl::Status Receive(Communicator& from_where, int from, std::span<std::byte> bytes,
                       int collective = ArrivalBook::kNone);
  absl::Status SendAcross(Communicator& way, int to, std::span<const std::byte> bytes, int collective);
  // This rank has waited, or sent, from `begin` on.
  void Pass(int collective, double begin, double end) {
    if (arrivals_ != nullptr) arrivals_->Pass(collective, begin, end);
  }
  // Of what crosses a cut in one direction, with the first micro-batch and with the last.
  struct Crossing {
    int first = ArrivalBook::kNone, last = ArrivalBook::kNone;
  };
  int CollectiveOf(const Crossing& crossing, int micro_batch) const {
    if (micro_batch == 0) return crossing.first;
    return micro_batch + 1 == options_.micro_batches ? crossing.last : ArrivalBook::kNone;
  }
  // The same of what crosses a cut; `codec` may be null.
  absl::Status Take(Communicator& from_where, int from, CutCodec* codec, int micro_batch,
                    std::span<float> values);
  // What comes in, the forward pass, what goes out.
  absl::Status Forward(Piece& piece, int micro_batch, const StepState& state);
  absl::Status Backward(Piece& piece, const PipelineTask& task, const StepState& state,
                        const GradientReady& ready);
  absl::Status SendGradient(Piece& piece, int micro_batch, int64_t step);
  // From the stage behind to the one before, each at its last backward pass of its first piece: all forward
  // passes of the last stage are done by then.
  absl::Status PassLoss();
  // One micro-batch of those that hold the first `count` samples, through one piece.
  absl::Status EvaluatePart(Piece& piece, int micro_batch, int64_t count, Evaluation& evaluation);
  // Puts what a micro-batch made of one parameter to the batch's gradient.
  void Accumulate(int parameter, int micro_batch);
  // What was sent has left.
  absl::Status Flush();

  const PipelineOptions options_;
  const int64_t samples_;  // of a micro-batch
  const std::vector<PipelineTask> tasks_;
  const int peak_activations_;

  std::vector<ParameterSlot> parameter_slots_, buffer_slots_;
  std::vector<int> gradient_order_;
  std::vector<Piece> pieces_;
  FloatBuffer input_, parameters_, gradients_, buffers_, prediction_;
  FloatBuffer micro_gradients_;  // of one micro-batch; empty where there is only one
  std::vector<int32_t> labels_;
  bool fetches_ = false;  // parameters, together with the other copies of the model

  Communicator* forwards_ = nullptr;
  Communicator* backwards_ = nullptr;
  double deadline_seconds_ = 0;
  double wait_seconds_ = 0;
  ArrivalBook* arrivals_ = nullptr;
  Crossing to_next_, from_previous_;  // activations
  Crossing to_previous_, from_next_;  // gradients
  double loss_sum_ = 0;               // of the last stage
  double loss_ = kNotMeasured;
  absl::Status status_;
};

}  // namespace concertina
