// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_executor.cc: does the schedule's tasks, and passes on what they make (see pipeline_executor.h).
// On the way of the data: data/loader.h -> here -> graph/stage.cc, comm/communicator.h.
//
// An activation is sent from where it was made, and lies there until its gradient has come back, which it
// caused. Gradients are sent from a ring of one buffer more than there are micro-batches under way: when the
// first comes round again, an activation that the stage before sent after it took that gradient is here.
//
// The loss goes from the last stage backwards, ahead of the last gradient that every stage waits for anyway:
// 8 bytes and no wait more.
#include "core/parallel/pipeline_executor.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/graph/cut.h"
#include "core/graph/stage.h"
#include "core/tensor/batch_lanes.h"
#include "core/tensor/float_buffer.h"
#include "core/tensor/loss.h"
#include "core/tensor/transpose.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

class StageExecutor final : public PipelineExecutor {
 public:
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
  double TakeWaitSeconds() override { return std::exchange(wait_seconds_, 0); }
  int peak_activations() const override { return peak_activations_; }

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

  double StepPart(int64_t step, int64_t count, const GradientReady& ready) override;
  Evaluation Evaluate(int64_t count) override;
  int64_t memory_bytes() const override;

 private:
  struct Piece {
    bool is_first = false, is_last = false;  // of the model
    int first_parameter = 0;                 // its index among those of this rank
    int slots_under_way = 1;
    std::unique_ptr<Stage> stage;
    std::vector<FloatBuffer> outgoing;  // gradients of its input
  };

  StepState StateOf(int64_t step, int micro_batch, bool training);
  Deadline Wait() const { return Deadline::After(deadline_seconds_); }
  int next() const { return (options_.stage + 1) % options_.stages; }
  int previous() const { return (options_.stage + options_.stages - 1) % options_.stages; }
  absl::Status CheckJoined() const;
  absl::Status Receive(Communicator& from_where, int from, std::span<std::byte> bytes);
  // What comes in, the forward pass, what goes out.
  absl::Status Forward(Piece& piece, int slot, const StepState& state);
  absl::Status Backward(Piece& piece, const PipelineTask& task, const StepState& state,
                        const GradientReady& ready);
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

  Communicator* forwards_ = nullptr;
  Communicator* backwards_ = nullptr;
  double deadline_seconds_ = 0;
  double wait_seconds_ = 0;
  double loss_sum_ = 0;  // of the last stage
  double loss_ = kNotMeasured;
  absl::Status status_;
};

absl::Status StageExecutor::Prepare(const std::vector<Graph>& graphs) {
  const auto append = [](const std::vector<ParameterSlot>& from, std::vector<ParameterSlot>& to) {
    const int64_t before = TotalOf(to);
    for (ParameterSlot slot : from) {
      slot.offset += before;
      to.push_back(std::move(slot));
    }
  };
  std::vector<int64_t> first_parameter_float, first_buffer_float;
  pieces_.resize(graphs.size());
  for (size_t c = 0; c < graphs.size(); ++c) {
    Piece& piece = pieces_[c];
    piece.first_parameter = static_cast<int>(parameter_slots_.size());
    piece.is_first = options_.stage == 0 && c == 0;
    piece.is_last = options_.stage == options_.stages - 1 && c + 1 == graphs.size();
    piece.slots_under_way = PeakActivations(tasks_, static_cast<int>(c));
    first_parameter_float.push_back(TotalOf(parameter_slots_));
    first_buffer_float.push_back(TotalOf(buffer_slots_));
    append(SlotsOf(graphs[c], graphs[c].parameters()), parameter_slots_);
    append(SlotsOf(graphs[c], graphs[c].buffers()), buffer_slots_);
    if (piece.is_last != (graphs[c].loss() >= 0))
      return absl::InvalidArgumentError(fmt::format(
          "piece {} of stage {} {}", c, options_.stage,
          piece.is_last ? "is the model's last, and has no loss" : "has a loss, and is not the last"));
  }
  parameters_ = FloatBuffer(TotalOf(parameter_slots_));
  gradients_ = FloatBuffer(parameters_.size());
  buffers_ = FloatBuffer(TotalOf(buffer_slots_));
  if (options_.micro_batches > 1) micro_gradients_ = FloatBuffer(parameters_.size());
  float* made = options_.micro_batches > 1 ? micro_gradients_.data() : gradients_.data();
  for (size_t c = 0; c < graphs.size(); ++c) {
    Piece& piece = pieces_[c];
    StageOptions options{.executor = options_.executor,
                         .slot_count = piece.slots_under_way,
                         .wants_input = !piece.is_first,
                         .recomputes = options_.recomputes};
    options.executor.batch_size = samples_;
    ASSIGN_OR_RETURN(piece.stage, Stage::Create(graphs[c], options,
                                                {parameters_.data() + first_parameter_float[c],
                                                 made + first_parameter_float[c],
                                                 buffers_.data() + first_buffer_float[c]}));
    if (!piece.is_first)
      for (int i = 0; i < std::min(piece.slots_under_way + 1, options_.micro_batches); ++i)
        piece.outgoing.emplace_back(static_cast<int64_t>(piece.stage->input(0).size()));
  }
  if (pieces_.front().is_first)
    input_ = FloatBuffer(options_.executor.batch_size *
                         ElementCount(graphs.front().value(graphs.front().input()).shape));
  if (pieces_.back().is_last)
    prediction_ = FloatBuffer(options_.executor.batch_size *
                              ElementCount(graphs.back().value(graphs.back().prediction()).shape));
  labels_.assign(static_cast<size_t>(options_.executor.batch_size), 0);
  // A gradient is final in the last micro-batch's backward pass.
  for (const PipelineTask& task : tasks_) {
    if (task.is_forward || task.micro_batch + 1 != options_.micro_batches) continue;
    const Piece& piece = pieces_[static_cast<size_t>(task.chunk)];
    for (const int index : piece.stage->gradient_order())
      gradient_order_.push_back(piece.first_parameter + index);
  }
  return absl::OkStatus();
}

