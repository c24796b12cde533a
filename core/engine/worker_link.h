// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// worker_link.h: the engine's end of one worker's stream: bounded both ways, closed once.
// On the way of the data: worker/engine_link.h -> here -> engine/run.h (measurements to engine/metric_hub.h).
#pragma once

#include <deque>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/status.h"
#include "core/engine/engine_loop.h"
#include "core/proto/home.grpc.pb.h"

namespace concertina {

class WorkerLink;

// Who takes what workers say. Called on the engine loop.
class HomeListener {
 public:
  virtual ~HomeListener() = default;
  virtual void OnOpened(const std::shared_ptr<WorkerLink>& link) = 0;
  virtual void OnMessage(const std::shared_ptr<WorkerLink>& link, const proto::WorkerMessage& message) = 0;
  virtual void OnClosed(const std::shared_ptr<WorkerLink>& link) = 0;  // once; nothing comes after it
};

// The engine's end. Any thread; nothing here waits.
class WorkerLink {
 public:
  virtual ~WorkerLink() = default;
  virtual void Send(proto::EngineMessage message) = 0;
  // A heartbeat, left out where messages already wait. `kept`: of the worker's messages, all up to that number
  // are in the store.
  virtual void SendHeartbeat(uint64_t kept) = 0;
  // OK: after what was sent is out. Else at once, with the reason.
  virtual void Close(const absl::Status& status) = 0;
  // The fingerprint of the certificate that the worker has shown; "": none, it came over the Unix socket.
  virtual std::string certificate() const { return {}; }
};

// gRPC's callbacks only hand on to the loop. A worker that sends faster than the loop takes is not read any
// further until it has (its own buffer then drops the oldest rows); one that does not read is hung up on.
class WorkerStream final : public WorkerLink,
                           public grpc::ServerBidiReactor<proto::WorkerMessage, proto::EngineMessage> {
 public:
  static constexpr int kMaxUntaken = 32;  // messages posted to the loop
  static constexpr size_t kMaxQueuedOut = 256;

  // The link keeps itself until gRPC has done with it.
  static WorkerStream* Open(EngineLoop& loop, HomeListener& listener, std::string certificate);

  void Send(proto::EngineMessage message) override;
  void SendHeartbeat(uint64_t kept) override;
  void Close(const absl::Status& status) override;
  std::string certificate() const override { return certificate_; }

  // gRPC's callbacks.
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  WorkerStream(EngineLoop& loop, HomeListener& listener, std::string certificate)
      : loop_(loop), listener_(listener), certificate_(std::move(certificate)) {}
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FinishOnce(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Taken();

  EngineLoop& loop_;
  HomeListener& listener_;
  const std::string certificate_;
  std::shared_ptr<WorkerStream> self_;  // until OnDone
  proto::WorkerMessage incoming_;       // of the one read in flight

  absl::Mutex mutex_;
  std::deque<proto::EngineMessage> out_ ABSL_GUARDED_BY(mutex_);  // its front is being written
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;  // finish once out_ is empty
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  int untaken_ ABSL_GUARDED_BY(mutex_) = 0;
  bool read_waits_ ABSL_GUARDED_BY(mutex_) = false;
};

// The service that workers call.
class HomeService final : public proto::Home::CallbackService {
 public:
  HomeService(EngineLoop& loop, HomeListener& listener) : loop_(loop), listener_(listener) {}
  grpc::ServerBidiReactor<proto::WorkerMessage, proto::EngineMessage>* Join(
      grpc::CallbackServerContext* context) override;

 private:
  EngineLoop& loop_;
  HomeListener& listener_;
};

}  // namespace concertina
