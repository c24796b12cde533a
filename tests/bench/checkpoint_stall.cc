// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_stall.cc: what a step of a large model waits for a checkpoint, and how much slower the steps are
// that are made while it is written.
//   build/release/bench/checkpoint_stall [WORKERS [BATCH [THREADS [STEPS [EVERY]]]]]      1 32 1 60 12
// An MLP of 24.5 million parameters, SGD with momentum: 196 MB of state a worker. Workers are threads of this
// program; checkpoints go to the current folder's disk, and are removed. The aim is a stall of 5 % of a step.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>
#include <vector>

#include "core/worker/step_loop.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

struct Setting {
  int workers = 1, batch = 32, threads = 1, steps = 60, every = 12;
};

double MedianOf(std::vector<double> values) {
  if (values.empty()) return 0;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

// Of rank 0: when each step was told, and when each checkpoint was.
struct Watched {
  std::map<int64_t, double> begun;  // a step
  std::vector<std::pair<double, double>>
      kept;  // from the step's beginning to the word that it is on the disk
  std::vector<double> stalls;
};

absl::Status Train(const Setting& setting, const std::string& folder, Watched& watched) {
  std::ofstream table(folder + "/table.csv");
  table << "a,b,c,label\n";
  for (int i = 0; i < 64 * setting.batch * setting.workers; ++i)
    table << i % 7 << "," << i % 5 << "," << i % 3 << "," << (i % 2 == 0 ? "yes" : "no") << "\n";
  table.close();
  const nlohmann::json spec = {
      {"dataset", {{"kind", "csv"}, {"path", folder + "/table.csv"}, {"label", "label"}}},
      {"model", {{"kind", "mlp"}, {"hidden", {3500, 3500, 3500}}}},
      {"optimizer", {{"kind", "sgd"}, {"learning_rate", 1e-4}, {"momentum", 0.9}}},
      {"training",
       {{"batch_size", setting.batch},
        {"epochs", 1000},
        {"max_steps", setting.steps},
        {"threads_per_worker", setting.threads},
        {"evaluate_every_epochs", 0},
        {"checkpoint_every_steps", setting.every}}},
      {"mesh", {{"data", setting.workers}}},
      {"workers", {{{"launcher", "local"}, {"count", setting.workers}}}}};
  const SpecCheck check = CheckSpec(spec.dump());
  RETURN_IF_ERROR(FaultsToStatus(check.faults));
  auto transports = MakeInProcessTransports(setting.workers);
  std::vector<absl::Status> status(static_cast<size_t>(setting.workers));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < setting.workers; ++rank)
    threads.emplace_back([&, rank] {
      StepRecorder recorder(static_cast<uint32_t>(rank));
      ControlQueue controls;
      StepLoopListener listener;
      listener.progress = [&, rank](int64_t step, double, const char*) {
        if (rank == 0) watched.begun.try_emplace(step, SteadyNow());
      };
      listener.checkpoint_written = [&](int64_t step, const std::string&, uint64_t) {
        watched.kept.emplace_back(watched.begun[step], SteadyNow());
      };
      listener.knob_applied = [](const proto::Knob&, int64_t, const absl::Status&) {};
      listener.state_reached = [](const char*, int64_t) {};
      listener.gradient_counted = [](const GradientHistogram*, int64_t) {};
      auto loop = StepLoop::Create({.spec = check.spec,
                                    .rank = rank,
                                    .world_size = setting.workers,
                                    .run_folder = folder,
                                    .datasets_folder = folder,
                                    .kernels_file = folder + "/kernels"},
                                   recorder, controls, std::move(listener));
      absl::Status& mine = status[static_cast<size_t>(rank)];
      mine = loop.status();
      if (mine.ok()) mine = (*loop)->Run(*transports[static_cast<size_t>(rank)], {}).status();
      proto::MetricBatch batch;
      if (rank != 0 || !recorder.Take(batch)) return;
      for (const proto::MetricTable& part : batch.tables())
        for (const proto::MetricTable::Column& column : part.columns())
          if (batch.declared(static_cast<int>(column.series())).name() == "time/checkpoint")
            for (const double value : column.values())
              if (value > 0) watched.stalls.push_back(value);
    });
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& each : status) RETURN_IF_ERROR(each);
  return absl::OkStatus();
}

void Print(const Setting& setting, const Watched& watched) {
  std::vector<double> alone, beside;  // steps, and those made while a checkpoint was written
  for (auto step = watched.begun.begin(); step != watched.begun.end(); ++step) {
    const auto next = std::next(step);
    if (next == watched.begun.end() || next->first != step->first + 1 || step->first < 3) continue;
    const bool is_beside = std::any_of(watched.kept.begin(), watched.kept.end(), [&](const auto& kept) {
      return step->second < kept.second && next->second > kept.first;
    });
    (is_beside ? beside : alone).push_back(next->second - step->second);
  }
  std::vector<double> written;
  for (const auto& [begin, end] : watched.kept) written.push_back(end - begin);
  const double step = MedianOf(alone), stall = MedianOf(watched.stalls);
  const double worst =
      watched.stalls.empty() ? 0 : *std::max_element(watched.stalls.begin(), watched.stalls.end());
  fmt::print("{} worker(s), batch {}, {} thread(s), {} steps, {} checkpoints\n", setting.workers,
             setting.batch, setting.threads, watched.begun.size(), watched.kept.size());
  fmt::print("a step                          {:8.2f} ms\n", step * 1e3);
  fmt::print("waited for a checkpoint         {:8.2f} ms, {:.1f} % of a step (at most {:.2f} ms)\n",
             stall * 1e3, 100 * stall / step, worst * 1e3);
  fmt::print("a step while one is written     {:8.2f} ms, {:+.1f} %\n", MedianOf(beside) * 1e3,
             100 * (MedianOf(beside) / step - 1));
  fmt::print("from its beginning to the disk  {:8.2f} ms\n", MedianOf(written) * 1e3);
}

}  // namespace
}  // namespace concertina

int main(int argc, char** argv) {
  using namespace concertina;
  Setting setting;
  int* const fields[] = {&setting.workers, &setting.batch, &setting.threads, &setting.steps, &setting.every};
  for (int i = 1; i < argc && i <= 5; ++i) *fields[i - 1] = std::max(1, std::atoi(argv[i]));
  std::string folder = "checkpoint_stall-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    std::perror("checkpoint_stall: making a folder here");
    return 1;
  }
  folder = std::filesystem::absolute(folder).string();
  Watched watched;
  const absl::Status status = Train(setting, folder, watched);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (!status.ok()) {
    fmt::print(stderr, "checkpoint_stall: {}\n", std::string(status.message()));
    return 1;
  }
  Print(setting, watched);
  return 0;
}
