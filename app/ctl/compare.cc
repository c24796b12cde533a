// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare.cc: see compare.h.
#include "app/ctl/compare.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "app/ctl/accuracy_curve.h"
#include "app/ctl/output.h"
#include "fmt/format.h"

namespace concertina::ctl {
Outcome Compare(const CommonOptions& options, const std::vector<std::string>& names, double accuracy) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  std::vector<proto::RunSummary> runs;
  std::vector<Json> specs;
  for (const std::string& name : names) {
    proto::RunRequest request;
    request.set_run(name);
    auto run = engine->Call(&proto::Engine::Stub::GetRun, request);
    if (!run.ok()) return {Annotate(run.status(), name)};
    Json spec = Json::parse(run->spec_json(), nullptr, false);
    specs.push_back(spec.is_discarded() ? Json::object() : spec.flatten());
    runs.push_back(*std::move(run));
  }

  std::vector<std::string> pointers;
  for (const Json& spec : specs)
    for (const auto& [pointer, value] : spec.items())
      if (std::find(pointers.begin(), pointers.end(), pointer) == pointers.end()) pointers.push_back(pointer);
  Json differences = Json::array();
  for (const std::string& pointer : pointers) {
    Json values = Json::array();
    for (const Json& spec : specs) values.push_back(spec.contains(pointer) ? spec[pointer] : Json(nullptr));
    if (std::any_of(values.begin(), values.end(),
                    [&values](const Json& value) { return value != values[0]; }))
      differences.push_back({{"pointer", pointer}, {"values", std::move(values)}});
  }

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
  if (options.json) {
    PrintJson(
        {{"accuracy", target}, {"runs", std::move(json_runs)}, {"differences", std::move(differences)}});
    return {};
  }
  std::string text = TableText({"run", "accuracy", fmt::format("time to {:.4g}", target), "bytes to it",
                                "epochs to it", "samples/s", "name"},
                               rows);
  if (differences.empty() && runs.size() > 1) {
    text += "\nthe settings do not differ\n";
  } else if (runs.size() > 1) {
    std::vector<std::string> header = {"setting"};
    for (const auto& run : runs) header.push_back(run.run());
    std::vector<std::vector<std::string>> setting_rows;
    for (const Json& difference : differences) {
      std::vector<std::string> row = {difference["pointer"].get<std::string>()};
      for (const Json& value : difference["values"]) row.push_back(value.is_null() ? "–" : value.dump());
      setting_rows.push_back(std::move(row));
    }
    text += "\n" + TableText(header, setting_rows);
  }
  PrintText(text);
  return {};
}

}  // namespace concertina::ctl
