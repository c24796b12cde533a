// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// served_exchange.cc: see served_exchange.h. What is saved and changed is served_exchange_keeping.cc.
#include "core/parallel/served_exchange.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/clock.h"
#include "core/base/flush_denormals.h"
#include "core/parallel/bucket_codec.h"
#include "core/parallel/float_pieces.h"
#include "core/parallel/measured_encode.h"
#include "core/parallel/served_exchange_impl.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kIdleSeconds = 0.05;  // a lost peer is noticed within this
// Tags of a channel that the step loop leaves to exchanges (worker/step_loop_impl.h).
constexpr uint32_t kHeaderTag = uint32_t{16} << 16;
constexpr uint32_t kBodyTag = kHeaderTag + 1;

double Now() { return Clock::Real().SteadySeconds(); }

}  // namespace

ServedExchange::ServedExchange(const ServedOptions& options) : options_(options) {}

ServedExchange::~ServedExchange() {
  if (!thread_.joinable()) return;
  Transport& transport = context_.data->transport();
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
    if (context.make_codec && options_.rule.update != ServerRule::Update::kElastic) {
      ASSIGN_OR_RETURN(shard->codec, MakeBucketCodec(context, shard->offset, shard->count));
      shard->payload.reserve(static_cast<size_t>(shard->codec->MaxPayloadBytes(shard->count)));
      shard->before.resize(static_cast<size_t>(shard->count));
    }
    if (is_worker()) shard->late.resize(static_cast<size_t>(shard->count));
    if (shard->server == me) {
      std::unique_ptr<Optimizer> optimizer;
      if (options_.rule.update != ServerRule::Update::kElastic) {
        ASSIGN_OR_RETURN(optimizer, context.make_optimizer());
        optimizer->Prepare(SlotsWithin(*context.layout, {{shard->offset, shard->count}}));
      }
      shard->served = std::make_unique<ServerShard>(options_.rule, ranks, PartOf(context.parameters, *shard),
                                                    std::move(optimizer));
      shard->answer_headers.resize(static_cast<size_t>(ranks));
      shard->held_headers.resize(static_cast<size_t>(ranks));
      shard->tickets.resize(static_cast<size_t>(ranks));
      shard->decoded.resize(shard->codec != nullptr ? static_cast<size_t>(shard->count) : 0);
    }
    shards_.push_back(std::move(shard));
  }
  is_alone_ = peers_.empty();
  context.data->transport().SurviveLoss();
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
    while (!is_done_ && failure_.ok() && !deadline.Passed())
      changed_.WaitWithTimeout(&mutex_, absl::Seconds(deadline.SecondsLeft()));
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
      context_.data->transport().WaitAny(peers_, kHeaderTag, Deadline::After(seconds));
  const bool is_idle = absl::IsDeadlineExceeded(came.status());
  const bool all_gone = absl::IsUnavailable(came.status());
  if (!came.ok() && !is_idle && !all_gone) return came.status();
  absl::MutexLock lock(&mutex_);
  if (came.ok() && *came >= 0) {
    int rank = 0;
    while (Global(rank) != *came) ++rank;
    RETURN_IF_ERROR(HandleFrom(rank));
  }
  if (is_idle || all_gone || Now() >= next_look_) RETURN_IF_ERROR(LookForLosses());
  if (done_ != nullptr && begin_ == nullptr && !is_done_ && (*done_)()) {
    is_done_ = true;
    changed_.SignalAll();
  }
  return absl::OkStatus();
}

absl::Status ServedExchange::LookForLosses() {
  next_look_ = Now() + kIdleSeconds;
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
      const absl::StatusOr<int> came = transport.WaitAny(from, kHeaderTag, Deadline::After(0));
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
      Global(rank), kHeaderTag, sizeof header, StepDeadline(),
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
      return TakePush(rank, header);
    case Kind::kFetch:
      return TakeFetch(rank, header);
    case Kind::kAnswer:
    case Kind::kHeld:
      return TakeAnswer(rank, header);
    default:
      return BadMessage(rank,
                        fmt::format("sent a message of unknown kind {}", static_cast<uint32_t>(header.kind)));
  }
}

