// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// process_identity.h: which process it is, also for somebody who did not start it: a number is given away
// again, a number with its start and the machine's boot is not.
// On the way of the data: base/child_process.h -> here -> the store -> the next engine's
// base/child_process.h.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "core/base/status.h"

namespace concertina {

struct ProcessIdentity {
  pid_t pid = 0;             // 0: nobody
  uint64_t start_ticks = 0;  // field 22 of /proc/PID/stat: after boot
  std::string boot_id;       // /proc/sys/kernel/random/boot_id
  bool is_known() const { return pid > 0 && start_ticks > 0 && !boot_id.empty(); }
};

// Nobody's where it cannot be told: it has ended, or there is no /proc.
ProcessIdentity IdentityOf(pid_t pid);

// A descriptor of that very process, close-on-exec, readable once it has ended; signals that go by it reach
// nobody else. kNotFound: it has ended, also if its number is another's by now. kUnimplemented: a kernel
// without pidfd_open; nothing is done to a process by its number alone.
absl::StatusOr<int> OpenProcess(const ProcessIdentity& process);

// Whether that very process runs, or stands still.
bool IsAlive(const ProcessIdentity& process);

// SIGKILL to that very process. kNotFound: it had ended.
absl::Status KillProcess(const ProcessIdentity& process);

}  // namespace concertina
