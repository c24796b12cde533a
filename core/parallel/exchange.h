// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// exchange.h: how the data axis agrees on the next parameters. Category "exchange".
// On the way of the data: graph/executor.h says which gradient is ready -> here (buckets, codecs,
// comm/communicator.h) -> nn/optimizer.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "core/base/recorder.h"
#include "core/base/span_ring.h"
#include "core/comm/communicator.h"
#include "core/gradient/codec.h"
#include "core/graph/executor.h"
#include "core/nn/optimizer.h"
#include "core/parallel/pattern.h"
#include "core/parallel/round_trainer.h"

namespace concertina {

class ArrivalBook;
class LayerMeter;

// What one step's exchange cost this rank. Seconds on the communication thread, except wait_seconds: how long
// the step thread stood still in Finish because the exchange was not done (what overlap did not hide).
struct ExchangeCost {
  double encode_seconds = 0;
  double exchange_seconds = 0;
  double decode_seconds = 0;
  double wait_seconds = 0;
  uint64_t dense_bytes = 0;    // 4 bytes x floats that went through codecs
  uint64_t encoded_bytes = 0;  // payload made of them by this rank's encoders
  // Of the backward and forward pass: while the step thread stood still in GradientReady or Fetch.
  double held_seconds = 0;
  double error_squared = 0;  // sum ||x - Decode(Encode(x))||^2 of this rank, when measured (measure_every_steps)
  double gradient_squared = 0;  // sum ||x||^2 at the same step
  double decoded_squared = 0;   // sum ||Decode(Encode(x))||^2 then
  double product = 0;           // sum <x, Decode(Encode(x))> then
  bool error_measured = false;
  double residual_squared = 0;
};

// What an exchange is asked about before anything starts.
struct Circumstances {
  int ranks = 1;                  // of the data axis
  bool is_divided = false;        // the model is, among ranks of the other axes
  int64_t floats = 0;             // of what one of them has
  int64_t largest_parameter = 0;  // in floats
  int64_t train_samples = 0;
  int64_t total_steps = 0;
  double learning_rate = 0;
  bool has_codec = false;
  bool codec_remembers = false;  // it has error feedback of its own
  bool codec_expands = false;    // it may lose more than it is given (Codec::ErrorBound above 1)
  bool codec_adds_up = false;    // who receives adds up what it sends (gradient/integrator.h)
  bool codec_has_momentum = false;
  bool codec_combines = false;     // what all ranks take is not the mean (gradient/codec.h)
  bool averages_momentum = false;  // of the optimiser, in the place of gradients (nn/optimizer.h)
};

// What an exchange may use of its rank; all of it outlives the exchange.
struct ExchangeContext {
  Communicator* data = nullptr;  // the data axis; with dedicated servers, workers first, then servers
  const std::vector<ParameterSlot>* layout = nullptr;
  const std::vector<int>* gradient_order = nullptr;  // buckets are filled in this order
  // An exchange that mixes, fetches or averages parameters writes them itself, on the step thread, between
  // Begin and the end of Finish.
  std::span<float> parameters;
  std::span<float> gradients;
  std::span<float> buffers;  // running statistics of batch norm
  using MakeCodec = std::function<absl::StatusOr<std::unique_ptr<Codec>>()>;
  MakeCodec make_codec;  // one a bucket; null: dense
  // Of the layers that have a chain of their own: chains 1, 2, … of ParameterSlot. Null among them: dense.
  std::vector<MakeCodec> layer_codecs;
  const MakeCodec& codec_of(int chain) const {
    return chain == 0 ? make_codec : layer_codecs[static_cast<size_t>(chain) - 1];
  }
  bool has_codec() const {
    return make_codec || std::any_of(layer_codecs.begin(), layer_codecs.end(),
                                     [](const MakeCodec& make) { return make != nullptr; });
  }
  // A fresh optimiser of the run's kind, not yet prepared: for who updates on behalf of others (a server).
  std::function<absl::StatusOr<std::unique_ptr<Optimizer>>()> make_optimizer;
  std::function<double(int64_t step)> learning_rate;  // the schedule's, as of now
  int64_t total_steps = 0;
  // Series of the exchange's own (staleness, consensus distance): opened in Prepare, recorded in Finish.
  // Null: nobody listens.
  Recorder* recorder = nullptr;
  SpanRing* spans = nullptr;     // what is done from when to when, while somebody records it
  LayerMeter* layers = nullptr;  // what gradients lose on the way, by layer; null: nobody asks
  // When this rank comes to each collective; null: nobody asks. The group is what names of collectives end
  // with, where several groups of ranks do the same: "-stage1".
  ArrivalBook* arrivals = nullptr;
  std::string arrivals_group;
  // Every so many steps what costs more is measured: what a codec loses. It may change between steps.
  const int64_t* measure_every_steps = nullptr;
  int64_t measures_every() const { return measure_every_steps == nullptr ? 16 : *measure_every_steps; }
  uint64_t seed = 0;
  // False where the step thread talks to the model axes while gradients are made: one transport serves one
  // thread at a time.
  bool may_overlap = true;
  double deadline_seconds = 60;  // of one step's exchange
  std::string scratch_folder;    // for what does not fit into memory; "": nowhere
};

// Elements [offset, offset + count) of the flat parameters.
struct ParameterRange {
  int64_t offset = 0;
  int64_t count = 0;
};

// Training in rounds on virtual clients, where a step of the run is a round: clients have shares of the
// dataset instead of workers, and epochs of the run count rounds.
struct Rounds {
  int64_t count = 0;          // of the run, where /training/max_steps does not say
  int64_t clients = 0;        // that share the dataset
  double epochs_a_round = 1;  // passes over the whole dataset that a round comes to, on average
};

// What a round made of this rank's clients.
struct RoundResult {
  ExchangeCost cost;
  // Mean over the samples of all clients that took part, the same on every rank; NaN if there was none.
  double loss = std::numeric_limits<double>::quiet_NaN();
  int64_t samples = 0;  // of this rank, each as often as it was trained on
  double data_seconds = 0, compute_seconds = 0, update_seconds = 0;
};

// Of all of them together.
int64_t TotalOf(const std::vector<ParameterRange>& ranges);

// The slots of the elements in `ranges`, one range after another from offset 0: what an optimiser of those
// elements is prepared with.
std::vector<ParameterSlot> SlotsWithin(const std::vector<ParameterSlot>& layout,
                                       const std::vector<ParameterRange>& ranges);

// Between Prepare and the end, the calls of each step come from the step thread in this order:
//   Begin(step), GradientReady(i) for every parameter, Finish(step, apply).
// An exchange in rounds gets Round(round, trainer) alone instead.
class Exchange {
 public:
  // Elements [offset, offset + count) of context.gradients are final: the optimiser of this rank updates
  // those of context.parameters, at once. A call lies within one range of Updates.
  using Apply = std::function<void(int64_t offset, int64_t count)>;
  virtual ~Exchange() = default;