absl::Status ServedExchange::TakePush(int rank, const Header& header) {
  Shard& shard = *shards_[header.shard];
  if (shard.served == nullptr || rank >= workers())
    return BadMessage(rank, fmt::format("pushes shard {} to rank {}, which rank {} serves", header.shard,
                                        Global(context_.data->rank()), Global(shard.server)));
  const auto dense_bytes = static_cast<uint64_t>(shard.count) * sizeof(float);
  const uint64_t most =
      shard.codec != nullptr ? static_cast<uint64_t>(shard.codec->MaxPayloadBytes(shard.count)) : dense_bytes;
  if (header.step < 0 || !(header.learning_rate >= 0 && header.learning_rate <= 1e6) ||
      header.body_bytes > most || (shard.codec == nullptr && header.body_bytes != dense_bytes))
    return BadMessage(rank,
                      fmt::format("pushes {} bytes of step {} with a learning rate of {}; at most {} bytes "
                                  "and a rate from 0 to 1e6 were expected",
                                  header.body_bytes, header.step, header.learning_rate, most));
  ServerShard& served = *shard.served;
  shard.tickets[static_cast<size_t>(rank)] = header.ticket;
  Transport& transport = context_.data->transport();
  const bool is_direct = shard.codec == nullptr && options_.rule.update != ServerRule::Update::kMean;
  const ServerShard::Push push{.worker = rank, .step = header.step, .learning_rate = header.learning_rate};
  if (is_direct) {  // from where the bytes lie into the parameters
    served.Begin(push);
    FloatPieces pieces([&](size_t first, std::span<const float> values) { served.Take(first, values); });
    const absl::Status status =
        transport.Receive(Global(rank), kBodyTag, dense_bytes, StepDeadline(),
                          [&](size_t offset, std::span<const std::byte> piece) { pieces(offset, piece); });
    if (!status.ok()) return Spare(rank, status);
  } else {  // a part of a payload, or of a mean, is nothing
    const absl::Status status = transport.ReceiveMessage(
        Global(rank), kBodyTag, static_cast<size_t>(header.body_bytes), StepDeadline(), received_);
    if (!status.ok()) return Spare(rank, status);
    if (received_.size() != header.body_bytes)
      return BadMessage(rank,
                        fmt::format("announced {} bytes and sent {}", header.body_bytes, received_.size()));
    served.Begin(push);
    if (shard.codec != nullptr) {
      RETURN_IF_ERROR(Annotate(shard.codec->Decode(received_, shard.decoded),
                               fmt::format("the payload of rank {}", Global(rank))));
      served.Take(0, shard.decoded);
    } else {
      FloatPieces pieces([&](size_t first, std::span<const float> values) { served.Take(first, values); });
      pieces(0, std::as_bytes(std::span<const uint8_t>(received_)));
    }
  }
  served.End();
  if (!served.outcome(rank).answered) RETURN_IF_ERROR(TellHeld(shard, rank));
  return Deliver(shard);
}

absl::Status ServedExchange::TakeFetch(int rank, const Header& header) {
  Shard& shard = *shards_[header.shard];
  if (shard.served == nullptr || rank >= workers())
    return BadMessage(rank, fmt::format("fetches shard {} from rank {}, which rank {} serves", header.shard,
                                        Global(context_.data->rank()), Global(shard.server)));
  // An answer that this one overtakes may still be leaving from the same place.
  RETURN_IF_ERROR(Spare(rank, context_.data->transport().Flush(Global(rank), StepDeadline())));
  shard.tickets[static_cast<size_t>(rank)] = header.ticket;
  shard.served->Fetch(rank, header.at_once != 0);
  if (!shard.served->outcome(rank).answered) RETURN_IF_ERROR(TellHeld(shard, rank));
  return Deliver(shard);
}

absl::Status ServedExchange::TellHeld(Shard& shard, int worker) {
  const ServerShard::Outcome& outcome = shard.served->outcome(worker);
  if (worker == context_.data->rank()) {
    shard.outcome = outcome;
    shard.state = Shard::State::kHeld;
    return absl::OkStatus();
  }
  Header& header = shard.held_headers[static_cast<size_t>(worker)];
  header = {.kind = Kind::kHeld,
            .shard = static_cast<uint32_t>(shard.index),
            .ticket = shard.tickets[static_cast<size_t>(worker)],
            .staleness = outcome.staleness,
            .dropped = outcome.dropped ? 1U : 0U};
  return Spare(worker,
               context_.data->transport().Send(Global(worker), kHeaderTag, BytesOf(header), StepDeadline()));
}

