// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_impl.h: the insides of the step loop, which stand in several files: step_loop_prepare.cc and
// step_loop_model.cc (what is made before the first step), step_loop.cc (the way of a batch),
// step_loop_evaluate.cc (the test data), step_loop_arrivals.cc (when this rank comes to each collective),
// step_loop_spans.cc (what is done when, while somebody records it), step_loop_rounds.cc (the way of a
// round), step_loop_requests.cc (what the engine asks), step_loop_checkpoint.cc (checkpoints),
// step_loop_keeping.cc (going on from one, and the end), step_loop_regroup.cc (groups of another size),
// step_loop_apart.cc (the same for ranks that do not keep step, and servers).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/analysis/timeline.h"
#include "core/base/message_ring.h"
#include "core/base/span_ring.h"
#include "core/comm/serving_transport.h"
#include "core/comm/watched_transport.h"
#include "core/parallel/arrival_book.h"
#include "core/parallel/layer_meter.h"
#include "core/parallel/pipeline_balance.h"
#include "core/parallel/pipeline_executor.h"
#include "core/parallel/round_trainer.h"
#include "core/parallel/tensor_group.h"
#include "core/worker/arrival_series.h"
#include "core/worker/checkpoint_writer.h"
#include "core/worker/fault_acts.h"
#include "core/worker/knob_turns.h"
#include "core/worker/layer_series.h"
#include "core/worker/request_agreement.h"
#include "core/worker/room_wait.h"
#include "core/worker/step_loop.h"
#include "core/worker/step_series.h"

namespace concertina {

// Channels of the one transport; a communicator of an exchange's own takes one from kFirstFreeChannel up.
inline constexpr uint16_t kExchangeChannel = 1;
inline constexpr uint16_t kStepChannel = 2;  // evaluation sums and meetings, between exchanges
inline constexpr uint16_t kPipelineChannel = 3;
inline constexpr uint16_t kTensorChannel = 4;
inline constexpr uint16_t kPipelineGradientChannel = 6;  // the way back of a pipeline
inline constexpr uint16_t kModelChannel = 5;  // among the holders of one copy of the model, at the end
inline constexpr uint16_t kFirstFreeChannel = 16;
inline constexpr double kCollectiveDeadlineSeconds = 60;
// While a checkpoint that is still being written is waited for, over a link of any kind.
inline constexpr double kCarryDeadlineSeconds = 600;

struct StepLoop::Impl {
  Impl(StepLoopOptions o, StepRecorder& r, ControlQueue& c, StepLoopListener l)
      : options(std::move(o)),
        recorder(r),
        series(r),
        controls(c),
        listener(std::move(l)),
        seconds_before(options.seconds_before),
        obeyed(options.requests_obeyed),
        writer(std::make_unique<CheckpointWriter>(*options.disk, listener.carry, listener.keep_metrics)) {}

  absl::Status Prepare();
  // The executor of this rank's part of the model, and its first parameters.
  absl::Status PrepareModel(const DatasetInfo& info);
  void PrepareKeeping();
  void InitializeFrom(const Graph& graph, size_t first, size_t first_buffer);
  void Forget(const ParameterSlot& slot);
  absl::Status Restore();
  void TakeState(const Checkpoint& saved, bool with_optimizer = true);  // of the sizes that this rank has

  // step_loop_regroup.cc.
  // The next step is `at`, and `epochs` lie behind it: the loader and the schedule go on there, whatever the
  // group's size was before.
  void GoOnFrom(int64_t at, double epochs);
  // Takes what is in memory, if it is what the group goes on from.
  absl::Status RestoreFromMemory();
  // The source's parameters and state, on all ranks of a group that is formed anew.
  absl::Status ShareState();
  std::shared_ptr<const Checkpoint> TakeMemory();
  // All but what the exchange remembers.
  Checkpoint CheckpointOfNow() const;

  absl::StatusOr<StepLoopResult> Run(Transport& transport, std::stop_token token);
  absl::Status Step();
  absl::Status StepRound();
  absl::Status Evaluate();

