// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// meeting.h: every two ranks of a run get one connection, TCP or of a Unix socket, proved at both ends.
// On the way of the data: comm/socket.h, comm/local_socket.h -> here (comm/proof.h on each connection,
// between hosts within comm/tls_session.h) -> comm/grpc_transport.cc, comm/shared_memory_transport.cc.
//
// The higher rank dials, the lower accepts. Whoever else comes to the port is refused without harm: a wrong
// proof or garbage closes that connection, silence does after kProofSeconds, and a crowd of silent ones
// pushes out the oldest of itself. Between hosts the TLS handshake comes first: the proof is given to nobody
// whose certificate is not that of the rank in question.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/comm/proof.h"
#include "core/comm/socket.h"
#include "core/comm/tls_session.h"

namespace concertina {

inline constexpr double kProofSeconds = 5;

struct Acquaintance {
  Socket socket;                    // closed for this rank itself
  bool accepted = false;            // they dialled
  std::unique_ptr<TlsSession> tls;  // between hosts: established on the socket
};

// Starts to connect to an address; kResourceExhausted: there is no room now, try again.
using Dial = std::function<absl::StatusOr<Socket>(const std::string& address)>;

// Gives one connection a rank. kPermissionDenied: somebody else is at a peer's address. kUnavailable: nobody
// is. kDeadlineExceeded names a rank that has not come, and tells of those who were refused.
absl::StatusOr<std::vector<Acquaintance>> MeetPeers(const Socket& listener, const std::string& secret,
                                                    const ProofIdentity& self,
                                                    const std::vector<std::string>& addresses,
                                                    const Dial& dial, Deadline deadline);
// The same over TCP on loopback. kInvalidArgument for an address that is not there.
absl::StatusOr<std::vector<Acquaintance>> MeetPeers(const Socket& listener, const std::string& secret,
                                                    const ProofIdentity& self,
                                                    const std::vector<std::string>& addresses,
                                                    Deadline deadline);
// The same between hosts, with mutual TLS, for addresses "HOST:PORT". A name may lead to several addresses:
// they are tried in turn. Whoever is refused is named in the log, the first kMostRefusalsLogged.
inline constexpr int kMostRefusalsLogged = 20;
absl::StatusOr<std::vector<Acquaintance>> MeetPeersOverTls(const Socket& listener, const std::string& secret,
                                                           const ProofIdentity& self,
                                                           const std::vector<std::string>& addresses,
                                                           const TlsCredentials& credentials,
                                                           Deadline deadline);

}  // namespace concertina
