// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// audit_log.h: who came over the network, what they asked for, and whether they got it: a line of JSON each.
// On the way of the data: proto/tls_port.h -> here -> proto/log_file.h.
//
//   {"time": "2026-11-27T16:42:55.123Z", "peer": "ipv4:10.0.0.9:51324", "identity":
//   "concertina://person/ada",
//    "rpc": "/concertina.proto.Engine/Submit", "verdict": "admitted"}
// A refused one has a "reason" too. An empty "rpc" is a handshake. gRPC tells the address only of a call that
// goes on: in lines of handshakes that were refused, "peer" is who was connected then and had no call,
// several with " or " between them; it is empty in lines of handshakes that went well and of refused calls.
// Never what was said, no token, no key.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/status.h"
#include "core/proto/log_file.h"

namespace concertina {

struct AuditLine {
  std::string peer, identity, rpc;
  bool admitted = false;
  std::string reason;
};

// Has a thread of its own that writes; the file is 0600, and at 16 MiB it becomes PATH.1, in the place of the
// one before. Several programs may have the same one. A disk that is full costs lines, never a call; they are
// counted in the next one that finds room ("lost").
class AuditLog {
 public:
  static constexpr size_t kMaxWaiting = 4096;
  // Of what is refused, so many lines at once, and so many a second after that: who knocks and knocks must
  // not write over the others' lines.
  static constexpr double kRefusedAtOnce = 200, kRefusedPerSecond = 10;

  // kPermissionDenied and others of the disk: a port is not opened where nothing can be noted.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(const std::string& path, LogFileOptions options = {});
  ~AuditLog();  // writes what waits
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // Any thread; neither waits.
  void Add(const AuditLine& line);
  // Is there room for one more refused line? If not, it is counted as lost.
  bool TakeTurn();

 private:
  struct Waiting {
    std::string text;
    int64_t lost_before = 0;  // lines for which there was no room in the queue
  };
  explicit AuditLog(std::unique_ptr<LogFile> file);
  void Write();
  void Put(std::deque<Waiting> lines);

  const std::unique_ptr<LogFile> file_;  // writer thread, as the next one
  int64_t untold_ = 0;  // lines that the disk did not take, and what would have been told in them

  absl::Mutex mutex_;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  int64_t lost_ ABSL_GUARDED_BY(mutex_) = 0;  // since the last that waits
  double turns_ ABSL_GUARDED_BY(mutex_) = kRefusedAtOnce;
  double turns_at_ ABSL_GUARDED_BY(mutex_) = 0;  // steady seconds
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread writer_;
};

}  // namespace concertina
