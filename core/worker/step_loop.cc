// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop.cc: see step_loop.h.
#include "core/worker/step_loop.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include "core/base/flush_denormals.h"
#include "core/base/log.h"
#include "core/base/registry.h"
#include "core/edge/safetensors.h"
#include "core/edge/sha256.h"
#include "core/worker/request_agreement.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr uint16_t kExchangeChannel = 1;
constexpr uint16_t kStepChannel = 2;  // evaluation sums and meetings, between exchanges
constexpr double kCollectiveDeadlineSeconds = 60;
constexpr double kNormPeriodSeconds = 0.005;  // norms cost a pass over memory: at most every 5 ms
constexpr double kMemoryPeriodSeconds = 0.5;
constexpr int kKeptCheckpoints = 2;

double Now() { return Clock::Real().SteadySeconds(); }

double ResidentBytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return std::numeric_limits<double>::quiet_NaN();
  long total = 0, resident = 0;
  const int read = std::fscanf(file, "%ld %ld", &total, &resident);
  std::fclose(file);
  return read == 2 ? static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE))
                   : std::numeric_limits<double>::quiet_NaN();
}

double SumOfSquares(std::span<const float> values) {
  // Eight sums: a single one would wait for each addition's latency.
  float sums[8] = {};
  double total = 0;
  size_t i = 0;
  for (; i + 1024 <= values.size(); i += 1024) {  // double from time to time keeps long sums true
    for (size_t j = i; j < i + 1024; j += 8)
      for (size_t k = 0; k < 8; ++k) sums[k] += values[j + k] * values[j + k];
    for (float& sum : sums) {
      total += sum;
      sum = 0;
    }
  }
  for (; i < values.size(); ++i) total += static_cast<double>(values[i]) * values[i];
  return total;
}

// The series of a step, opened once.
struct StepSeries {
  explicit StepSeries(StepRecorder& r)
      : loss(r.Open("train/loss", "", proto::MEAN)),
        rate(r.Open("train/samples_per_second", "samples/s", proto::SUM)),
        learning_rate(r.Open("train/learning_rate", "", proto::MEAN)),
        epoch(r.Open("progress/epoch", "", proto::MEAN)),
        sent(r.Open("comm/bytes_sent", "B", proto::SUM)),
        received(r.Open("comm/bytes_received", "B", proto::SUM)),
        payload_sent(r.Open("comm/payload_bytes_sent", "B", proto::SUM)),
        messages(r.Open("comm/messages_sent", "", proto::SUM)),
        ratio(r.Open("comm/compression_ratio", "", proto::MEAN)),
        relative_error(r.Open("comm/relative_error", "", proto::MEAN)),
        residual_norm(r.Open("comm/residual_norm", "", proto::MEAN)),
        data(r.Open("time/data", "s", proto::MEAN)),
        compute(r.Open("time/compute", "s", proto::MEAN)),
        encode(r.Open("time/encode", "s", proto::MEAN)),
        exchange(r.Open("time/exchange", "s", proto::MEAN)),
        decode(r.Open("time/decode", "s", proto::MEAN)),
        update(r.Open("time/update", "s", proto::MEAN)),
        wait(r.Open("time/wait", "s", proto::MEAN)),
        step(r.Open("time/step", "s", proto::MEAN)),
        gradient_norm(r.Open("norm/gradient", "", proto::MEAN)),
        parameter_norm(r.Open("norm/parameters", "", proto::MEAN)),
        memory(r.Open("memory/resident_bytes", "B", proto::MAX)),
        test_loss(r.Open("test/loss", "", proto::MEAN)),
        test_accuracy(r.Open("test/accuracy", "", proto::MEAN)) {}
  Recorder::Series loss, rate, learning_rate, epoch, sent, received, payload_sent, messages, ratio,
      relative_error, residual_norm, data, compute, encode, exchange, decode, update, wait, step,
      gradient_norm, parameter_norm, memory, test_loss, test_accuracy;
};

}  // namespace

struct StepLoop::Impl {
  Impl(StepLoopOptions o, StepRecorder& r, ControlQueue& c, StepLoopListener l)
      : options(std::move(o)), recorder(r), series(r), controls(c), listener(std::move(l)) {}

