// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// served_exchange.cc: threads, turns, meetings and losses of served_exchange.h. What a worker does is
// served_exchange_worker.cc, what a server does served_exchange_server.cc; what is saved and changed is
// served_exchange_keeping.cc.
#include "core/parallel/served_exchange.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/clock.h"
#include "core/base/flush_denormals.h"
#include "core/parallel/bucket_codec.h"
#include "core/parallel/served_exchange_impl.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kIdleSeconds = 0.05;  // a lost peer is noticed within this
constexpr double kLastFlushSeconds = 5;

}  // namespace

ServedExchange::ServedExchange(const ServedOptions& options) : options_(options) {}

ServedExchange::~ServedExchange() {
  if (context_.data == nullptr) return;
  Transport& transport = context_.data->transport();
  if (thread_.joinable()) {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
      changed_.SignalAll();
    }
    // A thread that waits for a peer in the middle of a message would wait out its deadline.
    if (!is_settled_) transport.Abort(absl::CancelledError("this rank has ended its exchange"));
    transport.Wake();
    thread_.join();
  }
  // What peers may still read goes with this.
  const Deadline deadline = Deadline::After(kLastFlushSeconds);
  for (int rank = 0; rank < context_.data->size(); ++rank)
    if (rank != context_.data->rank()) transport.Flush(Global(rank), deadline).IgnoreError();
}

std::span<float> ServedExchange::PartOf(std::span<float> whole, const Shard& shard) const {
  return whole.subspan(static_cast<size_t>(shard.offset), static_cast<size_t>(shard.count));
}

absl::Status ServedExchange::BadMessage(int rank, const std::string& what) const {
  return absl::DataLossError(fmt::format("rank {}: {}", Global(rank), what));
}

absl::Status ServedExchange::Prepare(const ExchangeContext& context) {
  context_ = context;
  const int me = context.data->rank(), ranks = workers();
  absl::MutexLock lock(&mutex_);
  lost_.assign(static_cast<size_t>(context.data->size()), false);
  words_.resize(static_cast<size_t>(context.data->size()));
  for (int rank = 0; rank < context.data->size(); ++rank)
    if (rank != me) peers_.push_back(Global(rank));
  const auto floats = static_cast<int64_t>(context.parameters.size());
  for (int64_t s = 0; s < options_.shards; ++s) {
    auto shard = std::make_unique<Shard>();
    shard->index = s;
    shard->offset = floats * s / options_.shards;
    shard->count = floats * (s + 1) / options_.shards - shard->offset;
    shard->server = ServerOf(s, ranks);
    if (context.make_codec) {
      ASSIGN_OR_RETURN(shard->codec, MakeBucketCodec(context, shard->offset, shard->count));
      shard->payload.reserve(static_cast<size_t>(shard->codec->MaxPayloadBytes(shard->count)));
      shard->before.resize(static_cast<size_t>(shard->count));
    }
    if (shard->codec != nullptr && is_elastic() && is_worker()) {
      shard->known.resize(static_cast<size_t>(shard->count));
      shard->pulled.resize(static_cast<size_t>(shard->count));
    }
    if (is_worker()) shard->late.resize(static_cast<size_t>(shard->count));
    if (shard->server == me) {
      std::unique_ptr<Optimizer> optimizer;
      if (!is_elastic()) {
        ASSIGN_OR_RETURN(optimizer, context.make_optimizer());
        optimizer->Prepare(SlotsWithin(*context.layout, {{shard->offset, shard->count}}));
      }
      shard->served = std::make_unique<ServerShard>(options_.rule, ranks, PartOf(context.parameters, *shard),
                                                    std::move(optimizer));
      shard->answer_headers.resize(static_cast<size_t>(ranks));
      shard->held_headers.resize(static_cast<size_t>(ranks));
      shard->tickets.resize(static_cast<size_t>(ranks));
      shard->answers_by_pull.resize(static_cast<size_t>(ranks));
      if (shard->codec != nullptr && is_elastic()) {
        ASSIGN_OR_RETURN(shard->pull_codec, MakeBucketCodec(context, shard->offset, shard->count));
        shard->pulls.resize(static_cast<size_t>(ranks));
        shard->served->KnowWorkers();
      }
      shard->decoded.resize(shard->codec != nullptr ? static_cast<size_t>(shard->count) : 0);
    }
    shards_.push_back(std::move(shard));
  }
  is_alone_ = peers_.empty();
  // Without a rank that has a part of a model the others of its copy are of no use.
  survives_ = context.data->transport().size() == context.data->size();
  if (survives_) context.data->transport().SurviveLoss();
  has_thread_ = is_worker() && ServesAnything(me, ranks) && !is_alone_ && context.may_overlap;
  return absl::OkStatus();
}

