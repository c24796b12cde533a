// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// kubernetes_launcher.cc: workers as an indexed job of a Kubernetes cluster. Not tried on a live cluster.
// On the way of the data: engine/run_launch.cc -> here (engine/kubernetes_manifests.h) -> kubectl, or a
// person who runs it -> app/worker, which calls home through the engine's port.
//
// The manifests are a 0600 file in the run's folder, since they hold the kit and the tokens; where kubectl is
// run from here, until it has read them. What becomes of the pods is only known from the workers' streams;
// those that lose theirs end by themselves.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <random>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/child_process.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/registry.h"
#include "core/engine/kubernetes_manifests.h"
#include "core/engine/launcher.h"
#include "core/engine/rank_log.h"
#include "core/security/kit.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr double kKubectlSeconds = 60;  // for apply; what is only asked has a time limit of its own
constexpr double kTakeAwaySeconds = 5;  // for kubectl delete, when the engine ends
constexpr const char* kKitFiles[] = {"authority.crt", "identity.crt", "identity.key", "crl.pem", "kit.json"};

// kubectl with the manifests, and what it said; `done` on the thread of `children`.
void CallKubectl(ChildProcesses& children, const std::vector<std::string>& arguments,
                 std::function<void(const ChildExit& exit, const std::string& output)> done) {
  children.Call({.arguments = arguments}, "", kKubectlSeconds,
                [done = std::move(done)](const ChildAnswer& answer) { done(answer.exit, answer.output); });
}

// How many jobs are being taken away.
class KubernetesDeletions {
 public:
  void Begin() {
    absl::MutexLock lock(&mutex_);
    ++under_way_;
  }
  void End() {
    absl::MutexLock lock(&mutex_);
    --under_way_;
  }
  void AwaitNone(double seconds) {
    absl::MutexLock lock(&mutex_);
    const auto none = [this] {
      mutex_.AssertReaderHeld();
      return under_way_ == 0;
    };
    mutex_.AwaitWithTimeout(absl::Condition(&none), absl::Seconds(seconds));
  }

 private:
  absl::Mutex mutex_;
  int under_way_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The manifests of one entry, as long as the run holds one of its workers.
class KubernetesJob {
 public:
  // `away`: the words that take it away; none: a person applies it, and takes it away.
  KubernetesJob(std::weak_ptr<ChildProcesses> children, std::shared_ptr<KubernetesDeletions> deletions,
                std::vector<std::string> away)
      : children_(std::move(children)), deletions_(std::move(deletions)), away_(std::move(away)) {}
  // The run is over: what was applied is taken away. Pods that have ended by themselves are no error.
  ~KubernetesJob() {
    const std::shared_ptr<ChildProcesses> children = children_.lock();
    if (away_.empty() || children == nullptr) return;
    deletions_->Begin();
    const bool posted = children->Post([children = children.get(), deletions = deletions_, away = away_] {
      CallKubectl(*children, away, [deletions, away](const ChildExit& exit, const std::string& output) {
        if (exit.signal != 0 || exit.exit_code != 0)
          spdlog::warn("{}: {}", fmt::join(away, " "), Shortened(output));
        deletions->End();
      });
    });
    if (!posted) deletions_->End();
  }
  KubernetesJob(const KubernetesJob&) = delete;
  KubernetesJob& operator=(const KubernetesJob&) = delete;

 private:
  const std::weak_ptr<ChildProcesses> children_;
  const std::shared_ptr<KubernetesDeletions> deletions_;
  const std::vector<std::string> away_;
};

class KubernetesWorker final : public LaunchedWorker {
 public:
  explicit KubernetesWorker(std::shared_ptr<KubernetesJob> job) : job_(std::move(job)) {}
  int64_t pid() const override { return 0; }
  void Terminate() override {}
  void Kill() override {}
  bool end_is_seen() const override { return false; }

 private:
  const std::shared_ptr<KubernetesJob> job_;
};

class KubernetesLauncher final : public Launcher {
 public:
  explicit KubernetesLauncher(KubernetesOptions options)
      : options_(std::move(options)),
        children_(std::make_shared<ChildProcesses>()),
        deletions_(std::make_shared<KubernetesDeletions>()) {}
  // Runs end with the engine, and their kits and tokens must not stay in the cluster.
  ~KubernetesLauncher() override { deletions_->AwaitNone(kTakeAwaySeconds); }

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

