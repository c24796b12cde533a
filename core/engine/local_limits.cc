// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// local_limits.cc: see local_limits.h.
//
// RLIMIT_DATA counts what is mapped, used or not, and libraries map stacks and arenas that they hardly touch:
// as the limit itself it would end workers that use little. So a worker is ended by what it uses, looked at
// now and then, with words that say so; the kernel's bound stands far above, for one that takes memory faster
// than that.
#include "core/engine/local_limits.h"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "core/base/file.h"
#include "core/engine/this_machine.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr uint64_t kUntouchedBytes = uint64_t{1} << 30;  // that libraries may map besides

absl::Status UnfitCores(const std::string& text, const std::string& expected) {
  return absl::InvalidArgumentError(fmt::format("cores: found {}, expected {}", ShowJson(text), expected));
}

// "0-3,6"
absl::StatusOr<std::vector<int>> ParseCores(const std::string& text) {
  std::vector<int> cores;
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(text, ','))) {
    const std::vector<std::string> ends = absl::StrSplit(part, '-');
    int first = -1, last = -1;
    const bool is_good = ends.size() <= 2 && absl::SimpleAtoi(ends.front(), &first) &&
                         absl::SimpleAtoi(ends.back(), &last) && first >= 0 && first <= last &&
                         last < CPU_SETSIZE && part.find_first_of("+ \t\n") == std::string::npos;
    if (!is_good) return UnfitCores(text, "numbers of cores and ranges of them, as 0-3,6");
    for (int core = first; core <= last; ++core)
      if (std::find(cores.begin(), cores.end(), core) == cores.end()) cores.push_back(core);
  }
  return cores;
}

}  // namespace

absl::StatusOr<LocalLimits> LocalLimitsOf(const Params& params) {
  LocalLimits limits;
  limits.niceness = static_cast<int>(params.Integer("niceness"));
  limits.memory_bytes = static_cast<uint64_t>(params.Integer("memory_mib")) << 20;
  const std::string cores = params.Text("cores");
  if (cores.empty()) return limits;
  ASSIGN_OR_RETURN(limits.cores, ParseCores(cores));
  const std::vector<int> usable = UsableCores();
  for (const int core : limits.cores)
    if (!std::binary_search(usable.begin(), usable.end(), core))
      return UnfitCores(cores, fmt::format("cores that the engine may use: {}", fmt::join(usable, ",")));
  return limits;
}

std::vector<int> CoresOfRank(const LocalLimits& limits, int rank, int threads) {
  const size_t count = limits.cores.size(), own = static_cast<size_t>(std::max(1, threads));
  if (own >= count) return limits.cores;
  std::vector<int> cores;
  for (size_t i = 0; i < own; ++i)
    cores.push_back(limits.cores[(static_cast<size_t>(rank) * own + i) % count]);
  return cores;
}

void PutLimits(const LocalLimits& limits, std::vector<int> cores, ChildCommand& command) {
  command.cores = std::move(cores);
  command.niceness = limits.niceness;
  if (limits.memory_bytes > 0) command.most_data_bytes = 2 * limits.memory_bytes + kUntouchedBytes;
}

uint64_t OwnMemoryBytes(pid_t pid) {
  constexpr size_t kMostBytes = 4096;
  const absl::StatusOr<std::string> statm = ReadFile(fmt::format("/proc/{}/statm", pid), kMostBytes);
  if (!statm.ok()) return 0;
  const std::vector<std::string> pages = absl::StrSplit(*statm, ' ');
  uint64_t resident = 0, shared = 0;
  if (pages.size() < 3 || !absl::SimpleAtoi(pages[1], &resident) || !absl::SimpleAtoi(pages[2], &shared) ||
      shared > resident)
    return 0;
  return (resident - shared) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

void MemoryWatch::Begin(ChildProcesses& children, pid_t pid) {
  pid_ = pid;
  Look(children);
}

void MemoryWatch::Look(ChildProcesses& children) {
  if (has_ended_) return;
  const uint64_t bytes = OwnMemoryBytes(pid_);
  if (bytes > most_bytes_) {
    constexpr double kMiB = 1 << 20;
    verdict_ = fmt::format(
        "it used {:.0f} MiB of memory, and may use {:.0f}: give it more (memory_mib), or a smaller batch or "
        "model",
        static_cast<double>(bytes) / kMiB, static_cast<double>(most_bytes_) / kMiB);
    return children.Signal(pid_, SIGKILL);
  }
  children.After(kLookSeconds, [self = shared_from_this(), &children] { self->Look(children); });
}

}  // namespace concertina
