// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// refused_handshakes.h: hears of TLS handshakes that gRPC gives up by itself, before any verifier is asked: a
// chain of another authority, an expired certificate, none, an old version of TLS, no TLS at all.
// On the way of the data: gRPC's log -> here -> proto/audit_log.h.
//
// gRPC 1.51 tells of these in its log and nowhere else, with OpenSSL's words and without the address. So here
// is where its log goes while somebody listens; what else it says is passed on to ours. Handshakes of clients
// in this process would be heard of, too: the engine has none.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace concertina {

class RefusedHandshakes {
 public:
  // In gRPC's thread: must not wait, nor call gRPC.
  using OnRefused = std::function<void(const std::string& reason)>;
  explicit RefusedHandshakes(OnRefused on_refused);
  ~RefusedHandshakes();  // it is not called any more
  RefusedHandshakes(const RefusedHandshakes&) = delete;
  RefusedHandshakes& operator=(const RefusedHandshakes&) = delete;

 private:
  const OnRefused on_refused_;
};

// What a line of gRPC's log says of a handshake that failed, in words for people; "": it says nothing of one.
std::string RefusalInLog(const std::string& message);

// Who is connected to this port of this process, in gRPC's words ("ipv4:10.0.0.9:51324"). Costs two calls of
// the kernel for each open descriptor, of which so many are looked at.
std::vector<std::string> PeersAtPort(int port);
inline constexpr int kMostLookedAt = 4096;

}  // namespace concertina
