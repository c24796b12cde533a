// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mixing_exchange.h: what the lockstep decentralised exchanges share: the graph, the communication thread
// that asks the neighbours while the gradient is computed, the measured distance, and the end.
// On the way of the data: worker/step_loop.cc -> parallel/mixing_graph.h -> here -> comm/communicator.h ->
// worker/step_loop.cc.
//
// What is mixed are the parameters before the update, so nothing waits for the gradient:
//   x_i <- x_i + gamma sum_j W_ij (x_j - x_i) - lr g_i
// The difference form leaves equal parameters equal to the bit, however the weights are rounded; the local
// optimiser makes lr g_i, momentum and all. A rank waits for its neighbours' parameters of the same step and
// for nobody else, save every kMeasurePeriodSteps steps, when all measure how far apart they are.
//
// A lost rank is gone on without. Who waits for it, or sends to it, learns that it is lost, and from then on
// its weight falls to the neighbours themselves:
//   x_i <- x_i + gamma sum_(j left) W_ij (x_j - x_i) - lr g_i
// Rows still sum to 1, and where W was symmetric it stays so: what is left mixes to the average of what is
// left. Only in the step of the death some of its neighbours may have heard it and others not. (One-peer
// exponential is not symmetric: ranks next to the gap count a bit more or less from then on.) For this no two
// ranks need to agree. Where they must, in Meet and Settle, they agree by a roll call (comm/roll_call.h); the
// mean of Settle too bears a death at any of its messages (agreed_mean.h). A lost rank that holds a part of a
// model ends the run.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "core/comm/roll_call.h"
#include "core/parallel/distance_sketch.h"
#include "core/parallel/exchange.h"
#include "core/parallel/mixing_graph.h"

namespace concertina {

class MixingExchange : public Exchange {
 public:
  // By step alone, so that every rank knows it: each sends a sketch of its parameters to all.
  static constexpr int64_t kMeasurePeriodSteps = 64;

  explicit MixingExchange(MixingGraphChoice choice) : choice_(std::move(choice)) {}
  ~MixingExchange() override;

  bool survives_loss() const override { return true; }

  absl::Status Prepare(const ExchangeContext& context) override;
  absl::Status Begin(int64_t step) override;
  void GradientReady(int /*parameter_index*/) override {}
  absl::StatusOr<ExchangeCost> Finish(int64_t step, const Apply& apply) override;
  absl::StatusOr<std::vector<std::optional<int64_t>>> Meet(
      int64_t word, absl::FunctionRef<absl::Status()> meanwhile) override;
  absl::Status Settle() override;

  absl::Status Fits(const Circumstances& circumstances) const override;
  std::vector<std::string> Warnings(const Circumstances& circumstances) const override;
  double ExtraMemoryBytes(const Circumstances& circumstances) const override {
    return circumstances.ranks < 2 ? 0 : sizeof(float) * static_cast<double>(circumstances.floats);
  }

 protected:
  virtual absl::Status Ready() { return absl::OkStatus(); }  // at the end of Prepare
  // Tells the neighbours of this step's parameters and hears of theirs; the parameters themselves are being
  // read and stay as they are. On the communication thread (or, without overlap, the step thread).
  virtual absl::Status Mix(int64_t step) = 0;
  // All ranks agree, before the same step, that ranks are gone which is_lost names from now on.
  virtual void Remain() {}
  // Writes what the mixing has made of elements [offset, offset + count). Step thread, after Mix.
  virtual void TakeMixed(int64_t offset, int64_t count) = 0;

  // Mix and TakeMixed of whole parameters.
  absl::Status MixWhole(int64_t step, double gamma);
  void TakeWhole(int64_t offset, int64_t count);
  // `bytes` and `messages` a step to each neighbour, and the measurement.
  Pattern PatternOfMixing(const Traffic& traffic, double bytes, double messages) const;

  const MixingGraphChoice& choice() const { return choice_; }
  const ExchangeContext& context() const { return context_; }
  const MixingGraph& graph() const { return *graph_; }
  const MixingRow& RowAt(int64_t step) const { return graph_->RowOf(context_.data->rank(), step); }
  bool is_lost(int rank) const { return lost_[static_cast<size_t>(rank)] != 0; }
  // OK if `status` is no more than the loss of `rank`, who then counts as lost.
  absl::Status Survive(int rank, const absl::Status& status);
  Deadline StepDeadline() const { return Deadline::After(context_.deadline_seconds); }
  ExchangeCost& cost() { return cost_; }
  template <class Work>
  absl::Status Timed(double& seconds, Work work) {
    const SpanTimer span(context_.spans,
                         &seconds == &cost_.encode_seconds   ? SpanKind::kEncode
                         : &seconds == &cost_.decode_seconds ? SpanKind::kDecode
                                                             : SpanKind::kExchange,
                         thread_.joinable() ? SpanRow::kCommunication : SpanRow::kStep);
    const double begin = Clock::Real().SteadySeconds();
    absl::Status status = work();
    seconds += Clock::Real().SteadySeconds() - begin;
    return status;
  }

 private:
  void Communicate();
  absl::Status MeasureAndMix();
  absl::Status MeasureDistance();
  // After a roll call: who is gone by it, and what follows.
  bool TakeNoteOfTheGone();
  void SayWhatIsLeft();

  const MixingGraphChoice choice_;
  ExchangeContext context_;
  std::optional<MixingGraph> graph_;
  std::unique_ptr<Communicator> everyone_;  // the measurement's, apart from the neighbours' messages
  std::optional<RollCall> roll_call_;
  bool survives_ = false;   // every rank of the transport has a whole model
  std::vector<char> lost_;  // by rank; of the communication thread in a step, else of the step thread
  std::vector<char> gone_;  // of those, whom all agree on
  std::vector<float> mixed_;
  std::optional<DistanceSketch> sketch_;
  std::optional<double> spectral_gap_;  // of those that are left, as far as all agree
  double distance_ = 0;                 // of this step, where measured
  Recorder::Series distance_series_ = -1, gap_series_ = -1;

  // Steps begun by the step thread and done by the communication thread, which leaves step_, cost_ and
  // failure_ alone once done_ has followed.
  std::atomic<uint64_t> begun_{0};
  std::atomic<uint64_t> done_{0};
  std::atomic<bool> stopping_{false};
  int64_t step_ = 0;
  ExchangeCost cost_;
  absl::Status failure_;
  std::thread thread_;
};

}  // namespace concertina
