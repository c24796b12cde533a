// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// decentralised_exchange.cc: see decentralised_exchange.h.
#include "core/parallel/decentralised_exchange.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kMeasurePeriodSteps = 64;
constexpr size_t kSampledElements = 4096;  // 16 KiB a measurement, whatever the model

}  // namespace

absl::StatusOr<MixingGraph> DecentralisedExchange::GraphFor(int ranks) const {
  absl::StatusOr<MixingGraph> graph = MixingGraph::Create(graph_kind_, ranks, edges_);
  if (!graph.ok())
    return absl::Status(graph.status().code(), "/exchange/" + std::string(graph.status().message()));
  return graph;
}

absl::Status DecentralisedExchange::Fits(const Circumstances& circumstances) const {
  return GraphFor(circumstances.ranks).status();
}

std::vector<std::string> DecentralisedExchange::Warnings(const Circumstances& circumstances) const {
  const absl::StatusOr<MixingGraph> graph = GraphFor(circumstances.ranks);
  if (!graph.ok() || circumstances.ranks < 2) return {};
  const double gap = graph->SpectralGap();
  if (gap > 0.1) return {};
  return {
      fmt::format("the spectral gap of this graph with {} workers is {:.3g}: a difference between workers "
                  "lives for about {:.0f} steps; exponential or torus agree sooner",
                  circumstances.ranks, gap, 1 / gap)};
}

Pattern DecentralisedExchange::PatternOf(const Traffic& traffic) const {
  Pattern pattern;
  const absl::StatusOr<MixingGraph> graph = GraphFor(traffic.ranks);
  if (!graph.ok() || traffic.ranks < 2) return pattern;
  const double bytes = traffic.encoded_bytes >= 0
                           ? static_cast<double>(traffic.encoded_bytes)
                           : traffic.element_bytes * static_cast<double>(traffic.floats);
  const double share = 1.0 / graph->period();
  for (int phase = 0; phase < graph->period(); ++phase)
    for (int from = 0; from < traffic.ranks; ++from)
      for (const int to : graph->SpeaksTo(from, phase))
        pattern.flows.push_back({from, to, bytes * share, share});
  pattern.rounds = 1;
  return pattern;
}

absl::Status DecentralisedExchange::Prepare(const ExchangeContext& context) {
  context_ = context;
  ASSIGN_OR_RETURN(graph_, GraphFor(context.data->size()));
  spectral_gap_ = graph_->SpectralGap();
  if (context.recorder != nullptr) {
    distance_series_ = context.recorder->Open("gossip/consensus_distance", "", RankFold::kMax);
    gap_series_ = context.recorder->Open("gossip/spectral_gap", "", RankFold::kMean);
  }
  return absl::OkStatus();
}

absl::Status DecentralisedExchange::MeasureConsensus(int64_t step) {
  if ((step + 1) % kMeasurePeriodSteps != 0 || data().size() < 2) return absl::OkStatus();
  const std::span<const float> x = context_.parameters;
  const size_t stride = std::max<size_t>(1, x.size() / kSampledElements);
  sample_.clear();
  for (size_t i = 0; i < x.size(); i += stride) sample_.push_back(x[i]);
  mean_ = sample_;
  const auto n = static_cast<float>(data().size());
  RETURN_IF_ERROR(data().AllReduceSum(mean_, StepDeadline(), 1 / n));
  double squared = 0;
  for (size_t i = 0; i < sample_.size(); ++i) {
    const double apart = static_cast<double>(sample_[i]) - mean_[i];
    squared += apart * apart;
  }
  squared *= static_cast<double>(x.size()) / static_cast<double>(std::max<size_t>(1, sample_.size()));
  auto sum = static_cast<float>(squared);
  RETURN_IF_ERROR(data().AllReduceSum({&sum, 1}, StepDeadline(), 1 / n));
  if (context_.recorder != nullptr) {
    context_.recorder->Record(distance_series_, step, std::sqrt(sum));
    context_.recorder->Record(gap_series_, step, spectral_gap_);
  }
  return absl::OkStatus();
}

absl::Status DecentralisedExchange::Settle() {
  const float share = 1.0F / static_cast<float>(data().size());
  RETURN_IF_ERROR(data().AllReduceSum(context_.parameters, StepDeadline(), share));
  if (context_.buffers.empty()) return absl::OkStatus();
  return data().AllReduceSum(context_.buffers, StepDeadline(), share);
}

std::vector<ParamSpec> DecentralisedExchange::GraphParams(bool may_vary) {
  std::vector<std::string> kinds = {"ring", "torus", "hypercube", "complete", "edges"};
  if (may_vary) kinds.insert(kinds.begin() + 3, "exponential");
  return {
      {.name = "graph",
       .type = ParamType::kChoice,
       .default_value = "ring",
       .choices = std::move(kinds),
       .doc =
           "Who speaks with whom. ring: two neighbours, whatever N, but agreement needs N^2 steps. torus: "
           "four. hypercube: log2 N. exponential: one peer a step at a distance of 1, 2, 4, …, which after "
           "log2 N steps is the exact mean if N is a power of two. complete: all. edges: as given."},
      {.name = "edges",
       .type = ParamType::kText,
       .default_value = "",
       .doc = "With graph edges: pairs of ranks, like 0-1, 1-2, 2-3. Everybody must be reached."}};
}

}  // namespace concertina