absl::Status ServedExchange::Begin(int64_t /*step*/) { return absl::OkStatus(); }

absl::StatusOr<bool> ServedExchange::Do(absl::FunctionRef<absl::Status()> begin,
                                        absl::FunctionRef<bool()> done, double seconds) {
  const Deadline deadline = Deadline::After(seconds);
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(failure_);
  // Not before the first need: until then the step thread has other uses for the transport.
  if (has_thread_ && !thread_.joinable()) thread_ = std::thread([this] { Communicate(); });
  begin_ = &begin;
  done_ = &done;
  is_done_ = false;
  if (has_thread_) {
    context_.data->transport().Wake();
    changed_.SignalAll();
    // A long message may have kept the thread from it for all of the time: what was to begin is begun.
    while (!is_done_ && failure_.ok() && (begin_ != nullptr || !deadline.Passed())) {
      const double left = deadline.SecondsLeft();
      changed_.WaitWithTimeout(&mutex_, absl::Seconds(left > 0 ? left : kIdleSeconds));
    }
  } else {
    do {
      mutex_.Unlock();
      const absl::Status status = Turn(std::min(kIdleSeconds, deadline.SecondsLeft()));
      mutex_.Lock();
      if (!status.ok()) failure_ = status;
    } while (!is_done_ && failure_.ok() && !deadline.Passed());
  }
  begin_ = nullptr;
  done_ = nullptr;
  RETURN_IF_ERROR(failure_);
  return is_done_;
}

void ServedExchange::Communicate() {
  const FlushDenormals flushed;
  for (;;) {
    const absl::Status status = Turn(kIdleSeconds);
    absl::MutexLock lock(&mutex_);
    if (!status.ok()) failure_ = status;
    if (!failure_.ok() || is_done_) changed_.SignalAll();
    if (stopping_ || !failure_.ok()) return;
  }
}

// One thing: what the step thread wants begun, or a message, or a look at who is gone.
absl::Status ServedExchange::Turn(double seconds) {
  {
    absl::MutexLock lock(&mutex_);
    if (begin_ != nullptr) {
      absl::FunctionRef<absl::Status()> begin = *std::exchange(begin_, nullptr);
      RETURN_IF_ERROR(begin());
    }
    if (done_ != nullptr && !is_done_) is_done_ = (*done_)();
    if (is_done_ && !has_thread_) return absl::OkStatus();
    if (is_done_) changed_.SignalAll();
    if (is_alone_) {
      if (begin_ == nullptr && !stopping_) changed_.WaitWithTimeout(&mutex_, absl::Seconds(seconds));
      return absl::OkStatus();
    }
  }
  const absl::StatusOr<int> came =
      context_.data->transport().WaitAny(peers_, kServedHeaderTag, Deadline::After(seconds));
  const bool is_idle = absl::IsDeadlineExceeded(came.status());
  const bool all_gone = survives_ && absl::IsUnavailable(came.status());
  if (!came.ok() && !is_idle && !all_gone) return came.status();
  absl::MutexLock lock(&mutex_);
  if (came.ok() && *came >= 0) {
    int rank = 0;
    while (Global(rank) != *came) ++rank;
    RETURN_IF_ERROR(HandleFrom(rank));
  }
  if (is_idle || all_gone || SteadyNow() >= next_look_) RETURN_IF_ERROR(LookForLosses());
  if (done_ != nullptr && begin_ == nullptr && !is_done_ && (*done_)()) {
    is_done_ = true;
    changed_.SignalAll();
  }
  return absl::OkStatus();
}