  absl::Status Prepare();
  absl::Status Restore();
  absl::StatusOr<StepLoopResult> Run(Transport& transport, std::stop_token stop);
  absl::Status Step();
  absl::Status Evaluate();
  absl::Status WriteCheckpointNow();
  // Meets the other ranks if it is time, and does what the engine asked of all; sets `stop_asked`.
  absl::Status MeetAndObey(std::stop_token stop);
  absl::Status Obey(const ControlRequest& request, bool& paused);
  void ApplyKnobNow(const proto::Knob& knob);
  absl::StatusOr<StepLoopResult> Finish();
  double epoch() const {
    return static_cast<double>(step) / static_cast<double>(std::max<int64_t>(1, loader->steps_per_epoch()));
  }
  double Seconds() const { return seconds_before + (Now() - started); }
  void Tell(const char* phase) const { listener.progress(step, epoch(), phase); }

  StepLoopOptions options;
  StepRecorder& recorder;
  StepSeries series;
  ControlQueue& controls;
  StepLoopListener listener;

  std::shared_ptr<const Samples> train, test;
  std::unique_ptr<Loader> loader;
  std::unique_ptr<Model> model;
  std::unique_ptr<Executor> executor;
  std::unique_ptr<Optimizer> optimizer;
  std::unique_ptr<Schedule> schedule;
  std::unique_ptr<Exchange> exchange;
  std::unique_ptr<Communicator> data_axis;  // the exchange's
  std::unique_ptr<Communicator> everyone;   // the step thread's
  std::unique_ptr<RequestAgreement> agreement;
  Transport* transport = nullptr;

  int64_t step = 0;
  int64_t total_steps = 0;
  int64_t evaluate_every = 0;  // steps; 0: only at the end
  int64_t evaluated_at = -1;
  double seconds_before = 0;  // of the attempts before this one
  double started = 0;
  double last_norm = 0, last_memory = 0, last_told = 0;
  uint64_t obeyed = 0;  // requests done
  bool stop_asked = false;
  std::vector<uint8_t> exchange_state;  // from the checkpoint, until the exchange exists
  ByteCounts counted;
};

absl::Status StepLoop::Impl::Prepare() {
  const Registry& registry = Registry::Global();
  const Spec& spec = options.spec;
  ASSIGN_OR_RETURN(const Mesh mesh,
                   Mesh::Create(static_cast<int>(spec.mesh_data), static_cast<int>(spec.mesh_pipeline),
                                static_cast<int>(spec.mesh_tensor)));
  if (mesh.size() != options.world_size)
    return absl::InvalidArgumentError(
        fmt::format("/workers: {} workers cannot fill a mesh of {}", options.world_size, mesh.size()));

  ASSIGN_OR_RETURN(const std::unique_ptr<Dataset> dataset, registry.Create<Dataset>("dataset", spec.dataset));
  ASSIGN_OR_RETURN(const DatasetInfo info, dataset->Probe(options.datasets_folder));
  ASSIGN_OR_RETURN(train, dataset->OpenTrain(options.datasets_folder));
  ASSIGN_OR_RETURN(test, dataset->OpenTest(options.datasets_folder));
  ASSIGN_OR_RETURN(std::unique_ptr<Partition> partition,
                   registry.Create<Partition>("partition", spec.partition));
  ASSIGN_OR_RETURN(loader, Loader::Create(train, std::move(partition),
                                          {.batch_size = spec.training.batch_size,
                                           .worker = mesh.CoordinatesOf(options.rank)[0],
                                           .workers = spec.mesh_data,
                                           .seed = spec.seed}));
  if (loader->steps_per_epoch() < 1)
    return absl::InvalidArgumentError(fmt::format(
        "/training/batch_size: a worker has {} samples, too few for one batch of {}; take a smaller batch or "
        "fewer workers",
        loader->samples_per_epoch(), spec.training.batch_size));
  total_steps = TotalSteps(spec.training, loader->steps_per_epoch());
  evaluate_every = static_cast<int64_t>(
      std::llround(spec.training.evaluate_every_epochs * static_cast<double>(loader->steps_per_epoch())));

  ASSIGN_OR_RETURN(model, registry.Create<Model>("model", spec.model));
  ASSIGN_OR_RETURN(const Graph graph, model->Build(info.sample, info.classes));
  ASSIGN_OR_RETURN(executor,
                   Executor::Create(graph, {.batch_size = spec.training.batch_size,
                                            .threads = static_cast<int>(spec.training.threads_per_worker),
                                            .seed = spec.seed,
                                            .kernels_file = options.kernels_file}));
  Initialize(graph, spec.seed, executor->parameters(), executor->buffers());
  ASSIGN_OR_RETURN(optimizer, registry.Create<Optimizer>("optimizer", spec.optimizer));
  optimizer->Prepare(executor->parameter_slots());
  ASSIGN_OR_RETURN(schedule, registry.Create<Schedule>("schedule", spec.schedule));
  return Restore();
}

