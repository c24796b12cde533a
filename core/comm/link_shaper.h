// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// link_shaper.h: when a piece gets to the far end of an emulated link, and how to wait for that moment.
// On the way of the data: a transport's arrivals -> here -> its Receive.
//
// A link serves one piece after the other (virtual finish time), then the piece flies for the latency:
//   f_k = max(s_k, f_{k-1}) + 8 n_k / b        g_k = max(g_{k-1}, f_k + x_m)        a_k = g_k + l
// s_k when it was sent, n_k its payload in bytes, b bandwidth, l latency, x_m what its message's flight takes
// more or less than l; x_m = 0 and g_k = f_k without jitter and loss. The receiver holds the piece until
// a_k. So no thread has to pace the sender, and what the real link took is part of the emulated time, not
// added to it. A link faster than the real one has no effect.
//
// Jitter j: the flight of a message is uniform in [l - j, l + j], not below 0. Loss p: each sending of a
// message is lost with probability p, and the sender sees it by its retransmission timer, which it doubles
// each time:
//   x_m = U(-j, j) + (2^k - 1) R,   P(k losses) = p^k (1 - p), k <= 6
//   R = max(200 ms, 2 l + 4 (2 j / 3))
// R is SRTT + 4 RTTVAR of RFC 6298 (Paxson, Allman, Chu, Sargent. Computing TCP's Retransmission Timer. 2011;
// doubling: 5.5) with the mean 2 l of a round trip and the mean deviation 2 j / 3 of the sum of two uniform
// jitters; the least of it is Linux's 200 ms, where the RFC would have 1 s. Nothing is dropped, and as over
// TCP what was sent later waits for what is late (g_k). Fast retransmit, and TCP's lower rate after a loss
// (Mathis, Semke, Mahdavi, Ott. The Macroscopic Behavior of the TCP Congestion Avoidance Algorithm. CCR
// 1997), are not emulated: for the rate set the bandwidth.
//
// A link that is cut until a moment c holds what was sent before: g_k >= c. The sender is not told.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/comm/transport.h"

namespace concertina {

// Nanoseconds of the host's steady clock, which all processes of a host share.
int64_t SteadyNanoseconds();

// R, and the mean flight E[l + x_m] of a message that does not wait for an earlier one.
double RetransmissionMs(const LinkShape& shape);
double MeanDelayMs(const LinkShape& shape);

// The shape as it is now. Set by any thread, read by any.
class LiveShape {
 public:
  explicit LiveShape(const LinkShape& shape) { Set(shape); }
  void Set(const LinkShape& shape);
  // "free", "100 Mbit/s, 5 ms", "100 Mbit/s, 5 ms +- 1 ms, 1 % lost".
  std::string name() const;
  bool is_free() const { return is_free_.load(std::memory_order_relaxed); }
  int64_t latency_nanoseconds() const { return latency_nanoseconds_.load(std::memory_order_relaxed); }
  // 0: free.
  double nanoseconds_per_byte() const { return nanoseconds_per_byte_.load(std::memory_order_relaxed); }
  bool varies() const { return varies_.load(std::memory_order_relaxed); }
  // x_m, in nanoseconds, of the m-th message of a link.
  int64_t Deviation(uint64_t message) const;
  // When a piece that was ready at `served` gets through, if the link is cut; else `served` itself.
  int64_t AfterCut(int64_t sent_nanoseconds, int64_t served) const {
    const int64_t until = cut_until_nanoseconds_.load(std::memory_order_relaxed);
    return sent_nanoseconds < until ? std::max(served, until) : served;
  }

 private:
  std::atomic<bool> is_free_ = true;
  std::atomic<double> nanoseconds_per_byte_ = 0;
  std::atomic<int64_t> latency_nanoseconds_ = 0;
  std::atomic<bool> varies_ = false;
  std::atomic<int64_t> jitter_nanoseconds_ = 0;
  std::atomic<int64_t> retransmission_nanoseconds_ = 0;
  std::atomic<double> loss_ = 0;
  std::atomic<uint64_t> seed_ = 0;
  std::atomic<int64_t> cut_until_nanoseconds_ = 0;
};

// Of a rank's links: the one name where all are alike, else all of them in order, as "free | 100 Mbit/s, 5
// ms".
std::string NameOfLinks(const std::vector<std::string>& names);

// One direction of one link; pieces are given in the order in which they were sent. Owned by whoever notices
// them. A piece keeps the bandwidth that it was noticed under; a change applies from the next.
class LinkShaper {
 public:
  // g_k.
  int64_t Finish(const LiveShape& shape, int64_t sent_nanoseconds, size_t bytes, bool starts_message) {
    const int64_t served = Serve(shape, sent_nanoseconds, bytes);
    message_ += starts_message ? 1 : 0;
    if (!shape.varies()) return served;
    if (starts_message) deviation_ = shape.Deviation(message_);
    return latest_nanoseconds_ =
               std::max(latest_nanoseconds_, shape.AfterCut(sent_nanoseconds, served + deviation_));
  }

 private:
  // f_k.
  int64_t Serve(const LiveShape& shape, int64_t sent_nanoseconds, size_t bytes) {
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

  int64_t finish_nanoseconds_ = 0;
  double remainder_ = 0;
  uint64_t message_ = 0;
  int64_t deviation_ = 0;  // of the message that comes
  int64_t latest_nanoseconds_ = INT64_MIN;
};

// Sleeps towards `until` (at most `longest_nanoseconds`) and gives true once it is reached. Exact to a few
// microseconds on an idle core: the last part is not slept, since a sleep ends some 50 us late.
bool SleepTowards(int64_t until_nanoseconds, int64_t longest_nanoseconds);

}  // namespace concertina
