// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// served_exchange_worker.cc: what a worker sends to the servers and what it makes of their answers (see
// served_exchange.h).
// On the way of the data: worker/step_loop.cc -> here -> served_exchange_server.cc -> here.
#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/clock.h"
#include "core/parallel/measured_encode.h"
#include "core/parallel/not_finite.h"
#include "core/parallel/served_exchange_impl.h"
#include "fmt/format.h"

namespace concertina {

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
  if (header.kind == Kind::kPull) {
    const bool is_apt = is_expected && shard.is_known && shard.codec != nullptr;
    if (!is_apt || header.body_bytes > static_cast<uint64_t>(shard.codec->MaxPayloadBytes(shard.count)))
      return BadMessage(rank, fmt::format("pulls at shard {} with {} bytes, out of turn or too many",
                                          header.shard, header.body_bytes));
    const absl::Status status = context_.data->transport().ReceiveMessage(
        Global(rank), kServedBodyTag, static_cast<size_t>(header.body_bytes), StepDeadline(), received_);
    if (!status.ok()) return Spare(rank, status);
    if (received_.size() != header.body_bytes)
      return BadMessage(
          rank, fmt::format("announced a pull of {} bytes and sent {}", header.body_bytes, received_.size()));
    RETURN_IF_ERROR(Annotate(FollowPull(shard, received_), fmt::format("the pull of rank {}", Global(rank))));
    shard.outcome = {.staleness = header.staleness, .lead = header.lead};
    shard.state = Shard::State::kAnswered;
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
      context_.data->transport().Receive(Global(rank), kServedBodyTag, into.size(), StepDeadline(),
                                         [&](size_t offset, std::span<const std::byte> piece) {
                                           std::memcpy(into.data() + offset, piece.data(), piece.size());
                                         });
  if (!status.ok()) return Spare(rank, status);
  if (!is_expected) return absl::OkStatus();
  shard.outcome = {.staleness = header.staleness, .lead = header.lead, .dropped = header.dropped != 0};
  shard.is_late = !is_direct;
  RememberAnswer(shard);
  shard.state = Shard::State::kAnswered;
  return absl::OkStatus();
}

absl::Status ServedExchange::EncodeShards(int64_t step, ExchangeCost& cost) {
  for (const std::unique_ptr<Shard>& shard : shards_)
    if (shard->codec != nullptr) {
      const double before = cost.encode_seconds;
      RETURN_IF_ERROR(NameNotFinite(
          MeasuredEncode(
              *shard->codec, PartOf(context_.gradients, *shard), shard->before, step, shard->payload, cost,
              {.meter = context_.layers, .offset = shard->offset, .every_steps = context_.measures_every()}),
          PartOf(context_.gradients, *shard), shard->offset, *context_.layout, step));
      if (context_.layers != nullptr && MeasuresError(step, context_.measures_every()))  // servers decode
        context_.layers->AddSeconds(shard->offset, shard->count, cost.encode_seconds - before, 0);
    } else {
      cost.dense_bytes += static_cast<uint64_t>(shard->count) * sizeof(float);
      cost.encoded_bytes += static_cast<uint64_t>(shard->count) * sizeof(float);
    }
  return absl::OkStatus();
}

// The payload of x - h, by which h is brought nearer to x, at both ends by the same decoded floats; the first
// time all of x, since the server knows nothing yet.
absl::Status ServedExchange::EncodeChanges(int64_t step, ExchangeCost& cost) {
  for (const std::unique_ptr<Shard>& shard : shards_) {
    const std::span<const float> x = PartOf(context_.parameters, *shard);
    if (shard->codec == nullptr || !shard->is_known) {
      cost.dense_bytes += x.size_bytes();
      cost.encoded_bytes += x.size_bytes();
      continue;
    }
    const std::span<float> change = shard->pulled;
    for (size_t i = 0; i < x.size(); ++i) change[i] = x[i] - shard->known[i];
    RETURN_IF_ERROR(NameNotFinite(
        MeasuredEncode(*shard->codec, change, shard->before, VisitAt(step), shard->payload, cost), change,
        shard->offset, *context_.layout, step));
    RETURN_IF_ERROR(shard->codec->DecodeAdd(shard->payload, shard->known));
  }
  return absl::OkStatus();
}

absl::Status ServedExchange::FollowPull(Shard& shard, std::span<const uint8_t> payload) {
  RETURN_IF_ERROR(shard.codec->Decode(payload, shard.pulled));
  const std::span<float> x = PartOf(context_.parameters, shard);
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] -= shard.pulled[i];
    shard.known[i] -= shard.pulled[i];
  }
  return absl::OkStatus();
}

