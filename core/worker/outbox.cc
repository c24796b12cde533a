// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// outbox.cc: see outbox.h.
#include "core/worker/outbox.h"

#include <algorithm>
#include <utility>

namespace concertina {

void Outbox::Add(proto::WorkerMessage& message) {
  absl::MutexLock lock(&mutex_);
  message.set_number(++last_number_);
  auto copy = std::make_shared<proto::WorkerMessage>(message);
  if (copy->has_metrics()) copy->mutable_metrics()->clear_declared();
  const size_t bytes = copy->ByteSizeLong();
  items_.push_back({std::move(copy), bytes});
  bytes_ += bytes;
  while (bytes_ > most_bytes_) {
    const auto oldest = std::find_if(items_.begin(), items_.end(),
                                     [](const Item& item) { return item.message->has_metrics(); });
    if (oldest == items_.end()) return;
    for (const proto::MetricTable& table : oldest->message->metrics().tables())
      dropped_ += static_cast<uint64_t>(table.steps_size());
    dropped_ += oldest->message->metrics().dropped();
    last_dropped_ = oldest->message->number();
    bytes_ -= oldest->bytes;
    items_.erase(oldest);
  }
}

void Outbox::Forget(uint64_t number) {
  absl::MutexLock lock(&mutex_);
  if (number >= last_dropped_) dropped_ = 0;  // the engine had it, and was only slow to store it
  while (!items_.empty() && items_.front().message->number() <= number) {
    bytes_ -= items_.front().bytes;
    items_.pop_front();
  }
}

std::vector<Outbox::Kept> Outbox::All() const {
  absl::MutexLock lock(&mutex_);
  std::vector<Kept> all;
  for (const Item& item : items_) all.push_back(item.message);
  return all;
}

uint64_t Outbox::TakeDropped() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(dropped_, 0);
}

}  // namespace concertina
