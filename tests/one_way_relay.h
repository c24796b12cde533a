// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// one_way_relay.h: stands between two ends of a connection, passes on what they say, and can lose all that
// goes one way without closing anything: a half-open connection, a cable that carries in one direction.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace concertina {

class OneWayRelay {
 public:
  enum Way { kToTarget = 0, kToCaller = 1 };

  // Between Unix sockets: listens at the path `at`.
  OneWayRelay(const std::string& at, const std::string& target) {
    Listen(UnixAddress(at));
    target_ = UnixAddress(target);
    acceptor_ = std::thread([this] { Accept(); });
  }
  // Between ports of 127.0.0.1: listens at port().
  explicit OneWayRelay(uint16_t target) {
    Listen(PortAddress(0));
    target_ = PortAddress(target);
    acceptor_ = std::thread([this] { Accept(); });
  }
  ~OneWayRelay() {
    is_over_ = true;
    acceptor_.join();
    for (const int fd : fds_) shutdown(fd, SHUT_RDWR);
    for (std::thread& pump : pumps_) pump.join();
    for (const int fd : fds_) close(fd);
    close(listener_);
  }
  OneWayRelay(const OneWayRelay&) = delete;
  OneWayRelay& operator=(const OneWayRelay&) = delete;

  bool listens() const { return listens_; }
  uint16_t port() const {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    return ntohs(address.sin_port);
  }
  // What goes that way is lost from now on.
  void Silence(Way way) { is_silent_[way] = true; }

 private:
  struct Address {
    sockaddr_storage bytes{};
    socklen_t length = 0;
  };
  static Address UnixAddress(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return Stored(address);
  }
  static Address PortAddress(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return Stored(address);
  }
  template <class Kernel>
  static Address Stored(const Kernel& address) {
    Address stored;
    std::memcpy(&stored.bytes, &address, sizeof address);
    stored.length = sizeof address;
    return stored;
  }

  void Listen(const Address& at) {
    listener_ = socket(at.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    listens_ = bind(listener_, reinterpret_cast<const sockaddr*>(&at.bytes), at.length) == 0 &&
               listen(listener_, 8) == 0;
  }
  void Accept() {
    while (!is_over_) {
      pollfd readable{.fd = listener_, .events = POLLIN, .revents = 0};
      if (poll(&readable, 1, 20) <= 0) continue;
      const int caller = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      const int target = socket(target_.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
      fds_.insert(fds_.end(), {caller, target});
      if (connect(target, reinterpret_cast<const sockaddr*>(&target_.bytes), target_.length) != 0) {
        shutdown(caller, SHUT_RDWR);
        continue;
      }
      pumps_.emplace_back([this, caller, target] { Pump(caller, target, kToTarget); });
      pumps_.emplace_back([this, caller, target] { Pump(target, caller, kToCaller); });
    }
  }
  void Pump(int from, int to, Way way) {
    std::array<char, 65536> bytes;
    for (;;) {
      const ssize_t count = recv(from, bytes.data(), bytes.size(), 0);
      if (is_silent_[way] && count > 0) continue;
      if (is_silent_[way]) return;  // not even that it has closed gets through
      if (count <= 0) break;
      for (ssize_t sent = 0; sent < count;) {
        const ssize_t more = send(to, bytes.data() + sent, static_cast<size_t>(count - sent), MSG_NOSIGNAL);
        if (more <= 0) return;
        sent += more;
      }
    }
    shutdown(to, SHUT_WR);
  }

  int listener_ = -1;
  bool listens_ = false;
  Address target_;
  std::array<std::atomic<bool>, 2> is_silent_ = {};
  std::atomic<bool> is_over_ = false;
  std::vector<int> fds_;            // of the acceptor, until it has ended
  std::vector<std::thread> pumps_;  // the same
  std::thread acceptor_;
};

}  // namespace concertina