absl::Status StepLoop::Impl::Restore() {
  if (options.checkpoint.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Checkpoint saved, ReadCheckpoint(options.checkpoint, options.rank));
  const auto fits = [](const std::vector<float>& from, std::span<const float> to) {
    return from.size() == to.size();
  };
  if (saved.world_size != options.world_size || !fits(saved.parameters, executor->parameters()) ||
      !fits(saved.buffers, executor->buffers()) || !fits(saved.optimizer, optimizer->state()))
    return absl::FailedPreconditionError(
        fmt::format("{}: was written by another experiment (model, optimiser or number of workers differ)",
                    options.checkpoint));
  std::copy(saved.parameters.begin(), saved.parameters.end(), executor->parameters().begin());
  std::copy(saved.buffers.begin(), saved.buffers.end(), executor->buffers().begin());
  std::copy(saved.optimizer.begin(), saved.optimizer.end(), optimizer->state().begin());
  exchange_state = std::move(saved.exchange);
  step = saved.step;
  seconds_before = saved.seconds;
  if (!saved.spec_json.empty()) {  // knobs that had been turned
    SpecCheck check = CheckSpec(saved.spec_json);
    if (!check.faults.empty()) return Annotate(FaultsToStatus(check.faults), options.checkpoint);
    options.spec = std::move(check.spec);
    RETURN_IF_ERROR(optimizer->Change(options.spec.optimizer));
  }
  return absl::OkStatus();
}

absl::StatusOr<StepLoopResult> StepLoop::Impl::Run(Transport& joined, std::stop_token stop) {
  transport = &joined;
  std::vector<int> ranks(static_cast<size_t>(options.world_size));
  for (size_t i = 0; i < ranks.size(); ++i) ranks[i] = static_cast<int>(i);
  data_axis = std::make_unique<Communicator>(joined, ranks, kExchangeChannel);
  everyone = std::make_unique<Communicator>(joined, ranks, kStepChannel);
  agreement = std::make_unique<RequestAgreement>(*everyone, kCollectiveDeadlineSeconds);
  const std::stop_callback abort(stop,
                                 [&joined] { joined.Abort(absl::CancelledError("the run was ended")); });

  ASSIGN_OR_RETURN(exchange, Registry::Global().Create<Exchange>("exchange", options.spec.exchange));
  ExchangeContext context;
  context.data = data_axis.get();
  context.layout = &executor->parameter_slots();
  context.gradient_order = &executor->gradient_order();
  context.gradients = executor->gradients();
  context.deadline_seconds = kCollectiveDeadlineSeconds;
  if (!options.spec.gradient.empty() && options.spec.gradient[0].kind() != "none")
    context.make_codec = [params = options.spec.gradient[0]] {
      return Registry::Global().Create<Codec>("gradient-codec", params);
    };
  RETURN_IF_ERROR(exchange->Prepare(context));
  if (!exchange_state.empty()) RETURN_IF_ERROR(exchange->LoadState(exchange_state));

  RETURN_IF_ERROR(everyone->Barrier(Deadline::After(kCollectiveDeadlineSeconds)));
  counted = joined.counts();
  started = Now();
  // Links the run's own seconds to what other programs of the machine measured (tests/bench/desktop).
  spdlog::info("rank {}: steps begin at {:.6f} s of the steady clock", options.rank, started);
  Tell("compute");
  while (step < total_steps && !stop_asked) {
    RETURN_IF_ERROR(MeetAndObey(stop));
    if (stop_asked) break;
    if (stop.stop_requested()) return absl::CancelledError("the run was ended");
    RETURN_IF_ERROR(Step());
    const Training& training = options.spec.training;
    if (evaluate_every > 0 && step % evaluate_every == 0 && step < total_steps) RETURN_IF_ERROR(Evaluate());
    if (training.checkpoint_every_steps > 0 && step % training.checkpoint_every_steps == 0 &&
        step < total_steps)
      RETURN_IF_ERROR(WriteCheckpointNow());
  }
  return Finish();
}

