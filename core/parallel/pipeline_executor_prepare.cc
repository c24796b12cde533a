// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_executor_prepare.cc: lays out what a stage holds, once, and keeps its codecs (see
// pipeline_executor.h).
// On the way of the data: parallel/pipeline_pieces.cc -> here -> parallel/pipeline_executor.cc.
#include <algorithm>
#include <string>
#include <utility>

#include "core/parallel/pipeline_executor_impl.h"
#include "core/tensor/batch_lanes.h"
#include "fmt/format.h"

namespace concertina {

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
    RETURN_IF_ERROR(PrepareCuts(piece));
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

absl::Status StageExecutor::PrepareCuts(Piece& piece) {
  const auto input = static_cast<int64_t>(piece.stage->input(0).size());
  piece.ring = std::min(piece.slots_under_way + 1, options_.micro_batches);
  if (!piece.is_first && piece.stage->input_gradient(0).empty()) piece.zeros = FloatBuffer(input);
  if (!options_.make_codec) {
    if (!piece.is_first)
      for (int i = 0; i < piece.ring; ++i) piece.outgoing.emplace_back(input);
    return absl::OkStatus();
  }
  if (!piece.is_first) {
    ASSIGN_OR_RETURN(piece.before,
                     CutCodec::Create(options_.make_codec, options_.micro_batches, piece.ring, input));
  }
  if (!piece.is_last) {
    const auto output = static_cast<int64_t>(piece.stage->output(0).size());
    ASSIGN_OR_RETURN(piece.behind, CutCodec::Create(options_.make_codec, options_.micro_batches,
                                                    piece.slots_under_way, output));
  }
  return absl::OkStatus();
}

void StageExecutor::SetArrivals(ArrivalBook& arrivals, const std::string& group) {
  arrivals_ = &arrivals;
  if (options_.stages == 1) return;
  const auto open = [&](const char* what, int from, int to) {
    const std::string name = fmt::format("{}-{}-to-{}", what, from, to);
    return Crossing{.first = arrivals.Open(name + "-first" + group),
                    .last = arrivals.Open(name + "-last" + group)};
  };
  to_next_ = open("activations", options_.stage, next());
  from_previous_ = open("activations", previous(), options_.stage);
  to_previous_ = open("gradients", options_.stage, previous());
  from_next_ = open("gradients", next(), options_.stage);
}

absl::Status StageExecutor::ChangeCodec(const Params& codec) {
  for (const Piece& piece : pieces_)
    for (CutCodec* cut : {piece.before.get(), piece.behind.get()})
      if (cut != nullptr) RETURN_IF_ERROR(cut->Change(codec));
  return absl::OkStatus();
}

void StageExecutor::SaveCodecs(std::vector<uint8_t>& state) const {
  for (const Piece& piece : pieces_)
    for (const CutCodec* cut : {piece.before.get(), piece.behind.get()})
      if (cut != nullptr) cut->SaveState(state);
}

absl::Status StageExecutor::TakeCodecs(std::span<const uint8_t>& state) {
  for (const Piece& piece : pieces_)
    for (CutCodec* cut : {piece.before.get(), piece.behind.get()})
      if (cut != nullptr) RETURN_IF_ERROR(cut->TakeState(state));
  return absl::OkStatus();
}

int64_t StageExecutor::memory_bytes() const {
  int64_t floats = input_.size() + parameters_.size() + gradients_.size() + micro_gradients_.size() +
                   buffers_.size() + prediction_.size();
  int64_t payload_bytes = 0;
  for (const Piece& piece : pieces_) {
    floats += piece.stage->memory_floats();
    floats += piece.zeros.size();
    for (const FloatBuffer& buffer : piece.outgoing) floats += buffer.size();
    for (const CutCodec* cut : {piece.before.get(), piece.behind.get()})
      if (cut != nullptr) payload_bytes += cut->memory_bytes();
  }
  return floats * static_cast<int64_t>(sizeof(float)) + payload_bytes +
         static_cast<int64_t>(labels_.size() * sizeof(int32_t));
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
    return absl::InvalidArgumentError(fmt::format("found {} micro-batches, expected {}",
                                                  options.micro_batches, std::string(fits.message())));
  auto executor = std::make_unique<StageExecutor>(schedule, options);
  RETURN_IF_ERROR(executor->Prepare(pieces));
  return executor;
}

}  // namespace concertina