// What came whole is what the server knows from now on.
void ServedExchange::RememberAnswer(Shard& shard) {
  if (shard.known.empty() || !takes_parameters_ || shard.is_late || shard.is_known) return;
  const std::span<const float> x = PartOf(context_.parameters, shard);
  std::copy(x.begin(), x.end(), shard.known.begin());
  shard.is_known = true;
}

absl::Status ServedExchange::SendPush(Shard& shard, Pushed what, int64_t step, double learning_rate) {
  const std::span<const float> dense =
      PartOf(what == Pushed::kGradients ? context_.gradients : context_.parameters, shard);
  const bool is_change = what == Pushed::kParameters && shard.is_known;
  const bool is_encoded = is_change || (shard.codec != nullptr && what == Pushed::kGradients);
  ++shard.ticket;
  shard.state = Shard::State::kAsked;
  if (shard.served != nullptr) {
    const int me = context_.data->rank();
    shard.served->Begin({.worker = me, .step = step, .learning_rate = learning_rate});
    shard.answers_by_pull[static_cast<size_t>(me)] = is_change ? 1 : 0;
    if (is_change) {
      RETURN_IF_ERROR(TakeChange(shard, me, step, shard.payload));
    } else if (is_encoded) {
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
  shard.request = {.kind = is_change ? Kind::kChange : Kind::kPush,
                   .shard = static_cast<uint32_t>(shard.index),
                   .ticket = shard.ticket,
                   .step = step,
                   .learning_rate = learning_rate,
                   .body_bytes = body.size()};
  Transport& transport = context_.data->transport();
  const int to = Global(shard.server);
  RETURN_IF_ERROR(transport.Send(to, kServedHeaderTag, BytesOf(shard.request), StepDeadline()));
  transport.Note({.kind = MessageKind::kPush,
                  .part = static_cast<int32_t>(shard.index),
                  .parts = static_cast<int32_t>(shards_.size()),
                  .version = static_cast<int32_t>(step)});
  return transport.Lend(to, kServedBodyTag, body, StepDeadline());
}

absl::Status ServedExchange::SendFetch(Shard& shard, bool at_once) {
  ++shard.ticket;
  shard.state = Shard::State::kAsked;
  if (shard.served != nullptr) {
    const int me = context_.data->rank();
    shard.answers_by_pull[static_cast<size_t>(me)] = 0;
    shard.served->Fetch(me, at_once);
    if (!shard.served->outcome(me).answered) RETURN_IF_ERROR(TellHeld(shard, me));
    return Deliver(shard);
  }
  shard.fetch_request = {.kind = Kind::kFetch,
                         .shard = static_cast<uint32_t>(shard.index),
                         .ticket = shard.ticket,
                         .at_once = at_once ? 1U : 0U};
  context_.data->transport().Note({.kind = MessageKind::kFetch,
                                   .part = static_cast<int32_t>(shard.index),
                                   .parts = static_cast<int32_t>(shards_.size())});
  return context_.data->transport().Send(Global(shard.server), kServedHeaderTag, BytesOf(shard.fetch_request),
                                         StepDeadline());
}

absl::StatusOr<ServedExchange::PushResult> ServedExchange::Push(Pushed what, int64_t step,
                                                                double learning_rate) {
  PushResult result;
  if (what == Pushed::kGradients) {
    RETURN_IF_ERROR(EncodeShards(step, result.cost));
  } else {
    RETURN_IF_ERROR(EncodeChanges(step, result.cost));
  }
  const double begin = Clock::Real().SteadySeconds();
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
  result.cost.exchange_seconds = Clock::Real().SteadySeconds() - begin;
  result.cost.wait_seconds = result.cost.exchange_seconds + std::exchange(turn_wait_seconds_, 0);
  return result;
}

absl::StatusOr<bool> ServedExchange::AwaitTurn(int64_t /*step*/, double seconds) {
  if (serves_in_waits()) RETURN_IF_ERROR(Serve());
  {
    absl::MutexLock lock(&mutex_);
    RETURN_IF_ERROR(failure_);
    const bool is_here = std::all_of(shards_.begin(), shards_.end(), [](const std::unique_ptr<Shard>& shard) {
      return shard->state == Shard::State::kAnswered && !shard->is_late;
    });
    if (is_here && !must_fetch_) return true;
  }
  const double begin = Clock::Real().SteadySeconds();
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
  turn_wait_seconds_ += Clock::Real().SteadySeconds() - begin;
  if (!may_begin) return false;
  for (const std::unique_ptr<Shard>& shard : shards_)
    if (std::exchange(shard->is_late, false))
      std::copy(shard->late.begin(), shard->late.end(), PartOf(context_.parameters, *shard).begin());
  return true;
}

}  // namespace concertina
