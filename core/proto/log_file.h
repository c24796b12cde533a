// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// log_file.h: a file of lines that several programs may add to at once; at most_bytes it becomes PATH.1, in
// the place of the one before.
// On the way of the data: proto/audit_log.h -> here -> home/audit.log, home/audit-models.log.
//
// Whoever writes holds the file's lock, and looks first whether PATH is still the file that it has open:
// another may have put it away. What is lost by a full disk is told to the caller, line by line.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "core/base/clock.h"
#include "core/base/status.h"

namespace concertina {

struct LogFileOptions {
  int64_t most_bytes = int64_t{16} << 20;
  Clock* clock = &Clock::Real();
  // As write(2); tests put a full disk in its place.
  std::function<ssize_t(int file, const void* data, size_t bytes)> write = ::write;
};

// One owner, one thread.
class LogFile {
 public:
  static constexpr double kOpenAgainSeconds = 1;  // after an attempt that failed
  // So long it waits for another program, which holds the lock for one write. One that was halted in the
  // middle of it must not halt the others: they write without the lock, and leave the file where it is.
  static constexpr double kLockSeconds = 0.2;

  // Made if it is not there, 0600. kPermissionDenied and others of the disk, with the path.
  static absl::StatusOr<std::unique_ptr<LogFile>> Open(const std::string& path, LogFileOptions options = {});
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // `lines` without their ends. So many of them, from the first on, are in the file; the others are lost. A
  // file that cannot be opened just now is tried again by later calls.
  size_t Append(std::span<const std::string> lines);

 private:
  LogFile(std::string path, LogFileOptions options) : path_(std::move(path)), options_(std::move(options)) {}
  absl::Status OpenFile();
  absl::Status Prepare(int64_t more_bytes);
  absl::Status Write(std::span<const std::string> lines, size_t& written);
  void Close();
  bool Lock();
  bool IsAtPath() const;

  const std::string path_;
  const LogFileOptions options_;
  int file_ = -1;
  double open_again_at_ = 0;  // steady seconds; not before
  bool writes_ = true;        // as the log was told
};

}  // namespace concertina
