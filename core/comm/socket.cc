// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// socket.cc: the few calls to the kernel's TCP that the gRPC transport makes itself (see socket.h).
// On the way of the data: comm/meeting.cc -> here -> the kernel.
#include "core/comm/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/tcp.h>  // glibc's netinet/tcp.h lacks the byte counters of tcp_info
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>

#include "fmt/format.h"

namespace concertina {
namespace {

sockaddr_in ToKernel(const SocketAddress& address) {
  sockaddr_in kernel{};
  kernel.sin_family = AF_INET;
  kernel.sin_addr.s_addr = htonl(address.host);
  kernel.sin_port = htons(address.port);
  return kernel;
}

// "41234"; 0 for anything that is not a port.
uint16_t ParsePort(const char* first, const char* last) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(first, last, port);
  return error == std::errc() && end == last ? port : 0;
}

absl::StatusOr<Socket> ListenAt(const KernelAddress& address, const std::string& name) {
  Socket socket(::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return ErrnoStatus(errno, "making a socket");
  const int both = 0;  // "::" hears IPv4 too
  if (address.bytes.ss_family == AF_INET6)
    setsockopt(socket.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &both, sizeof both);
  if (bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address.bytes), address.length) != 0 ||
      listen(socket.fd(), SOMAXCONN) != 0)
    return ErrnoStatus(errno, "listening on " + name);
  return socket;
}

}  // namespace

void Socket::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Socket Socket::Duplicate() const { return Socket(fcntl(fd_, F_DUPFD_CLOEXEC, 0)); }

absl::StatusOr<SocketAddress> ParseLoopbackAddress(const std::string& address) {
  const auto fault = [&] {
    return absl::InvalidArgumentError(
        fmt::format("{}: not an address of the grpc transport; 127.0.0.1:PORT expected", address));
  };
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return fault();
  in_addr host;
  if (inet_pton(AF_INET, address.substr(0, colon).c_str(), &host) != 1) return fault();
  SocketAddress parsed{.host = ntohl(host.s_addr)};
  parsed.port = ParsePort(address.data() + colon + 1, address.data() + address.size());
  if (parsed.port == 0) return fault();
  if ((parsed.host >> 24) != 127) return fault();
  return parsed;
}

std::string ToString(const SocketAddress& address) {
  return fmt::format("{}.{}.{}.{}:{}", address.host >> 24, address.host >> 16 & 255, address.host >> 8 & 255,
                     address.host & 255, address.port);
}

absl::StatusOr<HostPort> ParseHostPort(const std::string& address) {
  constexpr size_t kLongestHost = 255;
  const auto fault = [&] {
    return absl::InvalidArgumentError(fmt::format(
        "{}: not an address of a peer; HOST:PORT or [ADDRESS]:PORT expected", address.substr(0, 300)));
  };
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return fault();
  HostPort parsed{.host = address.substr(0, colon),
                  .port = ParsePort(address.data() + colon + 1, address.data() + address.size())};
  const bool is_bracketed = parsed.host.size() > 2 && parsed.host.front() == '[' && parsed.host.back() == ']';
  if (is_bracketed) parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  const bool has_colon = parsed.host.find(':') != std::string::npos;
  if (parsed.port == 0 || parsed.host.empty() || parsed.host.size() > kLongestHost ||
      has_colon != is_bracketed || parsed.host.find('\0') != std::string::npos)
    return fault();
  return parsed;
}

std::string ToString(const HostPort& address) {
  if (address.host.find(':') == std::string::npos) return fmt::format("{}:{}", address.host, address.port);
  return fmt::format("[{}]:{}", address.host, address.port);
}

std::string ToString(const KernelAddress& address) {
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&address.bytes), address.length, host, sizeof host, port,
                  sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "somewhere";
  return ToString(HostPort{.host = host, .port = ParsePort(port, port + std::strlen(port))});
}

