// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// link_shaper.h: when a piece gets to the far end of an emulated link, and how to wait for that moment.
// On the way of the data: a transport's arrivals -> here -> its Receive.
//
// A link serves one piece after the other (virtual finish time), then the piece flies for the latency:
//   f_k = max(s_k, f_{k-1}) + 8 n_k / b        a_k = f_k + l
// s_k when it was sent, n_k its payload in bytes, b bandwidth, l latency. The receiver holds the piece until
// a_k. So no thread has to pace the sender, and what the real link took is part of the emulated time, not
// added to it. A link faster than the real one has no effect.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/comm/transport.h"

namespace concertina {

// Nanoseconds of the host's steady clock, which all processes of a host share.
int64_t SteadyNanoseconds();

// The shape as it is now. Set by any thread, read by any.
class LiveShape {
 public:
  explicit LiveShape(const LinkShape& shape) { Set(shape); }
  void Set(const LinkShape& shape);
  // "free", "100 Mbit/s, 5 ms".
  std::string name() const;
  bool is_free() const { return is_free_.load(std::memory_order_relaxed); }
  int64_t latency_nanoseconds() const { return latency_nanoseconds_.load(std::memory_order_relaxed); }
  // 0: free.
  double nanoseconds_per_byte() const { return nanoseconds_per_byte_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> is_free_ = true;
  std::atomic<double> nanoseconds_per_byte_ = 0;
  std::atomic<int64_t> latency_nanoseconds_ = 0;
};

// Of a rank's links: the one name where all are alike, else all of them in order, as "free | 100 Mbit/s, 5
// ms".
std::string NameOfLinks(const std::vector<std::string>& names);

// One direction of one link; pieces are given in the order in which they were sent. Owned by whoever notices
// them. A piece keeps the bandwidth that it was noticed under; a change applies from the next.
class LinkShaper {
 public:
  // f_k.
  int64_t Finish(const LiveShape& shape, int64_t sent_nanoseconds, size_t bytes) {
    const double cost = shape.nanoseconds_per_byte();
    if (cost <= 0) return finish_nanoseconds_ = sent_nanoseconds;
    if (finish_nanoseconds_ < sent_nanoseconds) {
      finish_nanoseconds_ = sent_nanoseconds;
      remainder_ = 0;
    }
    const double duration =
        cost * static_cast<double>(bytes) + remainder_;  // many small pieces do not lose the
    const auto whole = static_cast<int64_t>(duration);   // parts of a nanosecond
    remainder_ = duration - static_cast<double>(whole);
    return finish_nanoseconds_ += whole;
  }

 private:
  int64_t finish_nanoseconds_ = 0;
  double remainder_ = 0;
};

// Sleeps towards `until` (at most `longest_nanoseconds`) and gives true once it is reached. Exact to a few
// microseconds on an idle core: the last part is not slept, since a sleep ends some 50 us late.
bool SleepTowards(int64_t until_nanoseconds, int64_t longest_nanoseconds);

}  // namespace concertina
