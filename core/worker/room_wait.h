// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// room_wait.h: what one rank alone writes, tried again while its disk is full: the run is paused, as if asked
// to, with the reason; it goes on by itself once there is room, and stops without the file if it is asked to.
// On the way of the data: what a run keeps (worker/step_loop.h, worker/recipe_loop.h) -> here -> base/disk.h.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "core/base/status.h"
#include "core/worker/control_queue.h"

namespace concertina {

inline constexpr double kRoomPeriodSeconds = 1;  // a full disk is tried again so often

// Its functions may be empty.
struct RoomWait {
  int rank = 0;
  const ControlQueue* controls = nullptr;
  // Requests from here on are looked at, and left to be obeyed: ranks that keep step do that together.
  uint64_t obeyed = 0;
  bool stops = false;    // the run is to stop in any case, and does not wait
  std::stop_token stop;  // kCancelled
  // The step thread's, as StepLoopListener has them. `no_room` is told again each time that the run is asked
  // to go on and cannot.
  std::function<void(const std::string& reason)> no_room;
  std::function<void()> goes_on;
  // Before each pause of at most a second; its error ends the waiting, and is returned.
  std::function<absl::Status()> meanwhile;
};

// What `is_kept` says in the end; it is asked once and then each second while it says kResourceExhausted.
// That is returned only if the run is to stop: who called does without the file then. Any other error is the
// disk's.
absl::Status KeepTrying(const RoomWait& wait, const std::function<absl::Status()>& is_kept);

// Warns, and tells that the run waits for room.
void TellNoRoom(const RoomWait& wait, const std::string& what);

}  // namespace concertina