absl::Status StepLoop::Impl::Step() {
  const double begin = Now();
  RETURN_IF_ERROR(loader->Fill(step, executor->input(), executor->labels()));
  const double filled = Now();

  exchange->Begin(step);
  const double loss = executor->Step(step, [this](int parameter) { exchange->GradientReady(parameter); });
  const double computed = Now();
  if (!std::isfinite(loss))
    return absl::OutOfRangeError(
        fmt::format("the loss is {} at step {} (epoch {:.2f}); the last checkpoint is kept. Try a smaller "
                    "/optimizer/learning_rate",
                    loss, step, epoch()));

  const double learning_rate =
      optimizer->base_learning_rate() * schedule->Factor(step, total_steps, loader->steps_per_epoch());
  const bool measure_norms = computed - last_norm >= kNormPeriodSeconds;
  double update_seconds = 0, gradient_squared = 0, parameters_squared = 0;
  const std::span<float> parameters = executor->parameters();
  const std::span<const float> gradients = executor->gradients();
  ASSIGN_OR_RETURN(const ExchangeCost cost, exchange->Finish(step, [&](int64_t offset, int64_t count) {
    const double before = Now();
    const auto gradient = gradients.subspan(static_cast<size_t>(offset), static_cast<size_t>(count));
    const auto updated = parameters.subspan(static_cast<size_t>(offset), static_cast<size_t>(count));
    if (measure_norms) gradient_squared += SumOfSquares(gradient);
    optimizer->Update(step, learning_rate, offset, gradient, updated);
    if (measure_norms) parameters_squared += SumOfSquares(updated);
    update_seconds += Now() - before;
  }));
  const double end = Now();

  const ByteCounts counts = transport->counts();
  const double step_seconds = end - begin;
  recorder.BeginRow(step, seconds_before + (end - started));
  const auto record = [&](Recorder::Series which, double value) { recorder.Record(which, step, value); };
  record(series.loss, loss);
  record(series.rate, static_cast<double>(options.spec.training.batch_size) / step_seconds);
  record(series.learning_rate, learning_rate);
  record(series.epoch, static_cast<double>(step + 1) / static_cast<double>(loader->steps_per_epoch()));
  record(series.sent, static_cast<double>(counts.whole_sent - counted.whole_sent));
  record(series.received, static_cast<double>(counts.whole_received - counted.whole_received));
  record(series.payload_sent, static_cast<double>(counts.payload_sent - counted.payload_sent));
  record(series.messages, static_cast<double>(counts.messages_sent - counted.messages_sent));
  if (cost.encoded_bytes > 0)
    record(series.ratio, static_cast<double>(cost.dense_bytes) / static_cast<double>(cost.encoded_bytes));
  if (cost.error_measured && cost.gradient_squared > 0)
    record(series.relative_error, std::sqrt(cost.error_squared / cost.gradient_squared));
  if (cost.residual_squared > 0) record(series.residual_norm, std::sqrt(cost.residual_squared));
  record(series.data, filled - begin);
  record(series.compute, computed - filled);
  record(series.encode, cost.encode_seconds);
  record(series.exchange, cost.exchange_seconds);
  record(series.decode, cost.decode_seconds);
  record(series.update, update_seconds);
  record(series.wait, cost.wait_seconds);
  record(series.step, step_seconds);
  if (measure_norms) {
    record(series.gradient_norm, std::sqrt(gradient_squared));
    record(series.parameter_norm, std::sqrt(parameters_squared));
    last_norm = computed;
  }
  if (end - last_memory >= kMemoryPeriodSeconds) {
    record(series.memory, ResidentBytes());
    last_memory = end;
  }
  recorder.CommitRow();
  counted = counts;
  ++step;
  if (end - last_told > 0.02) {
    Tell("compute");
    last_told = end;
  }
  return absl::OkStatus();
}

