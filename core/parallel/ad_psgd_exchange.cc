// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ad_psgd_exchange.cc: asynchronous decentralised SGD: after each step of its own a rank averages with one
// neighbour, picked at random, and no rank waits for a step of another [cited below].
//   x_i, x_j <- (x_i + x_j) / 2 at both        x_i <- x_i - lr g_i, g_i of x_i as it was before
//
// Nobody can wait in a circle. The paper parts the ranks of a bipartite graph into active ones, which ask,
// and passive ones, which answer. Here ranks have colours, neighbours never the same, and only the higher
// colour asks: a rank that waits, waits for a lower colour, so chains end. A bipartite graph has two colours,
// and that is the paper's rule; an odd ring has three, a complete graph N.
//
// Threads. The communication thread owns the transport from the first step to Settle: it asks when the step
// thread wants it, and else answers. `live_` are the parameters of this rank; context.parameters are what the
// gradient is computed on, a copy made in Begin. While a rank has asked it answers nobody, and its step
// thread writes nothing: both ends replace x by the same average, and the sum over the ranks stays what it
// was.
//   asks:    x_i, 4 d bytes  ->  the average, 4 d bytes            (kAskTag, kAnswerTag)
//   others:  one byte, kAlive or kDone, or kMeet and a word, to everyone   (kAskTag)
// A lost rank is asked no more. Who has made all its steps goes on answering until everyone has.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <deque>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/flush_denormals.h"
#include "core/base/log.h"
#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/parallel/exchange.h"
#include "core/parallel/mixing_graph.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// Channels from worker/step_loop_impl.h's kFirstFreeChannel on.
constexpr uint32_t kAskTag = uint32_t{17} << 16;
constexpr uint32_t kAnswerTag = kAskTag | 1;
constexpr uint16_t kSettleChannel = 18;
constexpr std::byte kAlive{1}, kDone{2};  // static, so that they may be under way at any time
constexpr std::byte kMeet{3};
constexpr size_t kMeetBytes = 1 + sizeof(int64_t);  // no number of floats has as many
constexpr int64_t kMeasurePeriodSteps = 16;
constexpr int64_t kPieceFloats = 16384;  // still in a cache when the optimiser comes for them

// Two where the graph is bipartite; else the lowest that no neighbour of a lower rank has.
std::vector<int> ColoursOf(const MixingGraph& graph) {
  const auto n = static_cast<size_t>(graph.ranks());
  std::vector<int> colours(n, -1);
  std::vector<int> found = {0};
  colours[0] = 0;
  bool is_bipartite = true;
  for (size_t i = 0; i < found.size(); ++i)  // in breadth: the graph is connected
    for (const int to : graph.RowOf(found[i], 0).to) {
      int& colour = colours[static_cast<size_t>(to)];
      const int other = 1 - colours[static_cast<size_t>(found[i])];
      if (colour < 0) {
        colour = other;
        found.push_back(to);
      }
      is_bipartite &= colour == other;
    }
  if (is_bipartite) return colours;
  std::fill(colours.begin(), colours.end(), -1);
  for (size_t rank = 0; rank < n; ++rank) {
    std::vector<bool> taken(n);
    for (const int to : graph.RowOf(static_cast<int>(rank), 0).to)
      if (const int colour = colours[static_cast<size_t>(to)]; colour >= 0)
        taken[static_cast<size_t>(colour)] = true;
    colours[rank] = static_cast<int>(std::find(taken.begin(), taken.end(), false) - taken.begin());
  }
  return colours;
}

// Whom each rank asks, by rank: its neighbours of a lower colour.
std::vector<std::vector<int>> AskedOf(const MixingGraph& graph) {
  const std::vector<int> colours = ColoursOf(graph);
  std::vector<std::vector<int>> asked(colours.size());
  for (size_t rank = 0; rank < asked.size(); ++rank)
    for (const int to : graph.RowOf(static_cast<int>(rank), 0).to)
      if (colours[static_cast<size_t>(to)] < colours[rank]) asked[rank].push_back(to);
  return asked;
}

