// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// stream_reader.h: reads one server stream of the engine and hands its messages to the Qt thread in batches.
// On the way of the data: engine/ services -> here -> client/engine_client.h.
//
// A batch is one queued call, however many messages it holds. When the Qt thread falls behind by kMaxBatch
// messages, reading stops until it has caught up; the engine then sees a slow reader, drops the oldest
// metrics and counts them, so that neither side grows without bound.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/client_callback.h"
#include "ui/client/mailbox.h"

namespace concertina::ui {

template <class Message>
class StreamReader final : public grpc::ClientReadReactor<Message> {
 public:
  static constexpr size_t kMaxBatch = 1024;
  struct Handlers {                // all on the Qt thread, none after the mailbox was closed
    std::function<void()> opened;  // the engine has begun to answer
    std::function<void(std::vector<Message>)> arrived;
    std::function<void(const grpc::Status&)> ended;  // once, last
  };

  // `begin(context, reactor)` calls the stub's async method. The reader keeps itself alive until gRPC is done
  // with it; the pointer that comes back is for Cancel(), and for telling an old stream from the present one.
  // The request has been written when this returns, and not before.
  template <class Begin>
  static std::shared_ptr<StreamReader> Start(std::shared_ptr<Mailbox> mailbox, Handlers handlers,
                                             Begin begin) {
    std::shared_ptr<StreamReader> reader(new StreamReader(std::move(mailbox), std::move(handlers)));
    reader->self_ = reader;
    begin(&reader->context_, reader.get());
    reader->AddHold();  // reading may go on from the Qt thread, outside a reaction
    reader->StartRead(&reader->message_);
    reader->StartCall();
    return reader;
  }

  // Any thread, any number of times. `ended` still comes, with CANCELLED or the status that was quicker.
  void Cancel() {
    bool release = false;
    {
      absl::MutexLock lock(&mutex_);
      cancelled_ = true;
      release = std::exchange(paused_, false);
    }
    context_.TryCancel();
    if (release) this->RemoveHold();  // no read is under way that could do it
  }

 private:
  StreamReader(std::shared_ptr<Mailbox> mailbox, Handlers handlers)
      : mailbox_(std::move(mailbox)), handlers_(std::move(handlers)) {}

  void OnReadInitialMetadataDone(bool ok) override {
    if (ok && handlers_.opened) mailbox_->Post(handlers_.opened);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      this->RemoveHold();
      return;
    }
    bool post = false, read_on = true;
    {
      absl::MutexLock lock(&mutex_);
      if (!cancelled_) {
        batch_.push_back(std::move(message_));
        post = !std::exchange(posted_, true);
        read_on = batch_.size() < kMaxBatch;
        paused_ = !read_on;
      }
    }
    if (post) mailbox_->Post([self = self_] { self->Deliver(); });
    if (read_on) this->StartRead(&message_);
  }

  void OnDone(const grpc::Status& status) override {
    mailbox_->Post([ended = handlers_.ended, status] { ended(status); });
    const std::shared_ptr<StreamReader> last = std::move(self_);
  }

  void Deliver() {  // on the Qt thread
    std::vector<Message> batch;
    bool resume = false;
    {
      absl::MutexLock lock(&mutex_);
      batch.swap(batch_);
      posted_ = false;
      resume = std::exchange(paused_, false);
    }
    if (resume) this->StartRead(&message_);
    handlers_.arrived(std::move(batch));
  }

  const std::shared_ptr<Mailbox> mailbox_;
  const Handlers handlers_;
  std::shared_ptr<StreamReader> self_;
  grpc::ClientContext context_;
  Message message_;
  absl::Mutex mutex_;
  std::vector<Message> batch_ ABSL_GUARDED_BY(mutex_);
  bool posted_ ABSL_GUARDED_BY(mutex_) = false;
  bool paused_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace concertina::ui
