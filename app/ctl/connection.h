// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// connection.h: one call after the other to the engine, each with its deadline, errors as absl::Status.
#pragma once

#include <memory>
#include <string>

#include "core/base/status.h"
#include "core/proto/deadlines.h"
#include "core/proto/engine.grpc.pb.h"
#include "core/proto/engine_launch.h"
#include "core/proto/status_conversion.h"

namespace concertina::ctl {

// What every command may be told.
struct CommonOptions {
  bool json = false;
  std::string home;    // "": the default home
  std::string engine;  // "": the home's engine, started if none runs
  std::string kit;     // start-up kit, for an engine elsewhere
};

// Every text of the request, at any depth, is UTF-8, as the engine takes it; kInvalidArgument names the first
// that is not.
absl::Status CheckText(const google::protobuf::Message& request);

class Connection {
 public:
  // kUnavailable if there is no engine and none could be started. `start`: start one where none runs. An
  // engine at HOST:PORT: the errors of OpenEngineChannel too.
  static absl::StatusOr<Connection> Open(const CommonOptions& options, bool start = true,
                                         const EngineStart& how = {});

  proto::Engine::Stub& stub() { return *stub_; }
  const std::string& address() const { return address_; }

  // Call(&proto::Engine::Stub::GetRun, request) with the deadline of its kind.
  template <class Request, class Reply>
  absl::StatusOr<Reply> Call(grpc::Status (proto::Engine::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                         Reply*),
                             const Request& request, double deadline_seconds = kControlDeadlineSeconds) {
    RETURN_IF_ERROR(CheckText(request));
    grpc::ClientContext context;
    context.set_deadline(WallDeadline(deadline_seconds));
    Reply reply;
    RETURN_IF_ERROR(Explain(FromGrpc((stub_.get()->*method)(&context, request, &reply)), deadline_seconds));
    return reply;
  }

  // As the engine resolves it: an id, the beginning of one, or "last".
  absl::StatusOr<proto::RunSummary> FindRun(const std::string& run) {
    proto::RunRequest request;
    request.set_run(run);
    return Call(&proto::Engine::Stub::GetRun, request);
  }
  // Its id: what a command asks and prints next is of that run, also once "last" is another.
  absl::StatusOr<std::string> FindRunId(const std::string& run) {
    ASSIGN_OR_RETURN(const proto::RunSummary found, FindRun(run));
    return found.run();
  }

 private:
  // gRPC's own words for an engine that is not there, or that gives no answer, say neither where nor what to
  // do.
  absl::Status Explain(const absl::Status& status, double deadline_seconds) const;

  std::string address_;
  std::unique_ptr<proto::Engine::Stub> stub_;
};

}  // namespace concertina::ctl
