// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slurm_launcher.cc: workers as one job of a cluster that runs Slurm.
// On the way of the data: engine/run_launch.cc -> here -> engine/slurm_job.h -> sbatch -> app/worker, which
// calls home.
//
// Slurm's own programs do it, with the user's rights and configuration (SLURM_CONF). Tokens never come near
// an argument list, the script or Slurm: each is in a 0600 file that its worker reads and removes.
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <random>
#include <utility>

#include "absl/synchronization/notification.h"
#include "core/base/child_process.h"
#include "core/base/file.h"
#include "core/base/registry.h"
#include "core/engine/launcher.h"
#include "core/engine/slurm_job.h"
#include "core/engine/slurm_script.h"
#include "core/proto/engine_launch.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kGoodbyeSeconds = 5;  // for scancel, when the engine ends

class SlurmLauncher final : public Launcher {
 public:
  explicit SlurmLauncher(SlurmOptions options) : options_(std::move(options)) {}
  // No worker outlives the engine in a queue, or on a cluster.
  ~SlurmLauncher() override {
    auto ended = std::make_shared<absl::Notification>();
    const bool posted = children_.Post([this, ended] {
      auto left = std::make_shared<size_t>(jobs_.size() + 1);
      const auto one_less = [left, ended] {
        if (--*left == 0) ended->Notify();
      };
      for (const std::shared_ptr<SlurmJob>& job : jobs_) job->Cancel(one_less);
      one_less();
    });
    if (posted) ended->WaitForNotificationWithTimeout(absl::Seconds(kGoodbyeSeconds));
  }

  bool is_elsewhere() const override { return true; }
  double patience_seconds() const override { return options_.wait_minutes * 60; }
  std::string kit_folder() const override { return options_.kit; }
  absl::StatusOr<std::unique_ptr<LaunchedWorker>> Launch(const LaunchRequest& request, OnExit on_exit,
                                                         OnLine on_line) override {
    LaunchOrder order{
        .request = request, .on_exit = std::move(on_exit), .on_line = std::move(on_line), .worker = nullptr};
    RETURN_IF_ERROR(LaunchAll({&order, 1}));
    return std::move(order.worker);
  }
  absl::Status LaunchAll(std::span<LaunchOrder> orders) override;
  void Test(OnReport done) override;

  void End(const std::shared_ptr<SlurmJob>& job, size_t worker, bool at_once) {
    children_.Post([job, worker, at_once] { job->End(worker, at_once); });
  }

 private:
  absl::StatusOr<SlurmJob::Settings> SettingsFor(std::span<const LaunchOrder> orders) const;

  const SlurmOptions options_;
  std::vector<std::shared_ptr<SlurmJob>> jobs_;  // on the children's thread
  ChildProcesses children_;                      // last: it goes first, and its callbacks use the rest
};

class SlurmWorker final : public LaunchedWorker {
 public:
  SlurmWorker(SlurmLauncher& launcher, std::shared_ptr<SlurmJob> job, size_t worker)
      : launcher_(launcher), job_(std::move(job)), worker_(worker) {}
  int64_t pid() const override { return 0; }
  void Terminate() override { launcher_.End(job_, worker_, false); }
  void Kill() override { launcher_.End(job_, worker_, true); }
  double end_lag_seconds() const override { return SlurmJob::kExitLagSeconds; }

 private:
  SlurmLauncher& launcher_;
  const std::shared_ptr<SlurmJob> job_;
  const size_t worker_;
};

absl::StatusOr<SlurmJob::Settings> SlurmLauncher::SettingsFor(std::span<const LaunchOrder> orders) const {
  const LaunchRequest& first = orders.front().request;
  SlurmJob::Settings settings;
  ASSIGN_OR_RETURN(settings.programs, FindSlurmPrograms());
  settings.options = options_;
  SlurmTask& task = settings.task;
  if (options_.program.empty()) {
    ASSIGN_OR_RETURN(task.program, FindProgram("concertina-worker"));
  } else {
    task.program = options_.program;
  }
  constexpr std::string_view kUnix = "unix:";
  if (first.engine_address.starts_with(kUnix)) task.engine_socket = first.engine_address.substr(kUnix.size());
  constexpr size_t kMostIdBytes = 64;
  ASSIGN_OR_RETURN(std::string boot_id, ReadFile("/proc/sys/kernel/random/boot_id", kMostIdBytes));
  task.boot_id = boot_id.substr(0, boot_id.find('\n'));
  task.run = first.run;
  task.first_rank = first.rank;
  task.ranks = static_cast<int>(orders.size());
  task.threads = first.threads;
  task.remote_address = first.remote_address;
  task.plugin_folders = first.plugin_folders;
  task.is_mpi_world = first.transport == "mpi";
  task.home = options_.folder.empty() ? first.home : options_.folder;
  // Of this attempt alone: what is left of one before must not be taken for it.
  const std::string sign = fmt::format("slurm-{}-{:08x}", first.rank, std::random_device()());
  task.name = fmt::format("concertina-{}-{}", first.run, sign);
  settings.keeps_folder = options_.folder.empty();
  task.folder = fmt::format("{}/{}",
                            options_.folder.empty() ? first.log_path.substr(0, first.log_path.rfind('/'))
                                                    : fmt::format("{}/jobs/{}", options_.folder, first.run),
                            sign);
  return settings;
}