// Of the mixing that is to be expected when all ranks step at one pace and ask in a random order: M ranks ask
// a step, and E[W] of one asking is I - 1/M sum_i 1/|A_i| sum_(j in A_i) (e_i - e_j)(e_i - e_j)^T / 2.
double SpectralGapOf(const std::vector<std::vector<int>>& asked) {
  const size_t n = asked.size();
  if (n < 2) return 1;
  double asking = 0;
  for (const auto& whom : asked) asking += whom.empty() ? 0 : 1;
  std::vector<double> expected(n * n);
  for (size_t i = 0; i < n; ++i) expected[i * n + i] = 1;
  for (size_t i = 0; i < n; ++i)
    for (const int whom : asked[i]) {
      const auto j = static_cast<size_t>(whom);
      const double half = 0.5 / (asking * static_cast<double>(asked[i].size()));
      expected[i * n + i] -= half;
      expected[j * n + j] -= half;
      expected[i * n + j] += half;
      expected[j * n + i] += half;
    }
  return 1 - std::pow(SecondEigenvalue(expected, static_cast<int>(n)), asking);
}

class AdPsgdExchange final : public Exchange {
 public:
  explicit AdPsgdExchange(MixingGraphChoice choice) : choice_(std::move(choice)) {}
  ~AdPsgdExchange() override;

  bool lockstep() const override { return false; }
  bool survives_loss() const override { return true; }

  absl::Status Prepare(const ExchangeContext& context) override;
  absl::Status Begin(int64_t step) override;
  void GradientReady(int /*parameter_index*/) override {}
  absl::StatusOr<ExchangeCost> Finish(int64_t step, const Apply& apply) override;
  absl::StatusOr<std::vector<std::optional<int64_t>>> Meet(
      int64_t word, absl::FunctionRef<absl::Status()> meanwhile) override;
  absl::Status Settle() override;

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
          "/exchange/kind: ad-psgd averages whole parameters, which a codec of gradients would damage at "
          "every "
          "step; take choco-sgd, which compresses what has changed, or leave /gradient out");
    return MixingGraph::Create(choice_, circumstances.ranks).status();
  }
  std::vector<std::string> Warnings(const Circumstances& circumstances) const override;
  double ExtraMemoryBytes(const Circumstances& circumstances) const override {
    return circumstances.ranks < 2 ? 0 : 2 * sizeof(float) * static_cast<double>(circumstances.floats);
  }
  Pattern PatternOf(const Traffic& traffic) const override;

 private:
  size_t size() const { return lost_.size(); }
  int rank() const { return context_.data->rank(); }
  Transport& transport() { return context_.data->transport(); }
  int GlobalRank(size_t group_rank) const { return context_.data->global_rank(static_cast<int>(group_rank)); }
  Deadline StepDeadline() const { return Deadline::After(context_.deadline_seconds); }
  size_t Bytes() const { return live_.size() * sizeof(float); }

  // The communication thread, and what only it calls.
  void Communicate();
  absl::StatusOr<bool> CommunicateOnce();  // false: it is over
  absl::Status Ask();
  absl::Status AnswerWhoComes(bool finishing);
  absl::Status Answer(size_t who);
  absl::Status TellAll(std::span<const std::byte> what);
  void LoseWhoIsGone();
  // OK if `status` is no more than the loss of `who`, who then counts as lost.
  absl::Status Survive(size_t who, const absl::Status& status);
  bool IsAwaited(size_t who) const {
    return who != static_cast<size_t>(rank()) && !lost_[who] && !done_[who];
  }

  void Start();
  // Words of all ranks, after the communication thread has ended: every rank is past its last step.
  absl::StatusOr<std::vector<std::optional<int64_t>>> MeetDirectly(int64_t word);

  const MixingGraphChoice choice_;
  ExchangeContext context_;
  std::vector<int> asked_;     // whom this rank asks
  std::vector<char> may_ask_;  // by rank: who asks this one
  double spectral_gap_ = 0;
  Recorder::Series distance_series_ = -1, gap_series_ = -1;
  ExchangeCost cost_;  // step thread
  std::thread thread_;

  // Communication thread.
  std::vector<char> lost_, done_;      // by rank
  std::vector<double> heard_seconds_;  // when last of each
  std::vector<int> awaited_;           // of WaitAny, global ranks
  std::vector<uint8_t> incoming_;      // a neighbour's parameters, or the average
  double told_seconds_ = 0;            // when all heard of this rank last
  bool has_told_done_ = false;
  std::array<std::byte, kMeetBytes> meeting_ = {kMeet};  // what is under way

  absl::Mutex mutex_;
  absl::CondVar changed_;
  // While `asking_` only the communication thread touches it, and reads it without the lock.
  std::vector<float> live_;
  bool asking_ ABSL_GUARDED_BY(mutex_) = false;
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<int64_t> word_ ABSL_GUARDED_BY(mutex_);             // to be told to all
  std::vector<std::deque<int64_t>> words_ ABSL_GUARDED_BY(mutex_);  // heard, by rank
  int64_t step_ ABSL_GUARDED_BY(mutex_) = 0;
  double ask_seconds_ ABSL_GUARDED_BY(mutex_) = 0;  // of the last asking
  double distance_ ABSL_GUARDED_BY(mutex_) = -1;    // to whom was asked last; -1: not measured
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);    // why the communication thread has ended
};

