// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// served_exchange.h: what the exchanges share whose workers push to servers at their own pace: who sends what
// to whom, the communication thread, meetings, and lost ranks. An exchange says what is pushed, and by which
// rule the servers take it. On the way of the data: worker/step_loop.cc -> here -> parallel/server_shard.h on
// the server -> here -> worker/step_loop.cc.
//
// The shards of the parameters lie with the dedicated servers, the last ranks, or with the workers, shard s
// with rank s mod N. A worker that serves others has a communication thread, which then owns the transport,
// because others may want something while it computes; where nobody needs it, the step thread does all by
// itself and saves two hand-offs a step. Where the model is divided, the step thread has the transport for
// itself, and answers whenever it waits for the ranks that have the rest (comm/serving_transport.h).
//
// Of a model that is divided each part has its workers and servers, who know nothing of those of the others:
// parts are like shards. So the parts of one copy may have seen other pushes, and a bound on how far a worker
// is ahead holds for each of them.
//
// Each message is a header, and where it says so a body behind it (little endian):
//   push      worker -> server: step, learning rate; body: gradient, payload or parameters of the shard
//   fetch     worker -> server: the parameters without a push
//   answer    server -> worker: staleness, lead; body: the shard's parameters, f32
//   held      server -> worker: the push was taken, the answer has to wait for slower workers
//   change    worker -> server, elastic through a codec: how its parameters have changed; body: payload
//   pull      server -> worker, the answer to that: by what both are pulled together; body: payload
//   meet      everyone -> everyone: a word of the step loop's
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "core/parallel/exchange.h"
#include "core/parallel/server_shard.h"

namespace concertina {

struct ServedOptions {
  int64_t shards = 1;
  int dedicated_servers = 0;  // 0: beside the workers
  ServerRule rule;
};

class ServedExchange : public Exchange {
 public:
  explicit ServedExchange(const ServedOptions& options);
  ~ServedExchange() override;

  bool lockstep() const override { return false; }
  bool survives_loss() const override { return true; }
  bool survives_loss_of(int rank, int ranks) const override { return !ServesAnything(rank, ranks); }
  int servers() const override { return options_.dedicated_servers; }

  absl::Status Prepare(const ExchangeContext& context) override;
  absl::Status Begin(int64_t step) override;
  void GradientReady(int) override {}
  absl::StatusOr<bool> AwaitTurn(int64_t step, double seconds) override;
  bool serves_in_waits() const override;
  absl::Status Serve() override;
  absl::StatusOr<std::vector<std::optional<int64_t>>> Meet(
      int64_t word, absl::FunctionRef<absl::Status()> meanwhile) override;
  int64_t served_steps() const override;
  absl::Status Settle() override;
  void SaveState(std::vector<uint8_t>& state) const override;
  absl::Status LoadState(std::span<const uint8_t> state) override;
  absl::Status ChangeCodec(const Params& params) override;
  absl::Status ChangeOptimizer(const Params& params) override;
  double ExtraMemoryBytes(const Circumstances& circumstances) const override;

 protected:
  static constexpr size_t kHeaderBytes = 64;

  const ServedOptions& options() const { return options_; }
  const ExchangeContext& context() const { return context_; }
  int workers() const { return context_.data->size() - options_.dedicated_servers; }

  // What the servers made of a push, and what it cost.
  struct PushResult {
    double staleness = 0;  // mean over the shards
    int64_t lead = 0;      // steps ahead of the slowest worker when this step began, the largest
    int64_t dropped = 0;   // 1 if any shard dropped it
    ExchangeCost cost;
  };
  // Pushes context.gradients (encoded, where there is a codec) or context.parameters, and takes the answers
  // into context.parameters; those that are held are taken by AwaitTurn.
  enum class Pushed { kGradients, kParameters };
  absl::StatusOr<PushResult> Push(Pushed what, int64_t step, double learning_rate);
  // Which push of parameters that is: codecs count those, and every so many of them the error is measured.
  virtual int64_t VisitAt(int64_t step) const { return step; }
  // All that one push to the servers and its answers send, times `share` of the steps.
  Pattern PushPattern(const Traffic& traffic, double share) const;