absl::Status StepLoop::Impl::Evaluate() {
  Tell("evaluate");
  const int64_t batch = options.spec.training.batch_size;
  const std::span<float> input = executor->input();
  const std::span<int32_t> labels = executor->labels();
  const size_t sample = input.size() / static_cast<size_t>(batch);
  // Rank r of N takes every N-th test sample; sums are exact for counts, and rounding for the loss.
  double loss_sum = 0;
  int64_t correct = 0, count = 0, in_batch = 0;
  const auto run_batch = [&] {
    const Executor::Evaluation evaluation = executor->Evaluate(in_batch);
    loss_sum += evaluation.loss_sum;
    correct += evaluation.correct;
    count += in_batch;
    in_batch = 0;
  };
  for (int64_t i = options.rank; i < test->size(); i += options.world_size) {
    test->Read(i, &input[static_cast<size_t>(in_batch) * sample]);
    labels[static_cast<size_t>(in_batch)] = test->label(i);
    if (++in_batch == batch) {
      run_batch();
      Tell("evaluate");
    }
  }
  if (in_batch > 0) run_batch();
  // Sums up to 2^24 are exact in a float.
  float sums[4] = {static_cast<float>(loss_sum), static_cast<float>(correct), static_cast<float>(count), 0};
  RETURN_IF_ERROR(everyone->AllReduceSum(sums, Deadline::After(kCollectiveDeadlineSeconds)));
  if (sums[2] > 0)
    recorder.AddEvaluation(
        step, Seconds(), {{series.test_loss, sums[0] / sums[2]}, {series.test_accuracy, sums[1] / sums[2]}});
  counted = transport->counts();  // the evaluation's own messages are not a step's
  evaluated_at = step;
  Tell("compute");
  return absl::OkStatus();
}

absl::Status StepLoop::Impl::WriteCheckpointNow() {
  Tell("checkpoint");
  Checkpoint checkpoint;
  checkpoint.step = step;
  checkpoint.seconds = Seconds();
  checkpoint.rank = options.rank;
  checkpoint.world_size = options.world_size;
  checkpoint.spec_json = options.spec.json;
  checkpoint.parameters.assign(executor->parameters().begin(), executor->parameters().end());
  checkpoint.buffers.assign(executor->buffers().begin(), executor->buffers().end());
  checkpoint.optimizer.assign(optimizer->state().begin(), optimizer->state().end());
  exchange->SaveState(checkpoint.exchange);
  const std::string folder = CheckpointFolder(options.run_folder, step);
  ASSIGN_OR_RETURN(const uint64_t bytes, WriteCheckpoint(folder, checkpoint));
  // Only when every rank's file is on the disk is it a checkpoint, and only then may an older one go.
  RETURN_IF_ERROR(everyone->Barrier(Deadline::After(kCollectiveDeadlineSeconds)));
  ForgetOldCheckpoints(options.run_folder, options.rank, step, kKeptCheckpoints);
  if (options.rank == 0)
    listener.checkpoint_written(step, folder, bytes * static_cast<uint64_t>(options.world_size));
  counted = transport->counts();
  Tell("compute");
  return absl::OkStatus();
}

absl::Status StepLoop::Impl::MeetAndObey(std::stop_token stop) {
  bool paused = false;
  do {
    ASSIGN_OR_RETURN(const uint64_t agreed, agreement->Agreed(step, controls.received(), paused));
    const bool was_paused = paused;
    while (obeyed < agreed && !stop_asked) RETURN_IF_ERROR(Obey(controls.at(obeyed++), paused));
    if (paused && !stop_asked) {
      if (!was_paused) Tell("paused");
      if (stop.stop_requested()) return absl::CancelledError("the run was ended");
      controls.WaitForMoreThan(obeyed, Deadline::After(1));
      Tell("paused");
    }
  } while (paused && !stop_asked);
  return absl::OkStatus();
}