AdPsgdExchange::~AdPsgdExchange() {
  if (!thread_.joinable()) return;
  bool is_waiting = false;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    is_waiting = asking_ && !ended_;
    changed_.SignalAll();
  }
  // A thread that has asked would wait out its deadline.
  if (is_waiting) transport().Abort(absl::CancelledError("this rank has ended its exchange"));
  transport().Wake();
  thread_.join();
}

absl::Status AdPsgdExchange::Prepare(const ExchangeContext& context) {
  context_ = context;
  RETURN_IF_ERROR(Fits({.ranks = context.data->size(), .has_codec = context.make_codec != nullptr}));
  ASSIGN_OR_RETURN(const MixingGraph graph, MixingGraph::Create(choice_, context.data->size()));
  const std::vector<std::vector<int>> asked = AskedOf(graph);
  asked_ = asked[static_cast<size_t>(rank())];
  for (const std::vector<int>& whom : asked)
    may_ask_.push_back(std::find(whom.begin(), whom.end(), rank()) != whom.end());
  lost_.resize(asked.size());
  done_.resize(asked.size());
  heard_seconds_.resize(asked.size());
  if (size() == 1) return absl::OkStatus();
  awaited_.reserve(size());
  {
    absl::MutexLock lock(&mutex_);
    words_.resize(size());
  }
  live_.assign(context.parameters.begin(), context.parameters.end());
  incoming_.reserve(Bytes());
  transport().SurviveLoss();
  if (context.recorder != nullptr) {
    distance_series_ = context.recorder->Open("gossip/consensus_distance", "", RankFold::kMean);
    gap_series_ = context.recorder->Open("gossip/spectral_gap", "", RankFold::kMean);
    spectral_gap_ = SpectralGapOf(asked);
  }
  return absl::OkStatus();
}

void AdPsgdExchange::Start() {
  // Not in Prepare: until the first step the loop itself talks to the others.
  if (!thread_.joinable()) thread_ = std::thread([this] { Communicate(); });
}

absl::Status AdPsgdExchange::Begin(int64_t step) {
  cost_ = {};
  if (size() == 1) return absl::OkStatus();
  {
    absl::MutexLock lock(&mutex_);
    // A run that goes on: the parameters have been read since Prepare, and nobody has mixed yet.
    if (!thread_.joinable()) std::copy(context_.parameters.begin(), context_.parameters.end(), live_.begin());
    RETURN_IF_ERROR(failure_);
    std::copy(live_.begin(), live_.end(), context_.parameters.begin());
    step_ = step;
    ask_seconds_ = 0;
    distance_ = -1;
    asking_ = !asked_.empty();
    if (!asking_ && thread_.joinable()) return absl::OkStatus();
    changed_.SignalAll();
  }
  Start();
  transport().Wake();
  return absl::OkStatus();
}

