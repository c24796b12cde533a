// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// executor.cc: a whole model on one worker: a stage of one slot, between batches as data comes and
// predictions as they go. On the way of the data: data/loader.h -> here -> graph/stage.cc,
// parallel/exchange.h.
#include "core/graph/executor.h"

#include <algorithm>
#include <limits>

#include "core/graph/stage.h"
#include "core/tensor/float_buffer.h"
#include "core/tensor/loss.h"
#include "core/tensor/transpose.h"

namespace concertina {
namespace {

class GraphExecutor final : public Executor {
 public:
  GraphExecutor(const Graph& graph, const ExecutorOptions& options)
      : options_(options),
        parameter_slots_(SlotsOf(graph, graph.parameters())),
        buffer_slots_(SlotsOf(graph, graph.buffers())),
        input_(options.batch_size * ElementCount(graph.value(graph.input()).shape)),
        parameters_(TotalOf(parameter_slots_)),
        gradients_(parameters_.size()),
        buffers_(TotalOf(buffer_slots_)),
        prediction_(options.batch_size * ElementCount(graph.value(graph.prediction()).shape)),
        labels_(static_cast<size_t>(options.batch_size)) {}

  absl::Status Prepare(const Graph& graph) {
    ASSIGN_OR_RETURN(stage_, Stage::Create(graph, {.executor = options_},
                                           {parameters_.data(), gradients_.data(), buffers_.data()}));
    return absl::OkStatus();
  }

  std::span<float> input() override { return input_.span(); }
  std::span<int32_t> labels() override { return labels_; }
  std::span<float> parameters() override { return parameters_.span(); }
  std::span<float> gradients() override { return gradients_.span(); }
  std::span<float> buffers() override { return buffers_.span(); }
  const std::vector<ParameterSlot>& parameter_slots() const override { return parameter_slots_; }
  const std::vector<ParameterSlot>& buffer_slots() const override { return buffer_slots_; }
  const std::vector<int>& gradient_order() const override { return stage_->gradient_order(); }
  std::span<const float> prediction() override { return prediction_.span(); }
  absl::Status status() const override { return status_; }

  double StepPart(int64_t step, int64_t count, const GradientReady& ready) override;
  Evaluation Evaluate(int64_t count) override;
  void SetParameterSource(ParameterSource* source) override { stage_->SetParameterSource(source, 0); }

  int64_t memory_bytes() const override {
    const int64_t floats = input_.size() + parameters_.size() + gradients_.size() + buffers_.size() +
                           stage_->memory_floats() + prediction_.size();
    return floats * static_cast<int64_t>(sizeof(float)) +
           static_cast<int64_t>(labels_.size() * sizeof(int32_t));
  }

 private:
  void RunForward(const StepState& state);

  const ExecutorOptions options_;
  const std::vector<ParameterSlot> parameter_slots_, buffer_slots_;
  FloatBuffer input_, parameters_, gradients_, buffers_, prediction_;
  std::vector<int32_t> labels_;
  std::unique_ptr<Stage> stage_;
  absl::Status status_;
};

void GraphExecutor::RunForward(const StepState& state) {
  const int64_t features = input_.size() / options_.batch_size;
  BatchToLanes(options_.threads, input_.data(), options_.batch_size, features, stage_->lanes(),
               stage_->input(0).data());
  stage_->Forward(0, state);
}

double GraphExecutor::StepPart(int64_t step, int64_t count, const GradientReady& ready) {
  constexpr double kFailed = std::numeric_limits<double>::quiet_NaN();
  const StepState state{.training = true,
                        .step = step,
                        .count = std::clamp<int64_t>(count, 1, options_.batch_size),
                        .labels = labels_.data(),
                        .status = &status_};
  SpanTimer forward(spans_, SpanKind::kForward);
  RunForward(state);
  forward.End();
  if (!status_.ok()) return kFailed;
  const SpanTimer backward(spans_, SpanKind::kBackward);
  double loss = 0;  // before the backward pass takes its memory
  for (int64_t n = 0; n < state.count; ++n) loss += static_cast<double>(stage_->losses(0)[n]);
  stage_->Backward(0, state, ready);
  return status_.ok() ? loss / static_cast<double>(state.count) : kFailed;
}

Executor::Evaluation GraphExecutor::Evaluate(int64_t count) {
  const StepState state{.training = false,
                        .count = std::clamp<int64_t>(count, 0, options_.batch_size),
                        .labels = labels_.data(),
                        .status = &status_};
  RunForward(state);
  Evaluation evaluation;
  if (!status_.ok()) {
    evaluation.loss_sum = std::numeric_limits<double>::quiet_NaN();
    return evaluation;
  }
  for (int64_t n = 0; n < state.count; ++n) evaluation.loss_sum += static_cast<double>(stage_->losses(0)[n]);
  const int64_t classes = prediction_.size() / options_.batch_size;
  const float* prediction = stage_->output(0).data();
  evaluation.correct =
      CountCorrect({.classes = classes, .lanes = stage_->lanes()}, prediction, labels_.data(), state.count);
  LanesToBatch(options_.threads, prediction, options_.batch_size, classes, stage_->lanes(),
               prediction_.data());
  return evaluation;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Executor>> Executor::Create(const Graph& graph,
                                                           const ExecutorOptions& options) {
  RETURN_IF_ERROR(CheckRunnable(graph, options));
  if (graph.loss() < 0)
    return absl::InvalidArgumentError(
        "the graph has no loss; SetOutputs names the prediction and the output of a softmax cross-entropy or "
        "mean squared error");
  auto executor = std::make_unique<GraphExecutor>(graph, options);
  RETURN_IF_ERROR(executor->Prepare(graph));
  return executor;
}

}  // namespace concertina
