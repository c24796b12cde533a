// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// local_launcher.cc: workers as processes of this machine.
// On the way of the data: engine/run.cc -> here (engine/child_process.h) -> app/worker.
//
// The token is in the environment (CONCERTINA_TOKEN), which only this user can read; never in the arguments.
#include <signal.h>

#include "core/base/registry.h"
#include "core/engine/child_process.h"
#include "core/engine/launcher.h"
#include "core/engine/rank_log.h"
#include "core/proto/engine_launch.h"

namespace concertina {
namespace {

class LocalWorker final : public LaunchedWorker {
 public:
  LocalWorker(ChildProcesses& children, pid_t pid) : children_(children), pid_(pid) {}
  int64_t pid() const override { return pid_; }
  void Terminate() override { children_.Signal(pid_, SIGTERM); }
  void Kill() override { children_.Signal(pid_, SIGKILL); }
  absl::Status Freeze() override {
    children_.Signal(pid_, SIGSTOP);
    return absl::OkStatus();
  }
  void Thaw() override { children_.Signal(pid_, SIGCONT); }

 private:
  ChildProcesses& children_;
  const pid_t pid_;
};

class LocalLauncher final : public Launcher {
 public:
  absl::StatusOr<std::unique_ptr<LaunchedWorker>> Launch(const LaunchRequest& request, OnExit on_exit,
                                                         OnLine on_line) override {
    ASSIGN_OR_RETURN(const std::string program, FindProgram("concertina-worker"));
    ChildCommand command;
    command.arguments = {program,     "--engine", request.engine_address,      "--run",
                         request.run, "--rank",   std::to_string(request.rank)};
    for (const std::string& folder : request.plugin_folders) {
      command.arguments.emplace_back("--plugins");
      command.arguments.push_back(folder);
    }
    command.environment = {"CONCERTINA_TOKEN=" + request.token};
    const auto log = std::make_shared<RankLog>(request.log_path, std::move(on_line));
    ASSIGN_OR_RETURN(const pid_t pid, children_.Start(
                                          command, [log](std::string_view bytes) { log->Add(bytes); },
                                          [log, on_exit = std::move(on_exit)](const ChildExit& ended) {
                                            log->Finish();
                                            WorkerExit exit;
                                            exit.exit_code = ended.exit_code;
                                            exit.signal = ended.signal;
                                            on_exit(exit);
                                          }));
    return std::make_unique<LocalWorker>(children_, pid);
  }

 private:
  ChildProcesses children_;
};

REGISTER_COMPONENT(Launcher,
                   Descriptor({.category = "launcher",
                               .kind = "local",
                               .title = "Processes on this machine",
                               .summary = "Starts each worker as a process of its own beside the engine.",
                               .params = {}}),
                   [](const Params&) -> absl::StatusOr<std::unique_ptr<Launcher>> {
                     return std::make_unique<LocalLauncher>();
                   });

}  // namespace
}  // namespace concertina