bool ServedExchange::serves_in_waits() const {
  return is_worker() && ServesAnything(context_.data->rank(), workers()) && !has_thread_ &&
         context_.data->size() > 1;
}

absl::Status ServedExchange::Serve() {
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      RETURN_IF_ERROR(failure_);
      if (is_alone_) return absl::OkStatus();
    }
    const absl::StatusOr<int> came =
        context_.data->transport().WaitAny(peers_, kServedHeaderTag, Deadline::After(0));
    const bool is_over =
        absl::IsDeadlineExceeded(came.status()) || (survives_ && absl::IsUnavailable(came.status()));
    if (!came.ok() && !is_over) return came.status();
    absl::MutexLock lock(&mutex_);
    if (is_over) return SteadyNow() >= next_look_ ? LookForLosses() : absl::OkStatus();
    if (*came < 0) continue;
    int rank = 0;
    while (Global(rank) != *came) ++rank;
    RETURN_IF_ERROR(HandleFrom(rank));
  }
}

absl::Status ServedExchange::LookForLosses() {
  next_look_ = SteadyNow() + kIdleSeconds;
  Transport& transport = context_.data->transport();
  bool any_left = false;
  for (int rank = 0; rank < context_.data->size(); ++rank) {
    if (rank == context_.data->rank() || lost_[static_cast<size_t>(rank)]) continue;
    if (!transport.is_lost(Global(rank))) {
      any_left = true;
      continue;
    }
    // What it had sent before it went is there by now, and counts.
    const int from[1] = {Global(rank)};
    for (;;) {
      const absl::StatusOr<int> came = transport.WaitAny(from, kServedHeaderTag, Deadline::After(0));
      if (!came.ok()) break;
      if (*came >= 0) RETURN_IF_ERROR(HandleFrom(rank));
      if (lost_[static_cast<size_t>(rank)]) break;
    }
    RETURN_IF_ERROR(Lost(rank));
  }
  is_alone_ = !any_left;
  return absl::OkStatus();
}

absl::Status ServedExchange::Lost(int rank) {
  if (lost_[static_cast<size_t>(rank)]) return absl::OkStatus();
  lost_[static_cast<size_t>(rank)] = true;
  std::erase(peers_, Global(rank));
  for (const std::unique_ptr<Shard>& shard : shards_) {
    if (shard->served != nullptr && rank < workers()) {
      shard->served->Lose(rank);
      RETURN_IF_ERROR(Deliver(*shard));
    }
    if (shard->server == rank && shard->state == Shard::State::kAsked)
      return absl::UnavailableError(
          fmt::format("rank {}: is lost, and with it shard {} of the parameters, which nobody else has",
                      Global(rank), shard->index));
  }
  return absl::OkStatus();
}

absl::Status ServedExchange::Spare(int rank, const absl::Status& status) {
  if (status.ok() || !context_.data->transport().is_lost(Global(rank))) return status;
  return Lost(rank);
}

absl::Status ServedExchange::HandleFrom(int rank) {
  Header header;
  const absl::Status status = context_.data->transport().Receive(
      Global(rank), kServedHeaderTag, sizeof header, StepDeadline(),
      [&](size_t offset, std::span<const std::byte> piece) {
        std::memcpy(reinterpret_cast<std::byte*>(&header) + offset, piece.data(), piece.size());
      });
  if (!status.ok()) return Spare(rank, status);
  if (header.kind == Kind::kMeet) {
    words_[static_cast<size_t>(rank)].push_back(header.step);
    for (const std::unique_ptr<Shard>& shard : shards_)
      if (shard->served != nullptr && rank < workers()) {
        shard->served->SetMeeting(rank, true);
        RETURN_IF_ERROR(Deliver(*shard));
      }
    return absl::OkStatus();
  }
  if (header.shard >= shards_.size())
    return BadMessage(rank, fmt::format("speaks of shard {}, there are {}", header.shard, shards_.size()));
  switch (header.kind) {
    case Kind::kPush:
    case Kind::kChange:
      return TakePush(rank, header);
    case Kind::kFetch:
      return TakeFetch(rank, header);
    case Kind::kAnswer:
    case Kind::kHeld:
    case Kind::kPull:
      return TakeAnswer(rank, header);
    default:
      return BadMessage(rank,
                        fmt::format("sent a message of unknown kind {}", static_cast<uint32_t>(header.kind)));
  }
}

