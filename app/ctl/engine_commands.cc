// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_commands.cc: the engine by hand.
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

Outcome ShowStatus(Connection& engine, const CommonOptions& options) {
  const auto status = engine.Call(&proto::Engine::Stub::Status, proto::StatusRequest());
  if (!status.ok()) return {status.status()};
  if (options.json) {
    PrintJson({{"running", true},
               {"version", status->version()},
               {"pid", status->pid()},
               {"home", status->home()},
               {"address", engine.address()},
               {"network_address", status->network_address()},
               {"runs_active", status->runs_active()},
               {"runs_queued", status->runs_queued()},
               {"runs_stored", status->runs_stored()},
               {"started_unix_ms", status->started_unix_ms()},
               {"refused_plugins", std::vector<std::string>(status->refused_plugins().begin(),
                                                            status->refused_plugins().end())}});
  } else {
    PrintText(
        fmt::format("engine {} runs as process {}\n  home     {}\n  address  {}\n  runs     {} active, {} "
                    "queued, {} stored\n",
                    status->version(), status->pid(), status->home(), engine.address(), status->runs_active(),
                    status->runs_queued(), status->runs_stored()));
    if (!status->network_address().empty())
      PrintText(fmt::format("  network  {}, with mutual TLS\n", status->network_address()));
    for (const std::string& refused : status->refused_plugins())
      PrintText("  plugin refused: " + refused + "\n");
  }
  return {};
}

Outcome StartEngine(const CommonOptions& options, const std::string& listen) {
  EngineStart how;
  if (!listen.empty()) {
    // Here, before a process is started that could only say the same into its log.
    if (options.kit.empty())
      return {
          absl::FailedPreconditionError("a port is opened only with an engine's start-up kit; make one with "
                                        "concertinactl provision --out DIR "
                                        "--engine-address HOST:PORT, and give DIR/engine-main with --kit")};
    how = {.idle_exit_seconds = 0, .listen = listen, .kit = options.kit};  // others count on it: it stays
  }
  absl::StatusOr<Connection> connection = Connection::Open(options, /*start=*/true, how);
  if (!connection.ok()) return {connection.status()};
  if (!listen.empty()) {
    const auto status = connection->Call(&proto::Engine::Stub::Status, proto::StatusRequest());
    if (!status.ok()) return {status.status()};
    if (status->network_address().empty())
      return {absl::FailedPreconditionError(
          "the engine of this home runs already, without a port; stop it first: concertinactl engine stop")};
  }
  return ShowStatus(*connection, options);
}

}  // namespace

void AddEngineCommands(CLI::App& app, Action& action) {
  CLI::App* engine = app.add_subcommand("engine", "The engine by hand: start, stop, status");
  engine->require_subcommand(1);
  auto listen = std::make_shared<std::string>();
  CLI::App* start = engine->add_subcommand("start", "Start the home's engine, if it does not run");
  start->add_option("--listen", *listen,
                    "HOST:PORT to listen on besides, with mutual TLS; needs --kit, the engine's");
  start->callback([listen, &action] {
    action = [listen](const CommonOptions& options) { return StartEngine(options, *listen); };
  });
  engine->add_subcommand("status", "Does it run, and what does it do")->callback([&action] {
    action = [](const CommonOptions& options) -> Outcome {
      absl::StatusOr<Connection> connection = Connection::Open(options, /*start=*/false);
      if (!connection.ok()) return {connection.status()};
      return ShowStatus(*connection, options);
    };
  });
  auto with_runs = std::make_shared<bool>(false);
  CLI::App* stop = engine->add_subcommand("stop", "Stop it; refused while runs go, unless --runs");
  stop->add_flag("--runs", *with_runs, "Stop the runs too; they can be resumed");
  stop->callback([with_runs, &action] {
    action = [with_runs](const CommonOptions& options) -> Outcome {
      absl::StatusOr<Connection> connection = Connection::Open(options, /*start=*/false);
      if (!connection.ok()) return {connection.status()};
      proto::ShutdownRequest request;
      request.set_stop_runs(*with_runs);
      const auto reply = connection->Call(&proto::Engine::Stub::Shutdown, request, kSpecDeadlineSeconds);
      if (!reply.ok()) return {reply.status()};
      if (options.json) PrintJson({{"running", false}});
      return {};
    };
  });
}

}  // namespace concertina::ctl
