// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// query_commands.cc: list, show, series, compare, log.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <memory>
#include <regex>
#include <sstream>

#include "app/ctl/accuracy_curve.h"
#include "app/ctl/commands.h"
#include "app/ctl/compare.h"
#include "app/ctl/output.h"
#include "core/analysis/significance.h"
#include "core/analysis/value_counts.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

struct Arguments {
  bool bin = false, counts = false;
  std::string run, name, match, filter, sort, group, x = "step";
  int limit = 0, points = 0, rank = -1, lines = 0;
};

// Runs that have the same of what was grouped by: `first` to before `end` of the reply's.
struct ListedGroup {
  std::string name;
  int first = 0, end = 0;
  Sample accuracy, loss;  // of those that were tested
};

// An engine that is older tells no groups: then there are none.
std::vector<ListedGroup> ListedGroups(const proto::ListRunsReply& reply) {
  std::vector<ListedGroup> groups;
  if (reply.groups_size() != reply.runs_size()) return groups;
  for (int i = 0; i < reply.runs_size(); ++i) {
    if (groups.empty() || groups.back().name != reply.groups(i))
      groups.push_back({.name = reply.groups(i), .first = i, .end = i, .accuracy = {}, .loss = {}});
    groups.back().end = i + 1;
  }
  for (ListedGroup& group : groups) {
    std::vector<double> accuracies, losses;
    for (int i = group.first; i < group.end; ++i) {
      accuracies.push_back(reply.runs(i).has_test() ? reply.runs(i).test_accuracy() : NAN);
      losses.push_back(reply.runs(i).has_test() ? reply.runs(i).test_loss() : NAN);
    }
    group.accuracy = SampleOf(accuracies);
    group.loss = SampleOf(losses);
  }
  return groups;
}

Json SampleJson(const Sample& sample) {
  return {{"count", sample.count},
          {"mean", NumberOrNull(sample.mean)},
          {"deviation", NumberOrNull(sample.deviation)}};
}

Json GroupJson(const ListedGroup& group, const proto::ListRunsReply& reply) {
  Json ids = Json::array();
  for (int i = group.first; i < group.end; ++i) ids.push_back(reply.runs(i).run());
  return {{"group", group.name},
          {"runs", std::move(ids)},
          {"test_accuracy", SampleJson(group.accuracy)},
          {"test_loss", SampleJson(group.loss)}};
}

// "lenet-5: 3 runs, accuracy 0.8931 ± 0.0012, loss 0.3012 ± 0.0100".
std::string GroupText(const ListedGroup& group) {
  const int count = group.end - group.first;
  std::string text = fmt::format("{}: {} {}", group.name.empty() ? "none of it" : group.name, count,
                                 count == 1 ? "run" : "runs");
  for (const auto& [name, sample] : {std::pair("accuracy", group.accuracy), {"loss", group.loss}}) {
    if (sample.count == 0) continue;
    text += fmt::format(", {} {:.4f}", name, sample.mean);
    if (sample.count > 1) text += fmt::format(" ± {:.4f}", sample.deviation);
  }
  return text + "\n";
}

// One table, so that its columns are the same for all, with a heading before each group.
std::string WithHeadings(const std::string& table, const std::vector<ListedGroup>& groups) {
  std::istringstream lines(table);
  std::string text, line;
  std::getline(lines, line);
  text = line + "\n";
  for (const ListedGroup& group : groups) {
    text += "\n" + GroupText(group);
    for (int i = group.first; i < group.end && std::getline(lines, line); ++i) text += line + "\n";
  }
  while (std::getline(lines, line)) text += line + "\n";  // of names that have lines of their own
  return text;
}

