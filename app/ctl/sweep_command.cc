// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_command.cc: sweep: one experiment in many variants, run one after another, and a table of what came
// of them. What a sweep file says: core/experiment/sweep.h.
#include <filesystem>
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/report_pdf.h"
#include "app/ctl/sweep_runs.h"
#include "app/ctl/sweep_table.h"
#include "core/base/file.h"
#include "core/proto/spec_faults.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

constexpr size_t kMaxSweepBytes = size_t{1} << 20;

struct SweepArguments {
  std::string sweep, out;
  std::vector<std::string> set;
  bool reuse = false, dry_run = false;
};

// By the engine: it alone has the launchers, the plugins and the data.
SpecChecker CheckedByEngine(Connection& engine, const HeldInterrupts& interrupts) {
  return [&engine, &interrupts](const std::string& spec) -> absl::StatusOr<CheckedSpec> {
    if (interrupts.waits()) return absl::CancelledError("interrupted before anything was started");
    proto::SpecRequest request;
    ASSIGN_OR_RETURN(*request.mutable_spec_json(), WithPathsFromHere(spec));
    ASSIGN_OR_RETURN(const proto::ValidateReply reply,
                     engine.Call(&proto::Engine::Stub::Validate, request, kSpecDeadlineSeconds));
    return CheckedSpec{reply.spec_json(), FromMessages(reply.faults())};
  };
}

void PrintPoints(const CommonOptions& options, const Sweep& sweep) {
  Json points = Json::array();
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  for (const SweepAxis& axis : sweep.axes) header.push_back(axis.name);
  for (const SweepPoint& point : sweep.points) {
    std::vector<std::string>& row = rows.emplace_back();
    for (const AxisValue& value : point.values) row.push_back(value.label);
    Json specs = Json::array();
    for (const std::string& spec : point.specs) specs.push_back(Json::parse(spec, nullptr, false));
    points.push_back({{"label", point.label}, {"specs", std::move(specs)}});
  }
  if (options.json) {
    PrintJson({{"sweep", sweep.name}, {"points", std::move(points)}});
  } else {
    PrintText(TableText(header, rows));
  }
}

absl::Status WriteOut(const std::string& path, const Sweep& sweep, const SweepResult& result,
                      const Json& json) {
  if (path.ends_with(".pdf")) return Annotate(WriteReportPdf(SweepHtml(sweep, result), path), "--out");
  const std::string text = path.ends_with(".csv")  ? SweepCsv(sweep, json)
                           : path.ends_with(".md") ? SweepMarkdown(sweep, result)
                           : path.ends_with(".html")
                               ? SweepHtml(sweep, result)
                               : json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return Annotate(WriteFileAtomically(path, text), "--out");
}

Outcome RunSweep(const CommonOptions& options, const SweepArguments& arguments) {
  SweepText text{.assignments = arguments.set};
  const std::filesystem::path path = arguments.sweep;
  if (arguments.sweep != "-" && path.has_parent_path()) text.folder = path.parent_path().string();
  auto file = ReadFile(arguments.sweep == "-" ? "/dev/stdin" : arguments.sweep, kMaxSweepBytes);
  if (!file.ok()) return {Annotate(file.status(), "the sweep file")};
  text.json = *std::move(file);
  if (!arguments.out.empty())  // before hours of training, not after
    if (const absl::Status named = CheckOutName(arguments.out); !named.ok()) return {named};
  if (arguments.out.ends_with(".pdf"))
    if (const absl::Status can = CanWriteReportPdf(); !can.ok()) return {can};

  const HeldInterrupts interrupts;
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  const auto check = CheckSweep(text, CheckedByEngine(*engine, interrupts));
  if (!check.ok()) return {check.status()};
  if (!check->faults.empty()) return ReportFaults(options, ToMessages(check->faults));
  const Sweep& sweep = check->sweep;
  if (arguments.dry_run) {
    PrintPoints(options, sweep);
    return {};
  }

  SweepRunner runner(*engine, sweep, interrupts, arguments.reuse);
  const absl::Status status = runner.Run();  // what there is by then is shown whatever became of the rest
  const SweepResult result = ResultOf(sweep, runner.points());
  Json json = SweepJson(sweep, runner.points(), result);
  if (!status.ok()) json["error"] = std::string(status.message());
  if (options.json) {
    PrintJson(json);
  } else {
    PrintText(SweepTableText(sweep, result));
  }
  if (!status.ok()) Tell("concertinactl: {}\n", std::string(status.message()));
  if (!arguments.out.empty()) {
    if (const absl::Status written = WriteOut(arguments.out, sweep, result, json); !written.ok()) {
      Tell("concertinactl: {}\n", std::string(written.message()));
      return {absl::OkStatus(), ExitCodeOf(written)};
    }
  }
  if (!status.ok()) return {absl::OkStatus(), ExitCodeOf(status)};
  if (runner.interrupted()) return {absl::OkStatus(), ExitCode::kInterrupted};
  for (const PointResult& point : result.points)
    if (point.state != "finished" && point.state != "held") return {absl::OkStatus(), ExitCode::kRunFailed};
  return {};
}

}  // namespace

void AddSweepCommand(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<SweepArguments>();
  CLI::App* sweep = app.add_subcommand(
      "sweep",
      "Run an experiment in many variants; a table, Pareto fronts, and from which link on a codec pays");
  sweep->add_option("sweep", arguments->sweep, "Sweep file, or - for standard input")->required();
  sweep->add_option("--set", arguments->set,
                    "POINTER=JSON: change a field of the base first, e.g. /training/epochs=1");
  sweep->add_option("--out", arguments->out, "Write the table too: FILE.csv, .json, .html, .pdf or .md");
  sweep->add_flag("--reuse", arguments->reuse,
                  "Take a finished run of the same experiment instead of a new one");
  sweep->add_flag("--dry-run", arguments->dry_run, "Check every point, print them, and run nothing");
  sweep->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) { return RunSweep(options, *arguments); };
  });
}

}  // namespace concertina::ctl