 private:
  absl::StatusOr<KubernetesTask> TaskOf(std::span<const LaunchOrder> orders) const;

  const KubernetesOptions options_;
  const std::shared_ptr<ChildProcesses> children_;
  const std::shared_ptr<KubernetesDeletions> deletions_;
};

absl::StatusOr<KubernetesTask> KubernetesLauncher::TaskOf(std::span<const LaunchOrder> orders) const {
  const LaunchRequest& first = orders.front().request;
  if (first.remote_address.empty())
    return absl::FailedPreconditionError(
        "pods cannot reach the engine: it has no port for workers elsewhere (start it with --listen and "
        "--kit)");
  if (options_.kit.empty())
    return absl::InvalidArgumentError("kit: found \"\", expected the folder of a start-up kit for workers");
  KubernetesTask task;
  task.run = first.run;
  task.sign = fmt::format("{:08x}", std::random_device()());
  task.first_rank = first.rank;
  task.threads = first.threads;
  task.engine_address = first.remote_address;
  for (const LaunchOrder& order : orders) task.tokens.push_back(order.request.token);
  constexpr size_t kMostKitBytes = size_t{256} << 10;  // a Secret holds 1 MiB
  for (const char* file : kKitFiles) {
    absl::StatusOr<std::string> content = ReadFile(fmt::format("{}/{}", options_.kit, file), kMostKitBytes);
    if (absl::IsNotFound(content.status()) && std::string_view(file) == "crl.pem") continue;
    if (!content.ok()) return Annotate(content.status(), "kit");
    task.kit[file] = *std::move(content);
  }
  return task;
}

absl::Status KubernetesLauncher::LaunchAll(std::span<LaunchOrder> orders) {
  if (orders.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const KubernetesTask task, TaskOf(orders));
  std::string kubectl;
  if (options_.applies) {
    ASSIGN_OR_RETURN(kubectl, FindOnPath("kubectl", "kubernetes-client"));
  }
  const LaunchRequest& first = orders.front().request;
  const std::string file =
      fmt::format("{}/kubernetes-{}.json", first.log_path.substr(0, first.log_path.rfind('/')), first.rank);
  RETURN_IF_ERROR(WriteFileAtomically(file, KubernetesManifests(options_, task).dump(2) + "\n"));
  // By its name, which no other attempt has: a worker that replaces another writes the same file anew.
  std::vector<std::string> away;
  if (options_.applies) {
    away = {
        kubectl, "delete", "--ignore-not-found", "--wait=false", "job,service,secret", KubernetesName(task)};
    if (!options_.name_space.empty()) away.push_back("--namespace=" + options_.name_space);
  }
  const auto job = std::make_shared<KubernetesJob>(children_, deletions_, std::move(away));
  for (LaunchOrder& order : orders) order.worker = std::make_unique<KubernetesWorker>(job);

  const std::string line = fmt::format("kubectl apply -f \"{}\"", file);
  RankLog log(first.log_path, orders.front().on_line);
  log.Add(line + "\n");
  log.Finish();
  if (!options_.applies) {
    if (first.tell)
      first.tell(fmt::format(
          "Ranks {} to {} wait {:.0f} min for you to start them: {}. The file holds secrets. In the end: "
          "kubectl "
          "delete -f \"{}\"",
          first.rank, first.rank + static_cast<int>(orders.size()) - 1, options_.wait_minutes, line, file));
    return absl::OkStatus();
  }
  std::vector<OnExit> on_exits;
  for (const LaunchOrder& order : orders) on_exits.push_back(order.on_exit);
  const bool posted = children_->Post([children = children_.get(), kubectl, file, on_exits, tell = first.tell,
                                       line, name = KubernetesName(task)] {
    CallKubectl(*children, {kubectl, "apply", "-f", file},
                [on_exits, tell, line, file, name](const ChildExit& ended, const std::string& output) {
                  // The cluster has kit and tokens now, and nobody here needs them any more.
                  unlink(file.c_str());
                  if (ended.signal == 0 && ended.exit_code == 0) {
                    if (tell) tell(fmt::format("{}: done, as {}", line, name));
                    return;
                  }
                  WorkerExit exit;
                  exit.exit_code = 1;
                  exit.never_started = exit.is_cause = true;
                  exit.message = ended.signal != 0
                                     ? fmt::format("kubectl did not end within {:.0f} s", kKubectlSeconds)
                                     : fmt::format("kubectl refused: {}", Shortened(output));
                  for (const OnExit& on_exit : on_exits) on_exit(exit);
                });
  });
  return posted ? absl::OkStatus() : absl::UnavailableError("the engine is ending");
}

// What can be known before a run: whether the kit is one for workers, and where kubectl is to apply the
// manifests, whether the cluster would let it.
void KubernetesLauncher::Test(OnReport done) {
  if (options_.kit.empty())
    return done(
        absl::InvalidArgumentError("kit: found \"\", expected the folder of a start-up kit for workers"));
  const absl::StatusOr<Kit> kit = ReadKit(options_.kit);
  if (!kit.ok()) return done(kit.status());
  if (kit->identity.role != Role::kWorker)
    return done(absl::FailedPreconditionError(fmt::format("{} is the kit of {}; pods need one for workers",
                                                          options_.kit, IdentityText(kit->identity))));
  HostReport report;
  report.host =
      options_.name_space.empty() ? "Kubernetes" : "Kubernetes, namespace " + options_.name_space + ",";
  report.system = "manifests for kubectl apply; the cluster was not asked";
  if (!options_.applies) return done(report);
  const absl::StatusOr<std::string> kubectl = FindOnPath("kubectl", "kubernetes-client");
  if (!kubectl.ok()) return done(kubectl.status());
  report.system = "kubectl may make jobs there";
  std::vector<std::string> words = {*kubectl, "auth",       "can-i",
                                    "create", "jobs.batch", "--request-timeout=15s"};
  if (!options_.name_space.empty()) words.push_back("--namespace=" + options_.name_space);
  const bool posted = children_->Post([children = children_.get(), words, report, done] {
    CallKubectl(*children, words, [report, done](const ChildExit& ended, const std::string& output) {
      if (ended.signal == 0 && ended.exit_code == 0) return done(report);
      const std::string said = Shortened(output);
      done(absl::FailedPreconditionError(
          ended.signal != 0 ? "kubectl did not answer: does its context name a cluster that can be reached?"
          : said.starts_with("no")
              ? "kubectl may not make jobs there: its context has no right to create jobs.batch"
              : fmt::format("kubectl cannot ask the cluster: {}", said)));
    });
  });
  if (!posted) done(absl::UnavailableError("the engine is ending"));
}

REGISTER_COMPONENT(
    Launcher,
    Descriptor(
        {.category = "launcher",
         .kind = "kubernetes",
         .title = "A cluster, by Kubernetes",
         .summary = "Writes manifests of an indexed job for kubectl; not tried on a live cluster.",
         .params =
             {{.name = "image",
               .type = ParamType::kText,
               .doc = "Container image with concertina-worker, of the engine's version, and a shell."},
              {.name = "namespace",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "Namespace of the cluster; empty: the one of kubectl's context."},
              {.name = "kit",
               .type = ParamType::kPath,
               .default_value = "",
               .doc =
                   "Folder of a worker's start-up kit on this machine; it goes to the cluster as a Secret."},
              {.name = "memory",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "Memory that each worker asks for, and may have at most, as 2Gi; empty: none asked."},
              {.name = "program",
               .type = ParamType::kText,
               .default_value = "concertina-worker",
               .doc = "The worker's program in the image."},
              {.name = "environment",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "NAME=VALUE for the workers, with spaces between them; a value with spaces in double "
                      "quotes."},
              {.name = "time_minutes",
               .type = ParamType::kInteger,
               .unit = "min",
               .default_value = 60,
               .minimum = 0,
               .maximum = 527040,
               .doc = "After so long the cluster ends the job; 0: never."},
              {.name = "wait_minutes",
               .unit = "min",
               .default_value = 60.0,
               .minimum = 0,
               .maximum = 527040,
               .doc = "How long the run waits for the pods to call."},
              {.name = "apply",
               .type = ParamType::kBoolean,
               .default_value = false,
               .doc = "Runs kubectl apply, and kubectl delete in the end; otherwise you do."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Launcher>> {
      ASSIGN_OR_RETURN(KubernetesOptions options, KubernetesOptionsOf(params));
      return std::make_unique<KubernetesLauncher>(std::move(options));
    });

}  // namespace
}  // namespace concertina
