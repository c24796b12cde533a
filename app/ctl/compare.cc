// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare.cc: see compare.h.
#include "app/ctl/compare.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <string_view>

#include "app/ctl/accuracy_curve.h"
#include "app/ctl/output.h"
#include "app/ctl/report_pdf.h"
#include "core/analysis/export_chart.h"
#include "core/analysis/export_comparison.h"
#include "core/analysis/spec_difference.h"
#include "core/analysis/table_text.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

// The curves of the report; a run that lacks one is left out of it.
struct ReportSeries {
  const char* name;
  const char* title;
  const char* x;
  const char* x_unit;
  bool from_zero, has_target;
};
constexpr ReportSeries kReportSeries[] = {
    {"test/accuracy", "Test accuracy", "epoch", "", false, true},
    {"test/accuracy", "Test accuracy by time", "seconds", "s", false, true},
    {"test/accuracy", "Test accuracy by bytes sent", "bytes", "B", false, true},
    {"train/loss", "Train loss", "step", "", false, false},
    {"comm/compression_ratio", "Compression ratio", "step", "", true, false},
    {"time/step", "Time of a step", "step", "", true, false}};

absl::StatusOr<ReportChart> ChartOf(Connection& engine, const std::vector<proto::RunSummary>& runs,
                                    const ReportSeries& series, const std::string& x) {
  ReportChart chart{series.title, "", series.x, series.x_unit, series.from_zero, series.has_target, {}};
  if (!x.empty()) {
    chart.x_title = x;
    chart.x_unit = x == "seconds" ? "s" : x == "bytes" ? "B" : "";
  }
  const bool is_joined = !IsRunAxis(chart.x_title);
  for (const proto::RunSummary& run : runs) {
    proto::GetSeriesRequest request;
    request.set_run(run.run());
    request.set_name(series.name);
    request.set_rank(-1);
    request.set_x(is_joined ? "" : chart.x_title);
    request.set_x_series(is_joined ? chart.x_title : "");
    request.set_max_points(kChartColumns);
    const auto reply = engine.Call(&proto::Engine::Stub::GetSeries, request, kSeriesDeadlineSeconds);
    if (!reply.ok() && !absl::IsNotFound(reply.status())) return Annotate(reply.status(), run.run());
    CurveBand& band = chart.curves.emplace_back();
    if (!reply.ok()) continue;
    band.x.assign(reply->x().begin(), reply->x().end());
    band.mean.assign(reply->mean().begin(), reply->mean().end());
    band.low.assign(reply->min().begin(), reply->min().end());
    band.high.assign(reply->max().begin(), reply->max().end());
    if (!reply->unit().empty()) chart.unit = reply->unit();
    if (is_joined && !reply->x_unit().empty()) chart.x_unit = reply->x_unit();
    band.is_in_step_order = is_joined;
    if (is_joined) band.low = band.high = band.mean;  // a band along a path that goes back would hide it
  }
  if (is_joined) chart.x_title += ", joined in the order of steps";
  return chart;
}

// A series that no run has is a mistyped one: the engine names the nearest.
absl::Status CheckX(Connection& engine, const std::vector<proto::RunSummary>& runs, const std::string& x) {
  if (x.empty() || IsRunAxis(x)) return absl::OkStatus();
  absl::Status missing;
  for (const proto::RunSummary& run : runs) {
    proto::GetSeriesRequest request;
    request.set_run(run.run());
    request.set_name(x);
    request.set_rank(-1);
    request.set_max_points(1);
    const auto reply = engine.Call(&proto::Engine::Stub::GetSeries, request, kSeriesDeadlineSeconds);
    if (reply.ok()) return absl::OkStatus();
    if (missing.ok()) missing = reply.status();
  }
  return Annotate(missing, "--x");
}

Accuracies AccuraciesOf(const Curve& curve) { return {curve.x, curve.accuracy}; }

// `curves`: of each run over seconds, bytes and epochs.
absl::Status WriteReport(Connection& engine, const CompareArguments& arguments,
                         const std::vector<proto::RunSummary>& runs,
                         const std::vector<std::vector<Curve>>& curves) {
  RETURN_IF_ERROR(CheckX(engine, runs, arguments.x));
  ComparisonReport report;
  report.seeds_as_one = !arguments.seeds_apart;
  for (size_t i = 0; i < runs.size(); ++i) {
    ComparedRun run = ComparedRunOf(runs[i], StateName(runs[i].state()));
    run.by_seconds = AccuraciesOf(curves[i][0]);
    run.by_bytes = AccuraciesOf(curves[i][1]);
    run.by_epoch = AccuraciesOf(curves[i][2]);
    report.runs.push_back(std::move(run));
    if (!arguments.baseline.empty() && arguments.runs[i] == arguments.baseline) report.baseline = i;
  }
  // A run that was never evaluated reached nothing; the others still have something in common.
  report.target_accuracy = arguments.accuracy > 0 ? arguments.accuracy : CommonTarget(report.runs);
  for (const ReportSeries& series : kReportSeries) {
    // Against one x the same series is drawn once, whatever its own are.
    const bool is_drawn = std::any_of(
        std::begin(kReportSeries), &series,
        [&series](const ReportSeries& before) { return std::string_view(before.name) == series.name; });
    if (!arguments.x.empty() && is_drawn) continue;
    ASSIGN_OR_RETURN(ReportChart chart, ChartOf(engine, runs, series, arguments.x));
    report.charts.push_back(std::move(chart));
  }
  report.written_unix_ms = WallUnixMs();
  const std::string html = ComparisonHtml(report);
  if (!arguments.report.empty()) RETURN_IF_ERROR(WriteFileAtomically(arguments.report, html));
  return arguments.pdf.empty() ? absl::OkStatus() : WriteReportPdf(html, arguments.pdf);
}

}  // namespace

