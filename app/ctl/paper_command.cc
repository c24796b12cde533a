// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper_command.cc: paper list, show, run: published tables, run here, and whether the numbers lie in the
// bands.
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "app/ctl/paper_runs.h"
#include "app/ctl/sweep_runs.h"
#include "core/base/file.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

constexpr size_t kMaxPaperBytes = size_t{1} << 20;

struct PaperArguments {
  std::string paper;
  bool quick = false, reuse = false;
};

// A paper that comes with the program, or a file of one's own.
absl::StatusOr<Paper> ReadPaper(const std::string& argument) {
  if (!argument.ends_with(".json")) return FindPaper(argument);
  ASSIGN_OR_RETURN(const std::string text, ReadFile(argument, kMaxPaperBytes));
  std::string id = argument.substr(argument.find_last_of('/') + 1);
  id.resize(id.size() - 5);
  PaperCheck check = CheckPaper(id, text);
  if (check.faults.empty()) return std::move(check.paper);
  std::string all;
  for (const Fault& fault : check.faults) all += "\n  " + fault.message;
  return absl::InvalidArgumentError(fmt::format("{}: {} fault{}:{}", argument, check.faults.size(),
                                                check.faults.size() == 1 ? "" : "s", all));
}

Outcome ListPapers(const CommonOptions& options) {
  Json papers = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const Paper& paper : PapersHere()) {
    papers.push_back({{"paper", paper.id},
                      {"title", paper.title},
                      {"citation", paper.citation},
                      {"place", paper.place},
                      {"claim", paper.claim},
                      {"runs", paper.runs.size()},
                      {"quick", paper.has_quick()}});
    rows.push_back({paper.id, paper.title, paper.place, paper.citation});
  }
  if (options.json)
    PrintJson({{"papers", std::move(papers)}});
  else
    PrintText(TableText({"paper", "title", "place", "citation"}, rows));
  return {};
}

Json BandJson(const PaperBand& band) {
  return {{"low", band.low ? Json(*band.low) : Json(nullptr)},
          {"high", band.high ? Json(*band.high) : Json(nullptr)},
          {"reason", band.reason}};
}

Json ResultJson(const Paper& paper, bool is_quick, const PaperRunsFound& runs,
                const std::vector<PaperRow>& rows) {
  Json json = {{"paper", paper.id},    {"title", paper.title}, {"citation", paper.citation},
               {"place", paper.place}, {"claim", paper.claim}, {"difference", paper.difference},
               {"quick", is_quick}};
  if (is_quick) json["quick_difference"] = paper.quick_difference;
  json["runs"] = Json::array();
  for (size_t i = 0; i < paper.runs.size(); ++i)
    json["runs"].push_back({{"id", paper.runs[i].id},
                            {"name", paper.runs[i].SpecOf(is_quick).name},
                            {"run", runs[i] ? Json(runs[i]->run()) : Json(nullptr)},
                            {"state", runs[i] ? Json(StateName(runs[i]->state())) : Json(nullptr)}});
  json["measures"] = Json::array();
  for (size_t i = 0; i < rows.size(); ++i) {
    const PaperMeasure& measure = paper.measures[i];
    Json row = {{"title", measure.title},
                {"published", measure.published ? Json(*measure.published) : Json(measure.published_words)},
                {"measured", NumberOrNull(rows[i].measured)},
                {"band", BandJson(measure.BandOf(is_quick))},
                {"verdict", PaperVerdictName(rows[i].verdict)}};
    json["measures"].push_back(std::move(row));
  }
  json["verdict"] = PaperVerdictName(WholeVerdict(rows));
  return json;
}

std::string ResultText(const Paper& paper, bool is_quick, const std::vector<PaperRow>& rows) {
  std::string text = fmt::format("{}\n{}\n{}: {}\nHere: {}\n", paper.title, paper.citation, paper.place,
                                 paper.claim, paper.difference);
  if (is_quick) text += fmt::format("Quick: {}\n", paper.quick_difference);
  std::vector<std::vector<std::string>> table;
  for (size_t i = 0; i < rows.size(); ++i) {
    const PaperMeasure& measure = paper.measures[i];
    const PaperBand& band = measure.BandOf(is_quick);
    table.push_back({measure.title, PaperPublishedText(measure),
                     PaperValueText(rows[i].measured, measure.unit), PaperBandText(band, measure.unit),
                     std::string(PaperVerdictName(rows[i].verdict))});
  }
  text += "\n" + TableText({"measure", "published", "measured", "band", "verdict"}, table) + "\n";
  for (const PaperMeasure& measure : paper.measures)
    text += fmt::format("{}: {}\n", measure.title, measure.BandOf(is_quick).reason);
  return text;
}

