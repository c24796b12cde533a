// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// local_socket.cc: see local_socket.h.
// On the way of the data: comm/meeting.cc, comm/shared_memory_transport.cc -> here -> the kernel.
#include "core/comm/local_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "core/base/file.h"
#include "fmt/format.h"
#include "sodium.h"

namespace concertina {
namespace {

constexpr int kMostFiles = 8;  // that a message is looked through for; the kernel closes what is beyond

// kInvalidArgument if it does not fit.
absl::StatusOr<sockaddr_un> UnixAddress(const std::string& path) {
  sockaddr_un kernel{};
  kernel.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof kernel.sun_path || path.find('\0') != std::string::npos)
    return absl::InvalidArgumentError(fmt::format("{}: not the path of a socket; 1 to {} bytes expected",
                                                  path, sizeof kernel.sun_path - 1));
  std::memcpy(kernel.sun_path, path.data(), path.size());
  return kernel;
}

Socket NewSocket() { return Socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)); }

}  // namespace

absl::StatusOr<LocalListener> LocalListener::Create(const std::string& folder) {
  if (sodium_init() < 0) return absl::InternalError("libsodium does not start");
  const std::string name =
      fmt::format("/peers-{:08x}{:08x}.sock", randombytes_random(), randombytes_random());
  Socket socket = NewSocket();
  if (!socket.is_open()) return ErrnoStatus(errno, "making a socket");
  std::string own_folder;
  if (folder.empty() || !UnixAddress(folder + name).ok()) {
    ASSIGN_OR_RETURN(own_folder, MakeSocketFolder());
  }
  std::string path = (own_folder.empty() ? folder : own_folder) + name;
  LocalListener listener(std::move(socket), std::move(path), std::move(own_folder));
  ASSIGN_OR_RETURN(const sockaddr_un kernel, UnixAddress(listener.path()));
  if (bind(listener.socket().fd(), reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel) != 0 ||
      listen(listener.socket().fd(), SOMAXCONN) != 0)
    return ErrnoStatus(errno, "listening at " + listener.path());
  return listener;
}

void LocalListener::Close() {
  if (!socket_.is_open()) return;  // moved from, or closed before
  socket_.Close();
  unlink(path_.c_str());
  if (!own_folder_.empty()) rmdir(own_folder_.c_str());
}

absl::StatusOr<Socket> DialLocal(const std::string& path) {
  ASSIGN_OR_RETURN(const sockaddr_un kernel, UnixAddress(path));
  Socket socket = NewSocket();
  if (!socket.is_open()) return ErrnoStatus(errno, "making a socket");
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel) == 0) return socket;
  if (errno == EAGAIN) return absl::ResourceExhaustedError(path + ": too many wait there");
  return absl::UnavailableError(fmt::format("connecting to {}: {}", path, std::strerror(errno)));
}

absl::Status SendWithFile(const Socket& socket, std::span<const std::byte> bytes, int fd) {
  iovec part{.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  const ssize_t n = sendmsg(socket.fd(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
    return absl::UnavailableError("the other end closed the connection before it was passed a file");
  if (n < 0) return ErrnoStatus(errno, "passing a file");
  if (static_cast<size_t>(n) != bytes.size()) return absl::UnavailableError("passing a file: no room for it");
  return absl::OkStatus();
}

absl::StatusOr<Socket> ReceiveWithFile(const Socket& socket, std::span<std::byte> bytes, Deadline deadline) {
  std::vector<Socket> files;
  for (size_t got = 0; got < bytes.size();) {
    iovec part{.iov_base = bytes.data() + got, .iov_len = bytes.size() - got};
    alignas(cmsghdr) char control[CMSG_SPACE(kMostFiles * sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t n = recvmsg(socket.fd(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
      if (deadline.Passed()) return absl::DeadlineExceededError("no file came in time");
      pollfd readable{.fd = socket.fd(), .events = POLLIN, .revents = 0};
      poll(&readable, 1, static_cast<int>(std::min(deadline.SecondsLeft(), 1.0) * 1e3) + 1);
      continue;
    }
    if (n < 0 && errno != ECONNRESET) return ErrnoStatus(errno, "taking a file");
    if (n <= 0) return absl::UnavailableError("the other end closed the connection before a file came");
    got += static_cast<size_t>(n);
    // All that came are ours to close, wanted or not.
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
      const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (size_t i = 0; i < count; ++i) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
        files.emplace_back(fd);
      }
    }
  }
  if (files.size() != 1) return absl::DataLossError(fmt::format("{} files came, 1 expected", files.size()));
  return std::move(files[0]);
}

}  // namespace concertina