Outcome List(const CommonOptions& options, const Arguments& arguments) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  proto::ListRunsRequest request;
  request.set_filter(arguments.filter);
  request.set_sort(arguments.sort);
  request.set_limit(arguments.limit);
  request.set_group(arguments.group);
  request.set_bin(arguments.bin);
  const auto reply = engine->Call(&proto::Engine::Stub::ListRuns, request, kSeriesDeadlineSeconds);
  if (!reply.ok()) return {reply.status()};
  const std::vector<ListedGroup> groups = ListedGroups(*reply);
  if (options.json) {
    Json runs = Json::array();
    for (const auto& run : reply->runs()) runs.push_back(SummaryJson(run));
    Json document = {{"runs", std::move(runs)}};
    if (!arguments.group.empty()) {
      document["groups"] = Json::array();
      for (const ListedGroup& group : groups) document["groups"].push_back(GroupJson(group, *reply));
    }
    PrintJson(document);
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& run : reply->runs())
    rows.push_back({run.run(), StateName(run.state()), CountText(run.workers_size()),
                    fmt::format("{:.2f}", run.epochs()),
                    run.has_test() ? fmt::format("{:.4f}", run.test_accuracy()) : "–",
                    BytesText(static_cast<double>(run.bytes_sent())), SecondsText(run.seconds()),
                    fmt::format("{}", fmt::join(run.marks().tags(), ", ")),
                    run.name() + (run.marks().pinned() ? " (baseline)" : "")});
  if (rows.empty()) {
    PrintText("no runs\n");
    return {};
  }
  const std::string table =
      TableText({"run", "state", "workers", "epochs", "accuracy", "sent", "time", "tags", "name"}, rows);
  PrintText(groups.empty() ? table : WithHeadings(table, groups));
  return {};
}

Outcome Show(const CommonOptions& options, const Arguments& arguments) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  const auto run = engine->FindRun(arguments.run);
  if (!run.ok()) return {run.status()};
  if (options.json) {
    PrintJson(SummaryJson(*run));
  } else {
    PrintText(SummaryText(*run));
  }
  return {};
}

// Case does not matter, as in the desktop's box.
absl::StatusOr<std::regex> ReadPattern(const std::string& text) {
  constexpr size_t kLongestPattern = 200;
  if (text.size() > kLongestPattern)
    return absl::InvalidArgumentError(
        fmt::format("--match: {} characters; write at most {}", text.size(), kLongestPattern));
  try {
    return std::regex(text, std::regex::ECMAScript | std::regex::icase);
  } catch (const std::regex_error& error) {
    return absl::InvalidArgumentError(
        fmt::format("--match: \"{}\" is no regular expression: {}", text, error.what()));
  }
}

// Each rank's own values of the newest steps; of the run's where there are no others, or one rank is asked
// for.
Outcome CountSeries(Connection& engine, const CommonOptions& options, const Arguments& arguments) {
  const auto run = engine.FindRun(arguments.run);
  if (!run.ok()) return {run.status()};
  proto::ListSeriesRequest list;
  list.set_run(run->run());
  const auto known = engine.Call(&proto::Engine::Stub::ListSeries, list, kSeriesDeadlineSeconds);
  if (!known.ok()) return {known.status()};
  std::vector<int> ranks;
  for (const auto& series : known->series())
    if (series.name() == arguments.name)
      std::copy_if(series.ranks().begin(), series.ranks().end(), std::back_inserter(ranks),
                   [&](int rank) { return arguments.rank >= 0 ? rank == arguments.rank : rank >= 0; });
  if (ranks.empty()) ranks = {arguments.rank};
  const int64_t steps =
      std::min(std::max<int64_t>(1, run->steps()), CountedSteps(static_cast<int>(ranks.size())));
  std::vector<double> values;
  for (const int rank : ranks) {
    proto::GetSeriesRequest request;
    request.set_run(run->run());
    request.set_name(arguments.name);
    request.set_rank(rank);
    request.set_x("step");
    request.set_x_from(static_cast<double>(run->steps() - steps) - 0.5);
    request.set_x_to(static_cast<double>(run->steps()) + 0.5);
    const auto reply = engine.Call(&proto::Engine::Stub::GetSeries, request, kSeriesDeadlineSeconds);
    if (!reply.ok()) return {reply.status()};
    values.insert(values.end(), reply->mean().begin(), reply->mean().end());
  }
  const ValueCounts counts = CountValues(values);
  Json list_of_counts = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (size_t bin = 0; bin < counts.counts.size(); ++bin) {
    const int64_t from = static_cast<int64_t>(bin) * counts.width, to = from + counts.width - 1;
    const double share = static_cast<double>(counts.counts[bin]) / static_cast<double>(counts.total);
    list_of_counts.push_back({{"from", from}, {"to", to}, {"count", counts.counts[bin]}});
    rows.push_back({from == to ? fmt::format("{}", from) : fmt::format("{} to {}", from, to),
                    CountText(static_cast<double>(counts.counts[bin])),
                    fmt::format("{:.1f} %", 100 * share)});
  }
  if (options.json) {
    PrintJson({{"run", run->run()},
               {"name", arguments.name},
               {"steps", steps},
               {"ranks", ranks},
               {"total", counts.total},
               {"mean", counts.mean},
               {"largest", counts.largest},
               {"counts", std::move(list_of_counts)}});
  } else if (counts.total == 0) {
    PrintText("no value from 0 on in these steps\n");
  } else {
    PrintText(TableText({"value", "times", "share"}, rows));
    PrintText(fmt::format("half at most {}, 99 % at most {}, the largest {:.4g}; newest {} steps\n",
                          counts.Quantile(0.5), counts.Quantile(0.99), counts.largest, steps));
  }
  return {};
}

