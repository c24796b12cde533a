// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// meeting.h: every two ranks of a run get one connection, TCP or of a Unix socket, proved at both ends.
// On the way of the data: comm/socket.h, comm/local_socket.h -> here (comm/proof.h on each connection) ->
// comm/grpc_transport.cc, comm/shared_memory_transport.cc.
//
// The higher rank dials, the lower accepts. Whoever else comes to the port is refused without harm: a wrong
// proof or garbage closes that connection, silence does after kProofSeconds, and a crowd of silent ones
// pushes out the oldest of itself.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/comm/proof.h"
#include "core/comm/socket.h"

namespace concertina {

inline constexpr double kProofSeconds = 5;

struct Acquaintance {
  Socket socket;          // closed for this rank itself
  bool accepted = false;  // they dialled
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

}  // namespace concertina
