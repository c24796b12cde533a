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
// for nobody else, save every kMeasurePeriodSteps steps, when all measure how far apart they are. A lost rank
// ends the run: the loop's own meetings need everyone.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "core/parallel/exchange.h"
#include "core/parallel/mixing_graph.h"

namespace concertina {

class MixingExchange : public Exchange {
 public:
  // By step alone, so that every rank knows it: an all-reduce of the parameters every so often.
  static constexpr int64_t kMeasurePeriodSteps = 64;

  explicit MixingExchange(MixingGraphChoice choice) : choice_(std::move(choice)) {}
  ~MixingExchange() override;

  absl::Status Prepare(const ExchangeContext& context) override;
  absl::Status Begin(int64_t step) override;
  void GradientReady(int /*parameter_index*/) override {}
  absl::StatusOr<ExchangeCost> Finish(int64_t step, const Apply& apply) override;
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
  // Writes what the mixing has made of elements [offset, offset + count). Step thread, after Mix.
  virtual void TakeMixed(int64_t offset, int64_t count) = 0;

  // Mix and TakeMixed of whole parameters.
  absl::Status MixWhole(int64_t step, double gamma);
  void TakeWhole(int64_t offset, int64_t count);
  // `bytes` and `messages` a step to each neighbour, and the measurement.
  Pattern PatternOfMixing(const Traffic& traffic, double bytes, double messages) const;

  const ExchangeContext& context() const { return context_; }
  const MixingGraph& graph() const { return *graph_; }
  const MixingRow& RowAt(int64_t step) const { return graph_->RowOf(context_.data->rank(), step); }
  Deadline StepDeadline() const { return Deadline::After(context_.deadline_seconds); }
  ExchangeCost& cost() { return cost_; }
  template <class Work>
  absl::Status Timed(double& seconds, Work work) {
    const double begin = Clock::Real().SteadySeconds();
    absl::Status status = work();
    seconds += Clock::Real().SteadySeconds() - begin;
    return status;
  }

 private:
  void Communicate();
  absl::Status MeasureAndMix();
  absl::Status MeasureDistance();

  const MixingGraphChoice choice_;
  ExchangeContext context_;
  std::optional<MixingGraph> graph_;
  std::unique_ptr<Communicator> everyone_;  // measurement and end, apart from the neighbours' messages
  std::vector<float> mixed_;                // and, before that, the average that is measured against
  double spectral_gap_ = 0;
  double distance_ = 0;  // of this step, where measured
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