Outcome Series(const CommonOptions& options, const Arguments& arguments) {
  const absl::StatusOr<std::regex> pattern = ReadPattern(arguments.match);
  if (!pattern.ok()) return {pattern.status()};
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  const auto run = engine->FindRunId(arguments.run);
  if (!run.ok()) return {run.status()};
  if (arguments.name.empty()) {  // which are there?
    proto::ListSeriesRequest request;
    request.set_run(*run);
    const auto reply = engine->Call(&proto::Engine::Stub::ListSeries, request, kSeriesDeadlineSeconds);
    if (!reply.ok()) return {reply.status()};
    Json list = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const auto& series : reply->series()) {
      if (!std::regex_search(series.name(), *pattern)) continue;
      list.push_back({{"name", series.name()},
                      {"unit", series.unit()},
                      {"points", series.points()},
                      {"ranks", std::vector<int>(series.ranks().begin(), series.ranks().end())}});
      rows.push_back({series.name(), series.unit(), CountText(static_cast<double>(series.points()))});
    }
    if (options.json) {
      PrintJson({{"run", *run}, {"series", std::move(list)}});
    } else {
      PrintText(TableText({"series", "unit", "points"}, rows));
    }
    return {};
  }
  if (arguments.counts) return CountSeries(*engine, options, arguments);
  proto::GetSeriesRequest request;
  request.set_run(*run);
  request.set_name(arguments.name);
  request.set_rank(arguments.rank);
  request.set_x(IsRunAxis(arguments.x) ? arguments.x : std::string());
  request.set_x_series(IsRunAxis(arguments.x) ? std::string() : arguments.x);
  request.set_max_points(arguments.points);
  const auto reply = engine->Call(&proto::Engine::Stub::GetSeries, request, kSeriesDeadlineSeconds);
  if (!reply.ok()) return {reply.status()};
  if (options.json) {
    Json points = Json::array();
    for (int i = 0; i < reply->x_size(); ++i)
      points.push_back({NumberOrNull(reply->x(i)), NumberOrNull(reply->mean(i))});
    Json document = {{"run", *run},
                     {"name", arguments.name},
                     {"x", arguments.x},
                     {"unit", reply->unit()},
                     {"points", std::move(points)}};
    if (reply->steps_size() > 0) {  // in their order, for x may go back
      document["steps"] = std::vector<double>(reply->steps().begin(), reply->steps().end());
      document["x_unit"] = reply->x_unit();
    }
    PrintJson(document);
  } else {
    for (int i = 0; i < reply->x_size(); ++i) PrintText(fmt::format("{}\t{}\n", reply->x(i), reply->mean(i)));
  }
  return {};
}

Outcome Log(const CommonOptions& options, const Arguments& arguments) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  const auto run = engine->FindRunId(arguments.run);
  if (!run.ok()) return {run.status()};
  proto::GetLogRequest request;
  request.set_run(*run);
  request.set_rank(arguments.rank);
  request.set_last_lines(arguments.lines);
  const auto reply = engine->Call(&proto::Engine::Stub::GetLog, request);
  if (!reply.ok()) return {reply.status()};
  Json lines = Json::array();
  for (const auto& line : reply->lines()) {
    if (!options.json)
      PrintText(fmt::format("{}: {}\n", line.rank() < 0 ? "engine" : fmt::format("rank {}", line.rank()),
                            line.line()));
    lines.push_back({{"rank", line.rank()}, {"line", line.line()}});
  }
  if (options.json) PrintJson({{"run", *run}, {"lines", std::move(lines)}});
  return {};
}

}  // namespace

