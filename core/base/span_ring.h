// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// span_ring.h: what a rank does from when to when, for the few steps that somebody asked to see.
// On the way of the data: worker/step_loop.cc, graph/executor.cc, parallel/bucketed_exchange.h -> here ->
// analysis/timeline.h.
//
// Nothing is written unless a recording is on: until then a span costs a look at one flag.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/clock.h"
#include "core/base/recording_ring.h"

namespace concertina {

// The numbers go over the wire and into files: only ever added to.
enum class SpanKind : uint8_t {
  kData,
  kForward,
  kBackward,
  kEncode,
  kExchange,
  kDecode,
  kWait,
  kUpdate,
  kCheckpoint,
  kEvaluate
};
inline constexpr int kSpanKinds = 10;
inline constexpr std::array<const char*, kSpanKinds> kSpanKindNames = {
    "data",   "forward", "backward", "encode",     "exchange",
    "decode", "wait",    "update",   "checkpoint", "evaluate"};

// On whose thread: a rank has one that trains, and perhaps one that exchanges beside it.
enum class SpanRow : uint8_t { kStep, kCommunication };
inline constexpr int kSpanRows = 2;

struct Span {
  SpanKind kind = SpanKind::kData;
  SpanRow row = SpanRow::kStep;
  int32_t number = -1;  // micro-batch of a pass, bucket of an exchange; -1: it is the only one
  int64_t step = 0;
  double begin_seconds = 0, end_seconds = 0;  // of the steady clock
  uint64_t bytes = 0;                         // that left or came meanwhile, where that is known
  friend bool operator==(const Span&, const Span&) = default;
};

// 20 steps of a pipeline of 64 micro-batches are 8,000; 1.5 MB.
using SpanRing = RecordingRing<Span, size_t{1} << 15>;

// A span from here to the end of the block. `ring` may be null: nobody listens.
class SpanTimer {
 public:
  SpanTimer(SpanRing* ring, SpanKind kind, SpanRow row = SpanRow::kStep, int32_t number = -1)
      : ring_(ring != nullptr && ring->is_on() ? ring : nullptr) {
    if (ring_ == nullptr) return;
    span_.kind = kind;
    span_.row = row;
    span_.number = number;
    span_.begin_seconds = SteadyNow();
  }
  ~SpanTimer() { End(); }
  SpanTimer(const SpanTimer&) = delete;
  SpanTimer& operator=(const SpanTimer&) = delete;

  bool is_on() const { return ring_ != nullptr; }
  void SetBytes(uint64_t bytes) { span_.bytes = bytes; }
  // Before the end of the block.
  void End() {
    if (ring_ == nullptr) return;
    span_.end_seconds = SteadyNow();
    ring_->Add(span_);
    ring_ = nullptr;
  }

 private:
  SpanRing* ring_;
  Span span_;
};

}  // namespace concertina