  // step_loop_checkpoint.cc. Ranks in step begin a checkpoint together, go on, and hear at their meetings how
  // far the others are: once all have written their parts rank 0 writes the manifest, and once it has, the
  // checkpoint is told and older ones go.
  enum class KeepingPhase { kNone, kParts, kManifest };
  // A stretch of a recipe keeps none: its steps are counted anew, and what it goes on from is kept between
  // stretches (worker/recipe_state.h).
  bool keeps_checkpoints() const { return options.model == nullptr; }
  absl::Status BeginCheckpoint();
  // The copy of the state is whole, or there is none: it may change now.
  void LetStateChange() {
    if (!std::exchange(copying, false)) return;
    const double begin = SteadyNow();
    writer->FinishCopy();
    stalled_seconds += SteadyNow() - begin;
  }
  // Whether the state changes only in the exchange's Finish, so that it can be copied until then.
  bool changes_late() const {
    return exchange->averages_in_buckets() && !updates.empty() && exchange->parameter_source() == nullptr &&
           model_ranks() == 1 && round_trainer == nullptr && !is_server();
  }
  CheckpointWriter::State StateOfNow() const;
  // What all ranks said at one meeting, CheckpointWriter::Report each.
  absl::Status AdvanceKeeping(const std::vector<std::optional<int>>& reports);
  absl::Status GatherParts();
  int OwnReport() const { return phase == KeepingPhase::kNone ? 0 : static_cast<int>(writer->report()); }
  // Until no checkpoint is under way.
  absl::Status SettleCheckpoint();
  // Paused, all ranks together, until the disk that is full has room, or the run is to stop.
  absl::Status WaitForRoom();
  // Of what one rank alone writes (worker/room_wait.h), as things stand.
  RoomWait RoomWaitOfNow() const;
  // Until the writer has nothing under way.
  absl::Status AwaitWriter();
  // Meets the other ranks if it is time, and does what the engine asked of all; sets `stop_asked`.
  absl::Status MeetAndObey();
  absl::Status Obey(const ControlRequest& request);
  // step_loop_spans.cc: what is done from when to when is written down for the next steps, and then sent.
  absl::Status BeginSpans(const ControlRequest& request);
  void SendSpans();
  // From the next step on each message waits until it may go, or none does.
  void SetSlowMotion(bool is_on);
  // `is_marked`: the engine is told, and makes a mark of it; of a failure always.
  void ApplyKnobNow(const proto::Knob& knob, bool is_marked);
  // What the policies of /knobs want before this step; and what they are told of the last.
  absl::Status TurnKnobs();
  absl::Status LossNotFinite(double loss) const;
  absl::Status GradientNotFinite() const;
  // The experiment's faults that begin or end for this rank before this step.
  void TakeFaults();
  void ShapeOwnLinks();
  void MeasureForKnobs(const ExchangeCost& cost, double step_seconds);
  absl::StatusOr<StepLoopResult> Finish();

  // A rank behind the mesh's trains nothing and has no data: it serves the others. It stands where one more
  // copy of the model would, in the place of the part that it serves.
  bool is_server() const { return options.rank >= mesh->size(); }
  // The one that tells the engine what holds for all: the first that is left.
  bool speaks() const;
  // Ranks need no collective of all, and meet by the exchange: they do not keep step, or go on when one is
  // lost.
  bool is_apart() const { return !exchange->lockstep() || (exchange->survives_loss() && model_ranks() == 1); }
  // Between steps, all ranks together: what each says. Where copies of the model keep no step, the ranks of
  // one copy.
  absl::StatusOr<std::vector<std::optional<int64_t>>> HearAll(int64_t word);
  // As many words of each rank of `group`: in heard_bytes, by rank.
  absl::Status GatherWords(Communicator& group, std::span<const int64_t> own);
  int64_t WordHeard(size_t rank, size_t at = 0) const;
  // In step with the workers, a server's part of a step.
  absl::Status ServeStep();

