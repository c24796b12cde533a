// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// span_ring.h: what a rank does from when to when, for the few steps that somebody asked to see.
// On the way of the data: worker/step_loop.cc, graph/executor.cc, parallel/bucketed_exchange.h -> here ->
// analysis/timeline.h.
//
// Nothing is written unless a recording is on: until then a span costs a look at one flag. The memory is
// taken when the first recording begins, between steps, and kept; in a step nothing is allocated.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/clock.h"

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

// Spans are added by the step thread and the communication thread; the rest is the step thread's, between
// steps. Of more than there is room for the oldest go, and their number is told.
class SpanRing {
 public:
  // 20 steps of a pipeline of 64 micro-batches are 8,000; 1.5 MB.
  static constexpr size_t kMaxSpans = size_t{1} << 15;

  explicit SpanRing(size_t room = kMaxSpans) : room_(room) {}

  // From now on spans are kept. What an earlier recording left is forgotten.
  void Begin();
  bool is_on() const { return is_on_.load(std::memory_order_relaxed); }
  // Spans that end from now on are of this step.
  void SetStep(int64_t step) { step_.store(step, std::memory_order_relaxed); }
  // Any thread; does nothing while no recording is on. The span's step is set here.
  void Add(Span span);
  // Ends the recording: what there is, in the order of the spans' ends.
  struct Taken {
    std::vector<Span> spans;
    uint64_t dropped = 0;
  };
  Taken Take();

 private:
  const size_t room_;
  std::atomic<bool> is_on_{false};
  std::atomic<int64_t> step_{0};
  absl::Mutex mutex_;
  std::vector<Span> spans_ ABSL_GUARDED_BY(mutex_);  // room_ of them, once there was a recording
  size_t first_ ABSL_GUARDED_BY(mutex_) = 0, count_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
};

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