  // Whether all ranks make the same steps together. Where not, ranks meet neither at steps nor for
  // evaluations: each takes requests as they come, and evaluates what it has.
  virtual bool lockstep() const { return true; }
  // Whether the others go on when a rank is lost.
  virtual bool survives_loss() const { return false; }
  // The same of one rank of the `ranks` of the data axis (and the servers behind them): not of one that alone
  // has some of the parameters.
  virtual bool survives_loss_of(int /*rank*/, int /*ranks*/) const { return survives_loss(); }
  // Whether gradients are averaged in buckets, some of them while the backward pass still makes others.
  virtual bool averages_in_buckets() const { return false; }
  // Whether every rank ends a step with the whole average of the gradients, not a share of it or none: then
  // codecs that send how gradients changed can add that up.
  virtual bool averages_on_every_rank() const { return false; }
  // Whether ranks take of gathered payloads what their codec combines of them, rather than the mean.
  virtual bool combines() const { return false; }
  // Whether what a codec does not send stays in what it is given next, whatever the codec remembers.
  virtual bool keeps_what_is_not_sent() const { return false; }
  // Whether layers may have chains of codecs of their own: not where a codec is given vectors of all layers
  // together.
  virtual bool codes_by_layer() const { return averages_in_buckets(); }
  // Into how many parts of as many elements a bucket is cut that go through such a codec, one each.
  virtual int PartsOfBucket(Codec& /*codec*/, int /*ranks*/) const { return 1; }
  // Ranks besides the mesh's that only serve, of each part of the model (one place of the pipeline and tensor
  // axes); they come last.
  virtual int servers() const { return 0; }
  // The elements that this rank's optimiser updates, ascending: apply is called for those and no others, and
  // only for those is there optimiser state.
  virtual std::vector<ParameterRange> Updates(const std::vector<ParameterSlot>& layout,
                                              const std::vector<int>& gradient_order, int rank,
                                              int ranks) const;
  // The elements of the parameters that this rank has between steps, ascending: the first values of others
  // are forgotten at once, and a checkpoint is of these.
  virtual std::vector<ParameterRange> Keeps(const std::vector<ParameterSlot>& layout,
                                            const std::vector<int>& gradient_order, int rank,
                                            int ranks) const;
  // Of the others, once Prepare is done; null: there are none. It is used by the step thread, in Step and
  // Evaluate of the executor, and between steps.
  virtual ParameterSource* parameter_source() { return nullptr; }