absl::StatusOr<Socket> ListenOnLoopback(SocketAddress& address) {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return ErrnoStatus(errno, "making a socket");
  sockaddr_in kernel = ToKernel({.host = INADDR_LOOPBACK, .port = 0});
  socklen_t length = sizeof kernel;
  if (bind(socket.fd(), reinterpret_cast<sockaddr*>(&kernel), sizeof kernel) != 0 ||
      listen(socket.fd(), SOMAXCONN) != 0 ||
      getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&kernel), &length) != 0)
    return ErrnoStatus(errno, "listening on 127.0.0.1");
  address = {.host = ntohl(kernel.sin_addr.s_addr), .port = ntohs(kernel.sin_port)};
  return socket;
}

absl::StatusOr<Socket> StartDialling(const SocketAddress& address) {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return ErrnoStatus(errno, "making a socket");
  const sockaddr_in kernel = ToKernel(address);
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel) != 0 &&
      errno != EINPROGRESS)
    return ErrnoStatus(errno, "connecting to " + ToString(address));
  return socket;
}

absl::StatusOr<Socket> ListenOnHost(const std::string& host, uint16_t& port) {
  // All addresses: those of IPv6 hear IPv4 too; a kernel without IPv6 has the others alone.
  addrinfo wanted{};
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  wanted.ai_socktype = SOCK_STREAM;
  absl::StatusOr<Socket> socket = absl::InvalidArgumentError(
      fmt::format("{}: not an address of this host; one such as 10.0.0.7 or ::1 expected, no name", host));
  const std::vector<std::string> places =
      host.empty() ? std::vector<std::string>{"::", "0.0.0.0"} : std::vector<std::string>{host};
  for (const std::string& where : places) {
    addrinfo* found = nullptr;
    if (getaddrinfo(where.c_str(), "0", &wanted, &found) != 0) continue;
    KernelAddress address{.length = found->ai_addrlen};
    std::memcpy(&address.bytes, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    socket = ListenAt(address, where);
    if (socket.ok()) break;
  }
  RETURN_IF_ERROR(socket.status());
  KernelAddress bound{.length = sizeof bound.bytes};
  if (getsockname(socket->fd(), reinterpret_cast<sockaddr*>(&bound.bytes), &bound.length) != 0)
    return ErrnoStatus(errno, "listening on " + host);
  port =
      ntohs(bound.bytes.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound.bytes).sin6_port
                                              : reinterpret_cast<const sockaddr_in&>(bound.bytes).sin_port);
  return socket;
}

absl::StatusOr<Socket> StartDialling(const KernelAddress& address) {
  Socket socket(::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return ErrnoStatus(errno, "making a socket");
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address.bytes), address.length) != 0 &&
      errno != EINPROGRESS)
    return ErrnoStatus(errno, "connecting to " + ToString(address));
  return socket;
}

std::string PeerName(const Socket& socket) {
  KernelAddress peer{.length = sizeof peer.bytes};
  if (getpeername(socket.fd(), reinterpret_cast<sockaddr*>(&peer.bytes), &peer.length) != 0)
    return "somewhere";
  return ToString(peer);
}

absl::Status ConnectResult(const Socket& socket) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  return error == 0 ? absl::OkStatus() : ErrnoStatus(error, "connecting");
}

Socket Accept(const Socket& listener) {
  return Socket(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

void TuneForTensors(const Socket& socket) {
  const auto set = [&](int level, int option, int value) {
    setsockopt(socket.fd(), level, option, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 10);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 2);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  // SO_SNDBUF and SO_RCVBUF stay the kernel's to tune: 4 MiB each was no faster at any size.
}

KernelBytes ReadKernelBytes(const Socket& socket) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (getsockopt(socket.fd(), IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return {};
  // Linux 4.19 and later count what was sent; before, what the peer has acknowledged is the nearest. What
  // waits in the kernel has left this process too.
  const bool counts_sent = length >= offsetof(tcp_info, tcpi_bytes_retrans);
  return {.sent = (counts_sent ? info.tcpi_bytes_sent : info.tcpi_bytes_acked) + info.tcpi_notsent_bytes,
          .received = info.tcpi_bytes_received};
}

}  // namespace concertina
