// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// audit_log.cc: see audit_log.h.
#include "core/proto/audit_log.h"

#include <algorithm>
#include <vector>

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// A stranger chooses the name of a call: as much of it as a line bears.
std::string Bounded(const std::string& text) { return text.substr(0, 200); }

}  // namespace

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(const std::string& path, LogFileOptions options) {
  ASSIGN_OR_RETURN(std::unique_ptr<LogFile> file, LogFile::Open(path, std::move(options)));
  return std::unique_ptr<AuditLog>(new AuditLog(std::move(file)));
}

AuditLog::AuditLog(std::unique_ptr<LogFile> file) : file_(std::move(file)), writer_([this] { Write(); }) {}

AuditLog::~AuditLog() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  writer_.join();
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
  // What is no UTF-8 is a stranger's too.
  waiting_.push_back({json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace), lost_});
  lost_ = 0;
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
    std::deque<Waiting> lines;
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
    if (!lines.empty()) Put(std::move(lines));
    if (last) return;
  }
}

void AuditLog::Put(std::deque<Waiting> lines) {
  lines.front().lost_before += std::exchange(untold_, 0);
  std::vector<std::string> texts;
  for (Waiting& line : lines) {
    // Not before now: whether the one that was to tell of it came into the file is known only here.
    if (line.lost_before > 0)
      line.text.insert(line.text.size() - 1, fmt::format(",\"lost\":{}", line.lost_before));
    texts.push_back(std::move(line.text));
  }
  for (size_t i = file_->Append(texts); i < lines.size(); ++i) untold_ += 1 + lines[i].lost_before;
}

}  // namespace concertina