void AddQueryCommands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<Arguments>();
  const auto bind = [arguments, &action](CLI::App* command,
                                         Outcome (*function)(const CommonOptions&, const Arguments&)) {
    command->callback([arguments, &action, function] {
      action = [arguments, function](const CommonOptions& options) { return function(options, *arguments); };
    });
  };
  const char* run_help = "Run id, a unique beginning of one, or last";

  CLI::App* list = app.add_subcommand("list", "The runs, newest first");
  list->add_option("--filter", arguments->filter,
                   "Words of name, tags or note, or tests: state=finished test_accuracy>0.8 tag=ablation");
  list->add_option("--sort", arguments->sort,
                   "A field; with - before it descending; several: state,-test_accuracy");
  list->add_option("--group", arguments->group,
                   "A field, tag, day or JSON pointer into the spec; groups come together, each with its "
                   "mean accuracy and loss");
  list->add_flag("--bin", arguments->bin, "The runs in the bin instead");
  list->add_option("--limit", arguments->limit, "At most so many")->check(CLI::NonNegativeNumber);
  bind(list, List);

  CLI::App* show = app.add_subcommand("show", "One run: its state and figures");
  show->add_option("run", arguments->run, run_help)->required();
  bind(show, Show);

  CLI::App* series = app.add_subcommand("series", "One curve of a run; without NAME, which there are");
  series->add_option("run", arguments->run, run_help)->required();
  CLI::Option* name =
      series->add_option("name", arguments->name, "train/loss, comm/bytes_sent, time/compute, …");
  series
      ->add_option("--match", arguments->match,
                   "Of those that there are, the ones whose name this regular expression finds")
      ->excludes(name);
  series->add_option("--x", arguments->x,
                     "step, epoch, seconds or bytes; or another series, joined by step with its nearest "
                     "earlier value");
  series->add_option("--points", arguments->points, "Thin to at most so many; 0: all")
      ->check(CLI::NonNegativeNumber);
  series->add_option("--rank", arguments->rank, "Of one worker; -1: the whole run");
  series
      ->add_flag("--counts", arguments->counts,
                 "How often each whole number was measured by any worker, in the newest 4096 steps")
      ->needs(name);
  bind(series, Series);

  CLI::App* compare =
      app.add_subcommand("compare", "Differing settings; time, bytes and epochs to an accuracy");
  auto compared = std::make_shared<CompareArguments>();
  compare->add_option("runs", compared->runs, "One run or more")->required()->expected(1, -1);
  compare->add_option("--accuracy", compared->accuracy,
                      "The target; without it, the best that all of them reached");
  compare->add_option("--report", compared->report,
                      "Write an HTML page with curves, results and their confidence");
  compare->add_option("--pdf", compared->pdf, "Write the same as a PDF file of numbered pages");
  compare->add_option(
      "--x", compared->x,
      "In the report, draw every curve against this: step, epoch, seconds, bytes or a series");
  compare->add_option("--baseline", compared->baseline,
                      "The run that the report holds the others against (the first)");
  CLI::Option* table = compare->add_option(
      "--table", compared->table, "Write the table of results: a file that ends in .md, .tex, .csv or .tsv");
  compare->add_flag("--transposed", compared->transposed, "In that file a run is a column, not a row")
      ->needs(table);
  compare->add_flag("--seeds-apart", compared->seeds_apart,
                    "In the report, do not average runs that differ in the seed alone");
  compare->callback([compared, &action] {
    action = [compared](const CommonOptions& options) { return Compare(options, *compared); };
  });

  CLI::App* log = app.add_subcommand("log", "What the workers said");
  log->add_option("run", arguments->run, run_help)->required();
  log->add_option("--rank", arguments->rank, "Of one worker; -1: all");
  log->add_option("--lines", arguments->lines, "The last so many of each (200)")
      ->check(CLI::NonNegativeNumber);
  bind(log, Log);
}

}  // namespace concertina::ctl
