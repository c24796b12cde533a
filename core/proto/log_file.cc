// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// log_file.cc: see log_file.h.
#include "core/proto/log_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>

#include "core/base/log.h"

namespace concertina {
namespace {

constexpr int kMostReopenings = 4;  // in one call, while others put files away

}  // namespace

absl::StatusOr<std::unique_ptr<LogFile>> LogFile::Open(const std::string& path, LogFileOptions options) {
  std::unique_ptr<LogFile> log(new LogFile(path, std::move(options)));
  RETURN_IF_ERROR(log->OpenFile());
  return log;
}

LogFile::~LogFile() { Close(); }

void LogFile::Close() {
  if (file_ >= 0) close(std::exchange(file_, -1));  // and with it goes the lock
}

absl::Status LogFile::OpenFile() {
  // For reading too: how the last line ends is seen in the file alone.
  file_ = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file_ < 0) return ErrnoStatus(errno, "opening " + path_);
  if (fchmod(file_, 0600) == 0) return absl::OkStatus();
  const int error = errno;
  Close();
  return ErrnoStatus(error, "making " + path_ + " private");
}

bool LogFile::IsAtPath() const {
  struct stat open_one = {}, at_path = {};
  return fstat(file_, &open_one) == 0 && lstat(path_.c_str(), &at_path) == 0 &&
         open_one.st_dev == at_path.st_dev && open_one.st_ino == at_path.st_ino;
}

bool LogFile::Lock() {
  const Deadline deadline = Deadline::After(kLockSeconds);
  while (flock(file_, LOCK_EX | LOCK_NB) != 0) {
    // A file system without locks is as good as one's own.
    if (errno != EWOULDBLOCK && errno != EINTR) return true;
    if (deadline.Passed()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// The file at `path_` is open, locked if possible, and has room for so much more.
absl::Status LogFile::Prepare(int64_t more_bytes) {
  if (file_ < 0 && options_.clock->SteadySeconds() < open_again_at_)
    return absl::UnavailableError(path_ + " could not be opened a moment ago");
  for (int i = 0; i < kMostReopenings; ++i) {
    if (file_ < 0) {
      open_again_at_ = options_.clock->SteadySeconds() + kOpenAgainSeconds;
      RETURN_IF_ERROR(OpenFile());
    }
    const bool is_locked = Lock();
    struct stat found = {};
    if (IsAtPath() && fstat(file_, &found) == 0) {
      const bool is_full = found.st_size > 0 && found.st_size + more_bytes > options_.most_bytes;
      // One that cannot be put away grows: its lines matter more than its length.
      if (!is_full || !is_locked || std::rename(path_.c_str(), (path_ + ".1").c_str()) != 0)
        return absl::OkStatus();
    }
    Close();
  }
  return absl::UnavailableError(path_ + " is put away as soon as it is made");
}

absl::Status LogFile::Write(std::span<const std::string> lines, size_t& written) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  RETURN_IF_ERROR(Prepare(static_cast<int64_t>(text.size())));
  // Where a full disk, or the end of a program, has cut a line off, the next one begins anew.
  const off_t end = lseek(file_, 0, SEEK_END);
  char last = '\n';
  const bool is_torn = end > 0 && pread(file_, &last, 1, end - 1) == 1 && last != '\n';
  if (is_torn) text.insert(0, "\n");
  absl::Status status;
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t bytes = options_.write(file_, text.data() + done, text.size() - done);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) {
      status = ErrnoStatus(bytes < 0 ? errno : ENOSPC, "writing " + path_);
      break;
    }
    done += static_cast<size_t>(bytes);
  }
  flock(file_, LOCK_UN);
  // Lines, not bytes: what a reader is told must be what he misses.
  size_t line_end = is_torn ? 1 : 0;
  for (written = 0; written < lines.size(); ++written) {
    line_end += lines[written].size() + 1;
    if (line_end > done) break;
  }
  return status;
}

size_t LogFile::Append(std::span<const std::string> lines) {
  if (lines.empty()) return 0;
  size_t written = 0;
  const absl::Status status = Write(lines, written);
  if (std::exchange(writes_, status.ok()) != status.ok()) {
    if (status.ok())
      spdlog::info("{}: writes again", path_);
    else
      spdlog::error("{}; its lines are lost until that is possible again", std::string(status.message()));
  }
  return written;
}

}  // namespace concertina