  // Set where training goes in rounds.
  virtual std::optional<Rounds> rounds() const { return std::nullopt; }

  virtual absl::Status Prepare(const ExchangeContext& context) = 0;
  virtual absl::Status Begin(int64_t step) = 0;
  virtual void GradientReady(int parameter_index) = 0;
  // The parameters are those of the next step when it returns.
  virtual absl::StatusOr<ExchangeCost> Finish(int64_t step, const Apply& apply) = 0;

  // Once, after the last step and before the last evaluation and the file of parameters: where ranks'
  // parameters differ, makes them and the buffers the same bits on every rank. A checkpoint to go on from is
  // written before, since no step may follow.
  virtual absl::Status Settle() { return absl::OkStatus(); }

  // Local training, and the parameters of the next round.
  virtual absl::StatusOr<RoundResult> Round(int64_t /*round*/, RoundTrainer& /*trainer*/) {
    return absl::InternalError("this exchange does not train in rounds");
  }

  // Where there is no lockstep:
  // Waits up to `seconds` until `step` may begin, with the parameters that it begins with. False: not yet;
  // the step thread looks at requests, and asks again.
  virtual absl::StatusOr<bool> AwaitTurn(int64_t /*step*/, double /*seconds*/) { return true; }
  // Whether it may have to wait there for slower ranks, at any step.
  virtual bool holds_back() const { return false; }
  // Once Prepare is done: whether others may want something of this rank while its step thread does something
  // else, and nobody else sees to it (ExchangeContext::may_overlap is false).
  virtual bool serves_in_waits() const { return false; }
  // Answers who has come, and waits for nobody. The step thread calls it where it would wait for others.
  virtual absl::Status Serve() { return absl::OkStatus(); }
  // Ranks meet by it (for checkpoints, and at the end). Waits, serving the others, until all that are left
  // have called it as often, and gives what each said, by rank of the data axis and the servers behind it;
  // nothing of those that are lost. `meanwhile` is called about every 0.1 s, on the step thread. The engine
  // ends a wait in vain: it sees who hangs.
  virtual absl::StatusOr<std::vector<std::optional<int64_t>>> Meet(
      int64_t word, absl::FunctionRef<absl::Status()> meanwhile);
  // Steps that all workers which are left have made, as this rank knows if it serves them; else 0.
  virtual int64_t served_steps() const { return 0; }

  // Codecs' and the exchange's own state, for checkpoints (between steps only).
  virtual void SaveState(std::vector<uint8_t>& state) const = 0;
  virtual absl::Status LoadState(std::span<const uint8_t> state) = 0;
  // Live knobs, between steps: the checked parameters of the codec, of the run's optimiser, of the exchange.
  virtual absl::Status ChangeCodec(const Params& params) = 0;
  // The same of a codec of chain 1, 2, …
  virtual absl::Status ChangeLayerCodec(int /*chain*/, const Params& /*params*/) { return absl::OkStatus(); }
  virtual absl::Status ChangeOptimizer(const Params& /*params*/) { return absl::OkStatus(); }
  virtual absl::Status Change(const Params& /*params*/) { return absl::OkStatus(); }

  // kInvalidArgument if it cannot be; the message begins with the pointer of the field to change
  // ("/exchange/graph: …").
  virtual absl::Status Fits(const Circumstances& /*circumstances*/) const { return absl::OkStatus(); }
  // What a person should know before the launch, in sentences.
  virtual std::vector<std::string> Warnings(const Circumstances& /*circumstances*/) const { return {}; }
  // What its busiest rank keeps besides parameters, gradients, optimiser state (of what it updates) and
  // codecs; negative: what it saves of them.
  virtual double ExtraMemoryBytes(const Circumstances& /*circumstances*/) const { return 0; }
  // Who sends what to whom, on average over the steps of a run.
  virtual Pattern PatternOf(const Traffic& traffic) const = 0;
};

}  // namespace concertina
