// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// transport_limits.h: how long the transports between processes sleep, and how much they keep.
// On the way of the data: comm/grpc_transport.cc, comm/shared_memory_transport.cc -> here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace concertina {

inline constexpr int64_t kMillisecond = 1'000'000;  // in nanoseconds
// Towards an emulated arrival: another shape is seen within this; what epoll's sleep, in whole milliseconds,
// may be late by.
inline constexpr int64_t kLongestArrivalSleepNanoseconds = 5 * kMillisecond;
inline constexpr int64_t kCoarseNanoseconds = 2 * kMillisecond;
// Frames that nobody waits for are kept, out of the way of those behind them, up to this; then the sender
// waits. Who waits for one tag reads past others, but not without end.
inline constexpr uint64_t kKeptBytes = uint64_t{64} << 20;
inline constexpr size_t kKeptFrames = 4096;
inline constexpr uint64_t kMostKeptBytes = uint64_t{4} << 30;
inline constexpr double kPartingSeconds = 2;  // for the last bytes to leave and the peers to take them
inline constexpr double kFailedPartingSeconds = 0.3;  // to tell the peers why

}  // namespace concertina
