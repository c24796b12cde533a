// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ad_psgd_exchange.cc: asynchronous decentralised SGD: after each step of its own a rank averages with one
// neighbour, picked at random, and no rank waits for a step of another [cited below].
//   x_i, x_j <- (x_i + x_j) / 2 at both        x_i <- x_i - lr g_i, g_i of x_i as it was before
// No codec: of whole parameters it would lose a share of them at every meeting, and to compress differences
// instead both must know the same copy of each, which other meetings of either do not keep up to date: that
// is a copy a neighbour, d floats each, at both ends. Quantising modulo a bound on the distance of any two,
// Moniqua [Lu, De Sa, ICML 2020], needs no copies, but a bound that nobody knows before the run.
// How two ranks meet, who waits for whom, and what becomes of lost ranks is parallel/pair_meetings.h; here is
// the step around it.
#include <algorithm>
#include <optional>

#include "core/base/registry.h"
#include "core/parallel/exchange.h"
#include "core/parallel/pair_meetings.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kPieceFloats = 16384;  // still in a cache when the optimiser comes for them

class AdPsgdExchange final : public Exchange {
 public:
  explicit AdPsgdExchange(MixingGraphChoice choice) : choice_(std::move(choice)) {}

  bool lockstep() const override { return false; }
  bool survives_loss() const override { return true; }

  absl::Status Prepare(const ExchangeContext& context) override;
  absl::Status Begin(int64_t step) override {
    return meetings_ ? meetings_->Begin(step, context_.parameters) : absl::OkStatus();
  }
  void GradientReady(int /*parameter_index*/) override {}
  absl::StatusOr<ExchangeCost> Finish(int64_t step, const Apply& apply) override;
  absl::StatusOr<std::vector<std::optional<int64_t>>> Meet(
      int64_t word, absl::FunctionRef<absl::Status()> meanwhile) override {
    if (!meetings_) return std::vector<std::optional<int64_t>>{word};
    return meetings_->Meet(word, meanwhile, context_.parameters);
  }
  absl::Status Settle() override {
    return meetings_ ? meetings_->Settle(context_.parameters, context_.buffers) : absl::OkStatus();
  }

  bool serves_in_waits() const override { return meetings_.has_value() && !context_.may_overlap; }
  absl::Status Serve() override { return meetings_->Serve(); }

  // All there is to know stands in the parameters and the number of the step.
  void SaveState(std::vector<uint8_t>& state) const override { state.clear(); }
  absl::Status LoadState(std::span<const uint8_t> state) override {
    if (!state.empty())
      return absl::DataLossError(
          fmt::format("ad-psgd has no state, found {} bytes: another exchange's?", state.size()));
    return absl::OkStatus();
  }
  absl::Status ChangeCodec(const Params&) override { return absl::OkStatus(); }

  absl::Status Fits(const Circumstances& circumstances) const override {
    if (circumstances.has_codec)
      return absl::InvalidArgumentError(
          "/exchange/kind: ad-psgd averages whole parameters of pairs that meet at random, and a codec needs "
          "a copy that both know of the last meeting: one for each neighbour; take choco-sgd or gossip, "
          "which "
          "compress what has changed, or leave /gradient out");
    return MixingGraph::Create(choice_, circumstances.ranks).status();
  }
  std::vector<std::string> Warnings(const Circumstances& circumstances) const override;
  double ExtraMemoryBytes(const Circumstances& circumstances) const override {
    return circumstances.ranks < 2 ? 0 : 2 * sizeof(float) * static_cast<double>(circumstances.floats);
  }
  Pattern PatternOf(const Traffic& traffic) const override;

 private:
  const MixingGraphChoice choice_;
  ExchangeContext context_;
  std::optional<PairMeetings> meetings_;  // of more than one rank
  double spectral_gap_ = 0;
  Recorder::Series distance_series_ = -1, gap_series_ = -1;
};