// Sends the answers that are due.
absl::Status ServedExchange::Deliver(Shard& shard) {
  while (const std::optional<int> worker = shard.served->NextAnswer()) {
    if (lost_[static_cast<size_t>(*worker)]) continue;
    const ServerShard::Outcome& outcome = shard.served->outcome(*worker);
    const std::span<const float> answer = shard.served->answer(*worker);
    if (*worker == context_.data->rank()) {
      const std::span<float> into =
          takes_parameters_ ? PartOf(context_.parameters, shard) : std::span<float>(shard.late);
      std::copy(answer.begin(), answer.end(), into.begin());
      shard.is_late = !takes_parameters_;
      shard.outcome = outcome;
      shard.state = Shard::State::kAnswered;
      continue;
    }
    Header& header = shard.answer_headers[static_cast<size_t>(*worker)];
    header = {.kind = Kind::kAnswer,
              .shard = static_cast<uint32_t>(shard.index),
              .ticket = shard.tickets[static_cast<size_t>(*worker)],
              .staleness = outcome.staleness,
              .lead = outcome.lead,
              .body_bytes = answer.size_bytes(),
              .dropped = outcome.dropped ? 1U : 0U};
    Transport& transport = context_.data->transport();
    absl::Status status = transport.Send(Global(*worker), kHeaderTag, BytesOf(header), StepDeadline());
    if (status.ok())
      status = transport.Send(Global(*worker), kBodyTag, std::as_bytes(answer), StepDeadline());
    RETURN_IF_ERROR(Spare(*worker, status));
  }
  return absl::OkStatus();
}

absl::Status ServedExchange::TakeAnswer(int rank, const Header& header) {
  Shard& shard = *shards_[header.shard];
  if (shard.server != rank || !is_worker())
    return BadMessage(
        rank, fmt::format("answers for shard {}, which rank {} serves", header.shard, Global(shard.server)));
  const bool is_expected = header.ticket == shard.ticket && shard.state != Shard::State::kAnswered;
  if (header.kind == Kind::kHeld) {
    if (!is_expected) return absl::OkStatus();
    shard.outcome = {.staleness = header.staleness, .dropped = header.dropped != 0, .answered = false};
    shard.state = Shard::State::kHeld;
    return absl::OkStatus();
  }
  if (header.body_bytes != static_cast<uint64_t>(shard.count) * sizeof(float))
    return BadMessage(rank, fmt::format("answers with {} bytes for the {} parameters of shard {}",
                                        header.body_bytes, shard.count, header.shard));
  // One that was overtaken by another request is read, and forgotten.
  const bool is_direct = is_expected && takes_parameters_;
  const std::span<std::byte> into =
      std::as_writable_bytes(is_direct ? PartOf(context_.parameters, shard) : std::span<float>(shard.late));
  const absl::Status status =
      context_.data->transport().Receive(Global(rank), kBodyTag, into.size(), StepDeadline(),
                                         [&](size_t offset, std::span<const std::byte> piece) {
                                           std::memcpy(into.data() + offset, piece.data(), piece.size());
                                         });
  if (!status.ok()) return Spare(rank, status);
  if (!is_expected) return absl::OkStatus();
  shard.outcome = {.staleness = header.staleness, .lead = header.lead, .dropped = header.dropped != 0};
  shard.is_late = !is_direct;
  shard.state = Shard::State::kAnswered;
  return absl::OkStatus();
}

absl::Status ServedExchange::EncodeShards(int64_t step, ExchangeCost& cost) {
  for (const std::unique_ptr<Shard>& shard : shards_)
    if (shard->codec != nullptr) {
      RETURN_IF_ERROR(MeasuredEncode(*shard->codec, PartOf(context_.gradients, *shard), shard->before, step,
                                     shard->payload, cost));
    } else {
      cost.dense_bytes += static_cast<uint64_t>(shard->count) * sizeof(float);
      cost.encoded_bytes += static_cast<uint64_t>(shard->count) * sizeof(float);
    }
  return absl::OkStatus();
}

absl::Status ServedExchange::SendPush(Shard& shard, Pushed what, int64_t step, double learning_rate) {
  const std::span<const float> dense =
      PartOf(what == Pushed::kGradients ? context_.gradients : context_.parameters, shard);
  const bool is_encoded = shard.codec != nullptr && what == Pushed::kGradients;
  ++shard.ticket;
  shard.state = Shard::State::kAsked;
  if (shard.served != nullptr) {
    const int me = context_.data->rank();
    shard.served->Begin({.worker = me, .step = step, .learning_rate = learning_rate});
    if (is_encoded) {
      RETURN_IF_ERROR(shard.codec->Decode(shard.payload, shard.decoded));
      shard.served->Take(0, shard.decoded);
    } else {
      shard.served->Take(0, dense);
    }
    shard.served->End();
    if (!shard.served->outcome(me).answered) RETURN_IF_ERROR(TellHeld(shard, me));
    return Deliver(shard);
  }
  const std::span<const std::byte> body =
      is_encoded ? std::as_bytes(std::span<const uint8_t>(shard.payload)) : std::as_bytes(dense);
  shard.request = {.kind = Kind::kPush,
                   .shard = static_cast<uint32_t>(shard.index),
                   .ticket = shard.ticket,
                   .step = step,
                   .learning_rate = learning_rate,
                   .body_bytes = body.size()};
  Transport& transport = context_.data->transport();
  const int to = Global(shard.server);
  RETURN_IF_ERROR(transport.Send(to, kHeaderTag, BytesOf(shard.request), StepDeadline()));
  return transport.Send(to, kBodyTag, body, StepDeadline());
}

