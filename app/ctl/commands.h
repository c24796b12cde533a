// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// commands.h: the commands of the contract. Each adds its subcommand to the parser; when it was chosen,
// `action` is set to what runs it and gives its status.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "CLI/App.hpp"
#include "app/ctl/connection.h"

namespace concertina::ctl {

// The exit code beside the status, for commands that end well but report a bad thing (a failed run).
struct Outcome {
  absl::Status status;
  ExitCode exit_code = ExitCode::kWell;  // used when the status is OK
};
using Action = std::function<Outcome(const CommonOptions&)>;

void AddRunCommands(CLI::App& app, Action& action);       // run, watch, stop, pause, resume, checkpoint, set
void AddQueryCommands(CLI::App& app, Action& action);     // list, show, series, compare, log
void AddExportCommand(CLI::App& app, Action& action);     // export
void AddMarkCommands(CLI::App& app, Action& action);      // tag, note, pin, color, delete, restore, import
void AddSpecCommands(CLI::App& app, Action& action);      // describe, validate, plan
void AddEngineCommands(CLI::App& app, Action& action);    // engine start|stop|status
void AddLauncherCommand(CLI::App& app, Action& action);   // launcher test
void AddWorkersCommands(CLI::App& app, Action& action);   // workers add|remove
void AddHarmCommand(CLI::App& app, Action& action);       // harm
void AddBenchCommands(CLI::App& app, Action& action);     // bench train|collective|transport|codec|store|served
void AddBlameCommand(CLI::App& app, Action& action);      // blame
void AddTimelineCommand(CLI::App& app, Action& action);   // timeline
void AddTrafficCommand(CLI::App& app, Action& action);    // traffic
void AddSlowMotionCommand(CLI::App& app, Action& action);  // slow-motion
void AddForkCommand(CLI::App& app, Action& action);       // fork
void AddLayersCommand(CLI::App& app, Action& action);     // layers
void AddHistogramCommand(CLI::App& app, Action& action);  // histogram
void AddEventsCommand(CLI::App& app, Action& action);     // events
void AddVerifyCommand(CLI::App& app, Action& action);     // verify
void AddSweepCommand(CLI::App& app, Action& action);      // sweep
void AddCompressCommand(CLI::App& app, Action& action);   // compress, recipe
void AddDeployCommand(CLI::App& app, Action& action);     // deploy
void AddServeCommand(CLI::App& app, Action& action);      // serve
void AddAskCommand(CLI::App& app, Action& action);        // ask
void AddServedBench(CLI::App& bench, Action& action);     // bench served
void AddProvisionCommand(CLI::App& app, Action& action);  // provision
void AddPaperCommand(CLI::App& app, Action& action);      // paper list|show|run

// `tag RUN +a -b`: CLI11 would take -b for a flag, as it should everywhere else.
void KeepTagsFromBeingFlags(std::vector<std::string>& words);

// A subcommand about one run, which `show` is given as the engine knows it.
using ShowRun = Outcome (*)(const CommonOptions& options, Connection& engine, const proto::RunSummary& run);
void AddRunCommand(CLI::App& app, Action& action, const char* name, const char* text, ShowRun show);

// The text of SPEC: a file, or "-" for standard input, with the --set assignments made and paths that count
// from the working folder.
absl::StatusOr<std::string> ReadSpec(const std::string& path, const std::vector<std::string>& assignments);
absl::StatusOr<std::string> WithPathsFromHere(const std::string& spec);
// Faults on standard error (or as JSON on standard output) and exit code 2.
Outcome ReportFaults(const CommonOptions& options,
                     const google::protobuf::RepeatedPtrField<proto::SpecFault>& faults);

}  // namespace concertina::ctl
