// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_service.h: the service Model: calls wait in a bounded queue for one of a few threads, each of which
// has a runtime of its own. On the way of the data: serve/served_model.h -> here -> serve/model_server.h.
//
// gRPC's threads check a request and put it into the queue; they never run the model. A call that was
// cancelled, or is past its deadline, is not begun, and ended between two samples.
#pragma once

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/proto/model.grpc.pb.h"
#include "core/serve/served_model.h"

namespace concertina {

class ModelService final : public proto::Model::CallbackService {
 public:
  static constexpr size_t kMostWaitingCalls = 64;

  explicit ModelService(ServedModel model);
  // After the servers that have it: what waits is answered first.
  ~ModelService() override;

  const proto::ModelDescription& description() const { return description_; }

  struct Figures {
    int64_t calls = 0, samples = 0;  // that were answered
    int64_t refused = 0;             // calls: wrong, too many, cancelled or too late
    double model_seconds = 0;        // of all samples together
  };
  Figures figures() const;

  grpc::ServerUnaryReactor* Describe(grpc::CallbackServerContext* context,
                                     const proto::DescribeModelRequest* request,
                                     proto::ModelDescription* reply) override;
  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* context,
                                     const proto::ClassifyRequest* request,
                                     proto::ClassifyReply* reply) override;

 private:
  class Call;
  void Work(EdgeModel& model);
  void Finish(Call& call, const absl::Status& status);

  const proto::ModelDescription description_;
  const std::vector<std::unique_ptr<EdgeModel>> runtimes_;
  mutable absl::Mutex mutex_;
  std::deque<Call*> waiting_ ABSL_GUARDED_BY(mutex_);
  Figures figures_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace concertina
