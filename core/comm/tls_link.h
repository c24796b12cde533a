// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_link.h: what gRPC says in the clear to one end of a pair of sockets goes to the peer encrypted, and
// back. On the way of the data: comm/grpc_transport.cc (gRPC takes no TLS on a connection that it is handed)
// -> here -> comm/tls_session.h on the connection -> the peer's here.
//
// No thread of its own: whoever waits for gRPC turns the links. With a thread, a message woke four threads on
// its way instead of two. A direction holds kLinkBytes at most, beside what the kernel holds of either
// socket: when it is full, its source is not read, and so waits. The ends are told apart: what one side had
// still to say is handed on after the other has closed. Beyond what OpenSSL itself asks for nothing is
// allocated while it turns.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/status.h"
#include "core/comm/socket.h"
#include "core/comm/tls_session.h"

namespace concertina {

inline constexpr size_t kLinkBytes = size_t{256} << 10;

class TlsLinks {
 public:
  static absl::StatusOr<std::unique_ptr<TlsLinks>> Create();
  // What is on its way is handed to the kernel, and taken by the peer's, within kLinkPartingSeconds; whoever
  // has the plain ends should have closed them, or at least have said all he has to say.
  ~TlsLinks();
  static constexpr double kLinkPartingSeconds = 0.3;

  // Takes a connection on which TLS is established, and gives the plain end of its link.
  absl::StatusOr<Socket> Add(Socket connection, std::unique_ptr<TlsSession> tls);
  // Moves what can be moved now, in both directions of all links; true if anything was.
  bool Turn() { return Turn(false); }
  // Whether all that the plain ends have said so far is with the kernel, or can go nowhere.
  bool has_sent_all() const;
  // Until there may be something to move, somebody wakes it, or SteadyNanoseconds() is that late.
  void Sleep(int64_t until_nanoseconds);
  void Wake();  // any thread

 private:
  class Link;
  TlsLinks(Socket epoll, Socket wake);
  absl::Status Watch(const Socket& socket, uint64_t name);
  bool Turn(bool is_parting);
  void Hear(int timeout_ms);

  const Socket epoll_;
  const Socket wake_;  // an eventfd
  std::vector<std::unique_ptr<Link>> links_;
};

}  // namespace concertina
