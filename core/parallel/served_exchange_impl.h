// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// served_exchange_impl.h: messages and shards of served_exchange.h, for its own files.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/parallel/served_exchange.h"

namespace concertina {

// Tags of a channel that the step loop leaves to exchanges (worker/step_loop_impl.h).
inline constexpr uint32_t kServedHeaderTag = uint32_t{16} << 16;
inline constexpr uint32_t kServedBodyTag = kServedHeaderTag + 1;

// As it is on the wire.
struct ServedExchange::Header {
  Kind kind = Kind::kPush;
  uint32_t shard = 0;
  int64_t ticket = 0;  // of the worker's request; an answer repeats it
  int64_t step = 0;    // of a push; a meeting's word
  int64_t staleness = 0;
  int64_t lead = 0;
  double learning_rate = 0;
  uint64_t body_bytes = 0;
  uint32_t dropped = 0;
  uint32_t at_once = 0;
};

struct ServedExchange::Shard {
  int64_t index = 0;
  int64_t offset = 0;  // in the flat parameters
  int64_t count = 0;
  int server = 0;

  // As a worker.
  enum class State { kAnswered, kAsked, kHeld };
  State state = State::kAnswered;
  bool is_late = false;  // the answer came between two steps, and lies in `late`
  ServerShard::Outcome outcome;
  int64_t ticket = 0;
  // Of the last request; they stay until it was answered, as what they announce does.
  Header request, fetch_request;
  std::unique_ptr<Codec> codec;
  std::vector<uint8_t> payload;
  std::vector<float> before;  // a copy of the gradient, for the error
  std::vector<float> late;
  std::vector<float> known;  // elastic through a codec: h, what the server knows of the parameters
  bool is_known = false;     // as of the last answer
  std::vector<float> pulled;

  // As its server; by worker.
  std::unique_ptr<ServerShard> served;
  std::vector<int64_t> tickets;
  std::vector<Header> answer_headers, held_headers;
  std::vector<float> decoded;
  std::unique_ptr<Codec> pull_codec;
  std::vector<std::vector<uint8_t>> pulls;
  std::vector<char> answers_by_pull;
};

template <class Header>
std::span<const std::byte> BytesOf(const Header& header) {
  return std::as_bytes(std::span(&header, 1));
}

}  // namespace concertina
