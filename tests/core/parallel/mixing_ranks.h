// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mixing_ranks.h: ranks as threads that train a vector with a decentralised exchange, for its tests.
#pragma once

#include <barrier>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/parallel/exchange.h"
#include "nlohmann/json.hpp"
#include "tests/core/comm/dying_transport.h"

namespace concertina {

using Vectors = std::vector<std::vector<float>>;  // by rank

class SeriesInMemory final : public Recorder {
 public:
  Series Open(std::string_view name, std::string_view, RankFold) override {
    names_.emplace_back(name);
    return static_cast<Series>(names_.size()) - 1;
  }
  void Record(Series series, int64_t step, double value) override {
    values[names_[static_cast<size_t>(series)]][step] = value;
  }
  std::map<std::string, std::map<int64_t, double>> values;

 private:
  std::vector<std::string> names_;
};

struct MixingCase {
  nlohmann::json exchange;
  nlohmann::json codec = nullptr;
  int ranks = 4;
  int64_t first_step = 0;
  int64_t steps = 1;
  Vectors start;                            // empty: random
  std::vector<std::vector<uint8_t>> state;  // by rank; empty: fresh
  // g of this rank at x. Null: zero.
  std::function<void(int rank, int64_t step, std::span<const float> x, std::span<float> g)> gradient;
  double learning_rate = 0.1;
  bool may_overlap = true;
  bool settles = false;
  int64_t meets_every = 0;  // steps; each says 10 step + rank
  int dead_rank = -1;
  int64_t dead_step = 0;
  int other_dead_rank = -1;
  int64_t other_dead_step = 0;
  int dies_settling = -1;  // a rank that dies at a message of Settle
  int settling_message = 0;
  std::string transport = "in-process";
  bool records = true;
};

struct MixingOutcome {
  std::vector<absl::Status> status;
  std::vector<Vectors> after;  // by step, then rank
  Vectors x;                   // in the end
  Vectors buffers;
  std::vector<std::vector<uint8_t>> state;                              // after the last step
  std::vector<uint64_t> payload_sent, payload_received, messages_sent;  // by the steps
  std::vector<SeriesInMemory> series;
  std::vector<std::vector<std::vector<std::optional<int64_t>>>> words;  // by rank, then meeting
  std::vector<int> settling_messages;                                   // sent in Settle
  bool is_ok() const {
    for (const absl::Status& one : status)
      if (!one.ok()) qWarning("%s", std::string(one.message()).c_str());
    return std::all_of(status.begin(), status.end(), [](const auto& one) { return one.ok(); });
  }
};

inline constexpr int64_t kMixedFloats = 5000;  // over several parameters and buckets

inline std::vector<ParameterSlot> MixedSlots() {
  std::vector<ParameterSlot> layout;
  int64_t offset = 0;
  for (const int64_t count : {int64_t{3000}, int64_t{1}, int64_t{1499}, int64_t{500}}) {
    layout.push_back(
        {.name = "p" + std::to_string(offset), .shape = {count}, .offset = offset, .count = count});
    offset += count;
  }
  return layout;
}

inline Vectors RandomVectors(int ranks) {
  Vectors vectors;
  for (int rank = 0; rank < ranks; ++rank) {
    Rng rng(1, "start", static_cast<uint64_t>(rank));
    for (float& x : vectors.emplace_back(kMixedFloats)) x = static_cast<float>(rng.Normal());
  }
  return vectors;
}

inline std::vector<double> MeanOf(const Vectors& vectors) {
  std::vector<double> mean(vectors[0].size());
  for (const auto& x : vectors)
    for (size_t i = 0; i < x.size(); ++i) mean[i] += x[i] / static_cast<double>(vectors.size());
  return mean;
}

// sqrt(1/N sum_i ||x_i - mean||^2)
inline double DistanceOf(const Vectors& vectors) {
  const std::vector<double> mean = MeanOf(vectors);
  double square = 0;
  for (const auto& x : vectors)
    for (size_t i = 0; i < x.size(); ++i) square += (x[i] - mean[i]) * (x[i] - mean[i]);
  return std::sqrt(square / static_cast<double>(vectors.size()));
}

inline double LargestDifference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

inline std::unique_ptr<Exchange> MakeExchange(const nlohmann::json& spec) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("exchange", spec, "/exchange", faults);
  for (const Fault& fault : faults) qWarning("%s", fault.message.c_str());
  return *Registry::Global().Create<Exchange>("exchange", params);
}

