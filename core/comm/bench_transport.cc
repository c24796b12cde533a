// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_transport.cc: times echoes as one of two ranks (see bench_transport.h).
// On the way of the data: app/ctl's `bench transport` -> here -> comm/transport.h.
#include "core/comm/bench_transport.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/clock.h"
#include "core/comm/bench_ranks.h"
#include "core/comm/local_socket.h"
#include "core/comm/socket.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr int64_t kMostMessageBytes = int64_t{1} << 30;
constexpr uint32_t kTag = 1;

using Bytes = std::vector<std::byte>;

absl::Status ReceiveInto(Transport& transport, int from, std::span<std::byte> bytes) {
  return transport.Receive(from, kTag, bytes.size(), Deadline::After(30),
                           [&](size_t offset, std::span<const std::byte> piece) {
                             std::memcpy(bytes.data() + offset, piece.data(), piece.size());
                           });
}

// What any transport is measured by: bare connections between the two ranks, with blocking calls.
absl::StatusOr<Socket> Accepted(const Socket& listener) {
  pollfd readable{.fd = listener.fd(), .events = POLLIN, .revents = 0};
  poll(&readable, 1, 30'000);
  Socket bare = Accept(listener);
  if (!bare.is_open()) return absl::UnavailableError("the bare connection did not come about");
  return bare;
}

absl::StatusOr<Socket> ConnectTcp(Transport& transport) {
  Socket bare;
  SocketAddress address;
  if (transport.rank() == 0) {
    ASSIGN_OR_RETURN(const Socket listener, ListenOnLoopback(address));
    RETURN_IF_ERROR(transport.Send(1, kTag, std::as_bytes(std::span(&address, 1)), Deadline::After(30)));
    RETURN_IF_ERROR(transport.Flush(1, Deadline::After(30)));
    ASSIGN_OR_RETURN(bare, Accepted(listener));
  } else {
    RETURN_IF_ERROR(ReceiveInto(transport, 0, std::as_writable_bytes(std::span(&address, 1))));
    ASSIGN_OR_RETURN(bare, StartDialling(address));
    pollfd writable{.fd = bare.fd(), .events = POLLOUT, .revents = 0};
    poll(&writable, 1, 30'000);
    RETURN_IF_ERROR(ConnectResult(bare));
  }
  fcntl(bare.fd(), F_SETFL, 0);
  TuneForTensors(bare);
  return bare;
}

absl::StatusOr<Socket> ConnectUnix(Transport& transport) {
  Socket bare;
  std::array<char, 128> path{};
  if (transport.rank() == 0) {
    ASSIGN_OR_RETURN(const LocalListener listener, LocalListener::Create(""));
    listener.path().copy(path.data(), path.size() - 1);
    RETURN_IF_ERROR(transport.Send(1, kTag, std::as_bytes(std::span(path)), Deadline::After(30)));
    RETURN_IF_ERROR(transport.Flush(1, Deadline::After(30)));
    ASSIGN_OR_RETURN(bare, Accepted(listener.socket()));
  } else {
    RETURN_IF_ERROR(ReceiveInto(transport, 0, std::as_writable_bytes(std::span(path))));
    ASSIGN_OR_RETURN(bare, DialLocal(path.data()));
  }
  fcntl(bare.fd(), F_SETFL, 0);
  return bare;
}

absl::Status SendBare(const Socket& socket, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EINTR) return ErrnoStatus(errno, "sending on the bare connection");
    bytes = bytes.subspan(static_cast<size_t>(std::max<ssize_t>(n, 0)));
  }
  return absl::OkStatus();
}

absl::Status ReceiveBare(const Socket& socket, std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = recv(socket.fd(), bytes.data(), bytes.size(), 0);
    if (n < 0 && errno != EINTR) return ErrnoStatus(errno, "receiving on the bare connection");
    if (n == 0) return absl::UnavailableError("the bare connection was closed");
    bytes = bytes.subspan(static_cast<size_t>(std::max<ssize_t>(n, 0)));
  }
  return absl::OkStatus();
}

absl::StatusOr<Json> TransportBenchRank(Transport& transport, const Json& job) {
  ASSIGN_OR_RETURN(const Socket tcp, ConnectTcp(transport));
  ASSIGN_OR_RETURN(const Socket unix_socket, ConnectUnix(transport));
  const bool asks = transport.rank() == 0;
  const int peer = 1 - transport.rank();
  const double seconds_a_size = job.value("seconds_a_size", 1.0);
  Json results = Json::array();
  for (const int64_t size : job.value("bytes", std::vector<int64_t>())) {
    Bytes bytes(static_cast<size_t>(size));
    const auto echo = [&]() -> absl::Status {
      if (!asks) RETURN_IF_ERROR(ReceiveInto(transport, peer, bytes));
      RETURN_IF_ERROR(transport.Send(peer, kTag, bytes, Deadline::After(30)));
      if (asks) return ReceiveInto(transport, peer, bytes);
      return transport.Flush(peer, Deadline::After(30));
    };
    const auto echo_bare = [&](const Socket& bare) -> absl::Status {
      if (!asks) RETURN_IF_ERROR(ReceiveBare(bare, bytes));
      RETURN_IF_ERROR(SendBare(bare, bytes));
      return asks ? ReceiveBare(bare, bytes) : absl::OkStatus();
    };
    std::array<std::vector<double>, 3> seconds;
    std::byte goes_on{1};
    double spent = 0;
    for (int repetition = 0; goes_on != std::byte{0}; ++repetition) {
      for (size_t way = 0; way < seconds.size(); ++way) {
        const double before = Clock::Real().SteadySeconds();
        RETURN_IF_ERROR(way == 0 ? echo() : echo_bare(way == 1 ? tcp : unix_socket));
        const double took = Clock::Real().SteadySeconds() - before;
        if (repetition >= 3) seconds[way].push_back(took);
        spent += took;
      }
      if (asks) {
        goes_on = std::byte{seconds[0].size() < 5 || (spent < seconds_a_size && seconds[0].size() < 2000)};
        RETURN_IF_ERROR(SendBare(tcp, {&goes_on, 1}));
      } else {
        RETURN_IF_ERROR(ReceiveBare(tcp, {&goes_on, 1}));
      }
    }
    Json result = {{"bytes", size}};
    const char* const names[] = {"", "tcp_", "unix_"};
    for (size_t way = 0; way < seconds.size(); ++way) {
      const double median = Median(seconds[way]);
      result[fmt::format("{}median_seconds", names[way])] = median;
      result[fmt::format("{}bytes_per_second", names[way])] = 2.0 * static_cast<double>(size) / median;
    }
    results.push_back(std::move(result));
  }
  return results;
}

[[maybe_unused]] const bool added_transport = AddBenchJob("transport", TransportBenchRank);

}  // namespace

absl::StatusOr<Json> BenchTransport(const std::vector<int64_t>& bytes, double seconds_a_size,
                                    const std::string& kind, bool with_tls) {
  for (const int64_t size : bytes)
    if (size < 1 || size > kMostMessageBytes)
      return absl::InvalidArgumentError(fmt::format("{} bytes: 1 to {} expected", size, kMostMessageBytes));
  ASSIGN_OR_RETURN(const Json results,
                   RunBenchRanks("transport", 2, Json{{"bytes", bytes}, {"seconds_a_size", seconds_a_size}},
                                 60 + 30.0 * bytes.size(), kind, with_tls));
  return Json{{"transport", kind}, {"tls", with_tls}, {"results", results}};
}

}  // namespace concertina
