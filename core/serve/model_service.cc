// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_service.cc: see model_service.h.
#include "core/serve/model_service.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "core/proto/deadlines.h"
#include "core/proto/status_conversion.h"

namespace concertina {

// Lives until gRPC has done with it; request and reply are gRPC's, and live as long.
class ModelService::Call final : public grpc::ServerUnaryReactor {
 public:
  Call(const proto::ClassifyRequest& request, proto::ClassifyReply& reply,
       std::chrono::system_clock::time_point deadline)
      : request(request), reply(reply), deadline_(deadline) {}
  void OnCancel() override { is_cancelled_ = true; }
  void OnDone() override { delete this; }

  absl::Status GoOn() const {
    if (is_cancelled_) return absl::CancelledError("the caller has gone");
    if (std::chrono::system_clock::now() >= deadline_)
      return absl::DeadlineExceededError("too late: fewer samples in a call, or more threads, would help");
    return absl::OkStatus();
  }

  const proto::ClassifyRequest& request;
  proto::ClassifyReply& reply;

 private:
  const std::chrono::system_clock::time_point deadline_;
  std::atomic<bool> is_cancelled_ = false;
};

ModelService::ModelService(ServedModel model)
    : description_(std::move(model.description)), runtimes_(std::move(model.runtimes)) {
  for (const std::unique_ptr<EdgeModel>& runtime : runtimes_)
    threads_.emplace_back([this, &runtime] { Work(*runtime); });
}

ModelService::~ModelService() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

ModelService::Figures ModelService::figures() const {
  absl::MutexLock lock(&mutex_);
  return figures_;
}

grpc::ServerUnaryReactor* ModelService::Describe(grpc::CallbackServerContext* context,
                                                 const proto::DescribeModelRequest*,
                                                 proto::ModelDescription* reply) {
  *reply = description_;
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerUnaryReactor* ModelService::Classify(grpc::CallbackServerContext* context,
                                                 const proto::ClassifyRequest* request,
                                                 proto::ClassifyReply* reply) {
  const auto latest = WallDeadline(kClassifyDeadlineSeconds);
  auto* call = new Call(*request, *reply, std::min(context->deadline(), latest));  // gRPC's, until OnDone
  absl::Status status = CheckClassifyRequest(description_, *request);
  if (status.ok()) {
    absl::MutexLock lock(&mutex_);
    if (waiting_.size() < kMostWaitingCalls)
      waiting_.push_back(call);
    else
      status = absl::ResourceExhaustedError("too many calls wait for the model already; try again");
  }
  if (!status.ok()) Finish(*call, status);
  return call;
}

void ModelService::Work(EdgeModel& model) {
  const auto something = [this] {
    mutex_.AssertReaderHeld();
    return ending_ || !waiting_.empty();
  };
  for (;;) {
    Call* call = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&something));
      if (waiting_.empty()) return;
      call = waiting_.front();
      waiting_.pop_front();
    }
    Finish(*call, AnswerRequest(
                      model, call->request, [call] { return call->GoOn(); }, call->reply));
  }
}

// The call may be gone when it returns.
void ModelService::Finish(Call& call, const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    figures_.calls += status.ok() ? 1 : 0;
    figures_.refused += status.ok() ? 0 : 1;
    if (status.ok())
      for (const proto::ClassifiedSample& sample : call.reply.samples()) {
        ++figures_.samples;
        figures_.model_seconds += sample.model_seconds();
      }
  }
  call.Finish(ToGrpc(status));
}

}  // namespace concertina