Outcome Compare(const CommonOptions& options, const CompareArguments& arguments) {
  const std::vector<std::string>& names = arguments.runs;
  const double accuracy = arguments.accuracy;
  if (!arguments.baseline.empty() && std::find(names.begin(), names.end(), arguments.baseline) == names.end())
    return {absl::InvalidArgumentError(
        fmt::format("--baseline: {} is none of the runs to compare; name one of them", arguments.baseline))};
  const std::optional<TableFormat> format = TableFormatOf(arguments.table);
  if (!arguments.table.empty() && !format)
    return {absl::InvalidArgumentError(
        fmt::format("--table: found \"{}\", expected a file name that ends in .csv, .tsv, .md or .tex",
                    arguments.table))};
  if (arguments.report.ends_with(".pdf"))
    return {absl::InvalidArgumentError(
        fmt::format("--report: found \"{0}\", expected a name for a page of HTML; --pdf {0} writes PDF",
                    arguments.report))};
  if (!arguments.pdf.empty())
    if (const absl::Status can = CanWriteReportPdf(); !can.ok()) return {can};
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  std::vector<proto::RunSummary> runs;
  std::vector<std::string> specs;
  for (const std::string& name : names) {
    auto run = engine->FindRun(name);
    if (!run.ok()) return {Annotate(run.status(), name)};
    specs.push_back(run->spec_json());
    runs.push_back(*std::move(run));
  }

  Json differences = Json::array();
  for (const SpecDifference& difference : SpecDifferences(specs))
    differences.push_back({{"pointer", difference.pointer}, {"values", difference.values}});

  const char* axes[] = {"seconds", "bytes", "epoch"};
  std::vector<std::vector<Curve>> curves(runs.size());
  double common = 1;
  for (size_t i = 0; i < runs.size(); ++i) {
    for (const char* x : axes) {
      auto curve = AccuracyCurve(*engine, runs[i].run(), x);
      if (!curve.ok()) return {curve.status()};
      curves[i].push_back(*std::move(curve));
    }
    double best = 0;
    for (const double y : curves[i][0].accuracy) best = std::max(best, y);
    common = std::min(common, best);
  }
  const double target = accuracy > 0 ? accuracy : common;
  if (!arguments.report.empty() || !arguments.pdf.empty()) {
    const absl::Status written = WriteReport(*engine, arguments, runs, curves);
    if (!written.ok()) return {written};
  }

  Json json_runs = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < runs.size(); ++i) {
    const double seconds = curves[i][0].Reaches(target);
    const double bytes = curves[i][1].Reaches(target);
    const double epochs = curves[i][2].Reaches(target);
    json_runs.push_back(
        {{"run", runs[i].run()},
         {"name", runs[i].name()},
         {"state", StateName(runs[i].state())},
         {"test_accuracy", runs[i].has_test() ? NumberOrNull(runs[i].test_accuracy()) : Json(nullptr)},
         {"seconds", NumberOrNull(runs[i].seconds())},
         {"bytes_sent", runs[i].bytes_sent()},
         {"samples_per_second", NumberOrNull(runs[i].samples_per_second())},
         {"to_accuracy",
          {{"seconds", NumberOrNull(seconds)},
           {"bytes", NumberOrNull(bytes)},
           {"epochs", NumberOrNull(epochs)}}}});
    rows.push_back({runs[i].run(), runs[i].has_test() ? fmt::format("{:.4f}", runs[i].test_accuracy()) : "–",
                    SecondsText(seconds), std::isfinite(bytes) ? BytesText(bytes) : "–",
                    std::isfinite(epochs) ? fmt::format("{:.2f}", epochs) : "–",
                    CountText(runs[i].samples_per_second()), runs[i].name()});
  }
  const std::vector<std::string> header = {
      "run",       "accuracy", fmt::format("time to {:.4g}", target), "bytes to it", "epochs to it",
      "samples/s", "name"};
  if (format) {
    const TextTable table{header, rows};
    const absl::Status written = WriteFileAtomically(
        arguments.table, TableAs(arguments.transposed ? Transposed(table) : table, *format));
    if (!written.ok()) return {written};
  }
  if (options.json) {
    Json document = {
        {"accuracy", target}, {"runs", std::move(json_runs)}, {"differences", std::move(differences)}};
    if (!arguments.report.empty()) document["report"] = arguments.report;
    if (!arguments.pdf.empty()) document["pdf"] = arguments.pdf;
    if (!arguments.table.empty()) document["table"] = arguments.table;
    PrintJson(document);
    return {};
  }
  std::string text = TableText(header, rows);
  if (differences.empty() && runs.size() > 1) {
    text += "\nthe settings do not differ\n";
  } else if (runs.size() > 1) {
    std::vector<std::string> setting_header = {"setting"};
    for (const auto& run : runs) setting_header.push_back(run.run());
    std::vector<std::vector<std::string>> setting_rows;
    for (const Json& difference : differences) {
      std::vector<std::string> row = {difference["pointer"].get<std::string>()};
      for (const Json& value : difference["values"]) row.push_back(value.is_null() ? "–" : value.dump());
      setting_rows.push_back(std::move(row));
    }
    text += "\n" + TableText(setting_header, setting_rows);
  }
  if (!arguments.report.empty()) text += "\nthe report is in " + arguments.report + "\n";
  if (!arguments.pdf.empty()) text += "\nthe report is in " + arguments.pdf + "\n";
  if (!arguments.table.empty()) text += "\nthe table is in " + arguments.table + "\n";
  PrintText(text);
  return {};
}

}  // namespace concertina::ctl
