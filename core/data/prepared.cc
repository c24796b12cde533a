// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// prepared.cc: writes aside and renames (see prepared.h).
#include "core/data/prepared.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "core/base/file.h"
#include "fmt/format.h"

namespace concertina {
namespace {

uint64_t Fnv1a(std::string_view text) {  // names only, nothing depends on its strength
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

// A new file beside the one it is going to be; removed again unless Commit was reached.
class AsideFile {
 public:
  explicit AsideFile(std::string path) : path_(std::move(path)), aside_(path_ + ".XXXXXX") {}
  ~AsideFile() {
    if (file_ >= 0) close(file_);
    if (!aside_.empty()) unlink(aside_.c_str());
  }

  absl::Status Create() {
    file_ = mkostemp(aside_.data(), O_CLOEXEC);
    if (file_ >= 0) return absl::OkStatus();
    const int error = errno;
    const std::string wanted = std::exchange(aside_, "");
    return ErrnoStatus(error, "creating " + wanted);
  }

  absl::Status Write(std::span<const uint8_t> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return ErrnoStatus(errno, "writing " + aside_);
      bytes = bytes.subspan(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }

  absl::Status Commit() {
    if (fsync(file_) != 0) return ErrnoStatus(errno, "writing " + aside_);
    if (rename(aside_.c_str(), path_.c_str()) != 0)
      return ErrnoStatus(errno, "renaming " + aside_ + " to " + path_);
    aside_.clear();
    return absl::OkStatus();
  }

 private:
  const std::string path_;
  std::string aside_;
  int file_ = -1;
};

void RemoveOlder(const std::filesystem::path& made, const std::string& prefix) {
  // Best effort: what cannot be removed costs space, nothing else. Another process's aside file has a longer
  // name.
  const auto names = NamesInFolder(made.parent_path().string());
  if (!names.ok()) return;
  const std::string own = made.filename().string();
  std::error_code ignored;
  for (const std::string& name : *names)
    if (name.starts_with(prefix) && name.size() == own.size() && name != own)
      std::filesystem::remove(made.parent_path() / name, ignored);
}

}  // namespace

absl::StatusOr<StoredBytes> Prepare(const std::string& prepared, const PreparedName& name,
                                    const ProduceBytes& produce) {
  if (prepared.empty()) {
    std::vector<uint8_t> memory;
    RETURN_IF_ERROR(produce([&memory](std::span<const uint8_t> bytes) {
      memory.insert(memory.end(), bytes.begin(), bytes.end());
      return absl::OkStatus();
    }));
    return KeepInMemory(std::move(memory));
  }
  const std::string prefix = fmt::format("{}-{:016x}-", name.title, Fnv1a(name.what));
  const std::string path = fmt::format("{}/{}{:016x}", prepared, prefix, Fnv1a(name.version));
  if (std::error_code error; std::filesystem::exists(path, error)) return MapFile(path);

  RETURN_IF_ERROR(MakeFolder(prepared));
  AsideFile aside(path);
  RETURN_IF_ERROR(aside.Create());
  RETURN_IF_ERROR(produce([&aside](std::span<const uint8_t> bytes) { return aside.Write(bytes); }));
  RETURN_IF_ERROR(aside.Commit());
  RemoveOlder(path, prefix);
  return MapFile(path);
}

absl::StatusOr<std::string> FileVersion(const std::string& path) {
  struct stat about = {};
  if (stat(path.c_str(), &about) != 0) return ErrnoStatus(errno, "reading " + path);
  return fmt::format("{} bytes, changed {}.{:09}", about.st_size, about.st_mtim.tv_sec,
                     about.st_mtim.tv_nsec);
}

}  // namespace concertina