inline MixingOutcome RunMixing(const MixingCase& c) {
  const Registry& registry = Registry::Global();
  const std::vector<ParameterSlot> layout = MixedSlots();
  const std::vector<int> order = {3, 2, 1, 0};
  const auto n = static_cast<size_t>(c.ranks);
  MixingOutcome out;
  out.status.resize(n);
  out.x = c.start.empty() ? RandomVectors(c.ranks) : c.start;
  out.buffers.resize(n);
  out.state.resize(n);
  out.payload_sent.resize(n);
  out.payload_received.resize(n);
  out.messages_sent.resize(n);
  out.series = std::vector<SeriesInMemory>(n);
  out.words.resize(n);
  out.settling_messages.resize(n);
  out.after.assign(static_cast<size_t>(c.steps), Vectors(n));

  std::vector<Fault> faults;
  const auto kind = *registry.Create<TransportKind>(
      "transport", registry.Check("transport", {{"kind", c.transport}}, "", faults));
  std::vector<std::unique_ptr<TransportListener>> listeners;
  std::vector<std::string> addresses;
  std::vector<int> members;
  for (int rank = 0; rank < c.ranks; ++rank) {
    listeners.push_back(*kind->Listen({.secret = "of the test"}));
    addresses.push_back(listeners.back()->address());
    members.push_back(rank);
  }
  std::barrier stepped(c.ranks);
  std::vector<std::thread> threads;
  for (int r = 0; r < c.ranks; ++r)
    threads.emplace_back([&, r] {
      const auto me = static_cast<size_t>(r);
      absl::Status& status = out.status[me];
      auto connected = listeners[me]->Connect(r, addresses, {}, Deadline::After(20));
      if (!connected.ok()) {
        status = connected.status();
        stepped.arrive_and_drop();
        return;
      }
      DyingTransport transport(*std::move(connected), kNeverDies);
      Communicator data(transport, members, 1);
      const auto exchange = MakeExchange(c.exchange);
      std::vector<float>& x = out.x[me];
      std::vector<float> gradient(x.size());
      out.buffers[me] = {static_cast<float>(r), 1};
      ExchangeContext context;
      context.data = &data;
      context.layout = &layout;
      context.gradient_order = &order;
      context.parameters = x;
      context.gradients = gradient;
      context.buffers = out.buffers[me];
      context.recorder = c.records ? &out.series[me] : nullptr;
      context.seed = 9;
      context.may_overlap = c.may_overlap;
      context.deadline_seconds = 20;
      if (!c.codec.is_null())
        context.make_codec = [&] {
          std::vector<Fault> none;
          return registry.Create<Codec>("gradient-codec",
                                        registry.Check("gradient-codec", c.codec, "", none));
        };
      status = exchange->Prepare(context);
      if (status.ok() && !c.state.empty()) status = exchange->LoadState(c.state[me]);
      if (status.ok()) status = data.Barrier(Deadline::After(20));
      const ByteCounts before = transport.counts();
      for (int64_t step = c.first_step; step < c.first_step + c.steps && status.ok(); ++step) {
        if ((r == c.dead_rank && step == c.dead_step) ||
            (r == c.other_dead_rank && step == c.other_dead_step)) {
          status = absl::UnavailableError("rank " + std::to_string(r) + " died");
          transport.Abort(status);
          break;
        }
        if (c.meets_every > 0 && step % c.meets_every == 0) {
          auto words = exchange->Meet(10 * step + r, [] { return absl::OkStatus(); });
          status = words.status();
          if (!status.ok()) break;
          out.words[me].push_back(*std::move(words));
        }
        status = exchange->Begin(step);
        if (!status.ok()) break;
        if (c.gradient) c.gradient(r, step, x, gradient);
        for (const int parameter : order) exchange->GradientReady(parameter);
        int64_t applied = 0;
        status = exchange
                     ->Finish(step,
                              [&](int64_t offset, int64_t count) {
                                applied += count;
                                for (int64_t i = offset; i < offset + count; ++i)
                                  x[static_cast<size_t>(i)] -=
                                      static_cast<float>(c.learning_rate) * gradient[static_cast<size_t>(i)];
                              })
                     .status();
        if (status.ok() && applied != kMixedFloats)
          status = absl::InternalError("an element was not applied once");
        out.after[static_cast<size_t>(step - c.first_step)][me] = x;
      }
      if (r == c.dead_rank || r == c.other_dead_rank) {
        stepped.arrive_and_drop();
        return;  // with its transport
      }
      stepped.arrive_and_wait();
      const ByteCounts after = transport.counts();
      out.payload_sent[me] = after.payload_sent - before.payload_sent;
      out.payload_received[me] = after.payload_received - before.payload_received;
      out.messages_sent[me] = after.messages_sent - before.messages_sent;
      if (!status.ok()) return;
      exchange->SaveState(out.state[me]);
      if (!c.settles) return;
      transport.DieAt(r == c.dies_settling ? c.settling_message : kNeverDies);
      status = exchange->Settle();
      out.settling_messages[me] = transport.sends();
      if (!status.ok()) return;
      transport.DieAt(kNeverDies);
      auto words = exchange->Meet(r, [] { return absl::OkStatus(); });  // as the step loop does then
      status = words.status();
      if (status.ok() && c.meets_every == 0) out.words[me].push_back(*std::move(words));
    });
  for (std::thread& thread : threads) thread.join();
  return out;
}

}  // namespace concertina
