// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_commands.cc: run, watch, and the life cycle: stop, pause, resume, checkpoint, set.
#include <cmath>
#include <cstdio>
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/follow.h"
#include "app/ctl/output.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

ExitCode CodeOf(const proto::RunSummary& run) {
  return run.state() == proto::FAILED ? ExitCode::kRunFailed : ExitCode::kWell;
}

Outcome EndOf(Connection& engine, const std::string& run, const CommonOptions& options, bool interrupted) {
  const auto summary = engine.FindRun(run);
  if (!summary.ok()) return {summary.status()};
  if (options.json) {
    PrintJson(SummaryJson(*summary));
  } else {
    PrintText(SummaryText(*summary));
  }
  if (interrupted) return {absl::OkStatus(), ExitCode::kInterrupted};
  return {absl::OkStatus(), CodeOf(*summary)};
}

Outcome Run(const CommonOptions& options, const std::string& path, const std::vector<std::string>& set,
            bool detach) {
  const auto spec = ReadSpec(path, set);
  if (!spec.ok()) return {spec.status()};
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  proto::SubmitRequest request;
  request.set_spec_json(*spec);
  const auto submitted = engine->Call(&proto::Engine::Stub::Submit, request, kSpecDeadlineSeconds);
  if (!submitted.ok()) return {submitted.status()};
  if (!submitted->faults().empty()) return ReportFaults(options, submitted->faults());
  if (detach) {
    if (options.json) {
      proto::RunRequest run;
      run.set_run(submitted->run());
      const auto summary = engine->Call(&proto::Engine::Stub::GetRun, run);
      if (!summary.ok()) return {summary.status()};
      PrintJson(SummaryJson(*summary));
    } else {
      PrintText(submitted->run() + "\n");
    }
    return {};
  }
  Interrupts interrupts(*engine, submitted->run(), /*stops_run=*/true);
  ProgressBar bar;
  double loss = NAN, accuracy = NAN;
  const absl::Status followed = Follow(
      *engine, submitted->run(), /*metrics=*/true, interrupts, [&](const proto::WatchMessage& message) {
        if (message.has_metrics()) {
          for (const auto& column : message.metrics().columns()) {
            if (column.rank() >= 0 || column.values().empty()) continue;
            if (column.series() == "train/loss") loss = column.values(column.values_size() - 1);
            if (column.series() == "test/accuracy") accuracy = column.values(column.values_size() - 1);
          }
        } else if (message.has_summary()) {
          bar.Update(message.summary(), loss, accuracy);
        } else if (message.has_event() && (message.event().kind() == "worker-lost" || message.event().kind() == "fault" ||
                                           message.event().kind() == "resuming")) {
          Tell("\n{}\n", message.event().message());
        }
      });
  if (!followed.ok() && !interrupts.interrupted()) return {followed};
  return EndOf(*engine, submitted->run(), options, interrupts.interrupted());
}

Outcome Watch(const CommonOptions& options, const std::string& name) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  const auto found = engine->FindRunId(name);
  if (!found.ok()) return {found.status()};
  const std::string& run = *found;
  Interrupts interrupts(*engine, run, /*stops_run=*/false);
  ProgressBar bar;
  const absl::Status followed =
      Follow(*engine, run, /*metrics=*/true, interrupts, [&](const proto::WatchMessage& message) {
        if (!options.json) {
          if (message.has_summary()) bar.Update(message.summary());
          return;
        }
        if (message.has_summary()) {
          PrintJson({{"summary", SummaryJson(message.summary())}});
        } else if (message.has_event()) {
          PrintJson({{"event", EventJson(message.event())}});
        } else if (message.has_log()) {
          PrintJson({{"log", {{"rank", message.log().rank()}, {"line", message.log().line()}}}});
        } else if (message.has_metrics()) {
          const proto::MetricUpdate& metrics = message.metrics();
          for (int i = 0; i < metrics.steps_size(); ++i) {
            Json values = Json::object();
            for (const auto& column : metrics.columns())
              if (column.rank() < 0 && i < column.values_size() && column.values(i) == column.values(i))
                values[column.series()] = column.values(i);
            PrintJson(
                {{"step", metrics.steps(i)},
                 {"seconds", i < metrics.seconds_size() ? NumberOrNull(metrics.seconds(i)) : Json(nullptr)},
                 {"epoch", i < metrics.epochs_size() ? NumberOrNull(metrics.epochs(i)) : Json(nullptr)},
                 {"bytes", i < metrics.bytes_size() ? NumberOrNull(metrics.bytes(i)) : Json(nullptr)},
                 {"values", std::move(values)}});
          }
        }
      });
  if (interrupts.interrupted()) return {absl::OkStatus(), ExitCode::kInterrupted};
  if (!followed.ok()) return {followed};
  if (!options.json) return EndOf(*engine, run, options, false);
  const auto summary = engine->FindRun(run);
  if (!summary.ok()) return {summary.status()};
  return {absl::OkStatus(), CodeOf(*summary)};
}