absl::Status AdPsgdExchange::Prepare(const ExchangeContext& context) {
  context_ = context;
  const int ranks = context.data->size();
  RETURN_IF_ERROR(Fits({.ranks = ranks, .has_codec = context.make_codec != nullptr}));
  if (ranks == 1) return absl::OkStatus();
  ASSIGN_OR_RETURN(const MixingGraph graph, MixingGraph::Create(choice_, ranks));
  const AskingGraph asking(graph);
  // Without a rank that has a part of a model the others of its copy are of no use.
  if (context.data->transport().size() == ranks) context.data->transport().SurviveLoss();
  meetings_.emplace(PairMeetings::Options{.data = context.data,
                                          .seed = context.seed,
                                          .deadline_seconds = context.deadline_seconds,
                                          .has_thread = context.may_overlap},
                    asking, context.parameters);
  if (context.recorder != nullptr) {
    distance_series_ = context.recorder->Open("gossip/consensus_distance", "", RankFold::kMean);
    gap_series_ = context.recorder->Open("gossip/spectral_gap", "", RankFold::kMean);
    spectral_gap_ = asking.SpectralGap();
  }
  return absl::OkStatus();
}

absl::StatusOr<ExchangeCost> AdPsgdExchange::Finish(int64_t step, const Apply& apply) {
  ExchangeCost cost;
  const std::span<float> parameters = context_.parameters;
  const auto floats = static_cast<int64_t>(parameters.size());
  if (!meetings_) {
    apply(0, floats);
    return cost;
  }
  ASSIGN_OR_RETURN(const PairMeetings::Meeting meeting, meetings_->Await());
  cost.wait_seconds = meeting.wait_seconds;
  cost.exchange_seconds = meeting.exchange_seconds;
  if (meetings_->asks()) cost.dense_bytes = cost.encoded_bytes = parameters.size_bytes();
  meetings_->Update([&](std::span<float> live) {
    for (int64_t offset = 0; offset < floats; offset += kPieceFloats) {
      const int64_t count = std::min(kPieceFloats, floats - offset);
      std::copy_n(live.begin() + offset, count, parameters.begin() + offset);
      apply(offset, count);
      std::copy_n(parameters.begin() + offset, count, live.begin() + offset);
    }
  });
  if (meeting.distance >= 0 && distance_series_ >= 0) {
    context_.recorder->Record(distance_series_, step, meeting.distance);
    context_.recorder->Record(gap_series_, step, spectral_gap_);
  }
  return cost;
}

std::vector<std::string> AdPsgdExchange::Warnings(const Circumstances& circumstances) const {
  const absl::StatusOr<MixingGraph> graph = MixingGraph::Create(choice_, circumstances.ranks);
  if (!graph.ok()) return {};
  if (circumstances.ranks == 1) return graph->Remarks();
  const AskingGraph asking(*graph);
  return {
      fmt::format("{}, {} workers, of which {} only answer: spectral gap {:.4g} a step, when all step at one "
                  "pace",
                  choice_.kind, circumstances.ranks, asking.passive_ranks(), asking.SpectralGap()),
      "runs of the same seed differ: who averages with whom before what depends on who is sooner"};
}

Pattern AdPsgdExchange::PatternOf(const Traffic& traffic) const {
  Pattern pattern;
  const absl::StatusOr<MixingGraph> graph = MixingGraph::Create(choice_, traffic.ranks);
  if (!graph.ok() || traffic.ranks < 2) return pattern;
  const double bytes = sizeof(float) * static_cast<double>(traffic.floats);
  const AskingGraph asking(*graph);
  for (int rank = 0; rank < traffic.ranks; ++rank)
    for (const int whom : asking.AskedBy(rank)) {
      const double share = 1.0 / static_cast<double>(asking.AskedBy(rank).size());
      pattern.flows.push_back({rank, whom, bytes * share, share});
      pattern.flows.push_back({whom, rank, bytes * share, share});
    }
  pattern.rounds = 2;
  return pattern;
}

REGISTER_COMPONENT(
    Exchange,
    Descriptor(
        {.category = "exchange",
         .kind = "ad-psgd",
         .title = "Asynchronous gossip (AD-PSGD)",
         .summary =
             "After each step a worker averages its parameters with one neighbour at random; nobody waits "
             "for a slow one.",
         .citation = "Lian et al. Asynchronous Decentralized Parallel Stochastic Gradient Descent. ICML 2018",
         .params = MixingGraphChoice::ParamSpecs(/*with_exponential=*/false)}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Exchange>> {
      return std::make_unique<AdPsgdExchange>(MixingGraphChoice::From(params));
    });

}  // namespace
}  // namespace concertina
