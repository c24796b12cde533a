// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pair_meetings.cc: the step thread's side (see pair_meetings.h); the other is pair_meetings_thread.cc.
#include "core/parallel/pair_meetings.h"

#include <algorithm>
#include <utility>

#include "core/parallel/agreed_mean.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr uint16_t kSettleChannel = 18;  // worker/step_loop_impl.h: kFirstFreeChannel
constexpr uint16_t kRollCallChannel = 19;

}  // namespace

PairMeetings::PairMeetings(const Options& options, const AskingGraph& graph,
                           std::span<const float> parameters)
    : options_(options),
      asked_(graph.AskedBy(options.data->rank())),
      lost_(static_cast<size_t>(graph.ranks())),
      done_(lost_.size()),
      heard_seconds_(lost_.size()),
      live_(parameters.begin(), parameters.end()) {
  for (int other = 0; other < graph.ranks(); ++other) {
    const std::vector<int>& whom = graph.AskedBy(other);
    may_ask_.push_back(std::find(whom.begin(), whom.end(), rank()) != whom.end());
  }
  awaited_.reserve(size());
  incoming_.reserve(std::max(Bytes(), kMeetBytes));
  absl::MutexLock lock(&mutex_);
  words_.resize(size());
}

PairMeetings::~PairMeetings() {
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

// Not in the constructor: until the first step the loop itself talks to the others.
void PairMeetings::Start(std::span<const float> parameters) {
  if (!std::exchange(is_started_, true)) {
    {
      // A run that goes on: the parameters have been read since, and nobody has mixed yet.
      absl::MutexLock lock(&mutex_);
      std::copy(parameters.begin(), parameters.end(), live_.begin());
    }
    told_seconds_ = Clock::Real().SteadySeconds();
    std::fill(heard_seconds_.begin(), heard_seconds_.end(), told_seconds_);
    if (options_.has_thread) thread_ = std::thread([this] { Communicate(); });
  }
  if (options_.has_thread) transport().Wake();
}

absl::Status PairMeetings::Begin(int64_t step, std::span<float> parameters) {
  if (!is_started_) Start(parameters);
  {
    absl::MutexLock lock(&mutex_);
    RETURN_IF_ERROR(failure_);
    std::copy(live_.begin(), live_.end(), parameters.begin());
    step_ = step;
    ask_seconds_ = 0;
    distance_ = -1;
    asking_ = asks();
    changed_.SignalAll();
  }
  if (asks() && options_.has_thread) transport().Wake();
  return absl::OkStatus();
}

absl::Status PairMeetings::Serve() {
  if (!is_started_) return absl::OkStatus();
  {
    absl::MutexLock lock(&mutex_);
    if (finishing_) return absl::OkStatus();
  }
  RETURN_IF_ERROR(SayAlive());
  for (bool has_come = true; has_come;) {
    ASSIGN_OR_RETURN(has_come, AnswerWhoComes(/*finishing=*/false, /*seconds=*/0));
  }
  return absl::OkStatus();
}

absl::StatusOr<PairMeetings::Meeting> PairMeetings::Await() {
  const double begin = Clock::Real().SteadySeconds();
  if (!options_.has_thread && asks()) RETURN_IF_ERROR(Ask());
  absl::MutexLock lock(&mutex_);
  // The communication thread has a deadline for each of its waits; twice one is past all that it asks for.
  const Deadline deadline = Deadline::After(2 * options_.deadline_seconds);
  while (asking_ && failure_.ok()) {
    if (deadline.Passed())
      return absl::DeadlineExceededError(fmt::format("rank {}: has asked a neighbour for {:.3g} s", rank(),
                                                     Clock::Real().SteadySeconds() - begin));
    changed_.WaitWithTimeout(&mutex_, absl::Seconds(std::min(deadline.SecondsLeft(), 1.0)));
  }
  RETURN_IF_ERROR(failure_);
  return Meeting{.wait_seconds = Clock::Real().SteadySeconds() - begin,
                 .exchange_seconds = ask_seconds_,
                 .distance = distance_};
}

void PairMeetings::Update(absl::FunctionRef<void(std::span<float>)> update) {
  absl::MutexLock lock(&mutex_);
  update(live_);
}

absl::StatusOr<std::vector<std::optional<int64_t>>> PairMeetings::Meet(
    int64_t word, absl::FunctionRef<absl::Status()> meanwhile, std::span<float> parameters) {
  bool is_settled = false;
  {
    absl::MutexLock lock(&mutex_);
    is_settled = finishing_;
    if (!is_settled) word_ = word;
    changed_.SignalAll();
  }
  if (is_settled) return roll_call_->Call(word, meanwhile);
  Start(parameters);
  std::vector<std::optional<int64_t>> words(size());
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
        std::copy(live_.begin(), live_.end(), parameters.begin());
        return words;
      }
      if (options_.has_thread) changed_.WaitWithTimeout(&mutex_, absl::Milliseconds(100));
    }
    if (!options_.has_thread) RETURN_IF_ERROR(CommunicateOnce(/*seconds=*/0.1).status());
    RETURN_IF_ERROR(meanwhile());
  }
}

absl::Status PairMeetings::Settle(std::span<float> parameters, std::span<float> buffers) {
  {
    absl::MutexLock lock(&mutex_);
    finishing_ = true;
    changed_.SignalAll();
  }
  Start(parameters);
  if (!options_.has_thread) Communicate();
  {
    absl::MutexLock lock(&mutex_);
    // The others may train for long yet. Whoever of them falls silent ends this: see AnswerWhoComes.
    while (!ended_) changed_.WaitWithTimeout(&mutex_, absl::Seconds(1));
    RETURN_IF_ERROR(failure_);
    std::copy(live_.begin(), live_.end(), parameters.begin());
  }
  if (options_.has_thread) thread_.join();
  // Some may have been lost since, and not all know of the same.
  std::vector<int> all;
  for (size_t other = 0; other < size(); ++other) all.push_back(GlobalRank(other));
  roll_call_.emplace(transport(), all, kRollCallChannel);
  const Deadline deadline = MessageDeadline();
  RETURN_IF_ERROR(
      roll_call_
          ->Call(0,
                 [&]() -> absl::Status {
                   if (!deadline.Passed()) return absl::OkStatus();
                   return absl::DeadlineExceededError(fmt::format(
                       "rank {}: not all have come to the last mean within {:.3g} s; a rank hangs",
                       transport().rank(), options_.deadline_seconds));
                 })
          .status());
  AgreedMean mean(transport(), *roll_call_, std::move(all), kSettleChannel);
  RETURN_IF_ERROR(mean.Take(live_, parameters, options_.deadline_seconds));  // nobody else holds live_ by now
  if (buffers.empty()) return absl::OkStatus();
  const std::vector<float> own(buffers.begin(), buffers.end());
  return mean.Take(own, buffers, options_.deadline_seconds);
}

}  // namespace concertina
