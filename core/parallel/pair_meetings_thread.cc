// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pair_meetings_thread.cc: the communication thread's side of pair_meetings.h: it asks, or answers who asks.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/flush_denormals.h"
#include "core/base/log.h"
#include "core/base/rng.h"
#include "core/parallel/pair_meetings.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr std::byte kAlive{1}, kDone{2};  // static, so that they may be under way at any time
constexpr std::byte kMeet{3};
constexpr int64_t kMeasurePeriodSteps = 16;

}  // namespace

void PairMeetings::Communicate() {
  const FlushDenormals flushed;
  absl::StatusOr<bool> goes_on = true;
  while (goes_on.ok() && *goes_on) goes_on = CommunicateOnce(options_.deadline_seconds / 4);
  absl::MutexLock lock(&mutex_);
  failure_ = goes_on.status();
  ended_ = true;
  changed_.SignalAll();
}

absl::Status PairMeetings::SayAlive() {
  const double silent_seconds = Clock::Real().SteadySeconds() - told_seconds_;
  return silent_seconds > options_.deadline_seconds / 4 ? TellAll({&kAlive, 1}) : absl::OkStatus();
}

absl::StatusOr<bool> PairMeetings::CommunicateOnce(double seconds) {
  bool asking = false, finishing = false;
  std::optional<int64_t> word;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return false;
    asking = asking_;
    finishing = finishing_;
    word.swap(word_);
  }
  if (word.has_value()) RETURN_IF_ERROR(TellWord(*word));
  RETURN_IF_ERROR(SayAlive());
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
  RETURN_IF_ERROR(AnswerWhoComes(finishing, seconds).status());
  return true;
}

absl::Status PairMeetings::TellWord(int64_t word) {
  meeting_[0] = kMeet;
  std::memcpy(&meeting_[1], &word, sizeof word);
  RETURN_IF_ERROR(TellAll(meeting_));
  for (size_t other = 0; other < size(); ++other)  // the bytes are used again
    if (other != static_cast<size_t>(rank()) && !lost_[other])
      if (const absl::Status flushed = transport().Flush(GlobalRank(other), MessageDeadline()); !flushed.ok())
        RETURN_IF_ERROR(Survive(other, flushed));
  absl::MutexLock lock(&mutex_);
  words_[static_cast<size_t>(rank())].push_back(word);
  changed_.SignalAll();
  return absl::OkStatus();
}

absl::Status PairMeetings::Ask() {
  const double begin = Clock::Real().SteadySeconds();
  int64_t step = 0;
  {
    absl::MutexLock lock(&mutex_);
    step = step_;
  }
  int present = 0;
  for (const int whom : asked_) present += lost_[static_cast<size_t>(whom)] ? 0 : 1;
  bool is_answered = false;
  if (present > 0) {
    Rng rng(options_.seed, "ad-psgd", static_cast<uint64_t>(step) * size() + static_cast<uint64_t>(rank()));
    auto nth = static_cast<int>(rng.Below(static_cast<uint64_t>(present)));
    size_t whom = 0;
    for (const int each : asked_)
      if (!lost_[static_cast<size_t>(each)] && nth-- == 0) whom = static_cast<size_t>(each);
    ASSIGN_OR_RETURN(is_answered, AskOf(whom));
  }
  absl::MutexLock lock(&mutex_);
  if (is_answered) {
    if (step % kMeasurePeriodSteps == 0) distance_ = DistanceOfAnswer();
    std::memcpy(live_.data(), incoming_.data(), Bytes());
  }
  ask_seconds_ = Clock::Real().SteadySeconds() - begin;
  asking_ = false;
  changed_.SignalAll();
  return absl::OkStatus();
}

absl::StatusOr<bool> PairMeetings::AskOf(size_t whom) {
  const Deadline deadline = MessageDeadline();
  const int peer = GlobalRank(whom);
  incoming_.resize(Bytes());
  absl::Status status = transport().Send(peer, kAskTag, std::as_bytes(std::span(live_)), deadline);
  if (status.ok())
    status = transport().Receive(peer, kAnswerTag, Bytes(), deadline,
                                 [this](size_t offset, std::span<const std::byte> piece) {
                                   std::memcpy(incoming_.data() + offset, piece.data(), piece.size());
                                 });
  const bool is_answered = status.ok();
  // Even if nothing came: what was sent must not change while it is under way.
  if (absl::Status flushed = transport().Flush(peer, deadline); status.ok()) status = flushed;
  if (!status.ok()) RETURN_IF_ERROR(Survive(whom, status));
  return is_answered;
}

