// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_recipe.cc: see export_recipe.h.
#include "core/analysis/export_recipe.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/analysis/export_chart.h"
#include "core/analysis/export_scatter.h"
#include "core/analysis/export_style.h"
#include "core/analysis/pareto.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using RecipeJson = nlohmann::json;

constexpr const char* kNoFigureText = "–";

std::string PercentText(double share) {
  return std::isfinite(share) ? fmt::format("{:.2f} %", 100 * share) : kNoFigureText;
}

// Lost accuracy is a loss: the sign says where it went.
std::string PointsText(double lost) {
  return std::isfinite(lost) ? fmt::format("{:+.2f}", 0.0 - 100 * lost) : kNoFigureText;
}

std::string Quantity(double value, std::string_view unit) {
  return std::isfinite(value) ? QuantityText(value, unit) : kNoFigureText;
}

struct RecipeColumn {
  const char* title;
  std::string (*text)(const RecipeFigures& step);
};
constexpr RecipeColumn kRecipeColumns[] = {
    {"File", [](const RecipeFigures& s) { return Quantity(s.file_bytes, "B"); }},
    {"Smaller by",
     [](const RecipeFigures& s) {
       return std::isfinite(s.ratio) ? fmt::format("{:.2f} ×", s.ratio) : std::string(kNoFigureText);
     }},
    {"Accuracy", [](const RecipeFigures& s) { return PercentText(s.test_accuracy); }},
    {"Points", [](const RecipeFigures& s) { return PointsText(s.accuracy_lost); }},
    {"Parameters", [](const RecipeFigures& s) { return Quantity(s.parameters, ""); }},
    {"Not zero", [](const RecipeFigures& s) { return Quantity(s.nonzeros, ""); }},
    {"Multiply-adds", [](const RecipeFigures& s) { return Quantity(s.macs, ""); }},
    {"Memory", [](const RecipeFigures& s) { return Quantity(s.memory_bytes, "B"); }},
    {"Latency (median)", [](const RecipeFigures& s) { return Quantity(s.latency_p50_seconds, "s"); }},
    {"Latency (99 %)", [](const RecipeFigures& s) { return Quantity(s.latency_p99_seconds, "s"); }},
};

// Of one as it was and of another as it is now.
std::string ChangeText(const std::string& before, const std::string& now) {
  return before == now ? now : before + " → " + now;
}

std::string RecipeTiles(const RecipeReport& report) {
  if (report.steps.empty()) return "";
  const RecipeFigures &was = report.steps.front(), &is = report.steps.back();
  const std::pair<const char*, std::string> figures[] = {
      {"File", ChangeText(Quantity(was.file_bytes, "B"), Quantity(is.file_bytes, "B"))},
      {"Accuracy", ChangeText(PercentText(was.test_accuracy), PercentText(is.test_accuracy))},
      {"Median latency",
       ChangeText(Quantity(was.latency_p50_seconds, "s"), Quantity(is.latency_p50_seconds, "s"))},
  };
  std::string tiles;
  for (const auto& [name, text] : figures)
    tiles += fmt::format("<div class=\"card tile\"><dl><dt>{}</dt><dd>{}</dd></dl></div>\n", name,
                         EscapeHtml(text));
  return "<section class=\"tiles\">\n" + tiles + "</section>\n";
}

std::string TableCard(std::string_view title, std::string_view note, const std::string& heads,
                      const std::string& rows) {
  return fmt::format(
      "<section class=\"card\"><h2>{}</h2>{}<div class=\"scroll\"><table class=\"wide\"><thead><tr>{}</tr>"
      "</thead><tbody>\n{}</tbody></table></div></section>\n",
      EscapeHtml(title), note.empty() ? "" : fmt::format("<p>{}</p>", EscapeHtml(note)), heads, rows);
}

std::string HeadCell(std::string_view title) {
  return fmt::format("<th scope=\"col\" class=\"number\">{}</th>", EscapeHtml(title));
}

std::string NumberCell(std::string_view text) {
  return fmt::format("<td class=\"number\">{}</td>", EscapeHtml(text));
}

std::string RowHeadCell(std::string_view text, std::string_view beneath = "") {
  return fmt::format("<th scope=\"row\">{}{}</th>", EscapeHtml(text),
                     beneath.empty() ? "" : fmt::format("<small>{}</small>", EscapeHtml(beneath)));
}

