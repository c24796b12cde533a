// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// served_exchange_server.cc: what a server does with a message of a worker (see served_exchange.h).
// On the way of the data: served_exchange.cc (a message) -> here -> parallel/server_shard.h -> here
// (answers).
#include <algorithm>

#include "core/parallel/float_pieces.h"
#include "core/parallel/served_exchange_impl.h"
#include "fmt/format.h"

namespace concertina {

absl::Status ServedExchange::TakePush(int rank, const Header& header) {
  Shard& shard = *shards_[header.shard];
  if (shard.served == nullptr || rank >= workers())
    return BadMessage(rank, fmt::format("pushes shard {} to rank {}, which rank {} serves", header.shard,
                                        Global(context_.data->rank()), Global(shard.server)));
  const auto dense_bytes = static_cast<uint64_t>(shard.count) * sizeof(float);
  const uint64_t most =
      shard.codec != nullptr ? static_cast<uint64_t>(shard.codec->MaxPayloadBytes(shard.count)) : dense_bytes;
  if (header.step < 0 || header.step > kMostServedSteps ||
      !(header.learning_rate >= 0 && header.learning_rate <= 1e6) || header.body_bytes > most ||
      (shard.codec == nullptr && header.body_bytes != dense_bytes))
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
  return Spare(worker, context_.data->transport().Send(Global(worker), kServedHeaderTag, BytesOf(header),
                                                       StepDeadline()));
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
    absl::Status status = transport.Send(Global(*worker), kServedHeaderTag, BytesOf(header), StepDeadline());
    transport.Note({.kind = MessageKind::kAnswer,
                    .part = static_cast<int32_t>(shard.index),
                    .parts = static_cast<int32_t>(shards_.size()),
                    .staleness = static_cast<int32_t>(outcome.staleness)});
    if (status.ok())
      status = transport.Lend(Global(*worker), kServedBodyTag, std::as_bytes(answer), StepDeadline());
    RETURN_IF_ERROR(Spare(*worker, status));
  }
  return absl::OkStatus();
}

}  // namespace concertina