absl::StatusOr<ExchangeCost> AdPsgdExchange::Finish(int64_t step, const Apply& apply) {
  const auto floats = static_cast<int64_t>(context_.parameters.size());
  if (size() == 1) {
    apply(0, floats);
    return cost_;
  }
  const double begin = Clock::Real().SteadySeconds();
  absl::MutexLock lock(&mutex_);
  // The communication thread has a deadline for each of its waits; twice one is past all that it asks for.
  const Deadline deadline = Deadline::After(2 * context_.deadline_seconds);
  while (asking_ && failure_.ok()) {
    if (deadline.Passed())
      return absl::DeadlineExceededError(fmt::format("rank {}: has asked a neighbour for {:.3g} s", rank(),
                                                     Clock::Real().SteadySeconds() - begin));
    changed_.WaitWithTimeout(&mutex_, absl::Seconds(std::min(deadline.SecondsLeft(), 1.0)));
  }
  RETURN_IF_ERROR(failure_);
  cost_.wait_seconds = Clock::Real().SteadySeconds() - begin;
  cost_.exchange_seconds = ask_seconds_;
  if (!asked_.empty()) {
    cost_.dense_bytes = Bytes();
    cost_.encoded_bytes = Bytes();
  }
  for (int64_t offset = 0; offset < floats; offset += kPieceFloats) {
    const int64_t count = std::min(kPieceFloats, floats - offset);
    std::copy_n(live_.begin() + offset, count, context_.parameters.begin() + offset);
    apply(offset, count);
    std::copy_n(context_.parameters.begin() + offset, count, live_.begin() + offset);
  }
  if (distance_ >= 0 && distance_series_ >= 0) {
    context_.recorder->Record(distance_series_, step, distance_);
    context_.recorder->Record(gap_series_, step, spectral_gap_);
  }
  return cost_;
}

absl::StatusOr<std::vector<std::optional<int64_t>>> AdPsgdExchange::Meet(
    int64_t word, absl::FunctionRef<absl::Status()> meanwhile) {
  std::vector<std::optional<int64_t>> words(size());
  if (size() == 1) {
    words[0] = word;
    return words;
  }
  bool is_settled = false;
  {
    absl::MutexLock lock(&mutex_);
    is_settled = finishing_;
  }
  if (is_settled) return MeetDirectly(word);
  {
    absl::MutexLock lock(&mutex_);
    if (!thread_.joinable()) std::copy(context_.parameters.begin(), context_.parameters.end(), live_.begin());
    word_ = word;
    changed_.SignalAll();
  }
  Start();
  transport().Wake();
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      RETURN_IF_ERROR(failure_);
      bool all_there = true;
      for (size_t other = 0; other < size(); ++other)
        all_there &= !words_[other].empty() ||
                     (other != static_cast<size_t>(rank()) && transport().is_lost(GlobalRank(other)));
      if (all_there) {
        for (size_t other = 0; other < size(); ++other) {
          if (words_[other].empty()) continue;
          words[other] = words_[other].front();
          words_[other].pop_front();
        }
        // Who has come asks nobody any more, so these are what the others mixed in too.
        std::copy(live_.begin(), live_.end(), context_.parameters.begin());
        return words;
      }
      changed_.WaitWithTimeout(&mutex_, absl::Milliseconds(100));
    }
    RETURN_IF_ERROR(meanwhile());
  }
}

