// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recording_ring.h: room for what a rank writes down of the few steps that somebody asked to see.
// On the way of the data: base/span_ring.h, base/message_ring.h -> here -> worker/step_loop_spans.cc.
//
// Nothing is written unless a recording is on. The memory is taken when the first recording begins, between
// steps, and kept; in a step nothing is allocated.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace concertina {

// A Record has a `step`. Records are added by the step thread and the communication thread; the rest is the
// step thread's, between steps. Of more than there is room for the oldest go, and their number is told.
template <class Record, size_t kRoom>
class RecordingRing {
 public:
  static constexpr size_t kMaxRecords = kRoom;

  explicit RecordingRing(size_t room = kRoom) : room_(room) {}

  // From now on records are kept. What an earlier recording left is forgotten.
  void Begin() {
    absl::MutexLock lock(&mutex_);
    records_.resize(room_);
    first_ = count_ = 0;
    dropped_ = 0;
    is_on_.store(room_ > 0, std::memory_order_relaxed);
  }
  bool is_on() const { return is_on_.load(std::memory_order_relaxed); }
  // What is added from now on is of this step.
  void SetStep(int64_t step) { step_.store(step, std::memory_order_relaxed); }
  int64_t step() const { return step_.load(std::memory_order_relaxed); }
  // Any thread; does nothing while no recording is on. The record's step is set here.
  void Add(Record record) {
    if (!is_on()) return;
    record.step = step();
    absl::MutexLock lock(&mutex_);
    if (records_.empty()) return;
    if (count_ == room_) {
      first_ = (first_ + 1) % room_;
      --count_;
      ++dropped_;
    }
    records_[(first_ + count_++) % room_] = record;
  }
  // Ends the recording: what there is, in the order in which it was added.
  struct Taken {
    std::vector<Record> records;
    uint64_t dropped = 0;
  };
  Taken Take() {
    is_on_.store(false, std::memory_order_relaxed);
    absl::MutexLock lock(&mutex_);
    Taken taken;
    taken.records.reserve(count_);
    for (size_t i = 0; i < count_; ++i) taken.records.push_back(records_[(first_ + i) % room_]);
    taken.dropped = std::exchange(dropped_, 0);
    first_ = count_ = 0;
    return taken;
  }

 private:
  const size_t room_;
  std::atomic<bool> is_on_{false};
  std::atomic<int64_t> step_{0};
  absl::Mutex mutex_;
  std::vector<Record> records_ ABSL_GUARDED_BY(mutex_);  // room_ of them, once there was a recording
  size_t first_ ABSL_GUARDED_BY(mutex_) = 0, count_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace concertina
