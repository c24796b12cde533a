// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// message_ring.h: each message that a rank sends and receives, for the few steps that somebody asked to see.
// On the way of the data: comm/watched_transport.h -> here -> analysis/message_replay.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/recording_ring.h"

namespace concertina {

// What a message is for. The numbers go over the wire and into files: only ever added to.
enum class MessageKind : uint8_t {
  kOther,
  kReduce,  // to be added to what the receiver has
  kSpread,  // a sum, to be copied
  kGather,
  kBroadcast,
  kBarrier,
  kActivation,          // of a pipeline, to the next stage
  kActivationGradient,  // and back
  kPush,                // of a gradient, to the server that has the parameters
  kFetch,               // asks for them
  kAnswer               // has them
};
inline constexpr int kMessageKinds = 11;
inline constexpr std::array<const char*, kMessageKinds> kMessageKindNames = {
    "other", "reduce", "spread", "gather", "broadcast", "barrier", "activation", "activation gradient",
    "push",  "fetch",  "answer"};

// What the sender knows of a message beside its bytes; -1: that does not apply.
struct MessageNote {
  MessageKind kind = MessageKind::kOther;
  int32_t part = -1, parts = -1;  // segment `part` of `parts`, from 0
  int32_t micro_batch = -1;
  int32_t version = -1;    // the step that a gradient was made at
  int32_t staleness = -1;  // updates that the parameters had meanwhile
  friend bool operator==(const MessageNote&, const MessageNote&) = default;
};

struct MovedMessage {
  bool is_received = false;  // else it was sent
  int32_t peer = 0;
  uint32_t tag = 0;
  MessageNote note = {};  // of one that was sent
  int64_t step = 0;
  // Of the steady clock: from when it was given to the transport, or waited for, until that was done.
  double begin_seconds = 0, end_seconds = 0;
  uint64_t bytes = 0;  // of payload
  friend bool operator==(const MovedMessage&, const MovedMessage&) = default;
};

// One that a rank is about to send, and that waits until it may go (comm/message_gate.h).
struct WaitingMessage {
  uint64_t number = 0;  // of this sender, ascending
  int from = 0, to = 0;
  uint64_t bytes = 0;
  int64_t step = 0;
  MessageNote note = {};
};

// 20 steps of a ring of 8 ranks with 20 buckets are 11,200, sent and received; 1.5 MB.
using MessageRing = RecordingRing<MovedMessage, size_t{1} << 14>;

}  // namespace concertina
