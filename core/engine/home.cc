// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// home.cc: see home.h.
#include "core/engine/home.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/utf8.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostShownPathBytes = 4096;

// FNV-1a: the same home gives the same short name in every engine; no secret.
uint64_t Fingerprint(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

// A folder that only this user can enter. One that is somebody else's, or a link, is refused: in /tmp anybody
// could have put it there first.
absl::Status MakeOwnFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return ErrnoStatus(errno, "making " + path);
  struct stat found = {};
  if (lstat(path.c_str(), &found) != 0) return ErrnoStatus(errno, "looking at " + path);
  if (!S_ISDIR(found.st_mode) || found.st_uid != geteuid())
    return absl::PermissionDeniedError(
        fmt::format("{} is not a folder of this user; remove it, or set XDG_RUNTIME_DIR", path));
  if ((found.st_mode & 077) != 0 && chmod(path.c_str(), 0700) != 0)
    return ErrnoStatus(errno, "making " + path + " private");
  return absl::OkStatus();
}

absl::StatusOr<std::string> SocketPath(const std::string& home) {
  constexpr size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  std::string path = home + "/engine.sock";
  if (path.size() <= kLongest) return path;
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  const std::string name = fmt::format("concertina-{}-{:016x}", geteuid(), Fingerprint(home));
  std::string folder = std::string(runtime != nullptr && *runtime == '/' ? runtime : "/tmp") + "/" + name;
  if (folder.size() + sizeof("/engine.sock") - 1 > kLongest) folder = "/tmp/" + name;
  RETURN_IF_ERROR(MakeOwnFolder(folder));
  spdlog::info("the path of {} is too long for a socket; it is {}/engine.sock", home, folder);
  return folder + "/engine.sock";
}

absl::StatusOr<int> Lock(const std::string& home) {
  const std::string path = home + "/engine.lock";
  const int lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return ErrnoStatus(errno, "opening " + path);
  // Of the open file, not of the process: it goes when the engine does, however it ends. That it is held can
  // be asked for without taking it (proto/engine_launch.cc), which flock cannot.
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (fcntl(lock, F_OFD_SETLK, &whole) != 0) {
    const int error = errno;
    char holder[32] = "";
    const ssize_t read_bytes = pread(lock, holder, sizeof(holder) - 1, 0);
    close(lock);
    if (error != EAGAIN && error != EACCES) return ErrnoStatus(error, "locking " + path);
    return absl::FailedPreconditionError(fmt::format(
        "another engine (process {}) has the home {}; use that one, or give this one another --home",
        read_bytes > 0 ? holder : "unknown", home));
  }
  const std::string pid = std::to_string(getpid());
  if (ftruncate(lock, 0) != 0 || pwrite(lock, pid.data(), pid.size(), 0) < 0) {
    const int error = errno;
    close(lock);
    return ErrnoStatus(error, "writing " + path);
  }
  return lock;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Home>> Home::Open(const std::string& given) {
  std::error_code error;
  fs::path absolute = fs::absolute(given, error).lexically_normal();
  if (error || given.empty())
    return absl::InvalidArgumentError(fmt::format("\"{}\" is no path for a home", given));
  std::string path = absolute.string();
  // It goes to workers and desktops in messages, whose strings are UTF-8.
  if (!IsUtf8(path))
    return absl::InvalidArgumentError(fmt::format(
        "the home {} has a name that is no UTF-8; name another folder with --home or CONCERTINA_HOME",
        CutUtf8(path, kMostShownPathBytes)));
  while (path.size() > 1 && path.back() == '/') path.pop_back();

  RETURN_IF_ERROR(MakeFolder(path));
  if (chmod(path.c_str(), 0700) != 0) return ErrnoStatus(errno, "making the home " + path + " private");
  for (const char* folder : {"/runs", "/datasets", "/plugins"}) RETURN_IF_ERROR(MakeFolder(path + folder));
  ASSIGN_OR_RETURN(const int lock, Lock(path));
  absl::StatusOr<std::string> socket_path = SocketPath(path);
  if (!socket_path.ok()) {
    close(lock);
    return socket_path.status();
  }
  // Only the holder of the lock may do this: whoever listened there is dead.
  unlink(socket_path->c_str());
  return std::unique_ptr<Home>(new Home(std::move(path), *std::move(socket_path), lock));
}

Home::~Home() {
  unlink(socket_path_.c_str());
  unlink((path_ + "/engine.json").c_str());
  const std::string folder = socket_path_.substr(0, socket_path_.rfind('/'));
  if (folder != path_) rmdir(folder.c_str());
  close(lock_);
}

absl::Status Home::Announce() const {
  const nlohmann::json json = {{"pid", getpid()}, {"address", address()}, {"version", CONCERTINA_VERSION}};
  return WriteFileAtomically(path_ + "/engine.json", json.dump() + "\n");
}

}  // namespace concertina
