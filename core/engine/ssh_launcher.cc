// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ssh_launcher.cc: workers on another machine that lets this user in by ssh.
// On the way of the data: engine/run_launch.cc -> here (engine/ssh_session.h) -> app/worker, which calls home
// through the engine's socket as it appears there.
//
// OpenSSH's own client does it: the user's keys, agent, configuration and known hosts hold here as they do by
// hand. The token goes through the worker's standard input, which stays open: its end ends the worker.
#include <signal.h>

#include <cstring>

#include <algorithm>
#include <map>
#include <utility>

#include "core/base/child_process.h"
#include "core/base/registry.h"
#include "core/engine/launcher.h"
#include "core/engine/rank_log.h"
#include "core/engine/ssh_command.h"
#include "core/engine/ssh_session.h"
#include "core/proto/engine_launch.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int kClientFailed = 255;
constexpr size_t kExplainedLines = 16;
constexpr int kWorkersOfConnection = 8;  // an ssh server allows 10 sessions (MaxSessions), and two are ours

// One worker there, from the wish for it to its end. On the thread of the children.
struct RemoteWorker {
  LaunchRequest request;
  Launcher::OnExit on_exit;
  std::unique_ptr<RankLog> log;
  std::shared_ptr<SshSession> session;
  std::vector<std::string> last_lines;
  pid_t client = 0;
  bool asked_to_end = false, is_over = false;
};

class SshLauncher final : public Launcher {
 public:
  explicit SshLauncher(SshHost host) : host_(std::move(host)) {}

  bool is_elsewhere() const override { return true; }
  double patience_seconds() const override {
    return SshSession::kConnectSeconds + SshSession::kForwardSeconds + SshSession::kCopySeconds;
  }
  std::string advertise_host() const override {
    return host_.advertise.empty() ? host_.host : host_.advertise;
  }
  absl::StatusOr<std::unique_ptr<LaunchedWorker>> Launch(const LaunchRequest& request, OnExit on_exit,
                                                         OnLine on_line) override;
  void Test(OnReport done) override;

  void End(const std::shared_ptr<RemoteWorker>& worker, bool at_once);

 private:
  absl::StatusOr<SshSession::Settings> SettingsFor(const LaunchRequest* request) const;
  void Begin(const std::shared_ptr<RemoteWorker>& worker, const SshSession::Settings& settings);
  void RunOn(const std::shared_ptr<RemoteWorker>& worker);
  void OnClientExit(const std::shared_ptr<RemoteWorker>& worker, const ChildExit& ended);
  void Finish(RemoteWorker& worker, const WorkerExit& exit);

  const SshHost host_;
  // On the children's thread: the connections of each run, and how many workers each of them has.
  struct Shared {
    std::shared_ptr<SshSession> session;
    int workers = 0;
  };
  std::map<std::string, std::vector<Shared>> sessions_;
  ChildProcesses children_;  // last: it goes first, and its callbacks use the rest
};

class SshWorker final : public LaunchedWorker {
 public:
  SshWorker(SshLauncher& launcher, std::shared_ptr<RemoteWorker> worker)
      : launcher_(launcher), worker_(std::move(worker)) {}
  int64_t pid() const override { return 0; }
  void Terminate() override { launcher_.End(worker_, false); }
  void Kill() override { launcher_.End(worker_, true); }

 private:
  SshLauncher& launcher_;
  const std::shared_ptr<RemoteWorker> worker_;
};

absl::StatusOr<SshSession::Settings> SshLauncher::SettingsFor(const LaunchRequest* request) const {
  SshSession::Settings settings{
      .host = host_, .ssh = {}, .worker = {}, .control_folder = {}, .engine_socket = {}};
  ASSIGN_OR_RETURN(settings.ssh, FindSsh());
  ASSIGN_OR_RETURN(settings.worker, FindProgram("concertina-worker"));
  if (request == nullptr) return settings;
  constexpr std::string_view kUnix = "unix:";
  if (!request->engine_address.starts_with(kUnix))
    return absl::InternalError(
        fmt::format("{} is no Unix socket that could be forwarded", request->engine_address));
  settings.engine_socket = request->engine_address.substr(kUnix.size());
  // OpenSSH parts the two ends at a colon, and knows no way around it.
  if (settings.engine_socket.find(':') != std::string::npos)
    return absl::InvalidArgumentError(fmt::format(
        "{} cannot be forwarded by ssh, since its path has a colon; give the engine another --home",
        settings.engine_socket));
  settings.control_folder = request->log_path.substr(0, request->log_path.rfind('/'));
  return settings;
}

