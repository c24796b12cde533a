// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// workers_command.cc: "workers add RUN N" and "workers remove RUN N": the group of an elastic run, while it
// goes on; "workers lines RUN": how those are started that a person starts.
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/connection.h"
#include "app/ctl/output.h"
#include "core/proto/deadlines.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

struct WorkersArguments {
  std::string run;
  int count = 1;
};

Outcome ChangeWorkers(const CommonOptions& options, const std::string& name, int change) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  const auto run = engine->FindRunId(name);
  if (!run.ok()) return {run.status()};
  proto::ChangeWorkersRequest request;
  request.set_run(*run);
  request.set_change(change);
  const auto reply = engine->Call(&proto::Engine::Stub::ChangeWorkers, request, kControlDeadlineSeconds);
  if (!reply.ok()) return {reply.status()};
  if (options.json)
    PrintJson({{"run", *run}, {"change", change}, {"workers", reply->workers()}});
  else
    PrintText(fmt::format("The group will be of {} {}, between two steps that are yet to come.\n",
                          reply->workers(), reply->workers() == 1 ? "worker" : "workers"));
  return {};
}

Outcome ShowLines(const CommonOptions& options, const std::string& name) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  const auto run = engine->FindRunId(name);
  if (!run.ok()) return {run.status()};
  proto::RunRequest request;
  request.set_run(*run);
  const auto reply = engine->Call(&proto::Engine::Stub::StartLines, request, kControlDeadlineSeconds);
  if (!reply.ok()) return {reply.status()};
  Json lines = Json::array();
  for (const proto::StartLine& each : reply->lines()) {
    lines.push_back({{"rank", each.rank()}, {"line", each.line()}});
    if (!options.json) PrintText(each.line() + "\n");
  }
  if (options.json)
    PrintJson({{"run", *run}, {"lines", std::move(lines)}});
  else if (reply->lines().empty())
    PrintText("No worker waits to be started by hand.\n");
  return {};
}

}  // namespace

void AddWorkersCommands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<WorkersArguments>();
  CLI::App* workers = app.add_subcommand(
      "workers", "Let workers join or leave an elastic run while it goes on; start those by hand");
  workers->require_subcommand(1);
  CLI::App* lines = workers->add_subcommand(
      "lines", "The lines that start the workers by hand that are waited for; each holds a token, good once");
  lines->add_option("run", arguments->run, "Run id, a unique beginning of one, or last")->required();
  lines->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) { return ShowLines(options, arguments->run); };
  });
  for (const auto& [name, text, sign] :
       {std::tuple("add", "Start more workers; they join between two steps", 1),
        std::tuple("remove", "Let workers leave, the last ranks first", -1)}) {
    CLI::App* change = workers->add_subcommand(name, text);
    change->add_option("run", arguments->run, "Run id, a unique beginning of one, or last")->required();
    change->add_option("count", arguments->count, "How many")
        ->capture_default_str()
        ->check(CLI::Range(1, 4096));
    change->callback([arguments, &action, sign = sign] {
      action = [arguments, sign](const CommonOptions& options) {
        return ChangeWorkers(options, arguments->run, sign * arguments->count);
      };
    });
  }
}

}  // namespace concertina::ctl
