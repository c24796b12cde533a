// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_table.cc: see sweep_table.h.
#include "app/ctl/sweep_table.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "app/ctl/output.h"
#include "core/analysis/export_chart.h"
#include "core/analysis/export_csv.h"
#include "core/analysis/export_scatter.h"
#include "core/analysis/export_style.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina::ctl {
namespace {

bool Has(const std::vector<size_t>& front, size_t point) {
  return std::find(front.begin(), front.end(), point) != front.end();
}

std::string Number(double value, const char* format) {
  return std::isfinite(value) ? fmt::format(fmt::runtime(format), value) : "–";
}

std::string BandwidthText(double mbit) {
  return mbit < 1000 ? fmt::format("{:.3g} Mbit/s", mbit) : fmt::format("{:.3g} Gbit/s", mbit / 1000);
}

std::string PaysText(const PointResult& point) {
  if (!point.has_partner || point.break_even.pays == BreakEven::Pays::kUnknown) return "–";
  switch (point.break_even.pays) {
    case BreakEven::Pays::kBelow:
      return BandwidthText(point.break_even.bandwidth_mbit);
    case BreakEven::Pays::kAbove:
      return "above " + BandwidthText(point.break_even.bandwidth_mbit);
    default:
      return PaysName(point.break_even.pays);
  }
}

struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

Table TableOf(const Sweep& sweep, const SweepResult& result) {
  const auto any = [&](auto has) { return std::any_of(result.points.begin(), result.points.end(), has); };
  const bool has_states = any([](const PointResult& point) { return point.state != "finished"; });
  const bool has_partners = any([](const PointResult& point) { return point.has_partner; });
  const bool has_rounds = sweep.search.kind == SweepSearch::Kind::kSuccessiveHalving;
  Table table;
  for (const SweepAxis& axis : sweep.axes) table.header.push_back(axis.name);
  if (has_states) table.header.emplace_back("state");
  if (has_rounds) table.header.emplace_back("epochs");
  for (const char* name : {"accuracy", "loss", "time", "samples/s", "sent", "ratio"})
    table.header.emplace_back(name);
  if (has_partners) table.header.emplace_back("error");
  if (sweep.target_accuracy) {
    table.header.push_back(fmt::format("time to {:.4g}", *sweep.target_accuracy));
    table.header.emplace_back("bytes to it");
  }
  if (has_partners) {
    table.header.emplace_back("× dense");
    table.header.emplace_back("pays below");
  }
  table.header.emplace_back("best by");
  for (size_t i = 0; i < result.points.size(); ++i) {
    const PointResult& point = result.points[i];
    const auto figure = [&point](const char* name) { return FigureOf(point, name); };
    const auto bytes = [&](const char* name) {
      return std::isfinite(figure(name)) ? BytesText(figure(name)) : std::string("–");
    };
    std::vector<std::string>& row = table.rows.emplace_back();
    for (const AxisValue& value : sweep.points[i].values) row.push_back(value.label);
    if (has_states) row.push_back(point.state);
    if (has_rounds) row.push_back(Number(point.epochs, "{:.3g}"));
    row.push_back(
        Number(figure("test_accuracy"), "{:.4f}") +
        (std::isfinite(point.accuracy_deviation) ? fmt::format(" ± {:.4f}", point.accuracy_deviation) : ""));
    row.push_back(Number(figure("test_loss"), "{:.4f}"));
    row.push_back(SecondsText(figure("seconds")));
    row.push_back(CountText(figure("samples_per_second")));
    row.push_back(bytes("bytes_sent"));
    row.push_back(Number(figure("compression_ratio"), "{:.3g}"));
    if (has_partners) row.push_back(Number(point.relative_error, "{:.3g}"));
    if (sweep.target_accuracy) {
      row.push_back(SecondsText(figure("seconds_to_target")));
      row.push_back(bytes("bytes_to_target"));
    }
    if (has_partners) {
      row.push_back(point.has_partner ? Number(point.speedup, "{:.3g}") : "–");
      row.push_back(PaysText(point));
    }
    std::vector<std::string> fronts;
    if (Has(result.accuracy_bytes, i)) fronts.emplace_back("bytes");
    if (Has(result.accuracy_seconds, i)) fronts.emplace_back("time");
    row.push_back(fmt::format("{}", fmt::join(fronts, ", ")));
  }
  return table;
}

// Of two axes: what depends on the first alone, and what on both as a table of the one by the other. In step,
// a link changes when things come, and no bit of what comes.
Table OfRows(const Sweep& sweep, const SweepResult& result, size_t columns) {
  Table table{.header = {sweep.axes[0].name, "accuracy", "ratio", "error", "encode", "decode"}};
  for (size_t row = 0; row * columns < result.points.size(); ++row) {
    const auto mean = [&](auto figure) {
      double sum = 0;
      int known = 0;
      for (size_t column = 0; column < columns; ++column) {
        const double value = figure(result.points[row * columns + column]);
        if (!std::isfinite(value)) continue;
        sum += value;
        ++known;
      }
      return sum / known;  // of nothing: NaN
    };
    table.rows.push_back(
        {sweep.points[row * columns].values[0].label,
         Number(mean([](const PointResult& point) { return FigureOf(point, "test_accuracy"); }), "{:.4f}"),
         Number(mean([](const PointResult& point) { return FigureOf(point, "compression_ratio"); }),
                "{:.3g}"),
         Number(mean([](const PointResult& point) { return point.relative_error; }), "{:.3g}"),
         SecondsText(mean([](const PointResult& point) { return point.encode_seconds; })),
         SecondsText(mean([](const PointResult& point) { return point.decode_seconds; }))});
  }
  return table;
}

Table Crossed(const Sweep& sweep, const SweepResult& result, size_t columns) {
  Table table{.header = {sweep.axes[0].name}};
  for (const char* figure : {"samples/s", "time to"})
    for (size_t column = 0; column < columns; ++column)
      if (*figure == 's' || sweep.target_accuracy)
        table.header.push_back(fmt::format(
            "{}{}, {}", figure, *figure == 's' ? "" : fmt::format(" {:.4g}", *sweep.target_accuracy),
            sweep.axes[1].values[column].label));
  table.header.emplace_back("pays below");
  for (size_t first = 0; first < result.points.size(); first += columns) {
    std::vector<std::string>& row = table.rows.emplace_back();
    row.push_back(sweep.points[first].values[0].label);
    for (size_t column = 0; column < columns; ++column)
      row.push_back(CountText(FigureOf(result.points[first + column], "samples_per_second")));
    for (size_t column = 0; column < columns && sweep.target_accuracy; ++column)
      row.push_back(SecondsText(FigureOf(result.points[first + column], "seconds_to_target")));
    row.push_back(PaysText(result.points[first + columns - 1]));
  }
  return table;
}

std::string MarkdownOf(const Table& table) {
  const auto line = [](const std::vector<std::string>& cells) {
    return fmt::format("| {} |\n", fmt::join(cells, " | "));
  };
  std::string text = line(table.header) + line(std::vector<std::string>(table.header.size(), "---"));
  for (const auto& row : table.rows) text += line(row);
  return text;
}

// What stands below the table.
std::vector<std::string> NotesOf(const Sweep& sweep, const SweepResult& result) {
  std::vector<std::string> notes = {
      "best by: no point is as accurate and sends fewer bytes, or takes less time, nor is one more accurate "
      "for as much"};
  if (std::any_of(result.points.begin(), result.points.end(),
                  [](const auto& point) { return point.has_partner; }))
    notes.emplace_back(
        "pays below: on a slower link a step is shorter than the dense one, by measured encode, decode and "
        "bytes, and the plan's rounds; × dense: samples a second as they were here");
  if (result.best >= 0) {
    const auto best = static_cast<size_t>(result.best);
    notes.push_back(fmt::format("{} {}: {:.6g} with {}", sweep.objective.is_maximum ? "largest" : "smallest",
                                sweep.objective.series, FigureOf(result.points[best], sweep.objective.series),
                                sweep.points[best].label));
  } else {
    notes.push_back(fmt::format("no point came to a {}", sweep.objective.series));
  }
  for (size_t i = 0; i < result.points.size(); ++i)
    if (!result.points[i].error.empty())
      notes.push_back(
          fmt::format("{}: {}: {}", sweep.points[i].label, result.points[i].state, result.points[i].error));
  return notes;
}

Json LabelsOf(const Sweep& sweep, const std::vector<size_t>& points) {
  Json labels = Json::array();
  for (const size_t point : points) labels.push_back(sweep.points[point].label);
  return labels;
}

std::string CellOf(const Json& value) {
  if (value.is_null()) return "";
  return CsvCell(value.is_string() ? value.get<std::string>() : value.dump());
}

}  // namespace

