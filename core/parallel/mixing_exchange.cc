// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mixing_exchange.cc: see mixing_exchange.h.
#include "core/parallel/mixing_exchange.h"

#include <algorithm>
#include <cmath>

#include "core/base/flush_denormals.h"
#include "core/parallel/float_pieces.h"

namespace concertina {
namespace {

constexpr uint16_t kEveryoneChannel = 16;  // worker/step_loop_impl.h: kFirstFreeChannel
// Mixed parameters are still in a cache when the optimiser comes for them.
constexpr int64_t kPieceFloats = 16384;
constexpr size_t kSumFloats = 4096;  // float sums go over into a double this often

// mixed = base + weight (others - own). `base` may be `mixed`.
void MixIn(float* mixed, const float* base, const float* own, const float* others, size_t count,
           float weight) {
  for (size_t i = 0; i < count; ++i) mixed[i] = base[i] + weight * (others[i] - own[i]);
}

double SquaredDistance(std::span<const float> a, std::span<const float> b) {
  double total = 0;
  for (size_t begin = 0; begin < a.size(); begin += kSumFloats) {
    const size_t end = std::min(a.size(), begin + kSumFloats);
    float sums[8] = {};  // a single one would wait for each addition's latency
    size_t i = begin;
    for (; i + 8 <= end; i += 8)
      for (size_t k = 0; k < 8; ++k) {
        const float difference = a[i + k] - b[i + k];
        sums[k] += difference * difference;
      }
    for (; i < end; ++i) sums[0] += (a[i] - b[i]) * (a[i] - b[i]);
    for (const float sum : sums) total += sum;
  }
  return total;
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
  if (has_neighbours) {
    std::vector<int> members;
    for (int rank = 0; rank < graph_->ranks(); ++rank) members.push_back(context.data->global_rank(rank));
    everyone_ =
        std::make_unique<Communicator>(context.data->transport(), std::move(members), kEveryoneChannel);
    mixed_.resize(context.parameters.size());
    if (context.recorder != nullptr) {
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

// sqrt(1/N sum_i ||x_i - mean||^2)
absl::Status MixingExchange::MeasureDistance() {
  const float share = 1.0f / static_cast<float>(graph_->ranks());
  std::copy(context_.parameters.begin(), context_.parameters.end(), mixed_.begin());
  RETURN_IF_ERROR(everyone_->AllReduceSum(mixed_, StepDeadline(), share));
  float square = static_cast<float>(SquaredDistance(context_.parameters, mixed_));
  RETURN_IF_ERROR(everyone_->AllReduceSum({&square, 1}, StepDeadline(), share));
  distance_ = std::sqrt(static_cast<double>(square));
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
  for (int64_t offset = 0; offset < floats; offset += kPieceFloats) {
    const int64_t count = std::min(kPieceFloats, floats - offset);
    TakeMixed(offset, count);
    apply(offset, count);
  }
  if (step % kMeasurePeriodSteps == 0 && distance_series_ >= 0) {
    context_.recorder->Record(distance_series_, step, distance_);
    context_.recorder->Record(gap_series_, step, spectral_gap_);
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
    for (const int to : row.to) RETURN_IF_ERROR(context_.data->Send(to, bytes, deadline));
    // In the order of ranks, whoever comes first, so that the same bits come out every time.
    const float* base = own.data();
    for (const MixingRow::Neighbour& neighbour : row.from) {
      const auto weight = static_cast<float>(gamma * neighbour.weight);
      FloatPieces pieces([&](size_t first, std::span<const float> others) {
        MixIn(mixed_.data() + first, base + first, own.data() + first, others.data(), others.size(), weight);
      });
      RETURN_IF_ERROR(context_.data->Receive(
          neighbour.rank, bytes.size(), deadline,
          [&](size_t offset, std::span<const std::byte> piece) { pieces(offset, piece); }));
      base = mixed_.data();
    }
    return context_.data->Flush(deadline);  // the optimiser is to write what was sent
  });
}

void MixingExchange::TakeWhole(int64_t offset, int64_t count) {
  std::copy_n(mixed_.begin() + offset, count, context_.parameters.begin() + offset);
}

absl::Status MixingExchange::Settle() {
  if (graph_->ranks() == 1) return absl::OkStatus();
  const float share = 1.0f / static_cast<float>(graph_->ranks());
  RETURN_IF_ERROR(everyone_->AllReduceSum(context_.parameters, StepDeadline(), share));
  if (context_.buffers.empty()) return absl::OkStatus();
  return everyone_->AllReduceSum(context_.buffers, StepDeadline(), share);
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
  // The measurement: ring all-reduces of the parameters and of one float.
  const double rounds = n == 2 ? 1 : 2.0 * (n - 1);
  const double floats = 2.0 * (n - 1) / n * static_cast<double>(traffic.floats + 1);
  for (int rank = 0; rank < n; ++rank)
    pattern.flows.push_back({rank, (rank + 1) % n, sizeof(float) * floats / kMeasurePeriodSteps,
                             2 * rounds / kMeasurePeriodSteps});
  pattern.rounds = messages + 2 * rounds / kMeasurePeriodSteps;
  return pattern;
}

}  // namespace concertina
