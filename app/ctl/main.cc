// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// main.cc: concertinactl, the engine for the terminal and for scripts. Wiring only: parse, run one command,
// give its exit status (0 well; 1 the run failed; 2 bad input; 3 no engine; 130 interrupted).
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "core/base/log.h"
#include "core/comm/bench_ranks.h"
#include "fmt/format.h"

int main(int argc, char** argv) {
  using namespace concertina;
  using namespace concertina::ctl;
  InitLogging("concertinactl", spdlog::level::warn);
  // A benchmark between processes starts this program again, once a rank.
  if (IsBenchRank(argc, argv)) return ServeBenchRank(argc, argv);

  CLI::App app("Concertina: distributed training and compression, from the terminal.", "concertinactl");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", std::string("Concertina ") + CONCERTINA_VERSION);
  CommonOptions options;
  app.add_flag("--json", options.json, "Print one JSON document on standard output, and nothing else there");
  app.add_option("--home", options.home, "Folder of database, datasets and sockets")
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
  AddBenchCommands(app, action);
  AddBlameCommand(app, action);
  AddTimelineCommand(app, action);
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
  try {
    std::vector<std::string> words(argv + 1, argv + argc);
    KeepTagsFromBeingFlags(words);
    std::reverse(words.begin(), words.end());  // as CLI11 takes a list
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : static_cast<int>(ExitCode::kBadInput);
  }
  const Outcome outcome = action(options);
  if (outcome.status.ok()) return static_cast<int>(outcome.exit_code);
  const std::string message(outcome.status.message());
  fmt::print(stderr, "concertinactl: {}\n", message);
  if (options.json) PrintJson({{"error", message}});
  return static_cast<int>(ExitCodeOf(outcome.status));
}