absl::Status SlurmLauncher::LaunchAll(std::span<LaunchOrder> orders) {
  if (orders.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(SlurmJob::Settings settings, SettingsFor(orders));
  RETURN_IF_ERROR(
      SlurmScript(settings.options, settings.task).status());  // so that a fault of the entry is told now
  auto job = std::make_shared<SlurmJob>(children_, std::move(settings), orders);
  const bool posted = children_.Post([this, job] {
    std::erase_if(jobs_, [](const std::shared_ptr<SlurmJob>& each) { return each->is_over(); });
    jobs_.push_back(job);
    job->Begin();
  });
  if (!posted) return absl::UnavailableError("the engine is ending");
  for (size_t i = 0; i < orders.size(); ++i) orders[i].worker = std::make_unique<SlurmWorker>(*this, job, i);
  return absl::OkStatus();
}

// Asks Slurm for a job like this one without having it: partition, account, limits and nodes are looked at.
void SlurmLauncher::Test(OnReport done) {
  const absl::StatusOr<SlurmPrograms> programs = FindSlurmPrograms();
  if (!programs.ok()) return done(programs.status());
  SlurmTask task;
  task.name = "concertina-test";
  task.ranks = static_cast<int>(std::max<int64_t>(1, options_.nodes));
  task.folder = "/tmp";
  const absl::StatusOr<std::string> script = SlurmScript(options_, task);
  if (!script.ok()) return done(script.status());
  const bool has_own_program = options_.program.empty();
  const bool posted =
      children_.Post([this, sbatch = programs->sbatch, script = *script, has_own_program, done] {
        const auto answer = [done, has_own_program](const ChildExit& exit, bool is_late,
                                                    const std::string& output) {
          if (is_late || exit.signal != 0)
            return done(absl::DeadlineExceededError("sbatch did not answer in time: is slurmctld running?"));
          const absl::StatusOr<SlurmEstimate> estimate = ParseSlurmEstimate(output, exit.exit_code);
          if (!estimate.ok()) return done(estimate.status());
          HostReport report;
          report.host = fmt::format("Slurm, partition {},", estimate->partition);
          report.version = has_own_program ? CONCERTINA_VERSION : "";
          report.system = fmt::format("a job could start at {} on {}", estimate->start, estimate->nodes);
          report.cores = estimate->cores;
          done(report);
        };
        CallSlurm(children_, {sbatch, "--test-only"}, script, answer);
      });
  if (!posted) done(absl::UnavailableError("the engine is ending"));
}

REGISTER_COMPONENT(
    Launcher,
    Descriptor(
        {.category = "launcher",
         .kind = "slurm",
         .title = "A cluster, by Slurm",
         .summary = "Submits all workers of the entry as one job, follows it, and cancels it with the run.",
         .params =
             {{.name = "nodes",
               .type = ParamType::kInteger,
               .unit = "nodes",
               .default_value = 0,
               .minimum = 0,
               .maximum = 4096,
               .doc = "Nodes that the workers are spread over evenly; 0: as Slurm places them."},
              {.name = "partition",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "Partition to submit to; empty: the cluster's default."},
              {.name = "account",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "Account that the time is charged to; empty: your default."},
              {.name = "time_minutes",
               .type = ParamType::kInteger,
               .unit = "min",
               .default_value = 60,
               .minimum = 0,
               .maximum = 527040,
               .doc = "Time limit of the job, after which Slurm ends it; 0: the partition's default."},
              {.name = "extra",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "More options of sbatch, with spaces between them: --constraint=avx2 --mem-per-cpu=4G; "
                      "one "
                      "with spaces in it in double quotes."},
              {.name = "folder",
               .type = ParamType::kPath,
               .default_value = "",
               .doc = "Working folder that this machine and all nodes share; empty: the engine's home."},
              {.name = "program",
               .type = ParamType::kPath,
               .default_value = "",
               .doc = "Path of concertina-worker on the nodes; empty: the engine's own, where they see it."},
              {.name = "kit",
               .type = ParamType::kPath,
               .default_value = "",
               .doc = "Folder of a start-up kit that the nodes see, with which workers on other machines "
                      "than the "
                      "engine's reach its port."},
              {.name = "modules",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "Environment modules to load on the nodes, with spaces between them: gcc/12 onednn."},
              {.name = "environment",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "NAME=VALUE for the workers, with spaces between them; a value with spaces in double "
                      "quotes."},
              {.name = "wait_minutes",
               .unit = "min",
               .default_value = 1440.0,
               .minimum = 0,
               .maximum = 527040,
               .doc = "How long the job may wait in the queue before the run gives it up."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Launcher>> {
      ASSIGN_OR_RETURN(SlurmOptions options, SlurmOptionsOf(params));
      return std::make_unique<SlurmLauncher>(std::move(options));
    });

}  // namespace
}  // namespace concertina