absl::StatusOr<std::vector<std::optional<int64_t>>> ServedExchange::Meet(
    int64_t word, absl::FunctionRef<absl::Status()> meanwhile) {
  constexpr double kPauseSeconds = 0.1;  // so often `meanwhile` is called
  Transport& transport = context_.data->transport();
  const auto me = static_cast<size_t>(context_.data->rank());
  Header header = {.kind = Kind::kMeet, .step = word};
  const auto start = [&]() -> absl::Status {
    words_[me].push_back(word);
    for (const std::unique_ptr<Shard>& shard : shards_)
      if (shard->served != nullptr && is_worker()) {
        shard->served->SetMeeting(static_cast<int>(me), true);
        RETURN_IF_ERROR(Deliver(*shard));
      }
    for (int rank = 0; rank < context_.data->size(); ++rank)
      if (rank != static_cast<int>(me) && !lost_[static_cast<size_t>(rank)])
        RETURN_IF_ERROR(
            Spare(rank, transport.Send(Global(rank), kServedHeaderTag, BytesOf(header), StepDeadline())));
    // The header lives as long as this call.
    for (int rank = 0; rank < context_.data->size(); ++rank)
      if (rank != static_cast<int>(me) && !lost_[static_cast<size_t>(rank)])
        RETURN_IF_ERROR(Spare(rank, transport.Flush(Global(rank), StepDeadline())));
    return absl::OkStatus();
  };
  std::vector<std::optional<int64_t>> words(words_.size());
  const auto all_there = [&] {
    for (size_t rank = 0; rank < words_.size(); ++rank)
      if (words_[rank].empty() && !lost_[rank]) return false;
    for (size_t rank = 0; rank < words_.size(); ++rank) {
      if (words_[rank].empty()) continue;
      words[rank] = words_[rank].front();
      words_[rank].pop_front();
      if (!words_[rank].empty()) continue;
      for (const std::unique_ptr<Shard>& shard : shards_)
        if (shard->served != nullptr && static_cast<int>(rank) < workers())
          shard->served->SetMeeting(static_cast<int>(rank), false);
    }
    return true;
  };
  const auto nothing = []() { return absl::OkStatus(); };
  ASSIGN_OR_RETURN(bool is_over, Do(start, all_there, kPauseSeconds));
  while (!is_over) {
    RETURN_IF_ERROR(meanwhile());
    ASSIGN_OR_RETURN(is_over, Do(nothing, all_there, kPauseSeconds));
  }
  return words;
}

absl::Status ServedExchange::Settle() {
  const auto start = [&]() -> absl::Status {
    takes_parameters_ = true;
    for (const std::unique_ptr<Shard>& shard : shards_) {
      if (is_worker()) {
        RETURN_IF_ERROR(SendFetch(*shard, true));
      } else if (shard->served != nullptr) {
        const std::span<const float> served = shard->served->parameters();
        std::copy(served.begin(), served.end(), PartOf(context_.parameters, *shard).begin());
      }
    }
    return absl::OkStatus();
  };
  const auto answered = [&] {
    return !is_worker() ||
           std::all_of(shards_.begin(), shards_.end(), [](const std::unique_ptr<Shard>& shard) {
             return shard->state == Shard::State::kAnswered;
           });
  };
  ASSIGN_OR_RETURN(const bool is_done, Do(start, answered, context_.deadline_seconds));
  absl::MutexLock lock(&mutex_);
  takes_parameters_ = false;
  is_settled_ = true;
  if (!is_done)
    return absl::DeadlineExceededError(
        fmt::format("the servers gave no parameters for {} s", context_.deadline_seconds));
  return absl::OkStatus();
}

}  // namespace concertina
