// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// in_process_launcher.cc: workers as threads of the engine, for tests and teaching.
// On the way of the data: engine/run_launch.cc -> here -> worker/worker.h.
//
// A thread cannot be killed, only asked: a worker that never looks at its stop token keeps the engine from
// ending. Memory and crashes are shared: real runs use the local launcher.
#include <unistd.h>

#include <atomic>
#include <list>
#include <thread>

#include "core/base/registry.h"
#include "core/engine/launcher.h"
#include "core/engine/this_machine.h"
#include "core/worker/worker.h"

namespace concertina {
namespace {

class ThreadWorker final : public LaunchedWorker {
 public:
  explicit ThreadWorker(std::stop_source stop) : stop_(std::move(stop)) {}
  int64_t pid() const override { return getpid(); }
  bool has_process() const override { return false; }
  void Terminate() override { stop_.request_stop(); }
  void Kill() override { stop_.request_stop(); }

 private:
  std::stop_source stop_;
};

class InProcessLauncher final : public Launcher {
 public:
  void Test(OnReport done) override {
    HostReport report = ThisMachine();
    report.version = CONCERTINA_VERSION;
    done(report);
  }
  absl::StatusOr<std::unique_ptr<LaunchedWorker>> Launch(const LaunchRequest& request, OnExit on_exit,
                                                         OnLine on_line) override {
    // Threads that have ended are joined here, since they cannot join themselves.
    threads_.remove_if([](const Thread& thread) { return thread.ended->load(); });
    WorkerOptions options;
    options.engine_address = request.engine_address;
    options.run = request.run;
    options.rank = request.rank;
    options.token = request.token;
    auto ended = std::make_shared<std::atomic<bool>>(false);
    std::jthread thread([options, ended, on_exit = std::move(on_exit),
                         on_line = std::move(on_line)](const std::stop_token& stop) {
      const absl::Status status = RunWorker(options, stop);
      WorkerExit exit;
      if (!status.ok()) {
        exit.exit_code = 1;
        exit.message = std::string(status.message());
        on_line(exit.message);
      }
      on_exit(exit);
      ended->store(true);
    });
    auto worker = std::make_unique<ThreadWorker>(thread.get_stop_source());
    threads_.push_back({std::move(ended), std::move(thread)});
    return worker;
  }

 private:
  struct Thread {
    std::shared_ptr<std::atomic<bool>> ended;
    std::jthread thread;  // asks to stop and joins when it goes
  };
  std::list<Thread> threads_;
};

REGISTER_COMPONENT(
    Launcher,
    Descriptor({.category = "launcher",
                .kind = "in-process",
                .title = "Threads of the engine",
                .summary = "Runs each worker as a thread of the engine: for tests and teaching.",
                .params = {}}),
    [](const Params&) -> absl::StatusOr<std::unique_ptr<Launcher>> {
      return std::make_unique<InProcessLauncher>();
    });

}  // namespace
}  // namespace concertina
