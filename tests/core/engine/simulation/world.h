// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// world.h: what all parts of a simulation share: one time, one order of events, one source of chance, and
// what has been seen so far. The same seed gives the same trace, byte for byte. On the way of the data:
// simulation_test.cc -> simulation.h -> here.
#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/clock.h"
#include "core/base/rng.h"
#include "fmt/format.h"

namespace concertina::simulation {

class World {
 public:
  using Event = std::function<void()>;

  // Times of 0 say "not yet" in the engine.
  explicit World(uint64_t seed) : chance(seed, "simulation"), tokens_(seed, "tokens") { clock.Advance(1000); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  VirtualClock clock;
  Rng chance;

  double now() { return clock.SteadySeconds(); }
  // Events of the same time come in the order of their making.
  void After(double seconds, Event event) { events_.emplace(now() + seconds, std::move(event)); }
  // When the next event is; infinite if there is none.
  double next() const { return events_.empty() ? 1e300 : events_.begin()->first; }
  void RunNext() {
    const auto first = events_.begin();
    const Event event = std::move(first->second);
    if (first->first > now()) clock.Advance(first->first - now());
    events_.erase(first);
    event();
  }
  void AdvanceTo(double seconds) {
    if (seconds > now()) clock.Advance(seconds - now());
  }

  bool Chance(double probability) { return chance.Uniform() < probability; }
  double Between(double low, double high) { return chance.Uniform(low, high); }
  int Pick(int n) { return static_cast<int>(chance.Below(static_cast<uint64_t>(n))); }
  std::string MakeToken() {
    std::string token;
    for (int i = 0; i < 4; ++i) token += fmt::format("{:016x}", tokens_.Next());
    return token;
  }

  template <class... Arguments>
  void Note(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(trace_), "{:11.6f} ", now());
    fmt::format_to(std::back_inserter(trace_), format, std::forward<Arguments>(arguments)...);
    trace_.push_back('\n');
  }
  // The first one is what the seed fails with.
  template <class... Arguments>
  void Violate(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    const std::string what = fmt::format(format, std::forward<Arguments>(arguments)...);
    Note("VIOLATED {}", what);
    if (violation_.empty()) violation_ = what;
  }
  const std::string& violation() const { return violation_; }
  const std::string& trace() const { return trace_; }

 private:
  Rng tokens_;
  std::multimap<double, Event> events_;
  std::string trace_, violation_;
};

}  // namespace concertina::simulation
