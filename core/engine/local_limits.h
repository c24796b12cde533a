// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// local_limits.h: what workers of this machine may take of it: cores, memory, and how politely.
// On the way of the data: an entry of /workers -> here -> engine/local_launcher.cc -> engine/child_process.h.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/status.h"
#include "core/base/child_process.h"

namespace concertina {

struct LocalLimits {
  std::vector<int> cores;     // that the entry's workers share; none: where the kernel puts them
  int niceness = 0;           // beyond the engine's own
  uint64_t memory_bytes = 0;  // that each worker may use; 0: no limit
};
// kInvalidArgument: a list that is none, or a core that the engine may not use; the message begins with the
// parameter's name.
absl::StatusOr<LocalLimits> LocalLimitsOf(const Params& params);

// The cores of one worker: as many of the entry's as it has threads, each rank behind the one before, and
// from the beginning again where there are too few.
std::vector<int> CoresOfRank(const LocalLimits& limits, int rank, int threads);

// What `command` may take, with these cores.
void PutLimits(const LocalLimits& limits, std::vector<int> cores, ChildCommand& command);

// Bytes of memory that are the process's alone: not those of files, nor those it shares. 0: it has ended.
uint64_t OwnMemoryBytes(pid_t pid);

// Looks at a child's memory as long as it runs, and ends it once it has more than it may have.
class MemoryWatch : public std::enable_shared_from_this<MemoryWatch> {
 public:
  static constexpr double kLookSeconds = 0.2;

  explicit MemoryWatch(uint64_t most_bytes) : most_bytes_(most_bytes) {}
  // On the thread of `children`, which owns the child and outlives this.
  void Begin(ChildProcesses& children, pid_t pid);
  void End() { has_ended_ = true; }  // when the child has, which may be before it begins
  // Why it was ended; "": it was not.
  const std::string& verdict() const { return verdict_; }

 private:
  void Look(ChildProcesses& children);

  const uint64_t most_bytes_;
  pid_t pid_ = 0;
  bool has_ended_ = false;
  std::string verdict_;
};

}  // namespace concertina
