// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// file.cc: see file.h.
#include "core/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "fmt/format.h"

namespace concertina {
namespace {

absl::Status WriteAll(int fd, std::span<const std::byte> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoStatus(errno, "writing " + path);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteFileAtomically(const std::string& path,
                                 std::span<const std::span<const std::byte>> pieces) {
  static std::atomic<uint64_t> counter{0};
  const std::string aside = fmt::format("{}.{}-{}.new", path, ::getpid(), counter.fetch_add(1));
  const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return ErrnoStatus(errno, "making " + aside);
  absl::Status status;
  for (const auto piece : pieces)
    if (status.ok()) status = WriteAll(fd, piece, aside);
  if (status.ok() && ::fsync(fd) != 0) status = ErrnoStatus(errno, "writing " + aside);
  if (::close(fd) != 0 && status.ok()) status = ErrnoStatus(errno, "closing " + aside);
  if (status.ok() && ::rename(aside.c_str(), path.c_str()) != 0)
    status = ErrnoStatus(errno, "renaming to " + path);
  if (!status.ok()) {
    ::unlink(aside.c_str());
    return status;
  }
  // The name itself must survive a power cut too.
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int folder_fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_fd >= 0) {
    ::fsync(folder_fd);
    ::close(folder_fd);
  }
  return absl::OkStatus();
}

absl::Status WriteFileAtomically(const std::string& path, const std::string& text) {
  const std::span<const std::byte> piece = std::as_bytes(std::span(text));
  return WriteFileAtomically(path, std::span(&piece, 1));
}

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, "opening " + path);
  std::string text;
  // To grow step by step copies a large file several times.
  struct stat info;
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0)
    text.reserve(std::min(max_bytes, static_cast<size_t>(info.st_size)));
  char buffer[65536];
  absl::Status status;
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) status = ErrnoStatus(errno, "reading " + path);
    if (got <= 0) break;
    if (text.size() + static_cast<size_t>(got) > max_bytes) {
      status = absl::OutOfRangeError(
          fmt::format("{}: longer than the {} bytes that are expected at most", path, max_bytes));
      break;
    }
    text.append(buffer, static_cast<size_t>(got));
  }
  ::close(fd);
  if (!status.ok()) return status;
  return text;
}

std::string WithHomeFolder(const std::string& path) {
  const char* home = std::getenv("HOME");
  if (home == nullptr || (path != "~" && !path.starts_with("~/"))) return path;
  return home + path.substr(1);
}

absl::Status MakeFolder(const std::string& path) {
  std::filesystem::path made;
  for (const auto& part : std::filesystem::path(path)) {
    made /= part;
    if (::mkdir(made.c_str(), 0700) != 0 && errno != EEXIST && errno != EISDIR) {
      const int error = errno;
      struct stat info;
      if (::stat(made.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
        return ErrnoStatus(error, "making folder " + made.string());
    }
  }
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return ErrnoStatus(errno, "making folder " + path);
  if (!S_ISDIR(info.st_mode))
    return absl::FailedPreconditionError(path + " is a file where a folder is needed");
  return absl::OkStatus();
}

}  // namespace concertina