  // step_loop_apart.cc: ranks that are apart meet for checkpoints and at the end, by Exchange::Meet.
  struct Meeting {
    bool all_there = true;        // no rank is lost
    bool for_checkpoint = false;  // someone wants one
    bool anyone_stopped = false;  // before the planned end
    bool all_wrote = true;
    int64_t first_step = 0, last_step = 0;  // of the workers that are there
    int first_rank = 0;
  };
  enum class Word : int64_t { kCheckpoint, kWrote, kDidNotWrite, kEnd, kStopped, kSettled };
  absl::StatusOr<Meeting> Meet(Word word, const char* phase, bool obeys);
  // What all ranks say, by rank: each part of the model meets by its own exchange, and the parts of a copy
  // tell one another.
  absl::StatusOr<std::vector<std::optional<int64_t>>> MeetAll(int64_t word,
                                                              absl::FunctionRef<absl::Status()> meanwhile);
  // Of a rank whose part of the model may begin a step: whether all of its copy may.
  absl::StatusOr<bool> AgreeOnTurn(bool may_begin);
  absl::Status FollowReplicas();
  absl::Status CheckpointApart();
  absl::Status WriteApart(const Meeting& meeting);
  // Waits, all of them, and hears a number of each.
  absl::StatusOr<std::vector<std::optional<int64_t>>> HearApart(int64_t word);
  absl::StatusOr<StepLoopResult> FinishApart();
  absl::Status EvaluateApart(int64_t at);
  // What was sent and received since the last row, as a row of `at` without a step of training.
  void RecordServed(int64_t at);
  void RecordTraffic(int64_t at);
  void TellTraffic();  // by link, every kTrafficPeriodSeconds
  // This rank's share of the test samples.
  struct Tested {
    double loss_sum = 0;
    int64_t correct = 0, count = 0;
  };
  absl::StatusOr<Tested> Test();
  // Loss, correct answers and samples, over the ranks of `group`.
  absl::StatusOr<std::array<float, 4>> SumOfTests(Communicator& group, const Tested& tested) const;
  absl::Status PrepareOptimizer();
  absl::Status PrepareExchange();
  // step_loop_arrivals.cc.
  void PrepareArrivals(ExchangeContext& context);  // and those of the model's axes
  void EndArrivals(const ExchangeCost& cost, double update_seconds);
  // Ranks that hold one copy of the model between them.
  int model_ranks() const { return mesh->length(MeshAxis::kPipeline) * mesh->length(MeshAxis::kTensor); }
  // Each rank of the data axis updates a share of the parameters.
  bool updates_share() const {
    return exchange->lockstep() && !updates.empty() &&
           TotalOf(updates) < TotalOf(executor->parameter_slots());
  }
  // Of elements [offset, offset + count), so that the sum over the ranks that divide the model is the
  // whole's: what each of n ranks of the tensor axis holds counts an n-th.
  double SumOfSquares(std::span<const float> values, int64_t offset, int64_t count) const;
  // Parameters and buffers in the order of the undivided model, on the first of the ranks that divide it; and
  // the digest of the parameters, on all of them.
  struct Kept {
    std::vector<float> gathered_parameters, gathered_buffers;  // empty where the executor has the whole
    std::span<const float> parameters, buffers;
    std::string sha256;
  };
  absl::StatusOr<Kept> KeepWhole();
  // The same where no rank has all of its part: what passes through the memory of rank 0 stays there.
  absl::StatusOr<Kept> KeepShared();
  static uint64_t PeakMemoryBytes();  // of this process, so far
  // What the run ends with: the file; or, of a stretch of a recipe, the values in `result`.
  absl::Status KeepParameters(const Kept& kept, StepLoopResult& result);
  // What each step's exchange cost, in bytes and seconds, and now and then the memory.
  // Of norms; where the model has stages, their balance is recorded.
  absl::Status SumOverStages(std::span<float, 2> squares, Deadline deadline);
  void RecordCost(const ExchangeCost& cost, double end);
  // The optimiser's step for elements [offset, offset + count), which lie in one range of the exchange's.
  void Update(double learning_rate, int64_t offset, int64_t count);
  double LearningRate(int64_t at) const {
    return options.learning_rate_factor * group_factor * optimizer->base_learning_rate() *
           schedule->Factor(at - step_shift, total_steps - step_shift, steps_per_epoch);
  }
  // The step that it would be if the group had always been as large: what lies behind it is as many epochs.
  int64_t group_step() const { return step - step_shift; }
  double epoch() const {
    return options.epochs_before + static_cast<double>(group_step()) / static_cast<double>(steps_per_epoch);
  }
  double Seconds() const { return seconds_before + (Clock::Real().SteadySeconds() - started); }
  void Tell(const char* phase) const { listener.progress(step, epoch(), phase); }

  StepLoopOptions options;
  StepRecorder& recorder;
  StepSeries series;
  ControlQueue& controls;
  StepLoopListener listener;

