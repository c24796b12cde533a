// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// folder_elsewhere.cc: see folder_elsewhere.h.
#include "core/worker/folder_elsewhere.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "core/base/file.h"
#include "core/base/log.h"
#include "fmt/format.h"

namespace concertina {
namespace {

namespace fs = std::filesystem;

constexpr char kLock[] = "/lock";

// A file system without locks tells nothing: then a folder stays until somebody clears the run.
bool HasEnded(const std::string& folder) {
  const int lock = open((folder + kLock).c_str(), O_RDWR | O_CLOEXEC);
  if (lock < 0) return errno == ENOENT;  // half removed
  const bool is_free = flock(lock, LOCK_EX | LOCK_NB) == 0;
  close(lock);
  return is_free;
}

// Under another name first, so that nobody else removes it, or takes it for a worker's, meanwhile.
void RemoveAll(const std::string& path) {
  const std::string gone = path.substr(0, path.rfind('/')) + "/gone" + path.substr(path.rfind('-'));
  if (rename(path.c_str(), gone.c_str()) != 0) return;
  std::error_code failed;
  fs::remove_all(gone, failed);
  if (failed) spdlog::warn("{} stays: {}", gone, failed.message());
}

void RemoveThoseThatEnded(const std::string& run_folder) {
  std::error_code error;
  fs::directory_iterator entry(run_folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    // Under Slurm this may be the engine's own folder of the run, with its logs (rank-0.log) and checkpoints.
    const std::string path = entry->path().string();
    std::error_code failed;
    const bool is_of_worker =
        entry->path().filename().string().starts_with("rank-") && entry->is_directory(failed);
    if (is_of_worker && HasEnded(path)) RemoveAll(path);
  }
}

// The last worker of a run that goes takes the run's folder along, at any moment.
absl::StatusOr<std::string> MakeUnnamed(const std::string& run_folder) {
  constexpr int kMostTries = 100;
  int error = 0;
  for (int i = 0; i < kMostTries; ++i) {
    RETURN_IF_ERROR(MakeFolder(run_folder));
    std::string path = run_folder + "/new-XXXXXX";
    if (mkdtemp(path.data()) != nullptr) return path;
    error = errno;
    if (error != ENOENT) break;
  }
  return ErrnoStatus(error, "making a folder in " + run_folder);
}

}  // namespace

absl::StatusOr<FolderElsewhere> FolderElsewhere::Claim(const std::string& home, const std::string& run,
                                                       int rank) {
  const std::string run_folder = fmt::format("{}/runs/{}", home, run);
  RemoveThoseThatEnded(run_folder);
  FolderElsewhere folder;
  ASSIGN_OR_RETURN(folder.path_, MakeUnnamed(run_folder));
  // It has its lock before it has a name that others look for.
  folder.lock_ = open((folder.path_ + kLock).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (folder.lock_ < 0) return ErrnoStatus(errno, "making " + folder.path_ + kLock);
  if (flock(folder.lock_, LOCK_EX | LOCK_NB) != 0)
    spdlog::info("{} cannot be locked: {}", folder.path_, std::string(ErrnoStatus(errno, "flock").message()));
  const std::string sign = folder.path_.substr(folder.path_.rfind('-'));
  const std::string named = fmt::format("{}/rank-{}{}", run_folder, rank, sign);
  if (rename(folder.path_.c_str(), named.c_str()) != 0)
    return ErrnoStatus(errno, fmt::format("naming {} {}", folder.path_, named));
  folder.path_ = named;
  return folder;
}

FolderElsewhere& FolderElsewhere::operator=(FolderElsewhere&& other) noexcept {
  if (this == &other) return *this;
  Remove();
  path_ = std::exchange(other.path_, {});
  lock_ = std::exchange(other.lock_, -1);
  return *this;
}

void FolderElsewhere::Remove() {
  if (!path_.empty()) {
    std::error_code ignored;
    RemoveAll(path_);
    fs::remove(fs::path(path_).parent_path(), ignored);  // of the last worker of the run here
  }
  path_.clear();
  if (lock_ >= 0) close(lock_);
  lock_ = -1;
}

}  // namespace concertina
