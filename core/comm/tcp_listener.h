// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tcp_listener.h: where ranks meet over TCP: on loopback, or where there are credentials on this host's
// address, within mutual TLS.
// On the way of the data: comm/transport.h's TransportKind -> here (comm/meeting.h) ->
// comm/grpc_transport.cc, comm/carried_transport.h.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/comm/meeting.h"
#include "core/comm/transport.h"

namespace concertina {

// All ranks have met.
struct TcpMeeting {
  int rank = 0;
  int size = 1;
  std::string host;  // by which the others reach this one; "" on loopback
  std::vector<Acquaintance> peers;
  std::unique_ptr<TlsCredentials> credentials;  // of the connections, where they are TLS
};
using MakeTransport = std::function<absl::StatusOr<std::unique_ptr<Transport>>(
    TcpMeeting meeting, const LinkShape& shape, Deadline deadline)>;

// `make` makes the transport of those who have met.
absl::StatusOr<std::unique_ptr<TransportListener>> ListenOverTcp(const ListenOptions& options,
                                                                 MakeTransport make);

}  // namespace concertina
