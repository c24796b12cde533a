// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop.cc: the way of a batch (see step_loop.h).
#include "core/worker/step_loop.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include "core/base/clock.h"
#include "core/base/flush_denormals.h"
#include "core/base/log.h"
#include "core/gradient/norms.h"
#include "core/parallel/not_finite.h"
#include "core/worker/round_trainer.h"
#include "core/worker/slow_motion.h"
#include "core/worker/step_loop_impl.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// Norms cost a pass over memory: at most every 5 ms, and a fiftieth of the time.
constexpr double kNormPeriodSeconds = 0.005;
constexpr double kNormShare = 0.02;
constexpr double kMemoryPeriodSeconds = 0.5;
constexpr int64_t kNormPeriodSteps =
    16;                               // where ranks sum their norms, and so must measure at the same steps
constexpr double kTurnSeconds = 0.1;  // who waits for its turn looks at requests so often

double ResidentBytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return std::numeric_limits<double>::quiet_NaN();
  long total = 0, resident = 0;
  const int read = std::fscanf(file, "%ld %ld", &total, &resident);
  std::fclose(file);
  return read == 2 ? static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE))
                   : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void StepLoop::Impl::Update(double learning_rate, int64_t offset, int64_t count) {
  int64_t state_offset = 0;
  for (const ParameterRange& range : updates) {
    if (offset < range.offset + range.count) {
      state_offset += offset - range.offset;
      break;
    }
    state_offset += range.count;
  }
  optimizer->Update(step, learning_rate, state_offset,
                    executor->gradients().subspan(static_cast<size_t>(offset), static_cast<size_t>(count)),
                    executor->parameters().subspan(static_cast<size_t>(offset), static_cast<size_t>(count)));
}

