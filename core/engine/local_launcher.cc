// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// local_launcher.cc: workers as processes of this machine.
// On the way of the data: engine/run_launch.cc -> here (base/child_process.h) -> app/worker.
//
// The token is in the environment (CONCERTINA_TOKEN), which only this user can read; never in the arguments.
// Where MPI carries the tensors, mpirun starts the workers of an entry, as one world (engine/mpi_world.h).
#include <signal.h>

#include <utility>

#include "core/base/child_process.h"
#include "core/base/log.h"
#include "core/base/registry.h"
#include "core/base/utf8.h"
#include "core/engine/launcher.h"
#include "core/engine/local_limits.h"
#include "core/engine/mpi_world.h"
#include "core/engine/rank_log.h"
#include "core/engine/this_machine.h"
#include "core/proto/engine_launch.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class LocalWorker final : public LaunchedWorker {
 public:
  // `process`: nobody's unless it outlives the engine.
  LocalWorker(ChildProcesses& children, pid_t pid, ProcessIdentity process)
      : children_(children), pid_(pid), process_(std::move(process)) {}
  int64_t pid() const override { return pid_; }
  ProcessIdentity process() const override { return process_; }
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
  const ProcessIdentity process_;
};

// One rank of a world: to end it is to end them all.
class WorldWorker final : public LaunchedWorker {
 public:
  WorldWorker(ChildProcesses& children, pid_t mpirun) : children_(children), mpirun_(mpirun) {}
  int64_t pid() const override { return 0; }
  // mpirun asks its ranks first, and leaves nobody behind; killed, it can do neither, and the kernel ends
  // them (app/worker).
  void Terminate() override { children_.Signal(mpirun_, SIGTERM); }
  void Kill() override { children_.Signal(mpirun_, SIGKILL); }
  double end_lag_seconds() const override { return kWorldEndLagSeconds; }

 private:
  // mpirun waits for those that it has ended before it ends itself.
  static constexpr double kWorldEndLagSeconds = 5;

  ChildProcesses& children_;
  const pid_t mpirun_;
};

class LocalLauncher final : public Launcher {
 public:
  explicit LocalLauncher(LocalLimits limits) : limits_(std::move(limits)) {}

  absl::StatusOr<std::unique_ptr<LaunchedWorker>> Launch(const LaunchRequest& request, OnExit on_exit,
                                                         OnLine on_line) override {
    if (request.transport == kMpi) {
      LaunchOrder order{.request = request,
                        .on_exit = std::move(on_exit),
                        .on_line = std::move(on_line),
                        .worker = nullptr};
      RETURN_IF_ERROR(LaunchWorld({&order, 1}));
      return std::move(order.worker);
    }
    ASSIGN_OR_RETURN(const std::string program, FindProgram("concertina-worker"));
    ChildCommand command;
    command.arguments = {program,     "--engine", request.engine_address,      "--run",
                         request.run, "--rank",   std::to_string(request.rank)};
    for (const std::string& folder : request.plugin_folders) {
      command.arguments.emplace_back("--plugins");
      command.arguments.push_back(folder);
    }
    command.environment = {"CONCERTINA_TOKEN=" + request.token};
    command.outlives_starter = request.outlives_engine;
    PutLimits(limits_, CoresOfRank(limits_, request.rank, request.threads), command);
    const auto log = std::make_shared<RankLog>(request.log_path, std::move(on_line));
    const auto memory = std::make_shared<MemoryWatch>(limits_.memory_bytes);
    ASSIGN_OR_RETURN(const pid_t pid,
                     children_.Start(
                         command, [log](std::string_view bytes) { log->Add(bytes); },
                         [log, memory, on_exit = std::move(on_exit)](const ChildExit& ended) {
                           log->Finish();
                           memory->End();
                           on_exit(ExitOf(ended, memory->verdict()));
                         }));
    if (limits_.memory_bytes > 0) children_.Post([this, memory, pid] { memory->Begin(children_, pid); });
    return std::make_unique<LocalWorker>(children_, pid,
                                         request.outlives_engine ? IdentityOf(pid) : ProcessIdentity{});
  }

  // It writes its own log by now (worker/own_process.h).
  absl::StatusOr<std::unique_ptr<LaunchedWorker>> Adopt(const ProcessIdentity& process,
                                                        OnExit on_exit) override {
    const auto memory = std::make_shared<MemoryWatch>(limits_.memory_bytes);
    RETURN_IF_ERROR(children_.Adopt(process, [memory, on_exit = std::move(on_exit)](const ChildExit& ended) {
      memory->End();
      on_exit(ExitOf(ended, memory->verdict()));
    }));
    const pid_t pid = process.pid;
    if (limits_.memory_bytes > 0) children_.Post([this, memory, pid] { memory->Begin(children_, pid); });
    return std::make_unique<LocalWorker>(children_, pid, process);
  }

  absl::Status LaunchAll(std::span<LaunchOrder> orders) override {
    if (orders.empty() || orders.front().request.transport != kMpi) return Launcher::LaunchAll(orders);
    return LaunchWorld(orders);
  }

