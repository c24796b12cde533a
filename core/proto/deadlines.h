// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// deadlines.h: how long each kind of call may take. Every unary call has one.
#pragma once

#include <chrono>
#include <cstdint>

namespace concertina {

inline constexpr double kControlDeadlineSeconds = 5;  // status, describe, list, control
inline constexpr double kSpecDeadlineSeconds = 20;    // validate, plan, submit: may open a dataset
inline constexpr double kForkDeadlineSeconds = 60;    // may wait for a checkpoint, and copies one
inline constexpr double kSeriesDeadlineSeconds = 10;
inline constexpr double kExportDeadlineSeconds = 600;
inline constexpr double kJoinDeadlineSeconds = 30;  // from launch to Ready, all workers
inline constexpr double kLauncherTestDeadlineSeconds = 40;
inline constexpr double kClassifyDeadlineSeconds = 30;  // a served model: the wait for its thread, the batch
inline constexpr double kDeviceDeadlineSeconds = 330;   // three logins, two copies and a measurement
// A checkpoint's wait for the store.
inline constexpr double kKeepMetricsDeadlineSeconds = 10;
// A worker that waits for its place in a group: the engine may wait for others, and is heard of meanwhile.
inline constexpr double kRegroupDeadlineSeconds = 600;
inline constexpr double kHeartbeatSeconds = 0.5;
inline constexpr double kSilenceSeconds = 5;  // no word for so long: dead
inline constexpr double kHangSeconds = 30;    // heartbeats, but no step: hung (longer while evaluating)

// Files to and from workers elsewhere: without one more piece taken for so long, the carrying has failed.
inline constexpr double kFileDeadlineSeconds = 60;
inline constexpr int kFileWindow = 4;  // pieces on their way

// So long from now. gRPC counts by the wall clock.
inline std::chrono::system_clock::time_point WallDeadline(double seconds) {
  return std::chrono::system_clock::now() + std::chrono::microseconds(static_cast<int64_t>(seconds * 1e6));
}

}  // namespace concertina
