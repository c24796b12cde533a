// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// process_identity.cc: see process_identity.h.
#include "core/base/process_identity.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// Files of /proc say that they have no size. "" where there is none.
std::string ReadProc(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::array<char, 4096> buffer;
  ssize_t count = 0;
  do {
    count = read(file, buffer.data(), buffer.size());
  } while (count < 0 && errno == EINTR);
  close(file);
  return count > 0 ? std::string(buffer.data(), static_cast<size_t>(count)) : std::string();
}

// 0: there is no such process, or nothing is left of it but what its parent has not taken.
uint64_t StartTicks(pid_t pid) {
  const std::string stat = ReadProc(fmt::format("/proc/{}/stat", pid));
  const size_t name_end = stat.rfind(") ");  // the name may have brackets and spaces of its own
  if (name_end == std::string::npos) return 0;
  const std::vector<std::string> fields = absl::StrSplit(stat.substr(name_end + 2), ' ');
  constexpr size_t kState = 0, kStart = 19;  // fields 3 and 22 of proc(5)
  uint64_t ticks = 0;
  if (fields.size() <= kStart || fields[kState] == "Z" || fields[kState] == "X" ||
      !absl::SimpleAtoi(fields[kStart], &ticks))
    return 0;
  return ticks;
}

std::string BootId() {
  return std::string(absl::StripAsciiWhitespace(ReadProc("/proc/sys/kernel/random/boot_id")));
}

}  // namespace

ProcessIdentity IdentityOf(pid_t pid) {
  if (pid <= 0) return {};
  ProcessIdentity identity{.pid = pid, .start_ticks = StartTicks(pid), .boot_id = BootId()};
  return identity.is_known() ? identity : ProcessIdentity{};
}

absl::StatusOr<int> OpenProcess(const ProcessIdentity& process) {
  const auto gone = [&] { return absl::NotFoundError(fmt::format("process {} has ended", process.pid)); };
  if (!process.is_known() || process.boot_id != BootId()) return gone();
  const int descriptor =
      static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0U));  // close-on-exec by itself
  if (descriptor < 0 && errno == ESRCH) return gone();
  if (descriptor < 0 && errno == ENOSYS)
    return absl::UnimplementedError("this kernel cannot name a process but by its number (pidfd_open)");
  if (descriptor < 0) return ErrnoStatus(errno, fmt::format("opening process {}", process.pid));
  // Now that the descriptor holds one process: is it the one that was meant?
  pollfd ended{.fd = descriptor, .events = POLLIN, .revents = 0};
  if (StartTicks(process.pid) == process.start_ticks && poll(&ended, 1, 0) == 0) return descriptor;
  close(descriptor);
  return gone();
}

bool IsAlive(const ProcessIdentity& process) {
  const absl::StatusOr<int> descriptor = OpenProcess(process);
  if (!descriptor.ok()) return false;
  close(*descriptor);
  return true;
}

absl::Status KillProcess(const ProcessIdentity& process) {
  ASSIGN_OR_RETURN(const int descriptor, OpenProcess(process));
  const bool is_killed = syscall(SYS_pidfd_send_signal, descriptor, SIGKILL, nullptr, 0U) == 0;
  const int error = errno;
  close(descriptor);
  return is_killed ? absl::OkStatus() : ErrnoStatus(error, fmt::format("ending process {}", process.pid));
}

}  // namespace concertina