  // The worker's own program is asked, under the limits that workers would have.
  void Test(OnReport done) override {
    const absl::StatusOr<std::string> program = FindProgram("concertina-worker");
    if (!program.ok()) return done(program.status());
    ChildCommand command;
    command.arguments = {*program, "--version"};
    PutLimits(limits_, limits_.cores, command);
    const bool posted = children_.Post([this, command, done] { AskVersion(command, done); });
    if (!posted) done(absl::UnavailableError("the engine is ending"));
  }

 private:
  static constexpr char kMpi[] = "mpi";
  static constexpr double kVersionSeconds = 20;

  static WorkerExit ExitOf(const ChildExit& ended, const std::string& verdict) {
    WorkerExit exit;
    exit.exit_code = ended.exit_code;
    exit.signal = ended.signal;
    if (!ended.is_known)
      exit.message = "how is not known, since the engine that had started it ended before it";
    if (verdict.empty()) return exit;
    exit.signal = 0;
    exit.message = verdict;
    exit.is_cause = true;
    return exit;
  }

  // On the children's thread.
  void AskVersion(const ChildCommand& command, const OnReport& done) {
    children_.Call(
        command, "", kVersionSeconds,
        [this, done, program = command.arguments.front()](const ChildAnswer& answer) {
          if (!answer.status.ok() && !absl::IsDeadlineExceeded(answer.status)) return done(answer.status);
          const std::string line = CutUtf8(answer.output.substr(0, answer.output.find('\n')), 200);
          if (answer.exit.signal != 0 || answer.exit.exit_code != 0)
            return done(absl::FailedPreconditionError(fmt::format(
                "{} cannot be run here: {}", program, line.empty() ? ExitOf(answer.exit, "").Text() : line)));
          if (line != CONCERTINA_VERSION)
            return done(absl::FailedPreconditionError(
                fmt::format("{} is of version {}, the engine of {}: install both anew", program, line,
                            CONCERTINA_VERSION)));
          HostReport report = ThisMachine();
          report.version = line;
          if (!limits_.cores.empty()) report.cores = static_cast<int64_t>(limits_.cores.size());
          done(report);
        });
  }

  absl::Status LaunchWorld(std::span<LaunchOrder> orders) {
    ASSIGN_OR_RETURN(const std::string program, FindProgram("concertina-worker"));
    ASSIGN_OR_RETURN(ChildCommand command, MpirunCommand(program, orders));
    PutLimits(limits_, limits_.cores, command);  // which processes of a world has its ranks is not known here
    struct World {
      std::vector<std::unique_ptr<RankLog>> logs;
      std::vector<OnExit> on_exits;
      std::unique_ptr<MpirunOutput> output;
    };
    const auto world = std::make_shared<World>();
    for (LaunchOrder& order : orders) {
      world->logs.push_back(std::make_unique<RankLog>(order.request.log_path, std::move(order.on_line)));
      world->on_exits.push_back(std::move(order.on_exit));
    }
    world->output = std::make_unique<MpirunOutput>(static_cast<int>(orders.size()),
                                                   [logs = &world->logs](int rank, std::string_view line) {
                                                     (*logs)[static_cast<size_t>(rank)]->Add(line);
                                                   });
    ASSIGN_OR_RETURN(const pid_t pid,
                     children_.Start(
                         command, [world](std::string_view bytes) { world->output->Add(bytes); },
                         [world](const ChildExit& ended) {
                           world->output->Finish();
                           for (const auto& log : world->logs) log->Finish();
                           // Whom mpirun blames first: that the others went is a consequence.
                           const int first = world->output->culprit().value_or(0);
                           const int ranks = static_cast<int>(world->on_exits.size());
                           for (int i = 0; i < ranks; ++i) {
                             const int rank = (first + i) % ranks;
                             world->on_exits[static_cast<size_t>(rank)](world->output->ExitOf(rank, ended));
                           }
                         }));
    for (LaunchOrder& order : orders) order.worker = std::make_unique<WorldWorker>(children_, pid);
    return absl::OkStatus();
  }

  const LocalLimits limits_;
  ChildProcesses children_;  // last: it goes first, and its callbacks use the rest
};

REGISTER_COMPONENT(
    Launcher,
    Descriptor(
        {.category = "launcher",
         .kind = "local",
         .title = "Processes on this machine",
         .summary = "Starts each worker as a process of its own beside the engine.",
         .params =
             {{.name = "cores",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "Cores that these workers are pinned to, as 0-3,6; each gets as many as it has "
                      "threads, one "
                      "behind the other. Empty: the system places them."},
              {.name = "memory_mib",
               .type = ParamType::kInteger,
               .unit = "MiB",
               .default_value = 0,
               .minimum = 0,
               .maximum = 1 << 30,
               .doc =
                   "Memory that each worker may use: one that uses more is ended, and the run says so. Over "
                   "MPI it only bounds what is mapped. 0: no limit."},
              {.name = "niceness",
               .type = ParamType::kInteger,
               .unit = "",
               .default_value = 0,
               .minimum = 0,
               .maximum = 19,
               .doc = "How far they stand back behind other programs of this machine; 19: only where nobody "
                      "else "
                      "wants to run."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Launcher>> {
      ASSIGN_OR_RETURN(LocalLimits limits, LocalLimitsOf(params));
      return std::make_unique<LocalLauncher>(std::move(limits));
    });

}  // namespace
}  // namespace concertina
