// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// grpc_server.h: how a program's servers begin and end. On the way of the data: engine/engine.h,
// serve/model_server.h -> here -> gRPC; proto/tls_port.h has a beginning of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/status.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace concertina {

// Listens at a Unix socket, in a folder that nobody else can enter: who is in it is the program's owner.
// `services` outlive the server. kUnavailable: it cannot listen there.
absl::StatusOr<std::unique_ptr<grpc::Server>> ListenAtSocket(const std::string& path, int most_request_bytes,
                                                             const std::vector<grpc::Service*>& services);

// Nobody comes in any more; calls that go on get until the deadline.
void EndServer(grpc::Server& server, Deadline deadline);

}  // namespace concertina
