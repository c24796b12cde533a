// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_transport.h: what transport "grpc" is between hosts: the same frames, as records of mutual TLS.
// On the way of the data: comm/grpc_transport.cc (where ranks have met over TLS) -> here.
#pragma once

#include <memory>

#include "core/comm/tcp_listener.h"
#include "core/comm/transport.h"

namespace concertina {

// All `meeting.peers` have TLS established on their sockets.
absl::StatusOr<std::unique_ptr<Transport>> MakeTlsTransport(TcpMeeting meeting, const LinkShape& shape,
                                                            Deadline deadline);

}  // namespace concertina
