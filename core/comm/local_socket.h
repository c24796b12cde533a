// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// local_socket.h: Unix sockets of one user, and files that are passed over them.
// On the way of the data: comm/meeting.cc, comm/shared_memory_transport.cc -> here -> the kernel.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/base/clock.h"
#include "core/comm/socket.h"

namespace concertina {

// Listens at a new path in a folder of this user alone; what it made goes with it.
class LocalListener {
 public:
  // `folder` must be there, 0700. If it is "", or the path would be longer than a socket's may be (107
  // bytes), the socket goes to a new 0700 folder in $XDG_RUNTIME_DIR or /tmp.
  static absl::StatusOr<LocalListener> Create(const std::string& folder);
  LocalListener(LocalListener&& other) noexcept = default;
  LocalListener& operator=(LocalListener&& other) = delete;
  ~LocalListener() { Close(); }

  const Socket& socket() const { return socket_; }
  const std::string& path() const { return path_; }
  void Close();  // nobody comes any more, and nothing is left of it in the folder

 private:
  LocalListener(Socket socket, std::string path, std::string own_folder)
      : socket_(std::move(socket)), path_(std::move(path)), own_folder_(std::move(own_folder)) {}

  Socket socket_;
  std::string path_;
  std::string own_folder_;  // to be removed; "": none
};

// Connected once it returns, non-blocking. kUnavailable: nobody listens there; kResourceExhausted: too many
// wait there now; kInvalidArgument: no path of a socket.
absl::StatusOr<Socket> DialLocal(const std::string& path);

// `bytes` in one piece, with a second descriptor of the file of `fd`. Does not wait: it is for the first
// bytes of a fresh connection.
absl::Status SendWithFile(const Socket& socket, std::span<const std::byte> bytes, int fd);
// Exactly `bytes`, and the one file that came with them. kDataLoss: no file, or several.
absl::StatusOr<Socket> ReceiveWithFile(const Socket& socket, std::span<std::byte> bytes, Deadline deadline);

}  // namespace concertina