absl::StatusOr<std::unique_ptr<LaunchedWorker>> SshLauncher::Launch(const LaunchRequest& request,
                                                                    OnExit on_exit, OnLine on_line) {
  ASSIGN_OR_RETURN(SshSession::Settings settings, SettingsFor(&request));
  auto worker = std::make_shared<RemoteWorker>();
  worker->request = request;
  worker->on_exit = std::move(on_exit);
  worker->log = std::make_unique<RankLog>(
      request.log_path,
      [weak = std::weak_ptr(worker), on_line = std::move(on_line)](const std::string& line) {
        on_line(line);
        const std::shared_ptr<RemoteWorker> self = weak.lock();
        if (self == nullptr) return;
        self->last_lines.push_back(line);
        if (self->last_lines.size() > kExplainedLines) self->last_lines.erase(self->last_lines.begin());
      });
  const bool posted =
      children_.Post([this, worker, settings = std::move(settings)] { Begin(worker, settings); });
  if (!posted) return absl::UnavailableError("the engine is ending");
  return std::make_unique<SshWorker>(*this, std::move(worker));
}

void SshLauncher::Begin(const std::shared_ptr<RemoteWorker>& worker, const SshSession::Settings& settings) {
  std::vector<Shared>& all = sessions_[worker->request.run];
  auto shared = std::find_if(all.begin(), all.end(), [](const Shared& each) {
    return !each.session->is_over() && each.workers < kWorkersOfConnection;
  });
  if (shared == all.end())
    shared = all.insert(all.end(), {std::make_shared<SshSession>(children_, settings), 0});
  ++shared->workers;
  worker->session = shared->session;
  worker->session->WhenReady([this, worker](const absl::Status& status) {
    if (worker->is_over) return;
    if (status.ok()) return RunOn(worker);
    WorkerExit exit;
    exit.never_started = true;
    exit.exit_code = kClientFailed;
    exit.message = std::string(status.message());
    Finish(*worker, exit);
  });
}

void SshLauncher::RunOn(const std::shared_ptr<RemoteWorker>& worker) {
  const absl::StatusOr<pid_t> client = worker->session->Run(
      worker->session->WorkerWords(worker->request),
      [worker](std::string_view bytes) { worker->log->Add(bytes); },
      [this, worker](const ChildExit& ended) { OnClientExit(worker, ended); });
  if (!client.ok()) {
    WorkerExit exit;
    exit.never_started = true;
    exit.message = std::string(client.status().message());
    return Finish(*worker, exit);
  }
  worker->client = *client;
  children_.Feed(*client, worker->request.token + "\n");
  worker->request.token.clear();
}

void SshLauncher::OnClientExit(const std::shared_ptr<RemoteWorker>& worker, const ChildExit& ended) {
  if (worker->is_over) return;
  worker->log->Finish();
  WorkerExit exit;
  exit.exit_code = ended.exit_code;
  constexpr int kSignalled = 128, kLastSignal = 64;
  const absl::Status& failure = worker->session->failure();
  if (ended.signal != 0) {
    exit.exit_code = kClientFailed;
    exit.is_cause = true;
    exit.message = fmt::format("its ssh client was killed by signal {} ({}), and {} ends it there",
                               ended.signal, strsignal(ended.signal), host_.Name());
  } else if (ended.exit_code == kClientFailed) {
    exit.is_cause = true;
    exit.message =
        failure.ok() ? ExplainSsh(host_, kClientFailed, worker->last_lines) : std::string(failure.message());
  } else if (ended.exit_code == 126 || ended.exit_code == 127) {
    exit.message = ExplainSsh(host_, ended.exit_code, worker->last_lines);
  } else if (ended.exit_code > kSignalled && ended.exit_code <= kSignalled + kLastSignal) {
    exit.exit_code = 0;  // as its keeper there tells it
    exit.signal = ended.exit_code - kSignalled;
  }
  Finish(*worker, exit);
}