 private:
  enum class Kind : uint32_t { kPush = 1, kFetch, kAnswer, kHeld, kMeet, kChange, kPull };
  struct Header;
  struct Shard;  // one shard as this rank sees it, as a worker and as its server

  int ServerOf(int64_t shard, int ranks) const {
    return options_.dedicated_servers > 0 ? ranks + static_cast<int>(shard) % options_.dedicated_servers
                                          : static_cast<int>(shard) % ranks;
  }
  bool ServesAnything(int rank, int ranks) const {
    return options_.dedicated_servers > 0 ? rank >= ranks : rank < options_.shards;
  }
  bool is_elastic() const { return options_.rule.update == ServerRule::Update::kElastic; }
  bool is_worker() const { return context_.data->rank() < workers(); }

  // Runs `begin` where the transport is owned, however long that takes, then lets messages come and go until
  // `done` or the time is up: whether it is done. On the step thread.
  absl::StatusOr<bool> Do(absl::FunctionRef<absl::Status()> begin, absl::FunctionRef<bool()> done,
                          double seconds);
  void Communicate();
  absl::Status Turn(double seconds);
  absl::Status LookForLosses();
  absl::Status HandleFrom(int rank);
  absl::Status TakePush(int rank, const Header& header);
  absl::Status TakeFetch(int rank, const Header& header);
  absl::Status TakeAnswer(int rank, const Header& header);
  absl::Status SendPush(Shard& shard, Pushed what, int64_t step, double learning_rate);
  absl::Status SendFetch(Shard& shard, bool at_once);
  absl::Status Deliver(Shard& shard);
  absl::Status TellHeld(Shard& shard, int worker);
  absl::Status EncodeShards(int64_t step, ExchangeCost& cost);
  absl::Status EncodeChanges(int64_t step, ExchangeCost& cost);
  // As the server: what `worker` sent as its change, and the pull that answers it, in pulls[worker].
  absl::Status TakeChange(Shard& shard, int worker, int64_t step, std::span<const uint8_t> payload);
  // As the worker: the pull that its server has made too.
  absl::Status FollowPull(Shard& shard, std::span<const uint8_t> payload);
  void RememberAnswer(Shard& shard);
  absl::Status Lost(int rank);
  // What comes of an error with a peer: nothing, if it is gone and can be spared.
  absl::Status Spare(int rank, const absl::Status& status);
  absl::Status BadMessage(int rank, const std::string& what) const;
  std::span<float> PartOf(std::span<float> whole, const Shard& shard) const;
  Deadline StepDeadline() const { return Deadline::After(context_.deadline_seconds); }
  int Global(int rank) const { return context_.data->global_rank(rank); }

  const ServedOptions options_;
  ExchangeContext context_;
  bool has_thread_ = false;
  std::thread thread_;

  // Guards all below: held while a message is handled, not while one is waited for.
  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<int> peers_;                  // ranks of the transport
  std::vector<bool> lost_;                  // by rank of the data communicator
  std::vector<std::deque<int64_t>> words_;  // the same: words of meetings to come
  bool takes_parameters_ = false;           // the step thread waits for answers now
  bool must_fetch_ = false;                 // what was loaded is older than the servers' parameters
  bool is_alone_ = false;                   // no peer is left
  bool survives_ = false;                   // a loss of a rank does not end what goes on
  double next_look_ = 0;                    // for losses
  double turn_wait_seconds_ = 0;            // since the last push
  absl::FunctionRef<absl::Status()>* begin_ = nullptr;  // of the Do under way, until it has been run
  absl::FunctionRef<bool()>* done_ = nullptr;
  bool is_done_ = false;
  absl::Status failure_;
  bool stopping_ = false;
  bool is_settled_ = false;  // the last meeting is over
  std::vector<uint8_t> received_;
};

}  // namespace concertina
