// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// main.cc: concertinactl, the engine for the terminal and for scripts. Wiring only: parse, run one command,
// give its exit status (0 well; 1 the run failed; 2 bad input; 3 no engine; 130 interrupted).
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "app/ctl/commands.h"
#include "app/ctl/interrupts.h"
#include "app/ctl/output.h"
#include "app/ctl/usage_error.h"
#include "core/base/log.h"
#include "core/comm/bench_ranks.h"

namespace {

// Descriptors 0 to 2 that were closed would be the next files and sockets, and what is printed would go
// there. A standard output that was closed cannot be written after it either, which is told.
void OpenStandardStreams() {
  for (const auto& [stream, mode] : {std::pair(0, O_RDONLY), {1, O_RDONLY}, {2, O_WRONLY}})
    if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", mode) != stream) _exit(1);
}

concertina::ctl::Outcome RunAction(const concertina::ctl::Action& action,
                                   const concertina::ctl::CommonOptions& options) {
  try {
    return action(options);
  } catch (const std::exception& thrown) {  // of a library, where we did not expect one
    return {absl::InternalError(std::string("this should not have happened: ") + thrown.what())};
  }
}

// Help has some forty commands, under what they are for.
void GroupCommands(CLI::App& app) {
  const std::pair<const char*, std::vector<const char*>> groups[] = {
      {"Experiments", {"run", "describe", "validate", "plan", "verify", "sweep", "paper"}},
      {"A run that goes",
       {"watch", "stop", "pause", "resume", "checkpoint", "kill", "set", "workers", "harm", "traffic",
        "fork"}},
      {"What runs did",
       {"list", "show", "series", "compare", "log", "blame", "timeline", "slow-motion", "layers", "histogram",
        "events"}},
      {"Keeping runs", {"export", "import", "rename", "tag", "note", "pin", "color", "delete", "restore"}},
      {"Models", {"compress", "recipe", "deploy", "serve", "ask"}},
      {"Engine and machines", {"engine", "launcher", "provision", "bench"}}};
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    for (const auto& [title, names] : groups)
      if (std::find(names.begin(), names.end(), command->get_name()) != names.end()) command->group(title);
}

// The end of a command that went wrong.
int Fail(bool json, const std::string& message, concertina::ExitCode code) {
  concertina::ctl::Tell("concertinactl: {}\n", message);
  if (json) concertina::ctl::PrintJson({{"error", message}});
  return static_cast<int>(code);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace concertina;
  using namespace concertina::ctl;
  OpenStandardStreams();
  InitLogging("concertinactl", spdlog::level::warn);
  // A benchmark between processes starts this program again, once a rank.
  if (IsBenchRank(argc, argv)) {
    UnblockInterrupts();
    return ServeBenchRank(argc, argv);
  }

  CLI::App app("Concertina: distributed training and compression, from the terminal.", "concertinactl");
  app.require_subcommand(1);
  app.footer(  // of every subcommand, too
      "Everywhere: --json, --home DIR, --engine ADDRESS, --kit DIR (concertinactl --help).\n"
      "Exit status: 0 well, 1 the run failed, 2 bad input, 3 no engine, 130 interrupted.");
  app.fallthrough();
  app.set_version_flag("--version", std::string("Concertina ") + CONCERTINA_VERSION);
  CommonOptions options;
  app.add_flag("--json", options.json, "Print one JSON document on standard output, and nothing else there");
  app.add_option("--home", options.home, "Folder of database, runs and sockets (~/.local/share/concertina)")
      ->envname("CONCERTINA_HOME");
  app.add_option("--engine", options.engine, "Address of an engine elsewhere (unix:/path, or HOST:PORT)");
  app.add_option("--kit", options.kit, "Start-up kit, for an engine at HOST:PORT")->envname("CONCERTINA_KIT");
  Action action;
  AddRunCommands(app, action);
  AddQueryCommands(app, action);
  AddExportCommand(app, action);
  AddMarkCommands(app, action);
  AddSpecCommands(app, action);
  AddEngineCommands(app, action);
  AddLauncherCommand(app, action);
  AddWorkersCommands(app, action);
  AddHarmCommand(app, action);
  AddBenchCommands(app, action);
  AddBlameCommand(app, action);
  AddTimelineCommand(app, action);
  AddTrafficCommand(app, action);
  AddSlowMotionCommand(app, action);
  AddForkCommand(app, action);
  AddLayersCommand(app, action);
  AddHistogramCommand(app, action);
  AddEventsCommand(app, action);
  AddVerifyCommand(app, action);
  AddSweepCommand(app, action);
  AddPaperCommand(app, action);
  AddCompressCommand(app, action);
  AddDeployCommand(app, action);
  AddServeCommand(app, action);
  AddAskCommand(app, action);
  AddProvisionCommand(app, action);
  GroupCommands(app);
  std::vector<std::string> words(argv + 1, argv + argc);
  const bool asks_for_json = std::find(words.begin(), words.end(), "--json") != words.end();
  try {
    KeepTagsFromBeingFlags(words);
    std::reverse(words.begin(), words.end());  // as CLI11 takes a list
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help, or the version
    return Fail(asks_for_json, UsageError(app, error), ExitCode::kBadInput);
  }
  const ProgramInterrupts interrupts([&options] { EndInterrupted(options.json); });
  const Outcome outcome = RunAction(action, options);
  if (!outcome.status.ok())
    return Fail(options.json, std::string(outcome.status.message()), ExitCodeOf(outcome.status));
  if (const absl::Status printed = Printed(); !printed.ok())
    return Fail(/*json=*/false, std::string(printed.message()), ExitCode::kRunFailed);
  return static_cast<int>(outcome.exit_code);
}