Json SweepJson(const Sweep& sweep, const std::vector<PointRuns>& runs, const SweepResult& result) {
  Json points = Json::array();
  for (size_t i = 0; i < result.points.size(); ++i) {
    const PointResult& point = result.points[i];
    Json values = Json::object(), ids = Json::array();
    for (size_t axis = 0; axis < sweep.axes.size(); ++axis)
      values[sweep.axes[axis].pointer] = Json::parse(sweep.points[i].values[axis].json, nullptr, false);
    for (const SweepRun& run : runs[i].runs)
      if (!run.summary.run().empty()) ids.push_back(run.summary.run());
    Json json = {{"label", sweep.points[i].label},
                 {"values", std::move(values)},
                 {"run", ids.empty() ? Json(nullptr) : ids[0]},
                 {"runs", ids},
                 {"state", point.state},
                 {"error", point.error}};
    for (size_t f = 0; f < kSweepFigures.size(); ++f)
      json[std::string(kSweepFigures[f].name)] = NumberOrNull(point.figures[f]);
    json["test_accuracy_deviation"] = NumberOrNull(point.accuracy_deviation);
    json["epochs"] = NumberOrNull(point.epochs);
    json["encode_seconds"] = NumberOrNull(point.encode_seconds);
    json["decode_seconds"] = NumberOrNull(point.decode_seconds);
    json["relative_error"] = NumberOrNull(point.relative_error);
    json["speedup"] = NumberOrNull(point.speedup);
    const auto bandwidth = [&point](BreakEven::Pays pays) {
      return point.break_even.pays == pays ? Json(point.break_even.bandwidth_mbit) : Json(nullptr);
    };
    json["pays"] = point.has_partner ? Json(PaysName(point.break_even.pays)) : Json(nullptr);
    json["pays_below_mbit"] = bandwidth(BreakEven::Pays::kBelow);
    json["pays_above_mbit"] = bandwidth(BreakEven::Pays::kAbove);
    points.push_back(std::move(json));
  }
  return {
      {"sweep", sweep.name},
      {"objective",
       {{"series", sweep.objective.series}, {"goal", sweep.objective.is_maximum ? "maximum" : "minimum"}}},
      {"target_accuracy", sweep.target_accuracy ? Json(*sweep.target_accuracy) : Json(nullptr)},
      {"points", std::move(points)},
      {"best", result.best < 0 ? Json(nullptr) : Json(sweep.points[static_cast<size_t>(result.best)].label)},
      {"fronts",
       {{"accuracy_bytes", LabelsOf(sweep, result.accuracy_bytes)},
        {"accuracy_seconds", LabelsOf(sweep, result.accuracy_seconds)}}}};
}