std::string StepsTable(const RecipeReport& report) {
  if (report.steps.empty())
    return "<section class=\"card\"><h2>Steps</h2><p>No step of the recipe has ended yet.</p></section>\n";
  std::string heads = "<th></th>", rows;
  for (const RecipeColumn& column : kRecipeColumns) heads += HeadCell(column.title);
  for (size_t i = 0; i < report.steps.size(); ++i) {
    rows += "<tr>" + RowHeadCell(i == 0 ? "as it was" : report.steps[i].text,
                                 i == 0 ? report.steps[i].text : std::string());
    for (const RecipeColumn& column : kRecipeColumns) rows += NumberCell(column.text(report.steps[i]));
    rows += "</tr>\n";
  }
  return TableCard("Steps", "", heads, rows);
}

std::string RecipeScatters(const RecipeReport& report) {
  struct Cost {
    const char* title;
    const char* unit;
    double RecipeFigures::*figure;
  };
  constexpr Cost kCosts[] = {{"Accuracy against bytes of the file", "B", &RecipeFigures::file_bytes},
                             {"Accuracy against median latency", "s", &RecipeFigures::latency_p50_seconds},
                             {"Accuracy against multiply-adds", "", &RecipeFigures::macs}};
  std::vector<double> accuracy;
  for (const RecipeFigures& step : report.steps) accuracy.push_back(step.test_accuracy);
  std::string cards;
  for (const Cost& cost : kCosts) {
    std::vector<double> values;
    for (const RecipeFigures& step : report.steps) values.push_back(step.*cost.figure);
    const std::vector<size_t> front = ParetoFront({accuracy, true}, {values, false});
    Scatter scatter{.title = cost.title, .x_unit = cost.unit};
    for (size_t i = 0; i < values.size(); ++i)
      scatter.points.push_back({i == 0 ? "as it was" : report.steps[i].text, values[i], accuracy[i],
                                std::find(front.begin(), front.end(), i) != front.end()});
    if (const std::string svg = ScatterSvg(scatter); !svg.empty())
      cards += fmt::format("<article class=\"card\"><h2>{}</h2>{}</article>\n", EscapeHtml(cost.title), svg);
  }
  return cards.empty() ? "" : "<section class=\"charts\">\n" + cards + "</section>\n";
}

std::string LayersTable(const RecipeReport& report) {
  if (report.details.empty() || report.details.back().layers.empty()) return "";
  const StepDetail& detail = report.details.back();
  std::string heads = "<th></th>", rows;
  for (const char* title : {"Weights", "Not zero", "Bits", "In the file", "Time of an answer"})
    heads += HeadCell(title);
  heads += "<th scope=\"col\">As</th>";
  for (const LayerDetail& layer : detail.layers) {
    const double count = static_cast<double>(layer.count);
    rows += "<tr>" + RowHeadCell(layer.name, fmt::format("{}", fmt::join(layer.shape, "×"))) +
            NumberCell(QuantityText(count, "")) +
            NumberCell(PercentText(static_cast<double>(layer.count - layer.zeros) / std::max(1.0, count))) +
            NumberCell(std::to_string(layer.bits)) +
            NumberCell(QuantityText(static_cast<double>(layer.bytes), "B")) +
            NumberCell(layer.seconds > 0 ? QuantityText(layer.seconds, "s") : kNoFigureText) +
            fmt::format("<td>{}</td></tr>\n", EscapeHtml(layer.coding));
  }
  std::string note = fmt::format("After step {}, {}.", detail.index, detail.text);
  if (detail.index > 0)
    note += fmt::format(
        " Of the answers to test samples {} became wrong and {} became right; {} are wrong in another way.",
        detail.became_wrong, detail.became_right, detail.still_wrong);
  if (detail.more_layers > 0) note += fmt::format(" {} layers more are not shown.", detail.more_layers);
  return TableCard("Layers", note, heads, rows);
}

