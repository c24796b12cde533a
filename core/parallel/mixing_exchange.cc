// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mixing_exchange.cc: see mixing_exchange.h.
#include "core/parallel/mixing_exchange.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/flush_denormals.h"
#include "core/base/log.h"
#include "core/parallel/agreed_mean.h"
#include "core/parallel/float_pieces.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr uint16_t kEveryoneChannel = 16;  // worker/step_loop_impl.h: kFirstFreeChannel
constexpr uint16_t kMixingRollCallChannel = 19;
constexpr uint16_t kMixingSettleChannel = 20;
// Mixed parameters are still in a cache when the optimiser comes for them.
constexpr int64_t kMixedPieceFloats = 16384;

// mixed = base + weight (others - own). `base` may be `mixed`.
void MixIn(float* mixed, const float* base, const float* own, const float* others, size_t count,
           float weight) {
  for (size_t i = 0; i < count; ++i) mixed[i] = base[i] + weight * (others[i] - own[i]);
}

}  // namespace

MixingExchange::~MixingExchange() {
  if (!thread_.joinable()) return;
  // A thread that still waits for a neighbour would wait out its deadline.
  if (done_.load() != begun_.load())
    context_.data->transport().Abort(absl::CancelledError("this rank has ended its exchange"));
  stopping_ = true;
  begun_.fetch_add(1);
  begun_.notify_all();
  thread_.join();
}

absl::Status MixingExchange::Prepare(const ExchangeContext& context) {
  context_ = context;
  ASSIGN_OR_RETURN(graph_, MixingGraph::Create(choice_, context.data->size()));
  const bool has_neighbours = graph_->ranks() > 1;
  lost_.resize(static_cast<size_t>(graph_->ranks()));
  gone_ = lost_;
  if (has_neighbours) {
    Transport& transport = context.data->transport();
    std::vector<int> members;
    for (int rank = 0; rank < graph_->ranks(); ++rank) members.push_back(context.data->global_rank(rank));
    survives_ = transport.size() == graph_->ranks();
    if (survives_) transport.SurviveLoss();
    everyone_ = std::make_unique<Communicator>(transport, members, kEveryoneChannel);
    roll_call_.emplace(transport, std::move(members), kMixingRollCallChannel);
    mixed_.resize(context.parameters.size());
    if (context.recorder != nullptr) {
      sketch_.emplace(context.parameters.size());
      distance_series_ = context.recorder->Open("gossip/consensus_distance", "", RankFold::kMean);
      gap_series_ = context.recorder->Open("gossip/spectral_gap", "", RankFold::kMean);
      spectral_gap_ = graph_->SpectralGap();
    }
  }
  RETURN_IF_ERROR(Ready());
  if (has_neighbours && context.may_overlap) thread_ = std::thread([this] { Communicate(); });
  return absl::OkStatus();
}

absl::Status MixingExchange::Begin(int64_t step) {
  step_ = step;
  cost_ = {};
  if (!thread_.joinable()) return absl::OkStatus();
  begun_.fetch_add(1, std::memory_order_release);
  begun_.notify_one();
  return absl::OkStatus();
}

void MixingExchange::Communicate() {
  const FlushDenormals flushed;
  for (uint64_t number = 0;; ++number) {
    uint64_t begun = begun_.load(std::memory_order_acquire);
    while (begun <= number) {
      begun_.wait(begun, std::memory_order_acquire);
      begun = begun_.load(std::memory_order_acquire);
    }
    if (stopping_) return;
    if (failure_.ok()) failure_ = MeasureAndMix();
    done_.store(number + 1, std::memory_order_release);
    done_.notify_one();
  }
}

absl::Status MixingExchange::MeasureAndMix() {
  if (step_ % kMeasurePeriodSteps == 0 && distance_series_ >= 0)
    RETURN_IF_ERROR(Timed(cost_.exchange_seconds, [this] { return MeasureDistance(); }));
  return Mix(step_);
}

absl::Status MixingExchange::MeasureDistance() {
  const Deadline deadline = StepDeadline();
  const int ranks = graph_->ranks(), self = context_.data->rank();
  sketch_->Begin(context_.parameters, context_.seed, step_);
  const std::span<const std::byte> own = std::as_bytes(sketch_->own());
  for (int i = 1; i < ranks; ++i) {  // each begins with its next, so that nobody is everybody's first
    const int to = (self + i) % ranks;
    if (!is_lost(to)) RETURN_IF_ERROR(Survive(to, everyone_->Send(to, own, deadline)));
  }
  int heard = 0;
  for (int from = 0; from < ranks; ++from) {
    if (from == self || is_lost(from)) continue;
    FloatPieces pieces([&](size_t first, std::span<const float> values) { sketch_->Add(first, values); });
    const absl::Status received =
        everyone_->Receive(from, own.size(), deadline,
                           [&](size_t offset, std::span<const std::byte> piece) { pieces(offset, piece); });
    RETURN_IF_ERROR(Survive(from, received));
    heard += received.ok() ? 1 : 0;
  }
  distance_ = sketch_->Distance(heard);
  return everyone_->Flush(deadline);
}