std::string SweepTableText(const Sweep& sweep, const SweepResult& result) {
  const Table table = TableOf(sweep, result);
  std::string text = TableText(table.header, table.rows) + "\n";
  for (const std::string& note : NotesOf(sweep, result)) text += note + "\n";
  return text;
}

std::string SweepCsv(const Sweep& sweep, const Json& json) {
  std::string csv;
  const Json none = Json::object();
  const Json& first = json["points"].empty() ? none : json["points"][0];
  for (const SweepAxis& axis : sweep.axes) csv += CsvCell(axis.pointer) + ",";
  std::vector<std::string> columns;
  for (const auto& [name, value] : first.items())
    if (name != "values" && name != "runs") columns.push_back(name);
  csv += fmt::format("{}\r\n", fmt::join(columns, ","));
  for (size_t i = 0; i < json["points"].size(); ++i) {
    const Json& point = json["points"][i];
    for (const AxisValue& value : sweep.points[i].values) csv += CsvCell(value.label) + ",";
    for (const std::string& column : columns)
      csv += CellOf(point[column]) + (column == columns.back() ? "\r\n" : ",");
  }
  return csv;
}

std::string SweepHtml(const Sweep& sweep, const SweepResult& result) {
  const Table table = TableOf(sweep, result);
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
      "charset=\"utf-8\"><title>{0}</title><style>{1}</style></head>"
      "<body><main><header><h1>{0}</h1><p class=\"about\">Concertina, sweep of {2} points</p></header>"
      "<section class=\"card scroll\"><table><thead><tr>",
      EscapeHtml(sweep.name), kExportStyle, result.points.size());
  for (const std::string& name : table.header) html += "<th>" + EscapeHtml(name) + "</th>";
  html += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    html += "<tr>";
    for (const std::string& cell : row) html += "<td>" + EscapeHtml(cell) + "</td>";
    html += "</tr>\n";
  }
  html += "</tbody></table></section><section class=\"charts\">";
  for (const auto& [title, figure, unit, front] :
       {std::tuple("Accuracy and bytes", "bytes_sent", "B", &result.accuracy_bytes),
        {"Accuracy and time", "seconds", "s", &result.accuracy_seconds}}) {
    Scatter scatter{.title = title, .x_unit = unit};
    for (size_t i = 0; i < result.points.size(); ++i)
      scatter.points.push_back({sweep.points[i].label, FigureOf(result.points[i], figure),
                                FigureOf(result.points[i], "test_accuracy"), Has(*front, i)});
    const std::string svg = ScatterSvg(scatter);
    if (!svg.empty()) html += fmt::format("<div class=\"card\"><h2>{}</h2>{}</div>", title, svg);
  }
  html += "</section><footer>";
  for (const std::string& note : NotesOf(sweep, result)) html += "<p>" + EscapeHtml(note) + "</p>";
  return html + "</footer></main></body></html>\n";
}

std::string SweepMarkdown(const Sweep& sweep, const SweepResult& result) {
  std::string text;
  const bool is_crossed = sweep.axes.size() == 2 && sweep.search.kind == SweepSearch::Kind::kGrid &&
                          !sweep.axes[1].values.empty();
  if (is_crossed) {
    const size_t columns = sweep.axes[1].values.size();
    text = MarkdownOf(OfRows(sweep, result, columns)) + "\n" + MarkdownOf(Crossed(sweep, result, columns));
  } else {
    text = MarkdownOf(TableOf(sweep, result));
  }
  for (const std::string& note : NotesOf(sweep, result)) text += "\n" + note + "\n";
  return text;
}

absl::Status CheckOutName(const std::string& path) {
  for (const char* ending : {".csv", ".json", ".html", ".pdf", ".md"})
    if (path.ends_with(ending)) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "--out: found \"{}\", expected a file name that ends in .csv, .json, .html, .pdf or .md", path));
}

}  // namespace concertina::ctl
