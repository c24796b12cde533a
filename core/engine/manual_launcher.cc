// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// manual_launcher.cc: workers that a person starts, on whatever machine: the engine says with which line.
// On the way of the data: engine/run_launch.cc -> here -> StartLines -> a person -> app/worker.
//
// The line holds the worker's token, which is good for one worker of this run, once, and until the run waits
// no longer. It stays in memory: log and events, which are kept, copied and exported, only say how to ask.
#include "core/base/registry.h"
#include "core/engine/launcher.h"
#include "core/engine/rank_log.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// Nobody here sees it start or end.
class UnseenWorker final : public LaunchedWorker {
 public:
  explicit UnseenWorker(std::string start_line) : start_line_(std::move(start_line)) {}
  int64_t pid() const override { return 0; }
  void Terminate() override {}
  void Kill() override {}
  bool end_is_seen() const override { return false; }
  std::string StartLine() const override { return start_line_; }

 private:
  const std::string start_line_;
};

class ManualLauncher final : public Launcher {
 public:
  explicit ManualLauncher(double wait_seconds) : wait_seconds_(wait_seconds) {}

  bool is_elsewhere() const override { return true; }
  double patience_seconds() const override { return wait_seconds_; }
  void Test(OnReport done) override {
    done(
        absl::UnimplementedError("who starts workers by hand looks at the machine by hand: concertina-worker "
                                 "--version tells whether it is "
                                 "installed there, and has to be " CONCERTINA_VERSION));
  }
  absl::StatusOr<std::unique_ptr<LaunchedWorker>> Launch(const LaunchRequest& request, OnExit /*on_exit*/,
                                                         OnLine on_line) override {
    const bool is_remote = !request.remote_address.empty();
    std::string line = fmt::format("CONCERTINA_TOKEN={} concertina-worker --engine {} --run {} --rank {}{}",
                                   request.token, is_remote ? request.remote_address : request.engine_address,
                                   request.run, request.rank, is_remote ? " --kit DIR" : "");
    const std::string how = fmt::format(
        "Rank {} waits {:.0f} s for you to start it{}. `concertinactl workers lines {}` gives the line; it "
        "holds "
        "a token and is kept nowhere.",
        request.rank, wait_seconds_,
        is_remote ? ", on a machine that has a kit" : " on this machine (the engine has no port for others)",
        request.run);
    RankLog log(request.log_path, std::move(on_line));
    log.Add(how + "\n");
    log.Finish();
    if (request.tell) request.tell(how);
    return std::make_unique<UnseenWorker>(std::move(line));
  }

 private:
  const double wait_seconds_;
};

REGISTER_COMPONENT(
    Launcher,
    Descriptor({.category = "launcher",
                .kind = "manual",
                .title = "By hand",
                .summary = "Tells the line with which you start each worker yourself, on any machine.",
                .params = {{.name = "wait_seconds",
                            .unit = "s",
                            .default_value = 600.0,
                            .minimum = 1,
                            .maximum = 86400,
                            .doc = "How long the run waits for the workers to be started."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Launcher>> {
      return std::make_unique<ManualLauncher>(params.Number("wait_seconds"));
    });

}  // namespace
}  // namespace concertina
