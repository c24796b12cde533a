// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// socket.h: TCP sockets on loopback: owned, listened on, dialled, and their kernel's own byte counters.
// On the way of the data: comm/meeting.cc -> here -> the kernel.
#pragma once

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

// Listens on a free port of 127.0.0.1. All sockets made here are non-blocking and close on exec.
absl::StatusOr<Socket> ListenOnLoopback(SocketAddress& address);
// Starts to connect; writable once it has, or has failed (ConnectResult).
absl::StatusOr<Socket> StartDialling(const SocketAddress& address);
absl::Status ConnectResult(const Socket& socket);
// The next connection; a closed socket if there is none now.
Socket Accept(const Socket& listener);

// Sends at once, and finds a host that went silently (after some 16 s; a process that dies is told at once).
void TuneForTensors(const Socket& socket);

// What the kernel counted on the connection, headers of TCP and IP not included.
struct KernelBytes {
  uint64_t sent = 0;
  uint64_t received = 0;
};
KernelBytes ReadKernelBytes(const Socket& socket);

}  // namespace concertina