absl::Status ServedExchange::SendFetch(Shard& shard, bool at_once) {
  ++shard.ticket;
  shard.state = Shard::State::kAsked;
  if (shard.served != nullptr) {
    const int me = context_.data->rank();
    shard.served->Fetch(me, at_once);
    if (!shard.served->outcome(me).answered) RETURN_IF_ERROR(TellHeld(shard, me));
    return Deliver(shard);
  }
  shard.fetch_request = {.kind = Kind::kFetch,
                         .shard = static_cast<uint32_t>(shard.index),
                         .ticket = shard.ticket,
                         .at_once = at_once ? 1U : 0U};
  return context_.data->transport().Send(Global(shard.server), kHeaderTag, BytesOf(shard.fetch_request),
                                         StepDeadline());
}

absl::StatusOr<ServedExchange::PushResult> ServedExchange::Push(Pushed what, int64_t step,
                                                                double learning_rate) {
  PushResult result;
  if (what == Pushed::kGradients) {
    RETURN_IF_ERROR(EncodeShards(step, result.cost));
  } else {
    result.cost.dense_bytes = result.cost.encoded_bytes = context_.parameters.size_bytes();
  }
  const double begin = Now();
  const auto start = [&]() -> absl::Status {
    takes_parameters_ = true;
    for (const std::unique_ptr<Shard>& shard : shards_) {
      result.lead = std::max(result.lead, shard->outcome.lead);
      shard->state = Shard::State::kAsked;
    }
    for (const std::unique_ptr<Shard>& shard : shards_)
      RETURN_IF_ERROR(SendPush(*shard, what, step, learning_rate));
    return absl::OkStatus();
  };
  const auto answered = [&] {
    const bool all = std::all_of(shards_.begin(), shards_.end(), [](const std::unique_ptr<Shard>& shard) {
      return shard->state != Shard::State::kAsked;
    });
    if (all) takes_parameters_ = false;  // a held answer comes when this thread does something else
    return all;
  };
  ASSIGN_OR_RETURN(const bool is_done, Do(start, answered, context_.deadline_seconds));
  absl::MutexLock lock(&mutex_);
  for (const std::unique_ptr<Shard>& shard : shards_) {
    if (!is_done && shard->state == Shard::State::kAsked)
      return absl::DeadlineExceededError(fmt::format("rank {}: gave no answer for shard {} for {} s",
                                                     Global(shard->server), shard->index,
                                                     context_.deadline_seconds));
    result.staleness += static_cast<double>(shard->outcome.staleness) / static_cast<double>(shards_.size());
    result.dropped |= shard->outcome.dropped ? 1 : 0;
  }
  result.cost.exchange_seconds = Now() - begin;
  result.cost.wait_seconds = result.cost.exchange_seconds + std::exchange(turn_wait_seconds_, 0);
  return result;
}

absl::StatusOr<bool> ServedExchange::AwaitTurn(int64_t /*step*/, double seconds) {
  {
    absl::MutexLock lock(&mutex_);
    RETURN_IF_ERROR(failure_);
    const bool is_here = std::all_of(shards_.begin(), shards_.end(), [](const std::unique_ptr<Shard>& shard) {
      return shard->state == Shard::State::kAnswered && !shard->is_late;
    });
    if (is_here && !must_fetch_) return true;
  }
  const double begin = Now();
  const auto start = [&]() -> absl::Status {
    if (std::exchange(must_fetch_, false))
      for (const std::unique_ptr<Shard>& shard : shards_) RETURN_IF_ERROR(SendFetch(*shard, false));
    return absl::OkStatus();
  };
  const auto answered = [&] {
    return std::all_of(shards_.begin(), shards_.end(), [](const std::unique_ptr<Shard>& shard) {
      return shard->state == Shard::State::kAnswered;
    });
  };
  ASSIGN_OR_RETURN(const bool may_begin, Do(start, answered, seconds));
  absl::MutexLock lock(&mutex_);
  turn_wait_seconds_ += Now() - begin;
  if (!may_begin) return false;
  for (const std::unique_ptr<Shard>& shard : shards_)
    if (std::exchange(shard->is_late, false))
      std::copy(shard->late.begin(), shard->late.end(), PartOf(context_.parameters, *shard).begin());
  return true;
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
            Spare(rank, transport.Send(Global(rank), kHeaderTag, BytesOf(header), StepDeadline())));
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
