// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_argument.cc: subcommands whose one argument is a run (see commands.h).
#include <memory>

#include "app/ctl/commands.h"

namespace concertina::ctl {

void AddRunCommand(CLI::App& app, Action& action, const char* name, const char* text, ShowRun show) {
  auto run = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(name, text);
  command->add_option("run", *run, "Run id, a unique beginning of one, or last")->required();
  command->callback([run, show, &action] {
    action = [run, show](const CommonOptions& options) -> Outcome {
      absl::StatusOr<Connection> engine = Connection::Open(options);
      if (!engine.ok()) return {engine.status()};
      const auto summary = engine->FindRun(*run);
      if (!summary.ok()) return {summary.status()};
      return show(options, *engine, *summary);
    };
  });
}

}  // namespace concertina::ctl
