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
#include <memory>
#include <string_view>

#include "fmt/format.h"

namespace concertina {

absl::Status WriteFileAtomically(Disk& disk, const std::string& path,
                                 std::span<const std::span<const std::byte>> pieces) {
  static std::atomic<uint64_t> counter{0};
  std::string aside;
  absl::StatusOr<std::unique_ptr<Disk::File>> file;
  do {  // one that was ended before may have had the same process id, and left its file
    aside = fmt::format("{}.{}-{}.new", path, ::getpid(), counter.fetch_add(1));
    file = disk.Create(aside);
  } while (absl::IsAlreadyExists(file.status()));
  RETURN_IF_ERROR(file.status());
  absl::Status status;
  for (const auto piece : pieces)
    if (status.ok()) status = (*file)->Write(piece);
  if (status.ok()) status = (*file)->Sync();
  status.Update((*file)->Close());
  if (status.ok()) status = disk.Rename(aside, path);
  if (!status.ok()) {
    disk.Remove(aside).IgnoreError();
    return status;
  }
  return disk.SyncFolder(FolderOf(path));  // the name itself must survive a power cut too
}

absl::Status WriteFileAtomically(const std::string& path,
                                 std::span<const std::span<const std::byte>> pieces) {
  return WriteFileAtomically(Disk::Real(), path, pieces);
}

absl::Status WriteFileAtomically(const std::string& path, const std::string& text) {
  const std::span<const std::byte> piece = std::as_bytes(std::span(text));
  return WriteFileAtomically(path, std::span(&piece, 1));
}

bool IsLeftBeside(const std::string& name_in_folder, const std::string& name) {
  constexpr std::string_view kEnd = ".new";
  if (!name_in_folder.starts_with(name + ".") || !name_in_folder.ends_with(kEnd)) return false;
  const size_t begin = name.size() + 1;
  if (name_in_folder.size() < begin + kEnd.size() + 3) return false;
  const std::string middle = name_in_folder.substr(begin, name_in_folder.size() - begin - kEnd.size());
  return middle.find_first_not_of("0123456789-") == std::string::npos;
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

std::string FreePath(const std::string& path) {
  namespace fs = std::filesystem;
  const fs::path wanted(path);
  fs::path free = wanted;
  std::error_code error;
  // A link that leads nowhere takes its name too.
  for (int number = 2; fs::exists(fs::symlink_status(free, error)); ++number)
    free.replace_filename(
        fmt::format("{} ({}){}", wanted.stem().string(), number, wanted.extension().string()));
  return free.string();
}

absl::StatusOr<std::string> TemporaryFolder() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (!error) return folder.string();
  return absl::FailedPreconditionError(
      fmt::format("there is no folder for temporary files: {}; set TMPDIR to one", error.message()));
}

absl::StatusOr<std::string> MakePrivateFolder(const std::string& parent) {
  std::string folder = parent + "/concertina-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return ErrnoStatus(errno, "making a folder in " + parent);  // 0700
  return folder;
}

absl::StatusOr<std::string> MakeSocketFolder() {
  constexpr size_t kLongestParent = 60;  // of the 107 bytes that a socket's path may have
  const char* const found = std::getenv("XDG_RUNTIME_DIR");
  const std::string runtime = found == nullptr ? "" : found;
  if (runtime.starts_with('/') && runtime.size() <= kLongestParent)
    if (absl::StatusOr<std::string> folder = MakePrivateFolder(runtime); folder.ok()) return folder;
  return MakePrivateFolder("/tmp");
}

absl::StatusOr<std::vector<std::string>> NamesInFolder(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;  // of the steps, too: a loop over the iterator would throw
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) return ErrnoStatus(error.value(), "listing " + folder);
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status MakeFolder(Disk& disk, const std::string& path) {
  // From the first that is missing: those above it need not be ours to look into.
  std::vector<std::string> missing;
  std::string folder = path;
  for (;;) {
    while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
    const absl::StatusOr<bool> made = disk.MakeFolder(folder);
    if (made.ok() && !*made) break;
    if (made.ok()) {
      RETURN_IF_ERROR(disk.SyncFolder(FolderOf(folder)));
      break;
    }
    const std::string parent = FolderOf(folder);
    if (!absl::IsNotFound(made.status()) || parent == folder || parent == ".") return made.status();
    missing.push_back(folder);
    folder = parent;
  }
  for (; !missing.empty(); missing.pop_back()) {
    RETURN_IF_ERROR(disk.MakeFolder(missing.back()).status());
    RETURN_IF_ERROR(disk.SyncFolder(FolderOf(missing.back())));
  }
  return absl::OkStatus();
}

absl::Status MakeFolder(const std::string& path) { return MakeFolder(Disk::Real(), path); }

}  // namespace concertina