absl::Status StepLoop::Impl::Obey(const ControlRequest& request, bool& paused) {
  if (request.knob.has_value()) {
    ApplyKnobNow(*request.knob);
    return absl::OkStatus();
  }
  switch (request.action.value_or(proto::Control::NONE)) {
    case proto::Control::PAUSE:
      paused = true;
      if (options.rank == 0) listener.state_reached("paused", step);
      break;
    case proto::Control::RESUME:
      paused = false;
      if (options.rank == 0) listener.state_reached("running", step);
      break;
    case proto::Control::STOP:
      stop_asked = true;
      break;
    case proto::Control::CHECKPOINT:
      return WriteCheckpointNow();
    default:
      break;
  }
  return absl::OkStatus();
}

void StepLoop::Impl::ApplyKnobNow(const proto::Knob& knob) {
  absl::StatusOr<Spec> changed = ApplyKnob(options.spec, knob.pointer(), knob.json());
  absl::Status status = changed.status();
  if (status.ok()) status = optimizer->Change(changed->optimizer);
  if (status.ok() && !changed->gradient.empty()) status = exchange->ChangeCodec(changed->gradient[0]);
  if (status.ok()) {
    transport->SetShape({changed->network.bandwidth_mbit, changed->network.latency_ms});
    options.spec = *std::move(changed);
  }
  if (options.rank == 0) listener.knob_applied(knob, step, status);
}

absl::StatusOr<StepLoopResult> StepLoop::Impl::Finish() {
  if (evaluated_at != step) RETURN_IF_ERROR(Evaluate());
  StepLoopResult result;
  result.stopped = stop_asked && step < total_steps;
  // A stopped run can go on later, exactly where it was.
  if (result.stopped) RETURN_IF_ERROR(WriteCheckpointNow());
  result.step = step;
  result.parameters_sha256 = Sha256Hex(std::as_bytes(std::span<const float>(executor->parameters())));
  if (options.rank == 0) {
    std::vector<NamedTensor> tensors;
    const auto add = [&](const std::vector<ParameterSlot>& slots, std::span<const float> values) {
      for (const ParameterSlot& slot : slots)
        tensors.push_back(
            {slot.name, slot.shape,
             values.subspan(static_cast<size_t>(slot.offset), static_cast<size_t>(slot.count))});
    };
    add(executor->parameter_slots(), executor->parameters());
    add(executor->buffer_slots(), executor->buffers());
    result.parameters_path = options.run_folder + "/parameters.safetensors";
    RETURN_IF_ERROR(WriteSafetensors(result.parameters_path, tensors,
                                     {{"model", options.spec.model.json().dump()},
                                      {"dataset", options.spec.dataset.json().dump()},
                                      {"step", std::to_string(step)}})
                        .status());
  }
  Tell("finished");
  return result;
}

StepLoop::StepLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StepLoop::~StepLoop() = default;
int64_t StepLoop::parameter_count() const {
  return static_cast<int64_t>(impl_->executor->parameters().size());
}
int64_t StepLoop::total_steps() const { return impl_->total_steps; }
int64_t StepLoop::current_step() const { return impl_->step; }

absl::StatusOr<std::unique_ptr<StepLoop>> StepLoop::Create(StepLoopOptions options, StepRecorder& recorder,
                                                           ControlQueue& controls,
                                                           StepLoopListener listener) {
  auto impl = std::make_unique<Impl>(std::move(options), recorder, controls, std::move(listener));
  RETURN_IF_ERROR(impl->Prepare());
  return std::unique_ptr<StepLoop>(new StepLoop(std::move(impl)));
}

absl::StatusOr<StepLoopResult> StepLoop::Run(Transport& transport, std::stop_token stop) {
  const FlushDenormals flushed;
  return impl_->Run(transport, stop);
}

}  // namespace concertina