double StepLoop::Impl::SumOfSquares(std::span<const float> values, int64_t offset, int64_t count) const {
  if (tensor->size() == 1)
    return SumSquares(values.subspan(static_cast<size_t>(offset), static_cast<size_t>(count)));
  double sum = 0;
  for (const ParameterSlot& slot : executor->parameter_slots()) {
    const int64_t begin = std::max(offset, slot.offset);
    const int64_t end = std::min(offset + count, slot.offset + slot.count);
    if (begin >= end) continue;
    const double squares =
        SumSquares(values.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
    sum += slot.slice ? squares : squares / tensor->size();
  }
  return sum;
}

absl::StatusOr<StepLoopResult> StepLoop::Impl::Run(Transport& joined, std::stop_token token) {
  stop = token;
  if (options.gate != nullptr) options.gate->Open();  // of the group before
  watched.emplace(joined, kStepChannel, messages, options.gate);
  transport = &*watched;
  sent_to.assign(static_cast<size_t>(transport->size()), 0);
  faults = FaultActs(DrawFaults(options.spec), options.rank, options.faults_done);
  slows_taken = 0;
  ShapeOwnLinks();
  serving.emplace(*transport);
  const auto axis = [&](std::vector<int> members, uint16_t channel) {
    return std::make_unique<Communicator>(*serving, std::move(members), channel);
  };
  // Those that have the same part of the model, and its servers.
  std::vector<int> exchanging = mesh->GroupOf(options.rank, MeshAxis::kData);
  auto [copy, stage, part] = mesh->CoordinatesOf(options.rank);
  for (int server = 0; server < exchange->servers(); ++server)
    exchanging.push_back(mesh->RankAt({mesh->length(MeshAxis::kData) + server, stage, part}));
  data_axis = std::make_unique<Communicator>(*transport, std::move(exchanging), kExchangeChannel);
  std::vector<int> of_copy(static_cast<size_t>(model_ranks()));  // they follow one another (mesh.h)
  for (size_t i = 0; i < of_copy.size(); ++i) of_copy[i] = copy * model_ranks() + static_cast<int>(i);
  holders = axis(std::move(of_copy), kModelChannel);
  if (!is_server()) {
    pipeline_axis = axis(mesh->GroupOf(options.rank, MeshAxis::kPipeline), kPipelineChannel);
    tensor_axis = axis(mesh->GroupOf(options.rank, MeshAxis::kTensor), kTensorChannel);
    tensor->Join(*tensor_axis, kCollectiveDeadlineSeconds);
    tensor->SetSpans(&spans);
    pipeline_gradients = axis(mesh->GroupOf(options.rank, MeshAxis::kPipeline), kPipelineGradientChannel);
    if (pipeline != nullptr) pipeline->Join(*pipeline_axis, *pipeline_gradients, kCollectiveDeadlineSeconds);
  }
  std::vector<int> ranks(static_cast<size_t>(options.world_size));
  for (size_t i = 0; i < ranks.size(); ++i) ranks[i] = static_cast<int>(i);
  everyone = std::make_unique<Communicator>(*transport, ranks, kStepChannel);
  agreement = std::make_unique<RequestAgreement>([this](int64_t word) { return HearAll(word); });
  const std::stop_callback abort(stop, [this] { watched->Abort(absl::CancelledError("the run was ended")); });
  RETURN_IF_ERROR(ShareState());
  RETURN_IF_ERROR(PrepareExchange());
  if (exchange->rounds())
    round_trainer = MakeClientTrainer({.samples = train,
                                       .shards = std::move(client_shards),
                                       .executor = executor.get(),
                                       .optimizer = optimizer.get(),
                                       .seed = options.spec.seed,
                                       .stop = stop});

  if (options.spec.training.checkpoint_every_steps > 0 && keeps_checkpoints())
    writer->Reserve(static_cast<size_t>(TotalOf(keeps)) + optimizer->state().size());
  RETURN_IF_ERROR(everyone->Barrier(Deadline::After(kCollectiveDeadlineSeconds)));
  started = SteadyNow();
  // One origin for the arrivals of all ranks: the steady clock is that of the host.
  origin = started;
  RETURN_IF_ERROR(everyone->Broadcast(std::as_writable_bytes(std::span(&origin, 1)), 0,
                                      Deadline::After(kCollectiveDeadlineSeconds)));
  counted = transport->counts();
  // Links the run's own seconds to what other programs of the machine measured (tests/bench/desktop).
  spdlog::info("rank {}: steps begin at {:.6f} s of the steady clock", options.rank, started);
  if (is_apart() && is_server()) return FinishApart();  // it serves until the workers end
  Tell("compute");
  while (step < total_steps && !stop_asked) {
    {
      const SpanTimer span(&spans, SpanKind::kWait);
      RETURN_IF_ERROR(MeetAndObey());
    }
    if (part_asked)
      return StepLoopResult{.parted = true, .step = step, .parameters_sha256 = {}, .parameters_path = {}};
    if (spans.is_on() && step >= spans_until) SendSpans();
    spans.SetStep(recorder.first_step() + step);
    messages.SetStep(recorder.first_step() + step);
    if (stop_asked) break;
    TakeFaults();
    if (stop.stop_requested()) return absl::CancelledError("the run was ended");
    if (is_apart()) {
      const SpanTimer span(&spans, SpanKind::kWait);
      ASSIGN_OR_RETURN(bool may_begin, exchange->AwaitTurn(step, kTurnSeconds));
      if (model_ranks() > 1) {
        ASSIGN_OR_RETURN(may_begin, AgreeOnTurn(may_begin));
      }
      waits_for_turn = !may_begin;
      if (!may_begin) {
        Tell("wait");
        continue;
      }
    }
    RETURN_IF_ERROR(TurnKnobs());
    RETURN_IF_ERROR(is_server() ? ServeStep() : round_trainer != nullptr ? StepRound() : Step());
    const Training& training = options.spec.training;
    if (evaluate_every > 0 && group_step() % evaluate_every == 0 && step < total_steps)
      RETURN_IF_ERROR(Evaluate());
    if (training.checkpoint_every_steps > 0 && step % training.checkpoint_every_steps == 0 &&
        step < total_steps && keeps_checkpoints())
      RETURN_IF_ERROR(is_apart() ? CheckpointApart() : BeginCheckpoint());
  }
  if (spans.is_on()) SendSpans();
  SetSlowMotion(false);
  return is_apart() ? FinishApart() : Finish();
}

// A codec refuses what is not finite and names it; without one the loss is the first to show it.
absl::Status StepLoop::Impl::LossNotFinite(double loss) const {
  const std::vector<ParameterSlot>& slots = executor->parameter_slots();
  std::string where;
  if (const std::string_view of_parameters = ParameterNotFinite(executor->parameters(), slots);
      !of_parameters.empty())
    where = fmt::format(", the parameter {} is not finite", of_parameters);
  else if (const std::string_view of_gradients = ParameterNotFinite(executor->gradients(), slots);
           !of_gradients.empty())
    where = fmt::format(", the gradient of {} is not finite", of_gradients);
  return absl::OutOfRangeError(
      fmt::format("the loss is {} at step {} (epoch {:.2f}){}; the last checkpoint is kept. Try a smaller "
                  "/optimizer/learning_rate",
                  loss, step, epoch(), where));
}

// OK where only the sum of squares has overflown.
absl::Status StepLoop::Impl::GradientNotFinite() const {
  const std::string_view where = ParameterNotFinite(executor->gradients(), executor->parameter_slots());
  if (where.empty()) return absl::OkStatus();
  return absl::OutOfRangeError(
      fmt::format("the gradient of {} is not finite at step {} (epoch {:.2f}); the last checkpoint is kept. "
                  "Try a smaller /optimizer/learning_rate",
                  where, step, epoch()));
}

absl::Status StepLoop::Impl::Step() {
  const double begin = SteadyNow();
  if (!executor->input().empty()) {
    RETURN_IF_ERROR(loader->Fill(group_step(), executor->input(), executor->labels()));
  } else if (executor->has_loss()) {
    RETURN_IF_ERROR(loader->FillLabels(group_step(), executor->labels()));
  }
  const double filled = SteadyNow();
  spans.Add({.kind = SpanKind::kData, .begin_seconds = begin, .end_seconds = filled});
  if (arrivals) arrivals->Begin(begin, filled);

  if (regroups) {
    is_in_step = true;
    due.clear();
    buffers_before.assign(executor->buffers().begin(), executor->buffers().end());
  }
  recorder.BeginRow(step);
  if (layers) layers->Begin();
  RETURN_IF_ERROR(exchange->Begin(step));
  // What came of others' pushes and meetings between two steps, or in the last, differs from part to part.
  if (!exchange->lockstep()) RETURN_IF_ERROR(FollowReplicas());
  SlowMotion slow(options.spec.group_of(options.rank).speed / faults.slowdown(), faults.step_seconds());
  std::optional<GradientHistogram> histogram;
  if (std::exchange(counts_gradient, false)) histogram.emplace(executor->parameter_slots());
  const auto ready = [&](int parameter) {
    slow.Hold();
    if (histogram) {
      const ParameterSlot& slot = executor->parameter_slots()[static_cast<size_t>(parameter)];
      histogram->Add(parameter, executor->gradients().subspan(static_cast<size_t>(slot.offset),
                                                              static_cast<size_t>(slot.count)));
    }
    exchange->GradientReady(parameter);
  };
  const double loss = executor->Step(step, std::cref(ready));  // more than 16 bytes would be allocated
  slow.Finish();
  RETURN_IF_ERROR(executor->status());
  if (histogram) listener.gradient_counted(&*histogram, step);
  const double computed = SteadyNow();
  if (arrivals) arrivals->Computed(computed);
  const double bubble_seconds = pipeline == nullptr ? 0 : pipeline->TakeWaitSeconds();
  const double sum_seconds = tensor->TakeSeconds() + bubble_seconds;
  const CodingSeconds of_sums = tensor->TakeCodingSeconds();
  stage_time.wait_seconds += bubble_seconds;
  stage_time.busy_seconds += computed - filled - bubble_seconds;
  if (!std::isfinite(loss)) return LossNotFinite(loss);

  const double learning_rate = LearningRate(step);
  const bool divided = model_ranks() > 1, shared = updates_share();
  const bool measure_norms =
      divided || shared ? step % kNormPeriodSteps == 0
                        : computed - last_norm >= std::max(kNormPeriodSeconds, norm_seconds / kNormShare);
  LetStateChange();
  double update_seconds = 0, gradient_squared = 0, parameters_squared = 0;
  if (measure_norms) norm_seconds = 0;
  const auto add_squares = [&](double& sum, std::span<const float> values, int64_t offset, int64_t count) {
    if (!measure_norms) return;
    const double before = SteadyNow();
    sum += SumOfSquares(values, offset, count);
    norm_seconds += SteadyNow() - before;
  };
  // Where servers update, apply is never called.
  if (updates.empty())
    add_squares(gradient_squared, executor->gradients(), 0, std::ssize(executor->parameters()));
  const auto update = [&](int64_t offset, int64_t count) {
    const double before = SteadyNow();
    add_squares(gradient_squared, executor->gradients(), offset, count);
    Update(learning_rate, offset, count);
    add_squares(parameters_squared, executor->parameters(), offset, count);
    const double updated = SteadyNow();
    update_seconds += updated - before;
    spans.Add({.kind = SpanKind::kUpdate, .begin_seconds = before, .end_seconds = updated});
  };
  ASSIGN_OR_RETURN(ExchangeCost cost, exchange->Finish(step, [&](int64_t offset, int64_t count) {
    if (regroups)
      due.push_back({offset, count});
    else
      update(offset, count);
  }));
  // From here on nothing of a step that regroups can fail.
  for (const ParameterRange& range : due) update(range.offset, range.count);
  // The norm was measured anyway; the loss tells the rest at the next step.
  if (!std::isfinite(gradient_squared)) RETURN_IF_ERROR(GradientNotFinite());
  // What is not a wait, an update or a bucket's own exchange of it.
  spans.Add({.kind = SpanKind::kExchange, .begin_seconds = computed, .end_seconds = SteadyNow()});
  if (updates.empty())
    add_squares(parameters_squared, executor->parameters(), 0, std::ssize(executor->parameters()));
  const double exchanged = SteadyNow();
  const Deadline deadline = Deadline::After(kCollectiveDeadlineSeconds);
  if (exchange->lockstep()) RETURN_IF_ERROR(FollowReplicas());
  if ((divided || shared) && measure_norms) {
    float squares[2] = {static_cast<float>(gradient_squared), static_cast<float>(parameters_squared)};
    if (shared) RETURN_IF_ERROR(data_axis->AllReduceSum(squares, deadline));
    RETURN_IF_ERROR(tensor_axis->AllReduceSum(squares, deadline));
    RETURN_IF_ERROR(SumOverStages(squares, deadline));
    gradient_squared = squares[0];
    parameters_squared = squares[1];
  }
  const double end = SteadyNow();
  if (divided || shared)
    spans.Add({.kind = SpanKind::kExchange, .begin_seconds = exchanged, .end_seconds = end});
  // What the ranks of the model do together stands in the way of the step, like an exchange that is waited
  // for.
  const double together = sum_seconds + (divided ? end - exchanged : 0);
  cost.exchange_seconds += together;
  cost.wait_seconds += together + cost.held_seconds;
  cost.encode_seconds += of_sums.encode;
  cost.decode_seconds += of_sums.decode;

  const double step_seconds = end - begin;
  const auto record = [&](Recorder::Series which, double value) { recorder.Record(which, step, value); };
  record(series.loss, loss);
  // Summed over all ranks: each has its share of the samples that the model's ranks compute together.
  const double samples = static_cast<double>(options.spec.training.batch_size) / model_ranks();
  record(series.samples, samples);
  record(series.rate, samples / step_seconds);
  record(series.learning_rate, learning_rate);
  record(series.epoch, options.epochs_before +
                           static_cast<double>(group_step() + 1) / static_cast<double>(steps_per_epoch));
  record(series.data, filled - begin);
  record(series.compute,
         computed - filled - sum_seconds - of_sums.encode - of_sums.decode - cost.held_seconds);
  record(series.update, update_seconds);
  record(series.step, step_seconds);
  if (const double stalled = std::exchange(stalled_seconds, 0); stalled > 0)
    record(series.checkpoint, stalled);
  record(series.arrival, computed - origin);
  if (pipeline_series) {
    record(pipeline_series->expected_bubble, expected_bubble);
    record(pipeline_series->peak_activations, pipeline->peak_activations());
  }
  MeasureForKnobs(cost, step_seconds);
  RecordCost(cost, end);
  if (measure_norms && gradient_squared + parameters_squared > 0) {
    record(series.gradient_norm, std::sqrt(gradient_squared));
    record(series.parameter_norm, std::sqrt(parameters_squared));
    last_norm = computed;
  }
  recorder.CommitRow(seconds_before + (end - started));
  if (layers && layers->is_measured())
    layer_series->Record(*layers, step, seconds_before + (end - started), recorder);
  EndArrivals(cost, update_seconds);
  ++step;
  is_in_step = false;
  if (end - last_told > 0.02) {
    Tell("compute");
    last_told = end;
  }
  return absl::OkStatus();
}

// With the norms go the stages' times, each in a place of its own.
absl::Status StepLoop::Impl::SumOverStages(std::span<float, 2> squares, Deadline deadline) {
  if (pipeline == nullptr) return pipeline_axis->AllReduceSum(squares, deadline);
  std::ranges::fill(stage_sums, 0.0F);
  std::ranges::copy(squares, stage_sums.begin());
  float* const own = &stage_sums[2 + 2 * static_cast<size_t>(pipeline_axis->rank())];
  own[0] = static_cast<float>(stage_time.busy_seconds);
  own[1] = static_cast<float>(stage_time.wait_seconds);
  stage_time = {};
  RETURN_IF_ERROR(pipeline_axis->AllReduceSum(stage_sums, deadline));
  std::copy_n(stage_sums.begin(), 2, squares.begin());
  for (size_t stage = 0; stage < stage_times.size(); ++stage)
    stage_times[stage] = {stage_sums[2 + 2 * stage], stage_sums[3 + 2 * stage]};
  const PipelineBalance balance = BalanceOf(stage_times);
  recorder.Record(pipeline_series->bubble, step, balance.bubble);
  recorder.Record(pipeline_series->imbalance, step, balance.imbalance);
  return absl::OkStatus();
}

void StepLoop::Impl::RecordCost(const ExchangeCost& cost, double end) {
  const auto record = [&](Recorder::Series which, double value) { recorder.Record(which, step, value); };
  RecordTraffic(step);
  if (cost.encoded_bytes > 0)
    record(series.ratio, static_cast<double>(cost.dense_bytes) / static_cast<double>(cost.encoded_bytes));
  if (cost.error_measured && cost.gradient_squared > 0)
    record(series.relative_error, std::sqrt(cost.error_squared / cost.gradient_squared));
  if (cost.error_measured && cost.gradient_squared > 0 && cost.decoded_squared > 0)
    record(series.cosine, cost.product / std::sqrt(cost.gradient_squared * cost.decoded_squared));
  if (cost.residual_squared > 0) record(series.residual_norm, std::sqrt(cost.residual_squared));
  record(series.encode, cost.encode_seconds);
  record(series.exchange, cost.exchange_seconds);
  record(series.decode, cost.decode_seconds);
  record(series.wait, cost.wait_seconds);
  if (end - last_memory >= kMemoryPeriodSeconds) {
    record(series.memory, ResidentBytes());
    last_memory = end;
  }
}

StepLoop::StepLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StepLoop::~StepLoop() = default;
int64_t StepLoop::parameter_count() const {
  const std::vector<ParameterSlot>& slots = impl_->whole_parameters;
  return slots.empty() ? 0 : slots.back().offset + slots.back().count;
}
int64_t StepLoop::total_steps() const { return impl_->total_steps; }
int64_t StepLoop::steps_per_epoch() const { return impl_->steps_per_epoch; }
int64_t StepLoop::current_step() const { return impl_->step; }
double StepLoop::seconds() const { return impl_->Seconds(); }
double StepLoop::epochs() const { return impl_->epoch(); }
uint64_t StepLoop::requests_obeyed() const { return impl_->obeyed; }
std::shared_ptr<const Checkpoint> StepLoop::TakeMemory() { return impl_->TakeMemory(); }
const Spec& StepLoop::spec() const { return impl_->options.spec; }

absl::StatusOr<std::unique_ptr<StepLoop>> StepLoop::Create(StepLoopOptions options, StepRecorder& recorder,
                                                           ControlQueue& controls,
                                                           StepLoopListener listener) {
  auto impl = std::make_unique<Impl>(std::move(options), recorder, controls, std::move(listener));
  RETURN_IF_ERROR(impl->Prepare());
  return std::unique_ptr<StepLoop>(new StepLoop(std::move(impl)));
}

absl::StatusOr<StepLoopResult> StepLoop::Run(Transport& transport, std::stop_token stop) {
  const FlushDenormals flushed;
  absl::StatusOr<StepLoopResult> result = impl_->Run(transport, stop);
  impl_->exchange.reset();  // it may have a thread that uses the transport
  return result;
}

}  // namespace concertina
