// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// grpc_server.cc: see grpc_server.h.
#include "core/proto/grpc_server.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/proto/deadlines.h"
#include "fmt/format.h"

namespace concertina {

absl::StatusOr<std::unique_ptr<grpc::Server>> ListenAtSocket(const std::string& path, int most_request_bytes,
                                                             const std::vector<grpc::Service*>& services) {
  grpc::ServerBuilder builder;
  grpc::ResourceQuota quota("concertina-socket");
  quota.Resize(size_t{512} << 20);  // what callers together may make it hold
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(most_request_bytes);
  builder.SetMaxSendMessageSize(-1);  // a series of every point, or a batch of many classes, may be long
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1024);
  builder.AddListeningPort("unix:" + path, grpc::InsecureServerCredentials());
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr)
    return absl::UnavailableError(fmt::format("cannot listen on {}; is its folder writable?", path));
  // The folder is the guard; this is the second one.
  if (chmod(path.c_str(), 0600) != 0) {
    const int error = errno;
    unlink(path.c_str());
    return ErrnoStatus(error, "making " + path + " private");
  }
  return server;
}

void EndServer(grpc::Server& server, Deadline deadline) {
  server.Shutdown(WallDeadline(std::clamp(deadline.SecondsLeft(), 0.0, 1e6)));
}

}  // namespace concertina
