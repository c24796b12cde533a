// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// span_ring.cc: see span_ring.h.
#include "core/base/span_ring.h"

#include <utility>

namespace concertina {

void SpanRing::Begin() {
  absl::MutexLock lock(&mutex_);
  spans_.resize(room_);
  first_ = count_ = 0;
  dropped_ = 0;
  is_on_.store(room_ > 0, std::memory_order_relaxed);
}

void SpanRing::Add(Span span) {
  if (!is_on()) return;
  span.step = step_.load(std::memory_order_relaxed);
  absl::MutexLock lock(&mutex_);
  if (spans_.empty()) return;
  if (count_ == room_) {
    first_ = (first_ + 1) % room_;
    --count_;
    ++dropped_;
  }
  spans_[(first_ + count_++) % room_] = span;
}

SpanRing::Taken SpanRing::Take() {
  is_on_.store(false, std::memory_order_relaxed);
  absl::MutexLock lock(&mutex_);
  Taken taken;
  taken.spans.reserve(count_);
  for (size_t i = 0; i < count_; ++i) taken.spans.push_back(spans_[(first_ + i) % room_]);
  taken.dropped = std::exchange(dropped_, 0);
  first_ = count_ = 0;
  return taken;
}

}  // namespace concertina
