// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// connection.cc: see connection.h.
#include "app/ctl/connection.h"

#include "core/proto/engine_channel.h"

namespace concertina::ctl {

absl::StatusOr<Connection> Connection::Open(const CommonOptions& options, bool start,
                                            const EngineStart& how) {
  Connection connection;
  if (!options.engine.empty()) {
    connection.address_ = options.engine;
  } else {
    const std::string home = options.home.empty() ? DefaultHome() : options.home;
    if (start) {
      ASSIGN_OR_RETURN(connection.address_,
                       FindOrStartEngine(home, Deadline::After(kJoinDeadlineSeconds), how));
    } else {
      ASSIGN_OR_RETURN(connection.address_, FindEngine(home));
    }
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(256 << 20);  // whole series of long runs
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   OpenEngineChannel(connection.address_, options.kit, arguments));
  connection.stub_ = proto::Engine::NewStub(channel);
  return connection;
}

}  // namespace concertina::ctl
