// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_server.cc: see model_server.h.
#include "core/serve/model_server.h"

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string_view>
#include <thread>
#include <utility>

#include "core/base/file.h"
#include "core/proto/engine_launch.h"
#include "core/proto/grpc_server.h"
#include "core/proto/tls_port.h"
#include "core/serve/model_rights.h"
#include "fmt/format.h"

namespace concertina {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnixScheme = "unix:";
constexpr double kFolderLockSeconds = 5;

// Two servers that begin at once must not each take the other's new socket for a dead one's.
class FolderLock {
 public:
  FolderLock() = default;
  ~FolderLock() {
    if (folder_ >= 0) close(folder_);
  }
  FolderLock(const FolderLock&) = delete;
  absl::Status Take(const std::string& folder) {
    folder_ = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_ < 0) return ErrnoStatus(errno, "opening " + folder);
    const Deadline deadline = Deadline::After(kFolderLockSeconds);
    while (flock(folder_, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR) return ErrnoStatus(errno, "locking " + folder);
      if (deadline.SecondsLeft() <= 0)
        return absl::UnavailableError(folder + " is locked by another program; try again");
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return absl::OkStatus();
  }

 private:
  int folder_ = -1;
};

absl::Status CheckPrivate(const std::string& folder) {
  struct stat found = {};
  if (stat(folder.c_str(), &found) != 0) return ErrnoStatus(errno, "looking at " + folder);
  if (!S_ISDIR(found.st_mode))
    return absl::InvalidArgumentError(folder + ": is no folder; a socket needs one");
  if (found.st_uid != geteuid() || (found.st_mode & 077) != 0)
    return absl::FailedPreconditionError(fmt::format(
        "{}: others can enter this folder, and could ask the model; chmod 700 it if it is yours, or name a "
        "socket in a folder of your own, or leave --listen out",
        folder));
  return absl::OkStatus();
}

// What is in the place of the socket: nothing, or one that a server left behind, which is removed.
absl::Status ClearSocket(const std::string& path) {
  struct stat found = {};
  if (lstat(path.c_str(), &found) != 0)
    return errno == ENOENT ? absl::OkStatus() : ErrnoStatus(errno, "looking at " + path);
  if (!S_ISSOCK(found.st_mode))
    return absl::AlreadyExistsError(
        fmt::format("{}: is there already, and no socket; name another path for --listen", path));
  if (AcceptsConnections(path))
    return absl::AlreadyExistsError(fmt::format(
        "unix:{}: another program listens there already; stop it, or name another path for --listen", path));
  if (unlink(path.c_str()) != 0) return ErrnoStatus(errno, "removing the dead socket " + path);
  return absl::OkStatus();
}

// FOLDER/.abcd, which is not there; short, for a socket's path is.
absl::StatusOr<std::string> UnusedName(const std::string& folder) {
  std::random_device random;
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::string path = folder + "/.";
    for (int i = 0; i < 4; ++i) path += "abcdefghijklmnopqrstuvwxyz0123456789"[random() % 36];
    struct stat found = {};
    if (lstat(path.c_str(), &found) != 0 && errno == ENOENT) return path;
  }
  return absl::UnavailableError("no name could be found for a socket in " + folder);
}

}  // namespace

struct ModelServer::Impl {
  std::unique_ptr<grpc::Server> server;  // of the socket, or
  std::unique_ptr<TlsPort> port;
  std::string socket, own_folder;  // to be removed; "": none
  struct stat inode = {};          // of the socket: what else is in its place by then is another's

  ~Impl() {
    if (!own_folder.empty()) rmdir(own_folder.c_str());
  }
  void Shutdown(Deadline deadline) {
    if (port != nullptr) port->Shutdown(deadline);
    if (server == nullptr) return;
    if (!socket.empty()) RemoveSocket(std::exchange(socket, {}));
    EndServer(*server, deadline);
  }
  void RemoveSocket(const std::string& path) const;
  absl::Status ListenAt(const std::string& path, ModelService& service);
};

void ModelServer::Impl::RemoveSocket(const std::string& path) const {
  FolderLock lock;  // between the look and the removal nobody may put a new one there
  if (!lock.Take(fs::path(path).parent_path().string()).ok()) return;  // whoever comes next finds it dead
  struct stat found = {};
  if (lstat(path.c_str(), &found) == 0 && found.st_dev == inode.st_dev && found.st_ino == inode.st_ino)
    unlink(path.c_str());
}

absl::Status ModelServer::Impl::ListenAt(const std::string& path, ModelService& service) {
  constexpr size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty() || path.size() > kLongest)
    return absl::InvalidArgumentError(fmt::format(
        "--listen unix:{}: a socket's path has 1 to {} bytes, this one {}", path, kLongest, path.size()));
  const std::string folder = fs::path(path).parent_path().string();
  RETURN_IF_ERROR(MakeFolder(folder));
  RETURN_IF_ERROR(CheckPrivate(folder));
  FolderLock lock;
  RETURN_IF_ERROR(lock.Take(folder));
  RETURN_IF_ERROR(ClearSocket(path));
  // gRPC removes what is at its address when it ends, whoever made that. So its address is a name that nobody
  // else has, and the socket is moved from there.
  ASSIGN_OR_RETURN(const std::string aside, UnusedName(folder));
  if (aside.size() > kLongest)
    return absl::InvalidArgumentError(
        fmt::format("--listen unix:{}: a socket's folder may have {} bytes, this one has {}", path,
                    kLongest - (aside.size() - folder.size()), folder.size()));
  ASSIGN_OR_RETURN(server, ListenAtSocket(aside, MostRequestBytes(service.description()), {&service}));
  if (lstat(aside.c_str(), &inode) != 0) return ErrnoStatus(errno, "looking at " + aside);
  if (rename(aside.c_str(), path.c_str()) != 0) return ErrnoStatus(errno, "moving the socket to " + path);
  socket = path;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ModelServer>> ModelServer::Open(const ModelServerOptions& options,
                                                               ModelService& service) {
  auto impl = std::make_unique<Impl>();
  std::string address = options.listen;
  if (address.empty()) {
    ASSIGN_OR_RETURN(impl->own_folder, MakeSocketFolder());
    address = "unix:" + impl->own_folder + "/model.sock";
  }
  if (address.compare(0, kUnixScheme.size(), kUnixScheme) == 0) {
    const std::string path = address.substr(kUnixScheme.size());
    std::error_code error;
    const std::string absolute = path.empty() ? path : fs::absolute(path, error).lexically_normal().string();
    if (const absl::Status listening = impl->ListenAt(absolute, service); !listening.ok()) {
      impl->Shutdown(Deadline::After(0));
      return listening;
    }
    address = "unix:" + absolute;
  } else {
    if (address.find(':') == std::string::npos)
      return absl::InvalidArgumentError(
          fmt::format("--listen: found {}, expected unix:PATH or HOST:PORT", address));
    ASSIGN_OR_RETURN(impl->port,
                     TlsPort::Open({.listen = address,
                                    .kit = options.kit,
                                    .audit_file = options.audit_file,
                                    .rights = ModelRights(),
                                    .most_request_bytes = MostRequestBytes(service.description())},
                                   {&service}));
    address = impl->port->address();
  }
  std::unique_ptr<ModelServer> opened(new ModelServer(std::move(impl)));
  opened->address_ = std::move(address);
  return opened;
}

ModelServer::ModelServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ModelServer::~ModelServer() { Shutdown(Deadline::After(0)); }

void ModelServer::Shutdown(Deadline deadline) { impl_->Shutdown(deadline); }

}  // namespace concertina
