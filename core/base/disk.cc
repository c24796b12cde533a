// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// disk.cc: the real one (see disk.h).
#include "core/base/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>

namespace concertina {
namespace {

class RealFile final : public Disk::File {
 public:
  RealFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~RealFile() override {
    if (fd_ >= 0) ::close(fd_);
  }
  absl::Status Write(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return ErrnoStatus(errno, "writing " + path_);
      bytes = bytes.subspan(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }
  absl::Status Sync() override {
    return ::fsync(fd_) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "writing " + path_);
  }
  absl::Status Close() override {
    return ::close(std::exchange(fd_, -1)) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "closing " + path_);
  }

 private:
  int fd_;
  const std::string path_;
};

class RealDisk final : public Disk {
 public:
  absl::StatusOr<std::unique_ptr<File>> Create(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EEXIST) return absl::AlreadyExistsError(path + " is there already");
    if (fd < 0) return ErrnoStatus(errno, "making " + path);
    return std::make_unique<RealFile>(fd, path);
  }

  absl::Status Rename(const std::string& from, const std::string& to) override {
    return std::rename(from.c_str(), to.c_str()) == 0 ? absl::OkStatus()
                                                      : ErrnoStatus(errno, "renaming to " + to);
  }

  absl::Status Remove(const std::string& path) override {
    return std::remove(path.c_str()) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "removing " + path);
  }

  absl::Status SyncFolder(const std::string& folder) override {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    // A folder that may be written, but not read, cannot be flushed; that is how its owner wants it.
    if (fd < 0 && errno == EACCES) return absl::OkStatus();
    if (fd < 0) return ErrnoStatus(errno, "opening " + folder);
    const int error = ::fsync(fd) == 0 ? 0 : errno;
    ::close(fd);
    // Some file systems of networks cannot, and keep names at once.
    if (error == 0 || error == EINVAL || error == ENOTSUP) return absl::OkStatus();
    return ErrnoStatus(error, "writing the names in " + folder);
  }

  absl::StatusOr<bool> MakeFolder(const std::string& path) override {
    if (::mkdir(path.c_str(), 0700) == 0) return true;
    const int error = errno;
    struct stat info;
    if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return false;
    if (error == EEXIST) return absl::FailedPreconditionError(path + " is a file where a folder is needed");
    return ErrnoStatus(error, "making folder " + path);
  }

  absl::StatusOr<std::vector<std::string>> List(const std::string& folder) override {
    DIR* const opened = ::opendir(folder.c_str());
    if (opened == nullptr) return ErrnoStatus(errno, "opening " + folder);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(opened)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    const int error = errno;
    ::closedir(opened);
    if (error != 0) return ErrnoStatus(error, "reading " + folder);
    std::sort(names.begin(), names.end());
    return names;
  }

  absl::StatusOr<uint64_t> SizeOf(const std::string& path) override {
    struct stat info;
    if (::stat(path.c_str(), &info) != 0) return ErrnoStatus(errno, "looking at " + path);
    return static_cast<uint64_t>(info.st_size);
  }

  absl::StatusOr<std::string> Read(const std::string& path, uint64_t offset, size_t most_bytes) override {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return ErrnoStatus(errno, "opening " + path);
    std::string bytes;
    absl::Status status;
    struct stat info;
    // Zeros that are read over cost less than growing piece by piece.
    if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
      const auto size = static_cast<uint64_t>(info.st_size);
      bytes.resize(offset >= size ? 0 : static_cast<size_t>(std::min<uint64_t>(most_bytes, size - offset)));
    } else {
      status = absl::FailedPreconditionError(path + " is no file");
    }
    for (size_t filled = 0; filled < bytes.size();) {
      const ssize_t got = ::pread(fd, &bytes[filled], bytes.size() - filled,
                                  static_cast<off_t>(offset) + static_cast<off_t>(filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) status = ErrnoStatus(errno, "reading " + path);
      if (got <= 0) bytes.resize(filled);
      if (got > 0) filled += static_cast<size_t>(got);
    }
    ::close(fd);
    if (!status.ok()) return status;
    return bytes;
  }

  absl::StatusOr<uint64_t> FreeBytes(const std::string& folder) override {
    struct statvfs info;
    if (::statvfs(folder.c_str(), &info) != 0) return ErrnoStatus(errno, "looking at the disk of " + folder);
    return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
  }
};

}  // namespace

Disk& Disk::Real() {
  static RealDisk disk;
  return disk;
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace concertina
