// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// served_exchange_server.cc: what a server does with a message of a worker (see served_exchange.h).
// On the way of the data: served_exchange.cc (a message) -> here -> parallel/server_shard.h -> here
// (answers).
#include <algorithm>

#include "core/parallel/float_pieces.h"
#include "core/parallel/not_finite.h"
#include "core/parallel/served_exchange_impl.h"
#include "fmt/format.h"

namespace concertina {

absl::Status ServedExchange::TakePush(int rank, const Header& header) {
  Shard& shard = *shards_[header.shard];
  if (shard.served == nullptr || rank >= workers())
    return BadMessage(rank, fmt::format("pushes shard {} to rank {}, which rank {} serves", header.shard,
                                        Global(context_.data->rank()), Global(shard.server)));
  const auto dense_bytes = static_cast<uint64_t>(shard.count) * sizeof(float);
  const bool is_change = header.kind == Kind::kChange;
  if (is_change && (shard.pull_codec == nullptr || !shard.served->knows(rank)))
    return BadMessage(
        rank, fmt::format("sends a change of shard {}, of which it has pushed nothing whole", header.shard));
  const bool is_encoded = is_change || (shard.codec != nullptr && !is_elastic());
  const uint64_t most =
      is_encoded ? static_cast<uint64_t>(shard.codec->MaxPayloadBytes(shard.count)) : dense_bytes;
  if (header.step < 0 || header.step > kMostServedSteps ||
      !(header.learning_rate >= 0 && header.learning_rate <= 1e6) || header.body_bytes > most ||
      (!is_encoded && header.body_bytes != dense_bytes))
    return BadMessage(rank,
                      fmt::format("pushes {} bytes of step {} with a learning rate of {}; at most {} bytes "
                                  "and a rate from 0 to 1e6 were expected",
                                  header.body_bytes, header.step, header.learning_rate, most));
  ServerShard& served = *shard.served;
  shard.tickets[static_cast<size_t>(rank)] = header.ticket;
  Transport& transport = context_.data->transport();
  shard.answers_by_pull[static_cast<size_t>(rank)] = is_change ? 1 : 0;
  const bool is_direct = !is_encoded && options_.rule.update != ServerRule::Update::kMean;
  const ServerShard::Push push{.worker = rank, .step = header.step, .learning_rate = header.learning_rate};
  if (is_direct) {  // from where the bytes lie into the parameters
    served.Begin(push);
    FloatPieces pieces([&](size_t first, std::span<const float> values) { served.Take(first, values); });
    const absl::Status status =
        transport.Receive(Global(rank), kServedBodyTag, dense_bytes, StepDeadline(),
                          [&](size_t offset, std::span<const std::byte> piece) { pieces(offset, piece); });
    if (!status.ok()) return Spare(rank, status);
  } else {  // a part of a payload, or of a mean, is nothing
    const absl::Status status = transport.ReceiveMessage(
        Global(rank), kServedBodyTag, static_cast<size_t>(header.body_bytes), StepDeadline(), received_);
    if (!status.ok()) return Spare(rank, status);
    if (received_.size() != header.body_bytes)
      return BadMessage(rank,
                        fmt::format("announced {} bytes and sent {}", header.body_bytes, received_.size()));
    served.Begin(push);
    if (is_change) {
      RETURN_IF_ERROR(Annotate(TakeChange(shard, rank, header.step, received_),
                               fmt::format("the change of rank {}", Global(rank))));
    } else if (is_encoded) {
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

absl::Status ServedExchange::TakeChange(Shard& shard, int worker, int64_t step,
                                        std::span<const uint8_t> payload) {
  ServerShard& served = *shard.served;
  RETURN_IF_ERROR(shard.codec->DecodeAdd(payload, served.known(worker)));
  served.PullOf(shard.decoded);
  std::vector<uint8_t>& pull = shard.pulls[static_cast<size_t>(worker)];
  RETURN_IF_ERROR(NameNotFinite(shard.pull_codec->Encode(shard.decoded, VisitAt(step), pull), shard.decoded,
                                shard.offset, *context_.layout, step));
  RETURN_IF_ERROR(shard.codec->Decode(pull, shard.decoded));
  served.TakePull(shard.decoded);
  return absl::OkStatus();
}

absl::Status ServedExchange::TakeFetch(int rank, const Header& header) {
  Shard& shard = *shards_[header.shard];
  if (shard.served == nullptr || rank >= workers())
    return BadMessage(rank, fmt::format("fetches shard {} from rank {}, which rank {} serves", header.shard,
                                        Global(context_.data->rank()), Global(shard.server)));
  // An answer that this one overtakes may still be leaving from the same place.
  RETURN_IF_ERROR(Spare(rank, context_.data->transport().Flush(Global(rank), StepDeadline())));
  shard.tickets[static_cast<size_t>(rank)] = header.ticket;
  shard.answers_by_pull[static_cast<size_t>(rank)] = 0;
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
  return Spare(worker, context_.data->transport().Send(Global(worker), kServedHeaderTag, BytesOf(header),
                                                       StepDeadline()));
}

// Sends the answers that are due.
absl::Status ServedExchange::Deliver(Shard& shard) {
  while (const std::optional<int> worker = shard.served->NextAnswer()) {
    if (lost_[static_cast<size_t>(*worker)]) continue;
    const ServerShard::Outcome& outcome = shard.served->outcome(*worker);
    const std::span<const float> answer = shard.served->answer(*worker);
    const bool by_pull = shard.answers_by_pull[static_cast<size_t>(*worker)] != 0;
    if (*worker == context_.data->rank() && by_pull) {
      RETURN_IF_ERROR(FollowPull(shard, shard.pulls[static_cast<size_t>(*worker)]));
      shard.outcome = outcome;
      shard.state = Shard::State::kAnswered;
      continue;
    }
    if (*worker == context_.data->rank()) {
      const std::span<float> into =
          takes_parameters_ ? PartOf(context_.parameters, shard) : std::span<float>(shard.late);
      std::copy(answer.begin(), answer.end(), into.begin());
      shard.is_late = !takes_parameters_;
      shard.outcome = outcome;
      shard.state = Shard::State::kAnswered;
      RememberAnswer(shard);
      continue;
    }
    const std::span<const std::byte> body =
        by_pull ? std::as_bytes(std::span<const uint8_t>(shard.pulls[static_cast<size_t>(*worker)]))
                : std::as_bytes(answer);
    Header& header = shard.answer_headers[static_cast<size_t>(*worker)];
    header = {.kind = by_pull ? Kind::kPull : Kind::kAnswer,
              .shard = static_cast<uint32_t>(shard.index),
              .ticket = shard.tickets[static_cast<size_t>(*worker)],
              .staleness = outcome.staleness,
              .lead = outcome.lead,
              .body_bytes = body.size(),
              .dropped = outcome.dropped ? 1U : 0U};
    Transport& transport = context_.data->transport();
    absl::Status status = transport.Send(Global(*worker), kServedHeaderTag, BytesOf(header), StepDeadline());
    transport.Note({.kind = MessageKind::kAnswer,
                    .part = static_cast<int32_t>(shard.index),
                    .parts = static_cast<int32_t>(shards_.size()),
                    .staleness = static_cast<int32_t>(outcome.staleness)});
    if (status.ok()) status = transport.Lend(Global(*worker), kServedBodyTag, body, StepDeadline());
    RETURN_IF_ERROR(Spare(*worker, status));
  }
  return absl::OkStatus();
}

}  // namespace concertina
