// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layers_command.cc: layers: what the gradient codec does to each layer, and what it does not send of it.
#include <algorithm>
#include <cmath>

#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "core/analysis/layer_table.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

absl::StatusOr<proto::GetSeriesReply> ReadSeries(Connection& engine, const std::string& run,
                                                 const std::string& name, double from, double to) {
  proto::GetSeriesRequest request;
  request.set_run(run);
  request.set_name(name);
  request.set_rank(-1);
  request.set_x_from(from);
  request.set_x_to(to);
  return engine.Call(&proto::Engine::Stub::GetSeries, request, kSeriesDeadlineSeconds);
}

// The layers at the newest step at which they were measured, in the order of the model; none: never yet.
struct MeasuredLayers {
  int64_t step = -1;
  std::vector<LayerRow> rows;
};
absl::StatusOr<MeasuredLayers> ReadLayers(Connection& engine, const std::string& run) {
  proto::ListSeriesRequest list;
  list.set_run(run);
  ASSIGN_OR_RETURN(const proto::ListSeriesReply known,
                   engine.Call(&proto::Engine::Stub::ListSeries, list, kSeriesDeadlineSeconds));
  MeasuredLayers measured;
  for (const proto::SeriesInfo& info : known.series()) {
    const std::optional<LayerSeriesName> name = ParseLayerSeries(info.name());
    if (!name) continue;
    if (measured.step < 0) {
      // Every measured step has all layers, so any of the dense series tells which was the last.
      ASSIGN_OR_RETURN(const proto::GetSeriesReply all,
                       ReadSeries(engine, run, LayerSeriesOf(name->layer, LayerFigure::kParameters), 0, 0));
      if (all.x_size() == 0) return measured;
      measured.step = std::llround(all.x(all.x_size() - 1));
    }
    auto row = std::find_if(measured.rows.begin(), measured.rows.end(),
                            [&](const LayerRow& one) { return one.name == name->layer; });
    if (row == measured.rows.end()) row = measured.rows.insert(row, LayerRow{name->layer});
    const auto at = static_cast<double>(measured.step);
    ASSIGN_OR_RETURN(const proto::GetSeriesReply value,
                     ReadSeries(engine, run, info.name(), at - 0.5, at + 0.5));
    if (value.mean_size() > 0) row->figures[static_cast<size_t>(name->figure)] = value.mean(0);
  }
  return measured;
}

Json LayersJson(const std::string& run, const MeasuredLayers& measured, const std::string& obstacle) {
  Json layers = Json::array();
  for (const LayerRow& row : measured.rows) {
    Json layer = {{"layer", row.name}};
    for (size_t i = 0; i < kLayerFigureNames.size(); ++i)
      layer[kLayerFigureNames[i]] = NumberOrNull(row.figures[i]);
    layer["payload_share"] = NumberOrNull(PayloadShare(measured.rows, row));
    layers.push_back(std::move(layer));
  }
  return {{"run", run},
          {"step", measured.step < 0 ? Json(nullptr) : Json(measured.step)},
          {"obstacle", obstacle.empty() ? Json(nullptr) : Json(obstacle)},
          {"layers", std::move(layers)}};
}

std::string FigureText(double value) { return std::isfinite(value) ? fmt::format("{:.3g}", value) : "–"; }

std::string LayersTable(const MeasuredLayers& measured) {
  std::vector<std::vector<std::string>> rows;
  for (const LayerRow& row : measured.rows) {
    const double share = PayloadShare(measured.rows, row);
    rows.push_back({row.name, CountText(row.at(LayerFigure::kParameters)),
                    std::isfinite(share) ? BytesText(row.at(LayerFigure::kPayloadBytes)) : "–",
                    std::isfinite(share) ? fmt::format("{:.1f} %", 100 * share) : "–",
                    FigureText(row.at(LayerFigure::kRelativeError)), FigureText(row.at(LayerFigure::kCosine)),
                    FigureText(RelativeResidual(row)), FigureText(row.at(LayerFigure::kResidualAge)),
                    FigureText(row.at(LayerFigure::kResidualCosine)),
                    SecondsText(row.at(LayerFigure::kEncodeSeconds)),
                    SecondsText(row.at(LayerFigure::kDecodeSeconds))});
  }
  return TableText({"layer", "parameters", "payload", "of all", "rel. error", "cosine", "|e|/|g|",
                    "age, steps", "cos(e, g)", "encode", "decode"},
                   rows);
}

Outcome ShowLayers(const CommonOptions& options, Connection& engine, const proto::RunSummary& run) {
  const absl::StatusOr<MeasuredLayers> measured = ReadLayers(engine, run.run());
  if (!measured.ok()) return {measured.status()};
  std::string obstacle;
  if (measured->rows.empty()) {
    obstacle = LayerObstacle(concertina::Json::parse(run.spec_json(), nullptr, false));
    if (obstacle.empty())
      obstacle =
          "nothing measured yet: layers are measured every /training/measure_every_steps, if gradients "
          "travel then";
  }
  if (options.json) {
    PrintJson(LayersJson(run.run(), *measured, obstacle));
    return {};
  }
  if (measured->rows.empty()) {
    PrintText(obstacle + "\n");
    return {};
  }
  PrintText(fmt::format("step {}, as rank 0 sent it\n{}", CountText(static_cast<double>(measured->step)),
                        LayersTable(*measured)));
  return {};
}

}  // namespace

void AddLayersCommand(CLI::App& app, Action& action) {
  AddRunCommand(app, action, "layers",
                "What the gradient codec does to each layer, and what of it waits in the residual",
                ShowLayers);
}

}  // namespace concertina::ctl
