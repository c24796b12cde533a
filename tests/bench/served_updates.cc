// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// served_updates.cc: how many updates a second an asynchronous parameter server makes in one process, beside
// what the machine's memory would allow.
//   build/release/bench/served_updates [WORKERS [SERVERS [SHARDS [SECONDS]]]]      4 1 1 2
// A worker has no gradient to compute: it pushes, takes the answer and pushes again. An update is one
// gradient of the whole model of 262,144 floats (1 MiB). Plain SGD cannot do with less than four passes over
// memory: read the gradient, read and write the parameters, write them to the worker. The bound is what a
// copy, two passes, reaches on all cores between buffers of the same size.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "core/base/registry.h"
#include "core/parallel/exchange.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr int64_t kFloats = 262144;
constexpr double kNeededPasses = 4;

struct Setting {
  int workers = 4, servers = 1, shards = 1;
  double seconds = 2;
};

double Now() { return Clock::Real().SteadySeconds(); }

// Passes of kFloats floats a second, of all cores together.
double CopiedPassesASecond(double seconds) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  std::atomic<int64_t> copies = 0;
  const double begin = Now();
  std::vector<std::thread> threads;
  for (unsigned core = 0; core < cores; ++core)
    threads.emplace_back([&] {
      std::vector<float> from(kFloats, 1.0F), to(kFloats, 2.0F);
      for (int64_t i = 0; Now() - begin < seconds; ++i) {
        std::memcpy(to.data(), from.data(), kFloats * sizeof(float));
        from[static_cast<size_t>(i) % kFloats] = to[7] + 1;  // or the copies could be left out
        copies.fetch_add(1, std::memory_order_relaxed);
      }
    });
  for (std::thread& thread : threads) thread.join();
  return 2 * static_cast<double>(copies) / (Now() - begin);
}

absl::StatusOr<std::unique_ptr<Exchange>> MakeServer(const Setting& setting) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("exchange",
                                                 {{"kind", "parameter-server"},
                                                  {"mode", "async"},
                                                  {"shards", setting.shards},
                                                  {"dedicated_servers", setting.servers}},
                                                 "/exchange", faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));
  return Registry::Global().Create<Exchange>("exchange", params);
}

class Race {
 public:
  explicit Race(const Setting& setting) : setting_(setting) {}

  absl::Status Run() {
    const int ranks = setting_.workers + setting_.servers;
    transports_ = MakeInProcessTransports(ranks);
    for (int rank = 0; rank < ranks; ++rank) members_.push_back(rank);
    status_.resize(static_cast<size_t>(ranks));
    std::vector<std::thread> threads;
    for (int rank = 0; rank < ranks; ++rank)
      threads.emplace_back([this, rank] {
        status_[static_cast<size_t>(rank)] = RunRank(rank);
        if (!status_[static_cast<size_t>(rank)].ok())
          transports_[static_cast<size_t>(rank)]->Abort(status_[static_cast<size_t>(rank)]);
      });
    for (std::thread& thread : threads) thread.join();
    for (const absl::Status& status : status_) RETURN_IF_ERROR(status);
    return absl::OkStatus();
  }
  double updates_a_second() const { return static_cast<double>(updates_) / setting_.seconds; }

 private:
  absl::Status RunRank(int rank) {
    const std::vector<ParameterSlot> layout = {
        {.name = "w", .shape = {kFloats}, .offset = 0, .count = kFloats}};
    const std::vector<int> order = {0};
    std::vector<float> parameters(kFloats, 1.0F), gradients(kFloats, 1e-6F);
    Communicator data(*transports_[static_cast<size_t>(rank)], members_, 1);
    ExchangeContext context;
    context.data = &data;
    context.layout = &layout;
    context.gradient_order = &order;
    context.parameters = parameters;
    context.gradients = gradients;
    context.make_optimizer = [] {
      std::vector<Fault> faults;
      return Registry::Global().Create<Optimizer>(
          "optimizer", Registry::Global().Check("optimizer", {{"kind", "sgd"}}, "", faults));
    };
    context.learning_rate = [](int64_t) { return 1e-3; };
    context.may_overlap = rank < setting_.workers;
    ASSIGN_OR_RETURN(const auto exchange, MakeServer(setting_));
    RETURN_IF_ERROR(exchange->Prepare(context));
    RETURN_IF_ERROR(data.Barrier(Deadline::After(10)));
    const auto nothing = [] { return absl::OkStatus(); };
    if (rank < setting_.workers) {
      const double warm = Now() + 0.3, end = warm + setting_.seconds;
      for (int64_t step = 0;; ++step) {
        const double now = Now();
        if (now >= end) break;
        RETURN_IF_ERROR(exchange->Begin(step));
        RETURN_IF_ERROR(exchange->Finish(step, [](int64_t, int64_t) {}).status());
        for (;;) {
          ASSIGN_OR_RETURN(const bool may_begin, exchange->AwaitTurn(step + 1, 1));
          if (may_begin) break;
        }
        if (now >= warm) updates_.fetch_add(1, std::memory_order_relaxed);
      }
    }
    RETURN_IF_ERROR(exchange->Meet(0, nothing).status());
    RETURN_IF_ERROR(exchange->Settle());
    return exchange->Meet(1, nothing).status();
  }

  const Setting setting_;
  std::vector<std::unique_ptr<Transport>> transports_;
  std::vector<int> members_;
  std::vector<absl::Status> status_;
  std::atomic<int64_t> updates_ = 0;
};

int Main(int argc, char** argv) {
  Setting setting;
  if (argc > 1) setting.workers = std::atoi(argv[1]);
  if (argc > 2) setting.servers = std::atoi(argv[2]);
  if (argc > 3) setting.shards = std::atoi(argv[3]);
  if (argc > 4) setting.seconds = std::atof(argv[4]);
  if (setting.workers < 1 || setting.servers < 0 || setting.shards < 1 || !(setting.seconds > 0)) {
    std::fputs("served_updates [WORKERS [SERVERS [SHARDS [SECONDS]]]], from 1, 0, 1 and above 0\n", stderr);
    return 2;
  }
  const double passes = CopiedPassesASecond(0.5);
  Race race(setting);
  if (const absl::Status status = race.Run(); !status.ok()) {
    std::fputs((status.ToString() + "\n").c_str(), stderr);
    return 1;
  }
  const double bound = passes / kNeededPasses;
  fmt::print(
      "{} workers, {} servers, {} shards: {:.0f} updates/s; copies reach {:.1f} GB/s read and written, which "
      "is {:.0f} updates/s of {:.0f} MiB: {:.0f} % of it\n",
      setting.workers, setting.servers, setting.shards, race.updates_a_second(),
      passes * kFloats * sizeof(float) * 1e-9, bound, kNeededPasses, 100 * race.updates_a_second() / bound);
  return 0;
}

}  // namespace
}  // namespace concertina

int main(int argc, char** argv) { return concertina::Main(argc, argv); }