absl::StatusOr<std::vector<std::optional<int64_t>>> AdPsgdExchange::MeetDirectly(int64_t word) {
  std::vector<std::optional<int64_t>> words(size());
  words[static_cast<size_t>(rank())] = word;
  const auto others = [&](auto act) -> absl::Status {
    for (size_t other = 0; other < size(); ++other) {
      if (other == static_cast<size_t>(rank()) || lost_[other]) continue;
      if (const absl::Status done = act(other); !done.ok()) RETURN_IF_ERROR(Survive(other, done));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(others([&](size_t other) {
    return transport().Send(GlobalRank(other), kAnswerTag, std::as_bytes(std::span(&word, 1)),
                            StepDeadline());
  }));
  RETURN_IF_ERROR(others([&](size_t other) {
    int64_t theirs = 0;
    RETURN_IF_ERROR(transport().Receive(GlobalRank(other), kAnswerTag, sizeof theirs, StepDeadline(),
                                        [&](size_t offset, std::span<const std::byte> piece) {
                                          std::memcpy(reinterpret_cast<std::byte*>(&theirs) + offset,
                                                      piece.data(), piece.size());
                                        }));
    words[other] = theirs;
    return absl::OkStatus();
  }));
  RETURN_IF_ERROR(others([&](size_t other) { return transport().Flush(GlobalRank(other), StepDeadline()); }));
  return words;
}

absl::Status AdPsgdExchange::Settle() {
  if (size() == 1) return absl::OkStatus();
  {
    absl::MutexLock lock(&mutex_);
    if (!thread_.joinable()) std::copy(context_.parameters.begin(), context_.parameters.end(), live_.begin());
    finishing_ = true;
    changed_.SignalAll();
  }
  Start();
  transport().Wake();
  {
    absl::MutexLock lock(&mutex_);
    // The others may train for long yet. Whoever of them falls silent ends this: see AnswerWhoComes.
    while (!ended_) changed_.WaitWithTimeout(&mutex_, absl::Seconds(1));
    RETURN_IF_ERROR(failure_);
    std::copy(live_.begin(), live_.end(), context_.parameters.begin());
  }
  thread_.join();
  std::vector<int> members;
  for (size_t other = 0; other < size(); ++other)
    if (!lost_[other]) members.push_back(GlobalRank(other));
  Communicator survivors(transport(), members, kSettleChannel);
  const float share = 1.0f / static_cast<float>(members.size());
  RETURN_IF_ERROR(survivors.AllReduceSum(context_.parameters, StepDeadline(), share));
  if (context_.buffers.empty()) return absl::OkStatus();
  return survivors.AllReduceSum(context_.buffers, StepDeadline(), share);
}

void AdPsgdExchange::Communicate() {
  const FlushDenormals flushed;
  const double now = Clock::Real().SteadySeconds();
  std::fill(heard_seconds_.begin(), heard_seconds_.end(), now);
  told_seconds_ = now;
  absl::StatusOr<bool> goes_on = true;
  while (goes_on.ok() && *goes_on) goes_on = CommunicateOnce();
  absl::MutexLock lock(&mutex_);
  failure_ = goes_on.status();
  ended_ = true;
  changed_.SignalAll();
}

absl::StatusOr<bool> AdPsgdExchange::CommunicateOnce() {
  bool asking = false, finishing = false;
  std::optional<int64_t> word;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return false;
    asking = asking_;
    finishing = finishing_;
    word.swap(word_);
  }
  if (word.has_value()) {
    std::memcpy(&meeting_[1], &*word, sizeof *word);
    RETURN_IF_ERROR(TellAll(meeting_));
    for (size_t other = 0; other < size(); ++other)  // the bytes are used again
      if (other != static_cast<size_t>(rank()) && !lost_[other])
        if (const absl::Status flushed = transport().Flush(GlobalRank(other), StepDeadline()); !flushed.ok())
          RETURN_IF_ERROR(Survive(other, flushed));
    absl::MutexLock lock(&mutex_);
    words_[static_cast<size_t>(rank())].push_back(*word);
    changed_.SignalAll();
  }
  if (Clock::Real().SteadySeconds() - told_seconds_ > context_.deadline_seconds / 4)
    RETURN_IF_ERROR(TellAll({&kAlive, 1}));
  if (asking) {
    RETURN_IF_ERROR(Ask());
    return true;
  }
  if (finishing && !has_told_done_) {
    RETURN_IF_ERROR(TellAll({&kDone, 1}));
    has_told_done_ = true;
  }
  bool is_awaiting = false;
  for (size_t other = 0; other < size(); ++other) is_awaiting |= IsAwaited(other);
  if (finishing && !is_awaiting) return false;
  RETURN_IF_ERROR(AnswerWhoComes(finishing));
  return true;
}

absl::Status AdPsgdExchange::Ask() {
  const double begin = Clock::Real().SteadySeconds();
  int64_t step = 0;
  {
    absl::MutexLock lock(&mutex_);
    step = step_;
  }
  int present = 0;
  for (const int whom : asked_) present += lost_[static_cast<size_t>(whom)] ? 0 : 1;
  double distance = -1;
  bool is_answered = false;
  if (present > 0) {
    Rng rng(context_.seed, "ad-psgd", static_cast<uint64_t>(step) * size() + static_cast<uint64_t>(rank()));
    auto nth = static_cast<int>(rng.Below(static_cast<uint64_t>(present)));
    size_t whom = 0;
    for (const int each : asked_)
      if (!lost_[static_cast<size_t>(each)] && nth-- == 0) whom = static_cast<size_t>(each);
    const Deadline deadline = StepDeadline();
    const int peer = GlobalRank(whom);
    incoming_.resize(Bytes());
    absl::Status status = transport().Send(peer, kAskTag, std::as_bytes(std::span(live_)), deadline);
    if (status.ok())
      status = transport().Receive(peer, kAnswerTag, Bytes(), deadline,
                                   [this](size_t offset, std::span<const std::byte> piece) {
                                     std::memcpy(incoming_.data() + offset, piece.data(), piece.size());
                                   });
    is_answered = status.ok();
    // Even if nothing came: what was sent must not change while it is under way.
    if (absl::Status flushed = transport().Flush(peer, deadline); status.ok()) status = flushed;
    if (!status.ok()) RETURN_IF_ERROR(Survive(whom, status));
  }
  absl::MutexLock lock(&mutex_);
  if (is_answered) {
    if (step % kMeasurePeriodSteps == 0) {
      // ||x_i - x_j|| is twice the way to the average, and of a random pair of N that deviate alike its
      // square is on average 2 N / (N - 1) times the mean squared deviation.
      double square = 0;
      for (size_t i = 0; i < live_.size(); ++i) {
        float average;
        std::memcpy(&average, &incoming_[i * sizeof average], sizeof average);
        const double way = static_cast<double>(live_[i]) - average;
        square += way * way;
      }
      const auto n = static_cast<double>(size());
      distance = 2 * std::sqrt(square * (n - 1) / (2 * n));
    }
    std::memcpy(live_.data(), incoming_.data(), Bytes());
  }
  distance_ = distance;
  ask_seconds_ = Clock::Real().SteadySeconds() - begin;
  asking_ = false;
  changed_.SignalAll();
  return absl::OkStatus();
}

absl::Status AdPsgdExchange::AnswerWhoComes(bool finishing) {
  LoseWhoIsGone();
  awaited_.clear();
  const double now = Clock::Real().SteadySeconds();
  for (size_t other = 0; other < size(); ++other) {
    if (!IsAwaited(other)) continue;
    if (finishing && now - heard_seconds_[other] > context_.deadline_seconds)
      return absl::DeadlineExceededError(
          fmt::format("rank {}: nothing for {:.3g} s", GlobalRank(other), now - heard_seconds_[other]));
    awaited_.push_back(GlobalRank(other));
  }
  const double tick_seconds = context_.deadline_seconds / 4;
  if (awaited_.empty()) {  // nobody asks any more, but this rank may yet ask who is done
    absl::MutexLock lock(&mutex_);
    if (!asking_ && !finishing_ && !stopping_) changed_.WaitWithTimeout(&mutex_, absl::Seconds(tick_seconds));
    return absl::OkStatus();
  }
  const absl::StatusOr<int> come = transport().WaitAny(awaited_, kAskTag, Deadline::After(tick_seconds));
  if (absl::IsDeadlineExceeded(come.status())) return absl::OkStatus();
  if (absl::IsUnavailable(come.status())) {
    const size_t before = static_cast<size_t>(std::count(lost_.begin(), lost_.end(), 1));
    LoseWhoIsGone();
    return static_cast<size_t>(std::count(lost_.begin(), lost_.end(), 1)) > before ? absl::OkStatus()
                                                                                   : come.status();
  }
  RETURN_IF_ERROR(come.status());
  if (*come < 0) return absl::OkStatus();  // the step thread wants something
  size_t who = 0;
  while (GlobalRank(who) != *come) ++who;
  const absl::Status received =
      transport().ReceiveMessage(*come, kAskTag, std::max(Bytes(), kMeetBytes), StepDeadline(), incoming_);
  if (!received.ok()) return Survive(who, received);
  heard_seconds_[who] = Clock::Real().SteadySeconds();
  if (incoming_.size() == 1 && static_cast<std::byte>(incoming_[0]) == kAlive) return absl::OkStatus();
  if (incoming_.size() == 1 && static_cast<std::byte>(incoming_[0]) == kDone) {
    done_[who] = 1;
    return absl::OkStatus();
  }
  if (incoming_.size() == kMeetBytes && static_cast<std::byte>(incoming_[0]) == kMeet) {
    int64_t word = 0;
    std::memcpy(&word, &incoming_[1], sizeof word);
    absl::MutexLock lock(&mutex_);
    words_[who].push_back(word);
    changed_.SignalAll();
    return absl::OkStatus();
  }
  if (!may_ask_[who])
    return absl::DataLossError(fmt::format(
        "rank {}: asked for an average, though it is none of this rank's neighbours that ask", *come));
  if (incoming_.size() != Bytes())
    return absl::DataLossError(
        fmt::format("rank {}: sent {} bytes to be averaged, expected {}", *come, incoming_.size(), Bytes()));
  return Answer(who);
}

// Both take the same bits: they are worked out here and sent back.
absl::Status AdPsgdExchange::Answer(size_t who) {
  {
    absl::MutexLock lock(&mutex_);
    for (size_t i = 0; i < live_.size(); ++i) {
      float other;
      std::memcpy(&other, &incoming_[i * sizeof other], sizeof other);
      const float average = 0.5f * live_[i] + 0.5f * other;
      live_[i] = average;
      std::memcpy(&incoming_[i * sizeof average], &average, sizeof average);
    }
  }
  const Deadline deadline = StepDeadline();
  absl::Status status = transport().Send(GlobalRank(who), kAnswerTag,
                                         std::as_bytes(std::span<const uint8_t>(incoming_)), deadline);
  if (absl::Status flushed = transport().Flush(GlobalRank(who), deadline); status.ok()) status = flushed;
  return status.ok() ? status : Survive(who, status);
}

absl::Status AdPsgdExchange::TellAll(std::span<const std::byte> what) {
  const Deadline deadline = StepDeadline();
  for (size_t other = 0; other < size(); ++other) {
    if (other == static_cast<size_t>(rank()) || lost_[other]) continue;
    const absl::Status sent = transport().Send(GlobalRank(other), kAskTag, what, deadline);
    if (!sent.ok()) RETURN_IF_ERROR(Survive(other, sent));
  }
  told_seconds_ = Clock::Real().SteadySeconds();
  return absl::OkStatus();
}

void AdPsgdExchange::LoseWhoIsGone() {
  for (size_t other = 0; other < size(); ++other)
    if (other != static_cast<size_t>(rank()) && !lost_[other] && transport().is_lost(GlobalRank(other)))
      Survive(other, absl::UnavailableError("gone")).IgnoreError();
}

absl::Status AdPsgdExchange::Survive(size_t who, const absl::Status& status) {
  if (!absl::IsUnavailable(status) && !absl::IsFailedPrecondition(status)) return status;
  if (!transport().is_lost(GlobalRank(who))) return status;
  if (!lost_[who])
    spdlog::warn("rank {}: lost rank {} ({}); goes on with the others",
                 GlobalRank(static_cast<size_t>(rank())), GlobalRank(who), std::string(status.message()));
  lost_[who] = 1;
  return absl::OkStatus();
}

std::vector<std::string> AdPsgdExchange::Warnings(const Circumstances& circumstances) const {
  const absl::StatusOr<MixingGraph> graph = MixingGraph::Create(choice_, circumstances.ranks);
  if (!graph.ok()) return {};
  if (circumstances.ranks == 1) return graph->Remarks();
  const std::vector<std::vector<int>> asked = AskedOf(*graph);
  const auto passive =
      std::count_if(asked.begin(), asked.end(), [](const auto& whom) { return whom.empty(); });
  return {
      fmt::format("{}, {} workers, of which {} only answer: spectral gap {:.4g} a step, when all step at one "
                  "pace",
                  choice_.kind, circumstances.ranks, passive, SpectralGapOf(asked)),
      "runs of the same seed differ: who averages with whom before what depends on who is sooner"};
}

Pattern AdPsgdExchange::PatternOf(const Traffic& traffic) const {
  Pattern pattern;
  const absl::StatusOr<MixingGraph> graph = MixingGraph::Create(choice_, traffic.ranks);
  if (!graph.ok()) return pattern;
  const double bytes = sizeof(float) * static_cast<double>(traffic.floats);
  const std::vector<std::vector<int>> asked = AskedOf(*graph);
  for (size_t rank = 0; rank < asked.size(); ++rank)
    for (const int whom : asked[rank]) {
      const double share = 1.0 / static_cast<double>(asked[rank].size());
      pattern.flows.push_back({static_cast<int>(rank), whom, bytes * share, share});
      pattern.flows.push_back({whom, static_cast<int>(rank), bytes * share, share});
    }
  pattern.rounds = traffic.ranks < 2 ? 0 : 2;
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
