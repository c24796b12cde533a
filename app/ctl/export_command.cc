// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_command.cc: export: one run as a file of the user, or several, one after the other, into a folder.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/download.h"
#include "app/ctl/follow.h"
#include "app/ctl/output.h"
#include "app/ctl/report_pdf.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/taken_path.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina::ctl {
namespace {

struct ExportArguments {
  std::vector<std::string> runs;
  std::string format, out, existing = "replace";
  Existing OfExisting() const {
    return existing == "refuse"      ? Existing::kRefuse
           : existing == "keep-both" ? Existing::kKeepBoth
                                     : Existing::kReplace;
  }
};

// The engine writes the page, and the desktop's program prints it.
Downloaded DownloadPdf(Connection& engine, const std::string& run, std::string out, DownloadWatch watch) {
  std::error_code error;
  if (std::filesystem::is_directory(out, error)) out = (std::filesystem::path(out) / "run.pdf").string();
  if (IsTakenPath(out)) {
    if (watch.existing == Existing::kRefuse) return {.files = {}, .status = RefusedToReplace(out)};
    if (watch.existing == Existing::kKeepBoth) out = FreePath(out);
  }
  watch.existing = Existing::kReplace;
  const auto temporary = TemporaryFolder();
  if (!temporary.ok()) return {.files = {}, .status = temporary.status()};
  const auto folder = MakePrivateFolder(*temporary);
  if (!folder.ok()) return {.files = {}, .status = folder.status()};
  const std::string page = *folder + "/run.html";
  Downloaded downloaded = Download(engine, run, "html", page, watch);
  absl::Status status = downloaded.status;
  if (status.ok()) {
    const auto html = ReadFile(page, kMaxReportBytes);
    status = html.ok() ? WriteReportPdf(*html, out) : html.status();
  }
  std::filesystem::remove_all(*folder, error);
  downloaded.files.clear();
  if (status.ok()) downloaded.files.push_back(out);
  downloaded.status = status;
  return downloaded;
}

Downloaded Fetch(Connection& engine, const std::string& run, const std::string& format,
                 const std::string& out, const DownloadWatch& watch) {
  return format == "pdf" ? DownloadPdf(engine, run, out, watch) : Download(engine, run, format, out, watch);
}

// One file is written as --out says; a TensorBoard log goes into the folder --out. Of one that went wrong
// halfway it is told what is there.
Outcome ExportOne(const CommonOptions& options, Connection& engine, const std::string& run,
                  const ExportArguments& arguments, Interrupts& interrupts) {
  const Downloaded written =
      Fetch(engine, run, arguments.format, arguments.out,
            {.interrupts = &interrupts, .progress = {}, .existing = arguments.OfExisting()});
  const bool is_partial = !written.status.ok() && !written.files.empty();
  if (!written.status.ok() && (is_partial || absl::IsCancelled(written.status))) {
    const std::string told =
        fmt::format("{}; {}", std::string(written.status.message()), WrittenText(written.files));
    if (!is_partial) return {absl::CancelledError(told)};
    Tell("concertinactl: {}\n", told);
    if (options.json)
      PrintJson({{"run", run}, {"format", arguments.format}, {"files", written.files}, {"error", told}});
    return {absl::OkStatus(), ExitCodeOf(written.status)};
  }
  if (!written.status.ok()) return {written.status};
  if (options.json) {
    PrintJson({{"run", run}, {"format", arguments.format}, {"files", written.files}});
  } else {
    for (const std::string& path : written.files) PrintText(path + "\n");
  }
  return {};
}

// RUN.csv, RUN.concertina-run; a TensorBoard log has a folder of each run's own.
std::string PlaceOf(const std::string& folder, const std::string& run, const std::string& format) {
  const std::string name = format == "tensorboard" ? run
                           : format == "run"       ? run + ".concertina-run"
                                                   : run + "." + format;
  return (std::filesystem::path(folder) / name).string();
}

// Of each run, in their order: asked for before the first is written, so that a refusal writes nothing.
absl::StatusOr<std::vector<std::string>> PlacesOf(const ExportArguments& arguments,
                                                  const std::vector<std::string>& ids) {
  std::vector<std::string> places, taken;
  for (const std::string& id : ids) {
    std::string place = PlaceOf(arguments.out, id, arguments.format);
    if (IsTakenPath(place)) {
      taken.push_back(place);
      if (arguments.OfExisting() == Existing::kKeepBoth) place = FreePath(place);
    }
    places.push_back(std::move(place));
  }
  if (arguments.OfExisting() == Existing::kRefuse && !taken.empty())
    return RefusedToReplace(fmt::format("{} of {}, {}", taken.size(), ids.size(), fmt::join(taken, ", ")));
  return places;
}

// "2 of 5: abc, 12.4 MB" on standard error: in place on a terminal, else a line for each run.
class ExportProgress {
 public:
  explicit ExportProgress(size_t count) : count_(count), is_terminal_(::isatty(STDERR_FILENO) != 0) {}
  ~ExportProgress() {
    if (is_terminal_) Tell("\r\033[K");
  }
  void Begin(size_t number, const std::string& run) {
    line_ = fmt::format("exporting {} of {}: {}", number, count_, run);
    drawn_ = -1e9;
    if (!is_terminal_) Tell("{}\n", line_);
    Show(0);
  }
  void Show(uint64_t bytes) {
    const double now = Clock::Real().SteadySeconds();
    if (!is_terminal_ || now - drawn_ < 0.1) return;
    drawn_ = now;
    Tell("\r\033[K{}, {}", line_, BytesText(static_cast<double>(bytes)));
  }