std::string SensitivityTable(const RecipeReport& report) {
  const auto scanned = std::find_if(report.details.rbegin(), report.details.rend(),
                                    [](const StepDetail& detail) { return !detail.sensitivity.empty(); });
  if (scanned == report.details.rend()) return "";
  std::string rows;
  for (const LayerSensitivity& layer : ByHarm(scanned->sensitivity))
    rows += "<tr>" + RowHeadCell(layer.layer) + fmt::format("<td>{}</td>", EscapeHtml(layer.method)) +
            NumberCell(PercentText(layer.accuracy)) +
            NumberCell(PointsText(scanned->sensitivity_accuracy - layer.accuracy)) +
            NumberCell(fmt::format("{:.4g}", layer.loss)) + "</tr>\n";
  return TableCard(
      "Sensitivity",
      fmt::format("One layer alone is made smaller, without training afterwards, at step {}; {} "
                  "test samples, of which the whole model answers {} rightly.",
                  scanned->index, scanned->sensitivity_samples, PercentText(scanned->sensitivity_accuracy)),
      "<th></th><th scope=\"col\">By</th>" + HeadCell("Accuracy") + HeadCell("Points") + HeadCell("Loss"),
      rows);
}

std::string RecipeText(const RecipeReport& report) {
  const RecipeJson spec = RecipeJson::parse(report.spec_json, nullptr, /*allow_exceptions=*/false);
  if (!spec.is_object() || !spec.contains("recipe")) return "";
  return fmt::format("<section class=\"card\"><h2>Recipe</h2><pre>{}</pre></section>\n",
                     EscapeHtml(spec["recipe"].dump(2, ' ', false, RecipeJson::error_handler_t::replace)));
}

}  // namespace

RecipeFigures ReadRecipeFigures(const std::string& text, const std::string& event_json) {
  RecipeFigures figures;
  figures.text = text;
  const RecipeJson event = RecipeJson::parse(event_json, nullptr, /*allow_exceptions=*/false);
  if (!event.is_object() || !event.contains("figures") || !event["figures"].is_object()) return figures;
  const std::pair<const char*, double*> fields[] = {{"test_accuracy", &figures.test_accuracy},
                                                    {"accuracy_lost", &figures.accuracy_lost},
                                                    {"file_bytes", &figures.file_bytes},
                                                    {"ratio", &figures.ratio},
                                                    {"parameters", &figures.parameters},
                                                    {"nonzeros", &figures.nonzeros},
                                                    {"macs", &figures.macs},
                                                    {"memory_bytes", &figures.memory_bytes},
                                                    {"latency_p50_seconds", &figures.latency_p50_seconds},
                                                    {"latency_p99_seconds", &figures.latency_p99_seconds}};
  for (const auto& [name, value] : fields)
    if (const auto found = event["figures"].find(name); found != event["figures"].end() && found->is_number())
      *value = found->get<double>();
  return figures;
}

std::string RecipeHtml(const RecipeReport& report) {
  const std::string title = EscapeHtml(report.name.empty() ? report.run : report.name);
  std::string about = fmt::format(
      "run {} · {}", EscapeHtml(report.run),
      report.steps.size() == 2 ? std::string("1 step")
                               : fmt::format("{} steps", std::max<size_t>(1, report.steps.size()) - 1));
  if (const std::string written = UtcText(report.written_unix_ms); !written.empty())
    about += " · written " + written;
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"Concertina\">\n";
  html += fmt::format("<title>{} – Concertina</title>\n<style>{}{}</style>\n</head>\n<body>\n<main>\n", title,
                      kExportStyle, kExportWideStyle);
  html += fmt::format(
      "<header><h1>{}</h1><span class=\"state {}\">{}</span><div class=\"about\">{}</div></header>\n", title,
      EscapeHtml(report.state), EscapeHtml(report.state), about);
  if (!report.error.empty()) html += fmt::format("<p class=\"error\">{}</p>\n", EscapeHtml(report.error));
  html += RecipeTiles(report) + StepsTable(report) + RecipeScatters(report) + LayersTable(report) +
          SensitivityTable(report) + RecipeText(report);
  html +=
      "<footer>Written by Concertina. After each step the model is written to a file, read again and run: "
      "accuracy is that of the file on all test samples, latency that of one answer on the engine's machine. "
      "Points are of accuracy in percent, against the model as it was.</footer>\n</main>\n</body>\n</html>\n";
  return html;
}

}  // namespace concertina