absl::Status MixingExchange::Survive(int rank, const absl::Status& status) {
  if (status.ok() || !survives_) return status;
  if (!absl::IsUnavailable(status) && !absl::IsFailedPrecondition(status)) return status;
  const int global_rank = context_.data->global_rank(rank);
  if (!context_.data->transport().is_lost(global_rank)) return status;
  if (std::exchange(lost_[static_cast<size_t>(rank)], 1) == 0)
    spdlog::warn("rank {}: lost rank {} ({}); goes on with the others", context_.data->transport().rank(),
                 global_rank, std::string(status.message()));
  return absl::OkStatus();
}

absl::StatusOr<ExchangeCost> MixingExchange::Finish(int64_t step, const Apply& apply) {
  const auto floats = static_cast<int64_t>(context_.parameters.size());
  if (graph_->ranks() == 1) {
    apply(0, floats);
    return cost_;
  }
  const double begin = Clock::Real().SteadySeconds();
  if (thread_.joinable()) {
    const uint64_t begun = begun_.load(std::memory_order_relaxed);
    uint64_t done = done_.load(std::memory_order_acquire);
    while (done < begun) {
      done_.wait(done, std::memory_order_acquire);
      done = done_.load(std::memory_order_acquire);
    }
    RETURN_IF_ERROR(failure_);
  } else {
    RETURN_IF_ERROR(MeasureAndMix());
  }
  cost_.wait_seconds = Clock::Real().SteadySeconds() - begin;
  for (int64_t offset = 0; offset < floats; offset += kMixedPieceFloats) {
    const int64_t count = std::min(kMixedPieceFloats, floats - offset);
    TakeMixed(offset, count);
    apply(offset, count);
  }
  if (step % kMeasurePeriodSteps == 0 && distance_series_ >= 0) {
    context_.recorder->Record(distance_series_, step, distance_);
    if (spectral_gap_) context_.recorder->Record(gap_series_, step, *spectral_gap_);
  }
  return cost_;
}

absl::Status MixingExchange::MixWhole(int64_t step, double gamma) {
  const std::span<const float> own = context_.parameters;
  const std::span<const std::byte> bytes = std::as_bytes(own);
  cost_.dense_bytes += bytes.size();
  cost_.encoded_bytes += bytes.size();
  return Timed(cost_.exchange_seconds, [&] {
    const Deadline deadline = StepDeadline();
    const MixingRow& row = RowAt(step);
    for (const int to : row.to)
      if (!is_lost(to)) RETURN_IF_ERROR(Survive(to, context_.data->Send(to, bytes, deadline)));
    // In the order of ranks, whoever comes first, so that the same bits come out every time.
    const float* base = own.data();
    for (const MixingRow::Neighbour& neighbour : row.from) {
      if (is_lost(neighbour.rank)) continue;
      const auto weight = static_cast<float>(gamma * neighbour.weight);
      size_t end = 0;
      FloatPieces pieces([&](size_t first, std::span<const float> others) {
        MixIn(mixed_.data() + first, base + first, own.data() + first, others.data(), others.size(), weight);
        end = first + others.size();
      });
      RETURN_IF_ERROR(Survive(neighbour.rank,
                              context_.data->Receive(neighbour.rank, bytes.size(), deadline,
                                                     [&](size_t offset, std::span<const std::byte> piece) {
                                                       pieces(offset, piece);
                                                     })));
      // Of one that died on the way a part may have come, and is mixed in.
      if (base != mixed_.data()) std::copy(own.begin() + end, own.end(), mixed_.begin() + end);
      base = mixed_.data();
    }
    if (base != mixed_.data()) std::copy(own.begin(), own.end(), mixed_.begin());
    return context_.data->Flush(deadline);  // the optimiser is to write what was sent
  });
}

void MixingExchange::TakeWhole(int64_t offset, int64_t count) {
  std::copy_n(mixed_.begin() + offset, count, context_.parameters.begin() + offset);
}

absl::StatusOr<std::vector<std::optional<int64_t>>> MixingExchange::Meet(
    int64_t word, absl::FunctionRef<absl::Status()> meanwhile) {
  if (graph_->ranks() == 1) return std::vector<std::optional<int64_t>>{word};
  ASSIGN_OR_RETURN(auto words, roll_call_->Call(word, meanwhile));
  if (TakeNoteOfTheGone()) Remain();
  return words;
}

