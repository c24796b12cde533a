// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// histogram_command.cc: histogram: how large the elements of a run's next gradient are, layer by layer.
#include <algorithm>
#include <chrono>
#include <thread>

#include "app/ctl/commands.h"
#include "app/ctl/connection.h"
#include "app/ctl/output.h"
#include "core/analysis/octaves.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

constexpr double kWaitSeconds = 60;
constexpr auto kPeriod = std::chrono::milliseconds(100);
constexpr const char* kBars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

absl::StatusOr<std::vector<proto::RunEvent>> Histograms(Connection& engine, const std::string& run) {
  proto::RunRequest request;
  request.set_run(run);
  ASSIGN_OR_RETURN(const proto::ListEventsReply reply,
                   engine.Call(&proto::Engine::Stub::ListEvents, request));
  std::vector<proto::RunEvent> found;
  for (const proto::RunEvent& event : reply.events())
    if (event.kind() == "histogram") found.push_back(event);
  return found;
}

std::string Sparkline(const OctaveCounts& layer, int least, int last) {
  const double most = static_cast<double>(std::max<int64_t>(1, layer.most()));
  std::string line;
  for (int e = least; e <= last; ++e) {
    const int64_t count = layer.at(e);
    // What is there at all is seen.
    const auto height = static_cast<size_t>(count == 0 ? 0 : 1 + 7 * static_cast<double>(count) / most);
    line += kBars[std::min<size_t>(height, 8)];
  }
  return line;
}

std::string OctaveTable(const std::vector<OctaveCounts>& layers) {
  const auto [least, last] = OctavesInUse(layers);
  std::vector<std::vector<std::string>> rows;
  for (const OctaveCounts& layer : layers)
    rows.push_back({layer.layer, CountText(static_cast<double>(layer.total())),
                    fmt::format("{:.1f} %", 100.0 * static_cast<double>(layer.zeros) /
                                                static_cast<double>(std::max<int64_t>(1, layer.total()))),
                    fmt::format("{:.3g}", layer.Quantile(0.5)), fmt::format("{:.3g}", layer.Quantile(0.99)),
                    Sparkline(layer, least, last)});
  return TableText(
      {"layer", "elements", "zeros", "median |g|", "99 %", fmt::format("2^{} to 2^{}", least, last + 1)},
      rows);
}

Outcome Histogram(const CommonOptions& options, Connection& engine, const proto::RunSummary& run) {
  const auto before = Histograms(engine, run.run());
  if (!before.ok()) return {before.status()};
  proto::ControlRunRequest request;
  request.set_run(run.run());
  request.set_action(proto::ControlRunRequest::HISTOGRAM);
  const auto control = engine.Call(&proto::Engine::Stub::ControlRun, request);
  if (!control.ok()) return {control.status()};
  for (const Deadline deadline = Deadline::After(kWaitSeconds); !deadline.Passed();
       std::this_thread::sleep_for(kPeriod)) {
    const auto now = Histograms(engine, run.run());
    if (!now.ok()) return {now.status()};
    if (now->size() == before->size()) continue;
    const proto::RunEvent& event = now->back();
    const std::vector<OctaveCounts> layers = ReadOctaves(event.json());
    if (options.json) {
      Json json = Json::parse(event.json(), nullptr, false);
      if (!json.is_object()) json = Json::object();
      json["run"] = run.run();
      PrintJson(json);
    } else {
      PrintText(layers.empty()
                    ? event.message() + "\n"
                    : fmt::format("step {}, rank 0's own gradient\n{}",
                                  CountText(static_cast<double>(event.step())), OctaveTable(layers)));
    }
    return {};
  }
  return {absl::DeadlineExceededError(
      fmt::format("run {}: no step came within {:.0f} s; its state is in `concertinactl show`", run.run(),
                  kWaitSeconds))};
}

}  // namespace

void AddHistogramCommand(CLI::App& app, Action& action) {
  AddRunCommand(app, action, "histogram",
                "Count the elements of a run's next gradient by their size, layer by layer", Histogram);
}

}  // namespace concertina::ctl
