// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// worker_link.cc: see worker_link.h.
#include "core/engine/worker_link.h"

#include "core/proto/peer_verifier.h"
#include "core/proto/status_conversion.h"

namespace concertina {

WorkerStream* WorkerStream::Open(EngineLoop& loop, HomeListener& listener, std::string certificate) {
  const std::shared_ptr<WorkerStream> link(new WorkerStream(loop, listener, std::move(certificate)));
  link->self_ = link;
  loop.Post([link] { link->listener_.OnOpened(link); });
  link->StartRead(&link->incoming_);
  return link.get();
}

void WorkerStream::OnReadDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  if (!ok) {  // the worker has ended its half, or is gone: nothing more will come, and what waits may still
              // go out
    closing_ = true;
    if (out_.empty()) FinishOnce(grpc::Status::OK);
    return;
  }
  ++untaken_;
  loop_.Post([link = self_, message = std::move(incoming_)] {
    link->listener_.OnMessage(link, message);
    link->Taken();
  });
  incoming_.Clear();
  if (finished_) return;
  if (untaken_ < kMaxUntaken)
    StartRead(&incoming_);
  else
    read_waits_ = true;
}

void WorkerStream::Taken() {
  absl::MutexLock lock(&mutex_);
  --untaken_;
  if (!read_waits_ || finished_) return;
  read_waits_ = false;
  StartRead(&incoming_);
}

void WorkerStream::Send(proto::EngineMessage message) {
  absl::MutexLock lock(&mutex_);
  if (finished_ || closing_) return;
  if (out_.size() == kMaxQueuedOut) {
    FinishOnce({grpc::StatusCode::RESOURCE_EXHAUSTED, "the worker does not read what the engine says"});
    return;
  }
  out_.push_back(std::move(message));
  WriteNext();
}

void WorkerStream::SendHeartbeat(uint64_t kept) {
  absl::MutexLock lock(&mutex_);
  if (finished_ || closing_ || !out_.empty()) return;
  out_.emplace_back().mutable_heartbeat()->set_kept(kept);
  WriteNext();
}

void WorkerStream::Close(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (status.ok() && !out_.empty())
    closing_ = true;
  else
    FinishOnce(ToGrpc(status));
}

void WorkerStream::WriteNext() {
  if (writing_ || finished_ || out_.empty()) return;
  writing_ = true;
  StartWrite(&out_.front());  // a deque's elements stay where they are while others are added
}

void WorkerStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  writing_ = false;
  if (!ok) {
    FinishOnce(grpc::Status::CANCELLED);
    return;
  }
  out_.pop_front();
  WriteNext();
  if (closing_ && out_.empty()) FinishOnce(grpc::Status::OK);
}

void WorkerStream::OnCancel() {
  absl::MutexLock lock(&mutex_);
  FinishOnce(grpc::Status::CANCELLED);
}

void WorkerStream::FinishOnce(const grpc::Status& status) {
  if (finished_) return;
  finished_ = true;
  Finish(status);
}

void WorkerStream::OnDone() {
  // Reads are all done by now, so this is the last that the loop hears of the link.
  loop_.Post([link = std::move(self_)] { link->listener_.OnClosed(link); });
}

grpc::ServerBidiReactor<proto::WorkerMessage, proto::EngineMessage>* HomeService::Join(
    grpc::CallbackServerContext* context) {
  const absl::StatusOr<CertificateFacts> shown = ReadCertificate(CertificateOf(*context->auth_context()));
  return WorkerStream::Open(loop_, listener_, shown.ok() ? shown->fingerprint : std::string());
}

}  // namespace concertina
