// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// room_wait.cc: see room_wait.h.
#include "core/worker/room_wait.h"

#include <utility>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "fmt/format.h"

namespace concertina {

void TellNoRoom(const RoomWait& wait, const std::string& what) {
  const std::string reason =
      fmt::format("rank {}: {}; the run goes on by itself once there is room", wait.rank, what);
  spdlog::warn("{}", reason);
  if (wait.no_room) wait.no_room(reason);
}

absl::Status KeepTrying(const RoomWait& wait, const std::function<absl::Status()>& is_kept) {
  bool has_waited = false, tells = true;
  uint64_t seen = wait.obeyed;
  for (;;) {
    const absl::Status status = is_kept();
    if (!absl::IsResourceExhausted(status)) {
      if (has_waited && status.ok() && wait.goes_on) wait.goes_on();
      return status;
    }
    for (; seen < wait.controls->received(); ++seen) {
      const ControlRequest request = wait.controls->at(seen);
      if (request.action == proto::Control::STOP) return status;
      tells |= request.action == proto::Control::RESUME;
    }
    if (wait.stops) return status;
    if (std::exchange(tells, false)) TellNoRoom(wait, std::string(status.message()));
    has_waited = true;
    if (wait.stop.stop_requested()) return absl::CancelledError("the run was ended");
    if (wait.meanwhile) RETURN_IF_ERROR(wait.meanwhile());
    wait.controls->WaitForMoreThan(seen, Deadline::After(kRoomPeriodSeconds));
  }
}

}  // namespace concertina