bool MixingExchange::TakeNoteOfTheGone() {
  bool is_news = false;
  for (int rank = 0; rank < graph_->ranks(); ++rank) {
    if (!roll_call_->is_gone(rank)) continue;
    const auto r = static_cast<size_t>(rank);
    lost_[r] = 1;
    is_news |= std::exchange(gone_[r], 1) == 0;
  }
  if (is_news) SayWhatIsLeft();
  return is_news;
}

void MixingExchange::SayWhatIsLeft() {
  if (spectral_gap_) spectral_gap_ = graph_->SpectralGapWithout(gone_);
  const auto first = std::find(gone_.begin(), gone_.end(), 0) - gone_.begin();
  if (first != context_.data->rank()) return;  // one says it for all
  const auto left = std::count(gone_.begin(), gone_.end(), 0);
  const int parts = graph_->PartsWithout(gone_);
  spdlog::warn("rank {}: {} of {} workers are left{}", context_.data->global_rank(context_.data->rank()),
               left, gone_.size(),
               parts < 2 ? ""
                         : fmt::format(", in {} parts with no way between them: each part agrees on "
                                       "parameters of its own until the end",
                                       parts));
}

absl::Status MixingExchange::Settle() {
  if (graph_->ranks() == 1) return absl::OkStatus();
  std::vector<int> members;
  for (int rank = 0; rank < graph_->ranks(); ++rank) members.push_back(context_.data->global_rank(rank));
  Transport& transport = context_.data->transport();
  if (!survives_) {
    const float share = 1.0f / static_cast<float>(members.size());
    Communicator all(transport, std::move(members), kMixingSettleChannel);
    RETURN_IF_ERROR(all.AllReduceSum(context_.parameters, StepDeadline(), share));
    if (context_.buffers.empty()) return absl::OkStatus();
    return all.AllReduceSum(context_.buffers, StepDeadline(), share);
  }
  const Deadline deadline = StepDeadline();
  RETURN_IF_ERROR(Meet(0, [&]() -> absl::Status {
                    if (!deadline.Passed()) return absl::OkStatus();
                    return absl::DeadlineExceededError(fmt::format(
                        "rank {}: not all have come to the last mean within {:.3g} s; a rank hangs",
                        transport.rank(), context_.deadline_seconds));
                  }).status());
  AgreedMean mean(transport, *roll_call_, std::move(members), kMixingSettleChannel);
  const auto settle = [&](std::span<float> values, std::vector<float>& scratch) -> absl::Status {
    scratch.resize(values.size());
    RETURN_IF_ERROR(mean.Take(values, scratch, context_.deadline_seconds));
    std::copy(scratch.begin(), scratch.end(), values.begin());
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(settle(context_.parameters, mixed_));
  std::vector<float> mean_buffers;
  if (!context_.buffers.empty()) RETURN_IF_ERROR(settle(context_.buffers, mean_buffers));
  TakeNoteOfTheGone();
  return absl::OkStatus();
}

absl::Status MixingExchange::Fits(const Circumstances& circumstances) const {
  return MixingGraph::Create(choice_, circumstances.ranks).status();
}

std::vector<std::string> MixingExchange::Warnings(const Circumstances& circumstances) const {
  const absl::StatusOr<MixingGraph> graph = MixingGraph::Create(choice_, circumstances.ranks);
  return graph.ok() ? graph->Remarks() : std::vector<std::string>();
}

Pattern MixingExchange::PatternOfMixing(const Traffic& traffic, double bytes, double messages) const {
  Pattern pattern;
  const int n = traffic.ranks;
  const absl::StatusOr<MixingGraph> graph = MixingGraph::Create(choice_, n);
  if (n < 2 || !graph.ok()) return pattern;
  const double share = 1.0 / graph->period();
  for (int rank = 0; rank < n; ++rank)
    for (int round = 0; round < graph->period(); ++round)
      for (const int to : graph->RowOf(rank, round).to)
        pattern.flows.push_back({rank, to, bytes * share, messages * share});
  // The measurement: a sketch of each to all.
  const auto sketch = static_cast<double>(DistanceSketch::FloatsOf(static_cast<size_t>(traffic.floats)));
  for (int rank = 0; rank < n; ++rank)
    for (int to = 0; to < n; ++to)
      if (to != rank)
        pattern.flows.push_back(
            {rank, to, sizeof(float) * sketch / kMeasurePeriodSteps, 1.0 / kMeasurePeriodSteps});
  pattern.rounds = messages + 1.0 / kMeasurePeriodSteps;
  size_t most = 0;  // of neighbours, whose payloads a rank unpacks beside its own
  for (int rank = 0; rank < n; ++rank)
    for (int round = 0; round < graph->period(); ++round)
      most = std::max(most, graph->RowOf(rank, round).from.size());
  pattern.decodes = 1 + static_cast<double>(most);
  return pattern;
}

}  // namespace concertina
