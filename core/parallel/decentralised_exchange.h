// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// decentralised_exchange.h: what exchanges without a centre share: the graph, how far the ranks are apart,
// and the average that is kept in the end. On the way of the data: worker/step_loop.cc -> here ->
// comm/communicator.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/parallel/exchange.h"
#include "core/parallel/mixing_graph.h"

namespace concertina {

class DecentralisedExchange : public Exchange {
 public:
  DecentralisedExchange(std::string graph, std::string edges)
      : graph_kind_(std::move(graph)), edges_(std::move(edges)) {}

  absl::Status Fits(const Circumstances& circumstances) const override;
  std::vector<std::string> Warnings(const Circumstances& circumstances) const override;
  Pattern PatternOf(const Traffic& traffic) const override;
  absl::Status Prepare(const ExchangeContext& context) override;
  void GradientReady(int /*parameter_index*/) override {}
  // The mean of all ranks' parameters, and of what batch norm keeps.
  absl::Status Settle() override;

  // "graph" and "edges"; `may_vary`: whether the one-peer graph is among the choices.
  static std::vector<ParamSpec> GraphParams(bool may_vary);

 protected:
  absl::StatusOr<MixingGraph> GraphFor(int ranks) const;
  // Records how far the ranks are apart, now and then: sqrt(1/N sum_i ||x_i - mean||^2). Of a long vector a
  // sample of its elements is compared, scaled up.
  absl::Status MeasureConsensus(int64_t step);

  Communicator& data() { return *context_.data; }
  Deadline StepDeadline() const { return Deadline::After(context_.deadline_seconds); }
  const MixingGraph& graph() const { return *graph_; }

  ExchangeContext context_;

 private:
  const std::string graph_kind_, edges_;
  std::optional<MixingGraph> graph_;
  double spectral_gap_ = 0;
  Recorder::Series distance_series_ = -1, gap_series_ = -1;
  std::vector<float> sample_, mean_;
};

}  // namespace concertina
