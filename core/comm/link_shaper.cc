// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// link_shaper.cc: exact waiting for an emulated link (see link_shaper.h).
// On the way of the data: a transport's arrivals -> here -> its Receive.
#include "core/comm/link_shaper.h"

#include <sched.h>
#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/base/rng.h"
#include "fmt/format.h"

namespace concertina {

int64_t SteadyNanoseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

namespace {

constexpr double kLeastRetransmissionMs = 200;  // Linux's TCP_RTO_MIN
constexpr int kMostRetransmissions = 6;         // of one message

double Positive(double value) { return std::isfinite(value) && value > 0 ? value : 0; }
// Beyond a half the doubling timer's mean would grow with kMostRetransmissions alone.
double Probability(double value) { return std::min(Positive(value), 0.5); }

}  // namespace

double RetransmissionMs(const LinkShape& shape) {
  return std::max(kLeastRetransmissionMs,
                  2 * Positive(shape.latency_ms) + 4 * (2 * Positive(shape.jitter_ms) / 3));
}

double MeanDelayMs(const LinkShape& shape) {
  const double l = Positive(shape.latency_ms), j = Positive(shape.jitter_ms), p = Probability(shape.loss);
  // E[max(0, U(l - j, l + j))]
  double mean = j <= l ? l : (l + j) * (l + j) / (4 * j);
  double lost = p, timer = RetransmissionMs(shape);  // p^k, 2^(k - 1) R
  for (int k = 1; k <= kMostRetransmissions; ++k, lost *= p, timer *= 2) mean += lost * timer;
  return mean;
}

int64_t LiveShape::Deviation(uint64_t message) const {
  Rng rng(seed_.load(std::memory_order_relaxed), "link", message);
  const int64_t latency = latency_nanoseconds();
  const auto jitter = static_cast<double>(jitter_nanoseconds_.load(std::memory_order_relaxed));
  int64_t deviation = std::max(-latency, static_cast<int64_t>(rng.Uniform(-jitter, jitter)));
  const double loss = loss_.load(std::memory_order_relaxed);
  int64_t timer = retransmission_nanoseconds_.load(std::memory_order_relaxed);
  for (int k = 0; k < kMostRetransmissions && rng.Uniform() < loss; ++k, timer *= 2) deviation += timer;
  return deviation;
}

void LiveShape::Set(const LinkShape& shape) {
  const bool has_bandwidth = std::isfinite(shape.bandwidth_mbit) && shape.bandwidth_mbit > 0;
  const bool has_latency = std::isfinite(shape.latency_ms) && shape.latency_ms > 0;
  nanoseconds_per_byte_ = has_bandwidth ? 8e3 / shape.bandwidth_mbit : 0;
  latency_nanoseconds_ = has_latency ? static_cast<int64_t>(std::min(shape.latency_ms, 1e9) * 1e6) : 0;
  jitter_nanoseconds_ = static_cast<int64_t>(std::min(Positive(shape.jitter_ms), 1e9) * 1e6);
  retransmission_nanoseconds_ = static_cast<int64_t>(std::min(RetransmissionMs(shape), 1e9) * 1e6);
  loss_ = Probability(shape.loss);
  seed_ = shape.seed;
  cut_until_nanoseconds_ = std::max<int64_t>(0, shape.cut_until_nanoseconds);
  varies_ = jitter_nanoseconds_ > 0 || loss_ > 0 || cut_until_nanoseconds_ > 0;
  is_free_ = !has_bandwidth && !has_latency && !varies_;
}

std::string LiveShape::name() const {
  if (is_free()) return "free";
  const double cost = nanoseconds_per_byte();
  const std::string bandwidth = cost > 0 ? fmt::format("{:.4g} Mbit/s", 8e3 / cost) : "any Mbit/s";
  std::string name =
      fmt::format("{}, {:.4g} ms", bandwidth, static_cast<double>(latency_nanoseconds()) * 1e-6);
  if (const int64_t jitter = jitter_nanoseconds_.load(); jitter > 0)
    name += fmt::format(" +- {:.4g} ms", static_cast<double>(jitter) * 1e-6);
  if (const double loss = loss_.load(); loss > 0) name += fmt::format(", {:.4g} % lost", 100 * loss);
  if (cut_until_nanoseconds_.load() > 0) name += ", cut";
  return name;
}

std::string NameOfLinks(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : " | ") + name;
  const bool alike = std::adjacent_find(names.begin(), names.end(), std::not_equal_to<>()) == names.end();
  return alike && !names.empty() ? names[0] : all;
}

bool SleepTowards(int64_t until_nanoseconds, int64_t longest_nanoseconds) {
  static constexpr int64_t kAwakeNanoseconds = 30'000;
  // Linux rounds a thread's sleeps up by its timer slack, 50 us unless told otherwise.
  thread_local const bool sharp = prctl(PR_SET_TIMERSLACK, 1'000, 0, 0, 0) == 0;
  const int64_t awake = sharp ? kAwakeNanoseconds : kAwakeNanoseconds + 50'000;
  int64_t left = until_nanoseconds - SteadyNanoseconds();
  if (left <= 0) return true;
  if (left > awake) {
    const int64_t nap = std::min(left - awake, longest_nanoseconds);
    const timespec duration{.tv_sec = static_cast<time_t>(nap / 1'000'000'000),
                            .tv_nsec = static_cast<long>(nap % 1'000'000'000)};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &duration, nullptr);
    return SteadyNanoseconds() >= until_nanoseconds;
  }
  while (left > 0) {
    sched_yield();
    left = until_nanoseconds - SteadyNanoseconds();
  }
  return true;
}

}  // namespace concertina
