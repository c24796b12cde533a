// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fork_command.cc: fork: a new run that goes on from a checkpoint of another, with something changed.
#include <cstdio>
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

struct ForkArguments {
  std::string run;
  int64_t step = -1;
  std::vector<std::string> set;
};

Outcome ForkRun(const CommonOptions& options, const ForkArguments& arguments) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  proto::ForkRequest request;
  request.set_run(arguments.run);
  request.set_step(arguments.step);
  for (const std::string& change : arguments.set) request.add_changes(change);
  const auto forked = engine->Call(&proto::Engine::Stub::Fork, request, kForkDeadlineSeconds);
  if (!forked.ok()) return {forked.status()};
  if (!forked->faults().empty()) return ReportFaults(options, forked->faults());
  proto::RunRequest run;
  run.set_run(forked->run());
  const auto summary = engine->Call(&proto::Engine::Stub::GetRun, run);
  if (!summary.ok()) return {summary.status()};
  if (options.json) {
    PrintJson(SummaryJson(*summary));
    return {};
  }
  Tell("from step {} of {}; both: concertinactl compare {} {}\n", summary->parent_step(),
             summary->parent(), summary->parent(), summary->run());
  PrintText(summary->run() + "\n");
  return {};
}

}  // namespace

void AddForkCommand(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ForkArguments>();
  CLI::App* command = app.add_subcommand(
      "fork", "Go on from a checkpoint of a run as a new one, with something changed; prints its id");
  command->add_option("run", arguments->run, "Run id, a unique beginning of one, or last")->required();
  command->add_option("--step", arguments->step,
                      "From the newest checkpoint at or before this step; without it from now, or from the "
                      "newest if the run has ended")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--set", arguments->set,
                      "POINTER=JSON: what is changed, e.g. /optimizer/learning_rate=0.01");
  command->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) { return ForkRun(options, *arguments); };
  });
}

}  // namespace concertina::ctl