 private:
  const size_t count_;
  const bool is_terminal_;
  std::string line_;
  double drawn_ = -1e9;
};

// The ids, each once, before one file is written: a name that is wrong writes nothing.
absl::StatusOr<std::vector<std::string>> ResolveRuns(Connection& engine,
                                                     const std::vector<std::string>& runs) {
  std::vector<std::string> ids;
  for (const std::string& run : runs) {
    ASSIGN_OR_RETURN(const proto::RunSummary found, engine.FindRun(run));
    if (std::find(ids.begin(), ids.end(), found.run()) == ids.end()) ids.push_back(found.run());
  }
  return ids;
}

Outcome ExportSeveral(const CommonOptions& options, Connection& engine, const ExportArguments& arguments,
                      Interrupts& interrupts) {
  std::error_code error;
  if (std::filesystem::exists(arguments.out, error) && !std::filesystem::is_directory(arguments.out, error))
    return {absl::InvalidArgumentError(
        fmt::format("--out {}: is a file; several runs go into a folder, a file each", arguments.out))};
  const auto ids = ResolveRuns(engine, arguments.runs);
  if (!ids.ok()) return {ids.status()};
  const auto places = PlacesOf(arguments, *ids);
  if (!places.ok()) return {places.status()};
  if (!std::filesystem::is_directory(arguments.out, error))
    if (const absl::Status made = MakeFolder(arguments.out); !made.ok()) return {made};
  Json told = Json::array();  // of every run: its files, and what went wrong
  absl::Status first;         // that went wrong: the others are exported all the same
  {
    ExportProgress progress(ids->size());
    for (size_t i = 0; i < ids->size(); ++i) {
      const std::string& id = (*ids)[i];
      Downloaded written{.files = {}, .status = absl::CancelledError("interrupted")};
      if (!interrupts.interrupted()) {
        progress.Begin(i + 1, id);
        written =
            Fetch(engine, id, arguments.format, (*places)[i],
                  {.interrupts = &interrupts, .progress = [&](uint64_t bytes) { progress.Show(bytes); }});
      }
      std::string fault;
      if (!written.status.ok())
        fault = fmt::format("{}; {}", std::string(written.status.message()), WrittenText(written.files));
      told.push_back({{"run", id}, {"files", written.files}, {"error", fault}});
      if (!written.status.ok() && first.ok()) first = written.status;
    }
  }
  size_t count = 0;
  for (const Json& run : told) {
    const std::string fault = run["error"];
    count += fault.empty() ? 1 : 0;
    if (!fault.empty()) Tell("concertinactl: run {}: {}\n", run["run"].get<std::string>(), fault);
    if (options.json) continue;
    for (const Json& file : run["files"]) PrintText(file.get<std::string>() + "\n");
  }
  if (options.json) PrintJson({{"format", arguments.format}, {"runs", std::move(told)}});
  if (interrupts.interrupted()) {
    Tell("interrupted: {} of {} runs were exported, each of them whole\n", count, ids->size());
    return {absl::OkStatus(), ExitCode::kInterrupted};
  }
  return {absl::OkStatus(), first.ok() ? ExitCode::kWell : ExitCodeOf(first)};
}

Outcome Export(const CommonOptions& options, const ExportArguments& arguments) {
  if (arguments.format == "pdf")
    if (const absl::Status can = CanWriteReportPdf(); !can.ok()) return {can};
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  if (arguments.runs.size() > 1) {
    Interrupts interrupts(*engine, "", /*stops_run=*/false);
    return ExportSeveral(options, *engine, arguments, interrupts);
  }
  const auto run = engine->FindRunId(arguments.runs.front());
  if (!run.ok()) return {run.status()};
  Interrupts interrupts(*engine, "", /*stops_run=*/false);
  return ExportOne(options, *engine, *run, arguments, interrupts);
}

}  // namespace

void AddExportCommand(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App* export_runs = app.add_subcommand("export", "Write a run, or several, for other programs");
  export_runs
      ->add_option("run", arguments->runs,
                   "Run id, a unique beginning of one, or last; several go into a folder")
      ->required()
      ->expected(1, -1);
  export_runs
      ->add_option(
          "--to", arguments->format,
          "csv, json, tensorboard, safetensors, onnx, edge, html, pdf, or run: all of it, for another home")
      ->required()
      ->check(
          CLI::IsMember({"csv", "json", "tensorboard", "safetensors", "onnx", "edge", "html", "pdf", "run"}));
  export_runs
      ->add_option("--out", arguments->out,
                   "File to write; for tensorboard, and for several runs, a folder: RUN.csv, RUN.onnx, …")
      ->required();
  export_runs
      ->add_option("--existing", arguments->existing,
                   "Where there is a file of that name already: replace it, keep-both (\"RUN (2).csv\"), or "
                   "refuse to write any; replace unless said otherwise")
      ->check(CLI::IsMember({"replace", "keep-both", "refuse"}));
  export_runs->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) { return Export(options, *arguments); };
  });
}

}  // namespace concertina::ctl