// Exit status 0 only inside; a paper that was not run to its end has shown nothing.
Outcome ReportPaper(const CommonOptions& options, Connection& engine, const Paper& paper, bool is_quick,
               const PaperRunsFound& runs, bool pending_is_well) {
  const auto evidence = EvidenceOf(engine, paper, runs);
  if (!evidence.ok()) return {evidence.status()};
  const std::vector<PaperRow> rows = PaperRows(paper, is_quick, *evidence);
  if (options.json)
    PrintJson(ResultJson(paper, is_quick, runs, rows));
  else
    PrintText(ResultText(paper, is_quick, rows));
  const PaperVerdict verdict = WholeVerdict(rows);
  const bool is_well =
      verdict == PaperVerdict::kInside || (pending_is_well && verdict == PaperVerdict::kPending);
  return {absl::OkStatus(), is_well ? ExitCode::kWell : ExitCode::kRunFailed};
}

// Without a quick setting the whole one is the quickest.
bool QuickOf(const Paper& paper, const PaperArguments& arguments) {
  if (arguments.quick && !paper.has_quick())
    Tell("{} has no scaled-down setting: this is the whole one\n", paper.id);
  return arguments.quick && paper.has_quick();
}

Outcome ShowPaper(const CommonOptions& options, const PaperArguments& arguments) {
  const auto paper = ReadPaper(arguments.paper);
  if (!paper.ok()) return {paper.status()};
  const bool is_quick = QuickOf(*paper, arguments);
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  const auto runs = FindPaperRuns(*engine, *paper, is_quick);
  if (!runs.ok()) return {runs.status()};
  return ReportPaper(options, *engine, *paper, is_quick, *runs, /*pending_is_well=*/true);
}

Outcome RunPaper(const CommonOptions& options, const PaperArguments& arguments) {
  const auto paper = ReadPaper(arguments.paper);
  if (!paper.ok()) return {paper.status()};
  const bool is_quick = QuickOf(*paper, arguments);
  const HeldInterrupts interrupts;
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  PaperRunsFound runs(paper->runs.size());
  if (arguments.reuse) {
    auto found = FindPaperRuns(*engine, *paper, is_quick);
    if (!found.ok()) return {found.status()};
    runs = *std::move(found);
  }
  bool interrupted = false;
  for (size_t i = 0; i < runs.size() && !interrupted; ++i) {
    if (interrupts.waits()) return {absl::OkStatus(), ExitCode::kInterrupted};
    const PaperSpec& spec = paper->runs[i].SpecOf(is_quick);
    const std::string title = fmt::format("[{}/{}] {}", i + 1, runs.size(), spec.name);
    if (runs[i] && runs[i]->state() == proto::FINISHED) {
      Tell("{}: taken from run {}\n", title, runs[i]->run());
      continue;
    }
    Tell("{}\n", title);
    auto run = RunPaperSpec(*engine, *paper, spec, interrupted);
    if (!run.ok()) return {run.status()};
    if (!run->error().empty()) Tell("{}: {}\n", run->run(), run->error());
    runs[i] = *std::move(run);
  }
  const Outcome outcome = ReportPaper(options, *engine, *paper, is_quick, runs, /*pending_is_well=*/false);
  if (interrupted && outcome.status.ok()) return {absl::OkStatus(), ExitCode::kInterrupted};
  return outcome;
}

}  // namespace

void AddPaperCommand(CLI::App& app, Action& action) {
  CLI::App* paper = app.add_subcommand(
      "paper", "Published tables, run here: published, measured, the band, and inside or outside");
  paper->require_subcommand(1);
  CLI::App* list = paper->add_subcommand("list", "The papers that come with the program");
  list->callback([&action] { action = [](const CommonOptions& options) { return ListPapers(options); }; });
  auto arguments = std::make_shared<PaperArguments>();
  const auto add = [&](const char* name, const char* text, auto run) {
    CLI::App* command = paper->add_subcommand(name, text);
    command->add_option("paper", arguments->paper, "Its name, or a file of your own: FILE.json")->required();
    command->add_flag("--quick", arguments->quick, "The scaled-down setting, where it has one");
    command->callback([arguments, run, &action] {
      action = [arguments, run](const CommonOptions& options) { return run(options, *arguments); };
    });
    return command;
  };
  add("show", "What a paper claims, and what its runs here have measured so far", ShowPaper);
  add("run", "Run a paper's experiments; exit status 1 if a number lies outside of its band", RunPaper)
      ->add_flag("--reuse", arguments->reuse,
                 "Take a finished run of the same experiment instead of a new one");
}

}  // namespace concertina::ctl