StepState StageExecutor::StateOf(int64_t step, int micro_batch, bool training) {
  const int64_t first = micro_batch * samples_;
  return {.training = training,
          .step = step,
          .count = samples_,
          .first_sample = first,
          .labels = labels_.data() + first,
          .status = &status_};
}

absl::Status StageExecutor::CheckJoined() const {
  if (options_.stages == 1 || forwards_ != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError("the ranks of the pipeline axis have not met, and cannot pass on");
}

absl::Status StageExecutor::Receive(Communicator& from_where, int from, std::span<std::byte> bytes) {
  const double begin = Clock::Real().SteadySeconds();
  absl::Status status = from_where.Receive(from, bytes, Wait());
  wait_seconds_ += Clock::Real().SteadySeconds() - begin;
  return status;
}

absl::Status StageExecutor::Forward(Piece& piece, int slot, const StepState& state) {
  Stage& stage = *piece.stage;
  if (piece.is_first) {
    const int64_t features = input_.size() / options_.executor.batch_size;
    BatchToLanes(options_.executor.threads, input_.data() + state.first_sample * features, samples_, features,
                 stage.lanes(), stage.input(slot).data());
  } else {
    RETURN_IF_ERROR(Receive(*forwards_, previous(), std::as_writable_bytes(stage.input(slot))));
  }
  stage.Forward(slot, state);
  if (!status_.ok()) return status_;
  if (piece.is_last) return absl::OkStatus();
  return forwards_->Send(next(), std::as_bytes(stage.output(slot)), Wait());
}

absl::Status StageExecutor::Backward(Piece& piece, const PipelineTask& task, const StepState& state,
                                     const GradientReady& ready) {
  Stage& stage = *piece.stage;
  const int slot = task.micro_batch % piece.slots_under_way;
  if (options_.recomputes) {
    StepState again = state;
    again.again = true;
    stage.Forward(slot, again);
    if (!status_.ok()) return status_;
  }
  const bool is_final = task.micro_batch + 1 == options_.micro_batches;
  if (is_final && task.chunk == 0) RETURN_IF_ERROR(PassLoss());
  if (!piece.is_last)
    RETURN_IF_ERROR(Receive(*backwards_, next(), std::as_writable_bytes(stage.output_gradient(slot))));
  stage.Backward(slot, state, [&](int index) {
    const int parameter = piece.first_parameter + index;
    Accumulate(parameter, task.micro_batch);
    if (is_final && ready) ready(parameter);
  });
  if (!status_.ok()) return status_;
  if (piece.is_first) return absl::OkStatus();
  const size_t ring = piece.outgoing.size();
  FloatBuffer& outgoing = piece.outgoing[static_cast<size_t>(task.micro_batch) % ring];
  if (static_cast<size_t>(task.micro_batch) >= ring)
    RETURN_IF_ERROR(backwards_->transport().Flush(backwards_->global_rank(previous()), Wait()));
  const std::span<const float> gradient = stage.input_gradient(slot);
  if (gradient.empty()) {
    std::ranges::fill(outgoing.span(), 0.0F);
  } else {
    std::ranges::copy(gradient, outgoing.data());
  }
  return backwards_->Send(previous(), std::as_bytes(outgoing.span()), Wait());
}

absl::Status StageExecutor::PassLoss() {
  const std::span<double> loss(&loss_, 1);
  if (!has_loss()) RETURN_IF_ERROR(Receive(*backwards_, next(), std::as_writable_bytes(loss)));
  return options_.stage == 0 ? absl::OkStatus() : backwards_->Send(previous(), std::as_bytes(loss), Wait());
}

void StageExecutor::Accumulate(int parameter, int micro_batch) {
  if (options_.micro_batches == 1) return;
  const ParameterSlot& slot = parameter_slots_[static_cast<size_t>(parameter)];
  const float share = 1 / static_cast<float>(options_.micro_batches);
  const float* made = micro_gradients_.data() + slot.offset;
  float* sum = gradients_.data() + slot.offset;
  if (micro_batch == 0) {
    for (int64_t i = 0; i < slot.count; ++i) sum[i] = share * made[i];
  } else {
    for (int64_t i = 0; i < slot.count; ++i) sum[i] += share * made[i];
  }
}

absl::Status StageExecutor::Flush() {
  if (options_.stages == 1) return absl::OkStatus();
  for (const int rank : {next(), previous()})
    RETURN_IF_ERROR(forwards_->transport().Flush(forwards_->global_rank(rank), Wait()));
  return absl::OkStatus();
}

double StageExecutor::StepPart(int64_t step, int64_t /*count*/, const GradientReady& ready) {
  if (status_.ok()) status_ = CheckJoined();
  loss_sum_ = 0;
  for (const PipelineTask& task : tasks_) {
    if (!status_.ok()) return kNotMeasured;
    Piece& piece = pieces_[static_cast<size_t>(task.chunk)];
    const StepState state = StateOf(step, task.micro_batch, true);
    if (!task.is_forward) {
      status_ = Backward(piece, task, state, ready);
      continue;
    }
    const int slot = task.micro_batch % piece.slots_under_way;
    status_ = Forward(piece, slot, state);
    if (!status_.ok() || !piece.is_last) continue;
    const float* losses = piece.stage->losses(slot);
    for (int64_t n = 0; n < samples_; ++n) loss_sum_ += static_cast<double>(losses[n]);
    if (task.micro_batch + 1 == options_.micro_batches)
      loss_ = loss_sum_ / static_cast<double>(options_.executor.batch_size);
  }
  if (status_.ok()) status_ = Flush();
  return status_.ok() ? loss_ : kNotMeasured;
}

Executor::Evaluation StageExecutor::Evaluate(int64_t count) {
  count = std::clamp<int64_t>(count, 0, options_.executor.batch_size);
  Evaluation evaluation;
  if (status_.ok()) status_ = CheckJoined();
  const auto micro_batches = static_cast<int>((count + samples_ - 1) / samples_);
  // Several pieces take micro-batches in groups of as many as there are stages, which so work side by side.
  const int group = pieces_.size() == 1 ? 1 : options_.stages;
  for (int first = 0; first < micro_batches; first += group)
    for (Piece& piece : pieces_)
      for (int m = first; m < std::min(first + group, micro_batches) && status_.ok(); ++m)
        status_ = EvaluatePart(piece, m, count, evaluation);
  if (status_.ok()) status_ = Flush();
  if (!status_.ok()) return {.loss_sum = kNotMeasured};
  return evaluation;
}

absl::Status StageExecutor::EvaluatePart(Piece& piece, int micro_batch, int64_t count,
                                         Evaluation& evaluation) {
  // Nothing comes back that would say that the last one has left the slot.
  if (micro_batch >= piece.slots_under_way) RETURN_IF_ERROR(Flush());
  const int slot = micro_batch % piece.slots_under_way;
  StepState state = StateOf(0, micro_batch, false);
  state.count = std::min(samples_, count - micro_batch * samples_);
  RETURN_IF_ERROR(Forward(piece, slot, state));
  if (!piece.is_last) return absl::OkStatus();
  Stage& stage = *piece.stage;
  for (int64_t n = 0; n < state.count; ++n) evaluation.loss_sum += static_cast<double>(stage.losses(slot)[n]);
  const int64_t classes = prediction_.size() / options_.executor.batch_size;
  const float* prediction = stage.output(slot).data();
  evaluation.correct +=
      CountCorrect({.classes = classes, .lanes = stage.lanes()}, prediction, state.labels, state.count);
  LanesToBatch(options_.executor.threads, prediction, samples_, classes, stage.lanes(),
               prediction_.data() + state.first_sample * classes);
  return absl::OkStatus();
}

int64_t StageExecutor::memory_bytes() const {
  int64_t floats = input_.size() + parameters_.size() + gradients_.size() + micro_gradients_.size() +
                   buffers_.size() + prediction_.size();
  for (const Piece& piece : pieces_) {
    floats += piece.stage->memory_floats();
    for (const FloatBuffer& buffer : piece.outgoing) floats += buffer.size();
  }
  return floats * static_cast<int64_t>(sizeof(float)) +
         static_cast<int64_t>(labels_.size() * sizeof(int32_t));
}

}  // namespace

