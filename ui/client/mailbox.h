// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mailbox.h: where other threads leave work for the Qt thread. The one crossing between gRPC's callbacks and
// the interface.
// On the way of the data: client/stream_reader.h, client/engine_connection.h -> here ->
// client/engine_client.h.
#pragma once

#include <QObject>
#include <functional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace concertina::ui {

// Shared by the receiver and by everything that may still answer after the receiver has gone. Post() may be
// called from any thread and never waits; what is posted runs on the receiver's thread in the order of
// posting.
class Mailbox {
 public:
  explicit Mailbox(QObject* receiver) : receiver_(receiver) {}

  void Post(std::function<void()> task) {
    absl::MutexLock lock(&mutex_);
    if (receiver_ != nullptr) QMetaObject::invokeMethod(receiver_, std::move(task), Qt::QueuedConnection);
  }
  // From the receiver's thread, before it dies: nothing arrives any more.
  void Close() {
    absl::MutexLock lock(&mutex_);
    receiver_ = nullptr;
  }

 private:
  absl::Mutex mutex_;
  QObject* receiver_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace concertina::ui
