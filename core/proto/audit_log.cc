// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// audit_log.cc: see audit_log.h.
#include "core/proto/audit_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

int OpenToAppend(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

// A stranger chooses the name of a call: as much of it as a line bears.
std::string Bounded(const std::string& text) { return text.substr(0, 200); }

}  // namespace

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(const std::string& path) {
  const int file = OpenToAppend(path);
  if (file < 0) return ErrnoStatus(errno, "opening " + path);
  struct stat found = {};
  if (fstat(file, &found) != 0 || fchmod(file, 0600) != 0) {
    const int error = errno;
    close(file);
    return ErrnoStatus(error, "making " + path + " private");
  }
  return std::unique_ptr<AuditLog>(new AuditLog(path, file, found.st_size));
}

AuditLog::AuditLog(std::string path, int file, int64_t bytes)
    : path_(std::move(path)), file_(file), file_bytes_(bytes), writer_([this] { Write(); }) {}

AuditLog::~AuditLog() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  writer_.join();
  if (file_ >= 0) close(file_);
}

void AuditLog::Add(const AuditLine& line) {
  nlohmann::ordered_json json = {
      {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", Clock::Real().Wall(), absl::UTCTimeZone())},
      {"peer", Bounded(line.peer)},
      {"identity", Bounded(line.identity)},
      {"rpc", Bounded(line.rpc)},
      {"verdict", line.admitted ? "admitted" : "refused"}};
  if (!line.reason.empty()) json["reason"] = Bounded(line.reason);
  absl::MutexLock lock(&mutex_);
  if (waiting_.size() >= kMaxWaiting) {
    ++lost_;
    return;
  }
  if (lost_ > 0) json["lost"] = lost_;
  lost_ = 0;
  // What is no UTF-8 is a stranger's too.
  waiting_.push_back(json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n");
}

bool AuditLog::TakeTurn() {
  const double now = Clock::Real().SteadySeconds();
  absl::MutexLock lock(&mutex_);
  turns_ = std::min(kRefusedAtOnce, turns_ + (now - turns_at_) * kRefusedPerSecond);
  turns_at_ = now;
  if (turns_ < 1) {
    ++lost_;
    return false;
  }
  turns_ -= 1;
  return true;
}

void AuditLog::Write() {
  for (;;) {
    std::deque<std::string> lines;
    bool last = false;
    {
      absl::MutexLock lock(&mutex_);
      const auto something = [this] {
        mutex_.AssertReaderHeld();
        return !waiting_.empty() || ending_;
      };
      mutex_.Await(absl::Condition(&something));
      lines.swap(waiting_);
      last = ending_;
    }
    std::string text;
    for (const std::string& line : lines) text += line;
    Put(text);
    if (last) return;
  }
}

void AuditLog::Put(const std::string& text) {
  if (file_bytes_ + static_cast<int64_t>(text.size()) > kMaxFileBytes) {
    if (file_ >= 0) close(file_);
    rename(path_.c_str(), (path_ + ".1").c_str());
    file_ = OpenToAppend(path_);
    file_bytes_ = 0;
  }
  size_t done = 0;
  while (file_ >= 0 && done < text.size()) {
    const ssize_t written = write(file_, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += static_cast<size_t>(written);
  }
  file_bytes_ += static_cast<int64_t>(done);
  if (done == text.size()) return;
  // Lines, not bytes: what a reader is told must be what he misses.
  int64_t lost = 0;
  for (size_t i = done; i < text.size(); ++i) lost += text[i] == '\n';
  absl::MutexLock lock(&mutex_);
  lost_ += lost;
}

}  // namespace concertina