// ||x_i - x_j|| is twice the way to the average, and of a random pair of N that deviate alike its square is
// on average 2 N / (N - 1) times the mean squared deviation.
double PairMeetings::DistanceOfAnswer() const {
  double square = 0;
  for (size_t i = 0; i < live_.size(); ++i) {
    float average;
    std::memcpy(&average, &incoming_[i * sizeof average], sizeof average);
    const double way = static_cast<double>(live_[i]) - average;
    square += way * way;
  }
  const auto n = static_cast<double>(size());
  return 2 * std::sqrt(square * (n - 1) / (2 * n));
}

absl::StatusOr<bool> PairMeetings::AnswerWhoComes(bool finishing, double seconds) {
  LoseWhoIsGone();
  awaited_.clear();
  const double now = Clock::Real().SteadySeconds();
  for (size_t other = 0; other < size(); ++other) {
    if (!IsAwaited(other)) continue;
    if (finishing && now - heard_seconds_[other] > options_.deadline_seconds)
      return absl::DeadlineExceededError(
          fmt::format("rank {}: nothing for {:.3g} s", GlobalRank(other), now - heard_seconds_[other]));
    awaited_.push_back(GlobalRank(other));
  }
  if (awaited_.empty()) {  // nobody asks any more, but this rank may yet ask who is done
    absl::MutexLock lock(&mutex_);
    if (!asking_ && !finishing_ && !stopping_ && !word_.has_value())
      changed_.WaitWithTimeout(&mutex_, absl::Seconds(seconds));
    return false;
  }
  const absl::StatusOr<int> come = transport().WaitAny(awaited_, kAskTag, Deadline::After(seconds));
  if (absl::IsDeadlineExceeded(come.status())) return false;
  if (absl::IsUnavailable(come.status())) {
    const auto before = std::count(lost_.begin(), lost_.end(), 1);
    LoseWhoIsGone();
    if (std::count(lost_.begin(), lost_.end(), 1) > before) return false;
  }
  RETURN_IF_ERROR(come.status());
  if (*come < 0) return false;  // the step thread wants something
  size_t who = 0;
  while (GlobalRank(who) != *come) ++who;
  const absl::Status received =
      transport().ReceiveMessage(*come, kAskTag, std::max(Bytes(), kMeetBytes), MessageDeadline(), incoming_);
  RETURN_IF_ERROR(received.ok() ? HandleMessageOf(who) : Survive(who, received));
  return true;
}

absl::Status PairMeetings::HandleMessageOf(size_t who) {
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
    return absl::DataLossError(
        fmt::format("rank {}: asked for an average, though it is none of this rank's neighbours that ask",
                    GlobalRank(who)));
  if (incoming_.size() != Bytes())
    return absl::DataLossError(fmt::format("rank {}: sent {} bytes to be averaged, expected {}",
                                           GlobalRank(who), incoming_.size(), Bytes()));
  return Answer(who);
}

// Both take the same bits: they are worked out here and sent back.
absl::Status PairMeetings::Answer(size_t who) {
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
  const Deadline deadline = MessageDeadline();
  absl::Status status = transport().Send(GlobalRank(who), kAnswerTag,
                                         std::as_bytes(std::span<const uint8_t>(incoming_)), deadline);
  if (absl::Status flushed = transport().Flush(GlobalRank(who), deadline); status.ok()) status = flushed;
  return status.ok() ? status : Survive(who, status);
}

absl::Status PairMeetings::TellAll(std::span<const std::byte> what) {
  const Deadline deadline = MessageDeadline();
  for (size_t other = 0; other < size(); ++other) {
    if (other == static_cast<size_t>(rank()) || lost_[other]) continue;
    const absl::Status sent = transport().Send(GlobalRank(other), kAskTag, what, deadline);
    if (!sent.ok()) RETURN_IF_ERROR(Survive(other, sent));
  }
  told_seconds_ = Clock::Real().SteadySeconds();
  return absl::OkStatus();
}

void PairMeetings::LoseWhoIsGone() {
  for (size_t other = 0; other < size(); ++other)
    if (other != static_cast<size_t>(rank()) && !lost_[other] && transport().is_lost(GlobalRank(other)))
      Survive(other, absl::UnavailableError("gone")).IgnoreError();
}

absl::Status PairMeetings::Survive(size_t who, const absl::Status& status) {
  if (!absl::IsUnavailable(status) && !absl::IsFailedPrecondition(status)) return status;
  if (!transport().is_lost(GlobalRank(who))) return status;
  if (!lost_[who])
    spdlog::warn("rank {}: lost rank {} ({}); goes on with the others",
                 GlobalRank(static_cast<size_t>(rank())), GlobalRank(who), std::string(status.message()));
  lost_[who] = 1;
  return absl::OkStatus();
}

}  // namespace concertina