  std::shared_ptr<const Samples> train, test;
  std::unique_ptr<Loader> loader;                   // in steps
  std::vector<std::vector<int64_t>> client_shards;  // in rounds, until the trainer has them
  std::unique_ptr<RoundTrainer> round_trainer;      // in rounds
  std::unique_ptr<Model> model;
  std::vector<ParameterSlot> whole_parameters, whole_buffers;  // of the undivided model
  std::unique_ptr<TensorGroup> tensor;                         // the executor's; outlives it
  std::unique_ptr<Executor> executor;
  std::vector<ParameterSlot> layout;     // the executor's, each with its chain of codecs
  PipelineExecutor* pipeline = nullptr;  // the executor, where the mesh has such an axis
  std::optional<PipelineSeries> pipeline_series;
  double expected_bubble = 0;
  StageTime stage_time;                // of the steps since it was last summed over the stages
  std::vector<StageTime> stage_times;  // then, of each
  std::vector<float> stage_sums;       // on the way
  std::unique_ptr<Optimizer> optimizer;
  std::unique_ptr<Schedule> schedule;
  std::optional<LayerMeter> layers;         // the exchange's, where this rank speaks for its layers
  std::optional<LayerSeries> layer_series;  // of it
  std::optional<ArrivalBook> arrivals;      // where ranks wait for one another; outlives the exchange
  std::optional<ArrivalSeries> arrival_series;
  int64_t arrivals_period = -1;  // of /training/measure_every_steps, that they were last recorded in
  std::unique_ptr<Exchange> exchange;
  std::vector<ParameterRange> updates;  // of the exchange; the optimiser's state is these, one after another
  std::vector<ParameterRange> keeps;    // of the exchange; a checkpoint's parameters are these
  std::optional<Mesh> mesh;
  MessageRing messages;
  std::optional<WatchedTransport> watched;           // what the communicators speak over
  std::unique_ptr<Communicator> data_axis;           // the exchange's
  std::unique_ptr<Communicator> pipeline_axis;       // the step thread's, while it computes
  std::unique_ptr<Communicator> pipeline_gradients;  // the same axis, for the way back
  std::unique_ptr<Communicator> tensor_axis;         // the step thread's, while it computes
  std::optional<Replicas> replicas;                  // where ranks of the tensor axis must agree on them
  std::unique_ptr<Communicator> everyone;            // the step thread's, between steps
  // Of the axes that divide the model; and all the ranks of one copy, or the servers of one after another.
  std::optional<ServingTransport> serving;
  std::unique_ptr<Communicator> holders;
  std::unique_ptr<RequestAgreement> agreement;
  std::vector<std::vector<uint8_t>> heard_bytes;  // HearAll's
  KnobTurns turns;
  FaultActs faults;
  size_t slows_taken = 0;          // of those that came while the run goes
  Transport* transport = nullptr;  // watched

  int64_t step = 0;
  int64_t total_steps = 0;
  int64_t step_shift = 0;       // that the run is ahead of a run of a group of this size
  double group_factor = 1;      // of the learning rate, of a group of this size
  int64_t steps_per_epoch = 1;  // in rounds an epoch is a round
  int64_t evaluate_every = 0;   // steps; 0: only at the end
  int64_t evaluated_at = -1;
  double seconds_before;  // of the attempts before this one
  double started = 0;
  double origin = 0;  // rank 0's `started`: arrivals count from here on every rank
  double last_norm = 0, last_memory = 0, last_told = 0;
  double norm_seconds = 0;        // what the last norms cost
  double last_round_seconds = 0;  // of its computing
  int64_t recorded_served = 0;    // steps of a server's rows
  uint64_t obeyed;                // requests done
  bool stop_asked = false;
  bool paused = false;
  bool slow = false;  // in slow motion
  bool part_asked = false;
  bool waits_for_turn = false;
  bool turns_differ = true;  // between the parts of a copy of the model: at the first step, or at any
  // Of an experiment whose group can form anew. Parameters are only updated once the whole exchange of a step
  // is done, so that whatever fails leaves them as they were before it, or as they are after it.
  bool regroups = false;
  bool has_state = true;  // a newcomer has none until it is given it
  bool is_in_step = false;
  std::vector<ParameterRange> due;           // to be updated, of the step that goes on
  std::vector<float> buffers_before;         // what the forward pass changes, before it
  std::shared_ptr<const Checkpoint> memory;  // until it is everyone's
  std::stop_token stop;                      // of Run
  std::unique_ptr<CheckpointWriter> writer;
  KeepingPhase phase = KeepingPhase::kNone;
  bool copying = false;        // the writer may still read what the next step changes
  bool lacks_room = false;     // on some rank
  double stalled_seconds = 0;  // that the next step waited for a checkpoint
  int64_t keeping_step = 0;    // of the checkpoint that is under way
  std::string keeping_folder;
  CheckpointManifest keeping;  // of it; rank 0's
  SpanRing spans;
  RankSpans recording;                  // what is known of it before its spans are
  int64_t spans_until = 0;              // the step before which it ends
  bool counts_gradient = false;         // at the next step, for a histogram
  std::vector<uint8_t> exchange_state;  // from the checkpoint, until the exchange exists
  ByteCounts counted;
  std::vector<uint64_t> sent_to;  // by rank; scratch of TellTraffic
  double last_traffic = 0;
};

}  // namespace concertina
