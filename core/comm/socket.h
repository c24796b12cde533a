// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// socket.h: TCP sockets: owned, listened on, dialled, and their kernel's own byte counters. On loopback;
// beyond it only for who speaks TLS on them (comm/tls_session.h). On the way of the data: comm/meeting.cc ->
// here -> the kernel.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <utility>

#include "core/base/status.h"

namespace concertina {

// A file descriptor with an owner.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket() { Close(); }
  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }
  void Close();
  // A second descriptor of the same connection.
  Socket Duplicate() const;

 private:
  int fd_ = -1;
};

struct SocketAddress {
  uint32_t host = 0;  // IPv4, host byte order
  uint16_t port = 0;
};
// "127.0.0.1:41234". kInvalidArgument for anything that is not an address on loopback: this transport is not
// encrypted, so it goes nowhere else.
absl::StatusOr<SocketAddress> ParseLoopbackAddress(const std::string& address);
std::string ToString(const SocketAddress& address);

// Where a connection between hosts goes: "node-7:41234", "10.0.0.7:41234", "[fe80::7]:41234".
struct HostPort {
  std::string host;
  uint16_t port = 0;
};
absl::StatusOr<HostPort> ParseHostPort(const std::string& address);
std::string ToString(const HostPort& address);

// An address as the kernel takes it, IPv4 or IPv6.
struct KernelAddress {
  sockaddr_storage bytes{};
  socklen_t length = 0;
};
// "10.0.0.7:41234".
std::string ToString(const KernelAddress& address);

// Listens on a free port of 127.0.0.1. All sockets made here are non-blocking and close on exec.
absl::StatusOr<Socket> ListenOnLoopback(SocketAddress& address);
// Starts to connect; writable once it has, or has failed (ConnectResult).
absl::StatusOr<Socket> StartDialling(const SocketAddress& address);
absl::Status ConnectResult(const Socket& socket);
// The same beyond loopback: on a free port of `host`, a numeric address of this host (else kInvalidArgument),
// or of all its addresses if it is "". For who speaks TLS there.
absl::StatusOr<Socket> ListenOnHost(const std::string& host, uint16_t& port);
absl::StatusOr<Socket> StartDialling(const KernelAddress& address);
// The other end of a connection; "somewhere" where it cannot be told.
std::string PeerName(const Socket& socket);

// The next connection; a closed socket if there is none now.
Socket Accept(const Socket& listener);

// Sends at once, and finds a host that went silently (after some 16 s; a process that dies is told at once).
void TuneForTensors(const Socket& socket);

// What the kernel counted on the connection, headers of TCP and IP not included. What TCP sent again, because
// it was lost or late, is in `sent` each time, and in `received` once.
struct KernelBytes {
  uint64_t sent = 0;
  uint64_t received = 0;
};
KernelBytes ReadKernelBytes(const Socket& socket);

// What it has counted since this was made, also once the connection's owner has closed it.
class KernelByteMeter {
 public:
  explicit KernelByteMeter(const Socket& socket)
      : second_(socket.Duplicate()), before_(ReadKernelBytes(second_)) {}
  KernelBytes Since() const {
    const KernelBytes now = ReadKernelBytes(second_);
    return {.sent = now.sent - before_.sent, .received = now.received - before_.received};
  }

 private:
  const Socket second_;
  const KernelBytes before_;
};

}  // namespace concertina
