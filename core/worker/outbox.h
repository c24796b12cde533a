// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// outbox.h: what a rank has said and its engine has not said to have stored, so that another engine can be
// told it. On the way of the data: worker/engine_link.cc -> here -> worker/engine_link_return.cc.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/proto/home.pb.h"

namespace concertina {

// Any thread. Bounded: beyond kMostBytes the oldest measurements go, and are counted; what is no measurement
// (a checkpoint written, a knob turned) is small and rare, and stays.
class Outbox {
 public:
  // A minute of LeNet-5's rows, about 2,000 a second of 40 values; the last second where an engine lives.
  static constexpr size_t kMostBytes = size_t{48} << 20;

  explicit Outbox(size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  // Gives the message its number, and keeps a copy without what it declares: who comes to another engine
  // declares all anew.
  void Add(proto::WorkerMessage& message);
  // All up to this number is stored.
  void Forget(uint64_t number);
  // All that is kept, oldest first.
  using Kept = std::shared_ptr<const proto::WorkerMessage>;
  std::vector<Kept> All() const;
  // Rows that went since the last call, and that no engine has stored.
  uint64_t TakeDropped();

 private:
  struct Item {
    Kept message;
    size_t bytes;
  };
  const size_t most_bytes_;
  mutable absl::Mutex mutex_;
  std::deque<Item> items_ ABSL_GUARDED_BY(mutex_);  // by ascending number
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t last_number_ ABSL_GUARDED_BY(mutex_) = 0, last_dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace concertina