absl::StatusOr<std::vector<Graph>> CutIntoPieces(const Graph& graph, const std::string& cuts,
                                                 const PipelineSchedule& schedule, int stages) {
  const int count = stages * schedule.chunks();
  const absl::StatusOr<std::vector<int>> nodes = CutsOf(graph, cuts, count);
  if (!nodes.ok())
    return schedule.chunks() == 1
               ? nodes.status()
               : Annotate(nodes.status(), fmt::format("{} stages of {} chunks are like {} stages", stages,
                                                      schedule.chunks(), count));
  std::vector<Graph> pieces;
  for (int k = 0; k < count; ++k) {
    ASSIGN_OR_RETURN(Graph piece, CutStage(graph, *nodes, k));
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

std::vector<Graph> PiecesOfStage(const std::vector<Graph>& pieces, int stage, int stages) {
  std::vector<Graph> own;
  for (auto k = static_cast<size_t>(stage); k < pieces.size(); k += static_cast<size_t>(stages))
    own.push_back(pieces[k]);
  return own;
}

absl::StatusOr<std::unique_ptr<PipelineExecutor>> PipelineExecutor::Create(const std::vector<Graph>& pieces,
                                                                           const PipelineSchedule& schedule,
                                                                           const PipelineOptions& options) {
  if (options.stages < 1 || options.stage < 0 || options.stage >= options.stages)
    return absl::InvalidArgumentError(fmt::format("stage {} of {}", options.stage, options.stages));
  if (options.micro_batches < 1 || options.executor.batch_size % options.micro_batches != 0)
    return absl::InvalidArgumentError(fmt::format("{} micro-batches do not divide a batch of {}",
                                                  options.micro_batches, options.executor.batch_size));
  if (static_cast<int>(pieces.size()) != schedule.chunks())
    return absl::InvalidArgumentError(
        fmt::format("{} pieces of the model for {} chunks", pieces.size(), schedule.chunks()));
  if (options.stages == 1 && schedule.chunks() > 1)
    return absl::InvalidArgumentError(fmt::format(
        "{} pieces on the one stage that there is, expected 1: there is no bubble to make smaller",
        schedule.chunks()));
  if (const absl::Status fits = schedule.Fits(options.stages, options.micro_batches); !fits.ok())
    return absl::InvalidArgumentError(
        fmt::format("found {} micro-batches, expected {}", options.micro_batches, fits.message()));
  auto executor = std::make_unique<StageExecutor>(schedule, options);
  RETURN_IF_ERROR(executor->Prepare(pieces));
  return executor;
}

Pattern PipelinePattern(const std::vector<Graph>& pieces, int stages, int64_t batch_size, int micro_batches) {
  Pattern pattern;
  if (stages < 2) return pattern;
  // Lanes beyond the micro-batch travel too: an activation is one contiguous span.
  const auto bytes_each = static_cast<double>(sizeof(float)) *
                          static_cast<double>(PaddedBatch(batch_size / micro_batches)) * micro_batches;
  const auto add = [&](int from, int to, double bytes, int messages) {
    for (Flow& flow : pattern.flows)
      if (flow.from == from && flow.to == to) {
        flow.bytes += bytes;
        flow.messages += messages;
        return;
      }
    pattern.flows.push_back({from, to, bytes, static_cast<double>(messages)});
  };
  for (size_t k = 0; k + 1 < pieces.size(); ++k) {
    const int from = static_cast<int>(k) % stages, to = (from + 1) % stages;
    const double bytes =
        bytes_each * static_cast<double>(ElementCount(pieces[k].value(pieces[k].prediction()).shape));
    add(from, to, bytes, micro_batches);
    add(to, from, bytes, micro_batches);
  }
  for (int s = 1; s < stages; ++s) add(s, s - 1, sizeof(double), 1);  // the loss
  // One micro-batch's way to the last piece and back.
  pattern.rounds = 2.0 * (static_cast<double>(pieces.size()) - 1);
  return pattern;
}

}  // namespace concertina