Outcome Control(const CommonOptions& options, const std::string& name,
                proto::ControlRunRequest::Action what) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  const auto run = engine->FindRunId(name);
  if (!run.ok()) return {run.status()};
  proto::ControlRunRequest request;
  request.set_run(*run);
  request.set_action(what);
  const auto reply = engine->Call(&proto::Engine::Stub::ControlRun, request, kSpecDeadlineSeconds);
  if (!reply.ok()) return {reply.status()};
  if (options.json) {
    PrintJson({{"run", *run}, {"state", StateName(reply->state())}});
  } else {
    PrintText(StateName(reply->state()) + "\n");
  }
  return {};
}

}  // namespace

void AddRunCommands(CLI::App& app, Action& action) {
  struct Arguments {
    std::string spec, run, assignment;
    std::vector<std::string> set;
    bool detach = false;
  };
  auto arguments = std::make_shared<Arguments>();

  CLI::App* run = app.add_subcommand("run", "Run an experiment");
  run->add_option("spec", arguments->spec, "Experiment file, or - for standard input")->required();
  run->add_option("--set", arguments->set, "POINTER=JSON: change a field first, e.g. /training/epochs=3");
  run->add_flag("--detach", arguments->detach, "Print the run's id and return at once");
  run->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) {
      return Run(options, arguments->spec, arguments->set, arguments->detach);
    };
  });

  CLI::App* watch = app.add_subcommand("watch", "Follow a run to its end");
  watch->add_option("run", arguments->run, "Run id, a unique beginning of one, or last")->required();
  watch->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) { return Watch(options, arguments->run); };
  });

  const std::tuple<const char*, const char*, proto::ControlRunRequest::Action> controls[] = {
      {"stop", "Stop a run; its parameters and a checkpoint are kept", proto::ControlRunRequest::STOP},
      {"pause", "Let the workers wait after their step", proto::ControlRunRequest::PAUSE},
      {"resume", "Let a paused run go on, or start a failed or stopped one again from its checkpoint",
       proto::ControlRunRequest::RESUME},
      {"checkpoint", "Write a checkpoint now", proto::ControlRunRequest::CHECKPOINT},
      {"kill", "End a run at once; nothing more is written", proto::ControlRunRequest::KILL}};
  for (const auto& [name, text, what] : controls) {
    CLI::App* control = app.add_subcommand(name, text);
    control->add_option("run", arguments->run, "Run id, a unique beginning of one, or last")->required();
    control->callback([arguments, &action, what = what] {
      action = [arguments, what](const CommonOptions& options) {
        return Control(options, arguments->run, what);
      };
    });
  }

  CLI::App* set = app.add_subcommand("set", "Turn a live knob of a run");
  set->add_option("run", arguments->run, "Run id, a unique beginning of one, or last")->required();
  set->add_option("assignment", arguments->assignment, "POINTER=JSON, e.g. /optimizer/learning_rate=0.01")
      ->required();
  set->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) -> Outcome {
      const size_t equals = arguments->assignment.find('=');
      if (equals == std::string::npos)
        return {absl::InvalidArgumentError("found \"" + arguments->assignment +
                                           "\", expected POINTER=JSON, e.g. /optimizer/learning_rate=0.01")};
      absl::StatusOr<Connection> engine = Connection::Open(options);
      if (!engine.ok()) return {engine.status()};
      const auto run = engine->FindRunId(arguments->run);
      if (!run.ok()) return {run.status()};
      proto::SetKnobRequest request;
      request.set_run(*run);
      request.set_pointer(arguments->assignment.substr(0, equals));
      request.set_json(arguments->assignment.substr(equals + 1));
      const auto reply = engine->Call(&proto::Engine::Stub::SetKnob, request, kSpecDeadlineSeconds);
      if (!reply.ok()) return {reply.status()};
      if (options.json) {
        PrintJson({{"run", request.run()}, {"pointer", request.pointer()}, {"step", reply->step()}});
      } else {
        PrintText(fmt::format("{} holds from step {}\n", arguments->assignment, reply->step()));
      }
      return {};
    };
  });
}

}  // namespace concertina::ctl
