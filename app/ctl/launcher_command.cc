// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// launcher_command.cc: is a machine ready for workers? `launcher test ENTRY`, an entry of "workers" as JSON.
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "core/proto/deadlines.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina::ctl {
namespace {

Outcome ShowTest(const CommonOptions& options, const proto::TestLauncherReply& reply) {
  const std::vector<std::string> datasets(reply.datasets().begin(), reply.datasets().end());
  const bool is_ready = reply.error().empty();
  if (options.json) {
    PrintJson({{"ready", is_ready},
               {"error", reply.error()},
               {"host", reply.host()},
               {"version", reply.version()},
               {"will_copy", reply.will_copy()},
               {"system", reply.system()},
               {"cores", reply.cores()},
               {"memory_bytes", reply.memory_bytes()},
               {"datasets", datasets},
               {"seconds", reply.seconds()}});
  } else if (is_ready) {
    // Of a cluster less is known than of a machine.
    std::string text = fmt::format("{} is ready for workers ({:.1f} s)\n  system    {}", reply.host(),
                                   reply.seconds(), reply.system());
    if (reply.cores() > 0) text += fmt::format(", {} cores", reply.cores());
    if (reply.memory_bytes() > 0)
      text += fmt::format(", {:.1f} GiB", static_cast<double>(reply.memory_bytes()) / (1 << 30));
    if (reply.will_copy() || !reply.version().empty())
      text += fmt::format("\n  worker    {}",
                          reply.will_copy() ? "will be copied there" : "version " + reply.version());
    if (reply.memory_bytes() > 0)
      text += fmt::format("\n  datasets  {}",
                          datasets.empty() ? "none" : fmt::format("{}", fmt::join(datasets, ", ")));
    PrintText(text + "\n");
  }
  if (is_ready) return {};
  if (options.json) return {absl::OkStatus(), ExitCode::kRunFailed};
  return {absl::InternalError(reply.error())};
}

}  // namespace

void AddLauncherCommand(CLI::App& app, Action& action) {
  CLI::App* launcher = app.add_subcommand("launcher", "Machines for workers");
  launcher->require_subcommand(1);
  auto entry = std::make_shared<std::string>();
  CLI::App* test =
      launcher->add_subcommand("test", "Is the machine of an entry of \"workers\" ready? Starts nothing");
  test->add_option("ENTRY", *entry, R"(The entry, as {"launcher": "ssh", "host": "box1"})")->required();
  test->callback([entry, &action] {
    action = [entry](const CommonOptions& options) -> Outcome {
      absl::StatusOr<Connection> engine = Connection::Open(options);
      if (!engine.ok()) return {engine.status()};
      proto::TestLauncherRequest request;
      request.set_entry_json(*entry);
      const auto reply =
          engine->Call(&proto::Engine::Stub::TestLauncher, request, kLauncherTestDeadlineSeconds);
      if (!reply.ok()) return {reply.status()};
      if (reply->faults_size() > 0) return ReportFaults(options, reply->faults());
      return ShowTest(options, *reply);
    };
  });
}

}  // namespace concertina::ctl