void SshLauncher::Finish(RemoteWorker& worker, const WorkerExit& exit) {
  worker.is_over = true;
  worker.client = 0;
  worker.on_exit(exit);
  std::vector<Shared>& all = sessions_[worker.request.run];
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Shared& each) { return each.session == worker.session; });
  if (found == all.end() || --found->workers > 0) return;
  const std::shared_ptr<SshSession> session = std::move(found->session);
  all.erase(found);
  if (all.empty()) sessions_.erase(worker.request.run);
  session->End();
}

void SshLauncher::End(const std::shared_ptr<RemoteWorker>& worker, bool at_once) {
  children_.Post([this, worker, at_once] {
    if (worker->is_over) return;
    if (worker->client == 0) {  // the machine is not ready yet
      WorkerExit exit;
      exit.never_started = true;
      exit.message = "it was no longer wanted";
      return Finish(*worker, exit);
    }
    if (!worker->asked_to_end) children_.EndInput(worker->client);
    worker->asked_to_end = true;
    if (at_once) children_.Signal(worker->client, SIGKILL);
  });
}

void SshLauncher::Test(OnReport done) {
  const absl::StatusOr<SshSession::Settings> settings = SettingsFor(nullptr);
  if (!settings.ok()) return done(settings.status());
  const bool posted = children_.Post([this, settings = *settings, done] {
    const auto session = std::make_shared<SshSession>(children_, settings);
    session->WhenReady([done, weak = std::weak_ptr(session)](const absl::Status& status) {
      const std::shared_ptr<SshSession> self = weak.lock();
      if (!status.ok()) return done(status);
      done(self->report());
      self->End();
    });
  });
  if (!posted) done(absl::UnavailableError("the engine is ending"));
}

REGISTER_COMPONENT(
    Launcher,
    Descriptor(
        {.category = "launcher",
         .kind = "ssh",
         .title = "Another machine, by ssh",
         .summary = "Starts workers on a machine that lets you in by ssh with a key; no port is opened.",
         .params =
             {{.name = "host", .type = ParamType::kText, .doc = "Name, address, or entry of ~/.ssh/config."},
              {.name = "user",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "Whom to log in as there; empty: as ssh's configuration says, or as here."},
              {.name = "port",
               .type = ParamType::kInteger,
               .default_value = 22,
               .minimum = 1,
               .maximum = 65535,
               .doc = "Port of its ssh server; 22: unless ssh's configuration says otherwise."},
              {.name = "key",
               .type = ParamType::kPath,
               .default_value = "",
               .doc = "File of the private key; empty: those that ssh finds, and its agent."},
              {.name = "jump",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "Machine to go through, as user@gate:22; several with commas between them."},
              {.name = "folder",
               .type = ParamType::kText,
               .default_value = "~/.cache/concertina",
               .doc = "Working folder there: the worker's copy, runs and datasets."},
              {.name = "program",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "Path of concertina-worker there; empty: the engine's own is copied into the folder."},
              {.name = "environment",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "NAME=VALUE for the workers there, with spaces between them; a value with spaces in "
                      "double quotes."},
              {.name = "advertise",
               .type = ParamType::kText,
               .default_value = "",
               .doc = "Name or address by which the other workers reach this machine; empty: the host."},
              {.name = "known_hosts",
               .type = ParamType::kPath,
               .default_value = "",
               .doc = "File with the machine's host key; empty: those that ssh uses by itself."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Launcher>> {
      ASSIGN_OR_RETURN(SshHost host, SshHostOf(params));
      return std::make_unique<SshLauncher>(std::move(host));
    });

}  // namespace
}  // namespace concertina
