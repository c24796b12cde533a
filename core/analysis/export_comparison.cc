// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_comparison.cc: see export_comparison.h.
#include "core/analysis/export_comparison.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string_view>

#include "core/analysis/export_chart.h"
#include "core/analysis/export_scatter.h"
#include "core/analysis/export_style.h"
#include "core/analysis/pareto.h"
#include "core/analysis/spec_difference.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kBarsWidth = 560, kBarHeight = 22, kBarsLeft = 170;

// Beside that of every report with wide tables.
constexpr char kComparisonStyle[] = R"css(
.baseline > * { background: var(--grid); }
.better { color: var(--good); font-weight: 600; } .worse { color: var(--bad); font-weight: 600; }
.bar { fill: var(--s0); } .bar.off { fill: var(--s7); } .whisker { stroke: var(--ink); stroke-width: 1.5; }
)css";

constexpr char kKeyHtml[] = R"html(<li><i style="background:var(--s{})"></i>{}{}</li>)html";

// The groups, and each figure of each.
struct Results {
  std::vector<RunGroup> groups;
  size_t baseline = 0;                              // a group
  std::vector<RunFigure> figures;                   // that any group has
  std::vector<std::vector<GroupFigure>> figure_of;  // [group][i of figures]
};

Results ResultsOf(const ComparisonReport& report) {
  Results results;
  results.groups = GroupRuns(report.runs, report.seeds_as_one);
  for (size_t g = 0; g < results.groups.size(); ++g) {
    const std::vector<size_t>& runs = results.groups[g].runs;
    if (std::find(runs.begin(), runs.end(), report.baseline) != runs.end()) results.baseline = g;
  }
  results.figure_of.resize(results.groups.size());
  for (int f = 0; f < kRunFigures; ++f) {
    std::vector<GroupFigure> column;
    for (const RunGroup& group : results.groups)
      column.push_back(FigureOfGroup(report.runs, group, static_cast<RunFigure>(f), report.target_accuracy));
    if (std::all_of(column.begin(), column.end(), [](const GroupFigure& x) { return x.sample.count == 0; }))
      continue;
    results.figures.push_back(static_cast<RunFigure>(f));
    for (size_t g = 0; g < column.size(); ++g) results.figure_of[g].push_back(column[g]);
  }
  return results;
}

std::string SeedsText(int64_t seeds) { return seeds == 1 ? "one seed" : fmt::format("{} seeds", seeds); }

std::string Heads(const Results& results) {
  std::string heads;
  for (const RunFigure figure : results.figures)
    heads += fmt::format("<th scope=\"col\" class=\"number\">{}</th>", EscapeHtml(InfoOf(figure).title));
  return heads;
}

std::string ResultsTable(const Results& results) {
  std::string rows;
  for (size_t g = 0; g < results.groups.size(); ++g) {
    const RunGroup& group = results.groups[g];
    rows += fmt::format("<tr{}><th scope=\"row\">{}<small>{}</small></th>",
                        g == results.baseline ? " class=\"baseline\"" : "", EscapeHtml(group.label),
                        SeedsText(group.seeds));
    for (size_t i = 0; i < results.figures.size(); ++i) {
      const GroupFigure& figure = results.figure_of[g][i];
      const FigureInfo& info = InfoOf(results.figures[i]);
      std::string interval;
      if (figure.interval.is_known())
        interval = fmt::format("<small>95 %: {} to {}</small>",
                               EscapeHtml(FigureValueText(figure.interval.low, info)),
                               EscapeHtml(FigureValueText(figure.interval.high, info)));
      rows += fmt::format("<td class=\"number\">{}{}</td>", EscapeHtml(FigureText(figure, info)), interval);
    }
    rows += "</tr>\n";
  }
  return fmt::format(
      "<section class=\"card\"><h2>Results</h2><div class=\"scroll\"><table class=\"wide\"><thead><tr>"
      "<th></th>{}</tr></thead><tbody>\n{}</tbody></table></div></section>\n",
      Heads(results), rows);
}

std::string DifferencesTable(const Results& results) {
  if (results.groups.size() < 2) return "";
  std::string rows;
  for (size_t g = 0; g < results.groups.size(); ++g) {
    if (g == results.baseline) continue;
    rows += fmt::format("<tr><th scope=\"row\">{}</th>", EscapeHtml(results.groups[g].label));
    for (size_t i = 0; i < results.figures.size(); ++i) {
      const FigureInfo& info = InfoOf(results.figures[i]);
      const GroupFigure &base = results.figure_of[results.baseline][i], &own = results.figure_of[g][i];
      const FigureDifference difference = DifferenceOf(base, own);
      const char* verdict = !difference.is_significant()                       ? ""
                            : (difference.absolute > 0) == info.more_is_better ? " better"
                                                                               : " worse";
      rows += fmt::format("<td class=\"number{}\">{}<small>{}</small></td>", verdict,
                          EscapeHtml(DifferenceText(difference, info)),
                          EscapeHtml(IntervalText(base, own, info)));
    }
    rows += "</tr>\n";
  }
  return fmt::format(
      "<section class=\"card\"><h2>Against {}</h2><div class=\"scroll\"><table class=\"wide\"><thead><tr>"
      "<th></th>{}</tr></thead><tbody>\n{}</tbody></table></div></section>\n",
      EscapeHtml(results.groups[results.baseline].label), Heads(results), rows);
}

std::string ComparisonCharts(const ComparisonReport& report, const Results& results) {
  const std::vector<RunColor> colors = ColorsOfGroups(report.runs, results.groups);
  std::string cards;
  for (const ReportChart& given : report.charts) {
    Chart chart;
    chart.title = given.title;
    chart.unit = given.unit;
    chart.from_zero = given.from_zero;
    chart.x_title = given.x_title;
    chart.x_unit = given.x_unit;
    if (given.has_target) chart.level = report.target_accuracy;
    std::string keys;
    for (size_t g = 0; g < results.groups.size(); ++g) {
      const CurveBand band = CurveOfGroup(given.curves, results.groups[g]);
      if (band.x.empty()) continue;
      ChartLine line;
      line.label = results.groups[g].label;
      line.color = colors[g].place;
      line.is_dashed = colors[g].is_shared;
      for (size_t i = 0; i < band.x.size(); ++i)
        line.buckets.push_back({.step = band.x[i],
                                .mean = band.mean[i],
                                .min = band.low[i],
                                .max = band.high[i],
                                .count = std::isfinite(band.mean[i]) ? 1 : 0});
      keys += fmt::format(kKeyHtml, line.color, EscapeHtml(line.label), line.is_dashed ? " (dashed)" : "");
      chart.lines.push_back(std::move(line));
    }
    const std::string svg = ChartSvg(chart);
    if (svg.empty()) continue;
    // Bytes and seconds stand at the axis.
    const bool has_unit_in_title = !given.unit.empty() && given.unit != "B" && given.unit != "s";
    cards += fmt::format("<article class=\"card\"><h2>{}{}</h2><ul class=\"keys\">{}</ul>{}</article>\n",
                         EscapeHtml(given.title), has_unit_in_title ? ", " + EscapeHtml(given.unit) : "",
                         keys, svg);
  }
  return cards.empty() ? "" : "<section class=\"charts\">\n" + cards + "</section>\n";
}

// Accuracy against what it cost, and who none beats in both.
std::string Scatters(const Results& results) {
  const auto column = [&](RunFigure figure) {
    std::vector<double> values;
    const auto found = std::find(results.figures.begin(), results.figures.end(), figure);
    const size_t i = static_cast<size_t>(found - results.figures.begin());
    for (size_t g = 0; g < results.groups.size(); ++g)
      values.push_back(found == results.figures.end() ? kNoFigure : results.figure_of[g][i].sample.mean);
    return values;
  };
  const std::vector<double> accuracy = column(RunFigure::kFinalAccuracy);
  std::string cards;
  for (const RunFigure figure : {RunFigure::kBytesSent, RunFigure::kSeconds}) {
    const std::vector<double> cost = column(figure);
    const std::vector<size_t> front = ParetoFront({accuracy, true}, {cost, false});
    const FigureInfo& info = InfoOf(figure);
    Scatter scatter{.title = fmt::format("Final accuracy against {}", info.title), .x_unit = info.unit};
    for (size_t g = 0; g < results.groups.size(); ++g)
      scatter.points.push_back({results.groups[g].label, cost[g], accuracy[g],
                                std::find(front.begin(), front.end(), g) != front.end()});
    const std::string svg = ScatterSvg(scatter);
    if (!svg.empty())
      cards +=
          fmt::format("<article class=\"card\"><h2>{}</h2>{}</article>\n", EscapeHtml(scatter.title), svg);
  }
  return cards.empty() ? "" : "<section class=\"charts\">\n" + cards + "</section>\n";
}

// Each group's difference to the baseline in percent, with its interval where there is one.
std::string Bars(const Results& results, RunFigure figure) {
  const auto found = std::find(results.figures.begin(), results.figures.end(), figure);
  if (found == results.figures.end() || results.groups.size() < 2) return "";
  const size_t i = static_cast<size_t>(found - results.figures.begin());
  const GroupFigure& base = results.figure_of[results.baseline][i];
  struct Bar {
    size_t group;
    double value, low, high;
  };
  std::vector<Bar> bars;
  double least = 0, most = 0;
  for (size_t g = 0; g < results.groups.size(); ++g) {
    const FigureDifference difference = DifferenceOf(base, results.figure_of[g][i]);
    if (g == results.baseline || !std::isfinite(difference.relative)) continue;
    const double scale = 100 / std::abs(base.sample.mean);
    Bar bar{g, 100 * difference.relative, kNoFigure, kNoFigure};
    if (difference.interval.is_known()) {
      bar.low = difference.interval.low * scale;
      bar.high = difference.interval.high * scale;
    }
    least = std::min({least, bar.value, std::isnan(bar.low) ? 0 : bar.low});
    most = std::max({most, bar.value, std::isnan(bar.high) ? 0 : bar.high});
    bars.push_back(bar);
  }
  if (bars.empty() || !(most > least) || !std::isfinite(most - least)) return "";
  const double height = kBarHeight * static_cast<double>(bars.size()) + 24;
  const auto x = [&](double percent) {
    return kBarsLeft + (percent - least) / (most - least) * (kBarsWidth - kBarsLeft - 60);
  };
  const FigureInfo& info = InfoOf(figure);
  std::string svg =
      fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{} against {}\">", kBarsWidth, height,
                  EscapeHtml(info.title), EscapeHtml(results.groups[results.baseline].label));
  for (size_t row = 0; row < bars.size(); ++row) {
    const Bar& bar = bars[row];
    const double top = kBarHeight * static_cast<double>(row) + 4, middle = top + kBarHeight / 2 - 2;
    const std::string label = EscapeHtml(results.groups[bar.group].label);
    svg += fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>"
        "<rect class=\"bar{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">"
        "<title>{}: {:+.2f} %</title></rect>",
        kBarsLeft - 8, middle + 4,
        label.size() <= 24 ? label : EscapeHtml(Shortened(results.groups[bar.group].label)),
        (bar.value > 0) == info.more_is_better ? "" : " off", std::min(x(0), x(bar.value)), top,
        std::max(0.5, std::abs(x(bar.value) - x(0))), kBarHeight - 6, label, bar.value);
    if (!std::isnan(bar.low))
      svg += fmt::format("<line class=\"whisker\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>",
                         x(bar.low), x(bar.high), middle, middle);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{:+.2f} %</text>",
                       std::max({x(0), x(bar.value), std::isnan(bar.high) ? 0 : x(bar.high)}) + 6, middle + 4,
                       bar.value);
  }
  svg += fmt::format("<line class=\"axis\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1}\"/></svg>", x(0),
                     height - 20);
  return fmt::format("<article class=\"card\"><h2>{}, against {}</h2>{}</article>\n", EscapeHtml(info.title),
                     EscapeHtml(results.groups[results.baseline].label), svg);
}

std::string AllBars(const Results& results) {
  std::string cards;
  for (const RunFigure figure :
       {RunFigure::kFinalAccuracy, RunFigure::kSeconds, RunFigure::kBytesSent, RunFigure::kSamplesPerSecond})
    cards += Bars(results, figure);
  return cards.empty() ? "" : "<section class=\"charts\">\n" + cards + "</section>\n";
}

std::string SettingsTable(const ComparisonReport& report, const Results& results) {
  std::vector<std::string> specs;
  std::string heads;
  for (const RunGroup& group : results.groups) {
    specs.push_back(report.runs[group.runs[0]].spec_json);
    heads += fmt::format("<th scope=\"col\">{}</th>", EscapeHtml(group.label));
  }
  std::string rows;
  for (const SpecDifference& difference : SpecDifferences(specs)) {
    if (difference.pointer == "/name" || (difference.pointer == "/seed" && report.seeds_as_one)) continue;
    rows += fmt::format("<tr><th scope=\"row\">{}</th>", EscapeHtml(difference.pointer));
    for (const Json& value : difference.values)
      rows += fmt::format("<td>{}</td>", EscapeHtml(SettingText(value)));
    rows += "</tr>\n";
  }
  if (rows.empty())
    return "<section class=\"card\"><h2>Settings</h2><p>The settings do not differ.</p></section>\n";
  return fmt::format(
      "<section class=\"card\"><h2>Settings that differ</h2><div class=\"scroll\"><table "
      "class=\"wide\"><thead>"
      "<tr><th></th>{}</tr></thead><tbody>\n{}</tbody></table></div></section>\n",
      heads, rows);
}

std::string RunsTable(const ComparisonReport& report) {
  std::string heads, rows;
  for (int f = 0; f < kRunFigures; ++f)
    heads += fmt::format("<th scope=\"col\" class=\"number\">{}</th>",
                         EscapeHtml(InfoOf(static_cast<RunFigure>(f)).title));
  for (const ComparedRun& run : report.runs) {
    rows +=
        fmt::format("<tr><th scope=\"row\">{}<small>{}</small></th><td>{}</td><td class=\"number\">{}</td>",
                    EscapeHtml(run.name), EscapeHtml(run.id), EscapeHtml(run.state), run.seed);
    for (int f = 0; f < kRunFigures; ++f) {
      const auto figure = static_cast<RunFigure>(f);
      rows += fmt::format(
          "<td class=\"number\">{}</td>",
          EscapeHtml(FigureValueText(FigureOf(run, figure, report.target_accuracy), InfoOf(figure))));
    }
    rows += "</tr>\n";
  }
  return fmt::format(
      "<section class=\"card\"><h2>Every run</h2><div class=\"scroll\"><table class=\"wide\"><thead><tr>"
      "<th></th><th scope=\"col\">State</th><th scope=\"col\" "
      "class=\"number\">Seed</th>{}</tr></thead><tbody>"
      "\n{}</tbody></table></div></section>\n",
      heads, rows);
}

std::string Signed(const std::string& text, double value) { return value > 0 ? "+" + text : text; }

// At the same x two seeds are at different steps: a mean of them would be of nothing.
CurveBand Concatenated(const std::vector<CurveBand>& curves, const RunGroup& group) {
  CurveBand all;
  all.is_in_step_order = true;
  for (const size_t run : group.runs) {
    const CurveBand& curve = curves[run];
    if (curve.x.empty()) continue;
    if (!all.x.empty())
      for (std::vector<double>* values : {&all.x, &all.mean, &all.low, &all.high})
        values->push_back(kNoFigure);
    const auto append = [](std::vector<double>& to, const std::vector<double>& values) {
      to.insert(to.end(), values.begin(), values.end());
    };
    append(all.x, curve.x);
    append(all.mean, curve.mean);
    append(all.low, curve.low);
    append(all.high, curve.high);
  }
  return all;
}

}  // namespace

CurveBand CurveOfGroup(const std::vector<CurveBand>& curves, const RunGroup& group) {
  if (group.runs.size() == 1) return curves[group.runs[0]];
  const auto is_in_step_order = [&](size_t run) { return curves[run].is_in_step_order; };
  if (std::any_of(group.runs.begin(), group.runs.end(), is_in_step_order)) return Concatenated(curves, group);
  std::vector<SeedCurve> seeds;
  for (const size_t run : group.runs) seeds.push_back({curves[run].x, curves[run].mean});
  return MeanOverSeeds(seeds);
}

std::string FigureValueText(double value, const FigureInfo& info) {
  const std::string_view unit = info.unit;
  if (std::isfinite(value) && unit.empty() && std::abs(value) >= 1e-4 && std::abs(value) < 1000) {
    const std::string text = fmt::format("{:.4f}", value);
    return text[0] == '-' ? "−" + text.substr(1) : text;
  }
  return QuantityText(value, unit);
}

std::string FigureText(const GroupFigure& figure, const FigureInfo& info) {
  if (figure.sample.count == 0) return "–";
  std::string text = FigureValueText(figure.sample.mean, info);
  if (std::isfinite(figure.sample.deviation)) text += " ± " + FigureValueText(figure.sample.deviation, info);
  if (figure.missing > 0)
    text += fmt::format(" ({} of {} seeds)", figure.sample.count, figure.sample.count + figure.missing);
  return text;
}

std::string DifferenceText(const FigureDifference& difference, const FigureInfo& info) {
  if (!std::isfinite(difference.absolute)) return "–";
  std::string text = Signed(FigureValueText(difference.absolute, info), difference.absolute);
  if (std::isfinite(difference.relative)) {
    const std::string percent = fmt::format("{:.2f}", std::abs(100 * difference.relative));
    text += fmt::format(" ({}{} %)",
                        difference.relative > 0   ? "+"
                        : difference.relative < 0 ? "−"
                                                  : "",
                        percent);
  }
  return text;
}

std::string IntervalText(const GroupFigure& baseline, const GroupFigure& group, const FigureInfo& info) {
  if (baseline.sample.count == 0 || group.sample.count == 0) return "";
  if (baseline.missing > 0 || group.missing > 0) return "not all seeds have it";
  const Interval interval = DifferenceOf(baseline, group).interval;
  if (interval.is_known())
    return fmt::format("95 %: {} to {}", FigureValueText(interval.low, info),
                       FigureValueText(interval.high, info));
  return baseline.sample.count == 1 || group.sample.count == 1 ? "one seed" : "";
}

std::string ComparisonHtml(const ComparisonReport& report) {
  assert(report.baseline < report.runs.size());
  const Results results = ResultsOf(report);
  const std::string title =
      report.runs.size() == 1 ? "One run" : fmt::format("{} runs compared", report.runs.size());
  std::string about = fmt::format("Held against {}", EscapeHtml(results.groups[results.baseline].label));
  if (std::isfinite(report.target_accuracy))
    about += fmt::format(" · target accuracy {}", fmt::format("{:.4g}", report.target_accuracy));
  if (report.seeds_as_one) about += " · runs that differ in the seed alone count as one";
  if (const std::string written = UtcText(report.written_unix_ms); !written.empty())
    about += " · written " + written;
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"Concertina\">\n";
  html += fmt::format("<title>{} – Concertina</title>\n<style>{}{}{}</style>\n</head>\n<body>\n<main>\n",
                      title, kExportStyle, kExportWideStyle, kComparisonStyle);
  html += fmt::format("<header><h1>{}</h1><div class=\"about\">{}</div></header>\n", title, about);
  html += ResultsTable(results) + DifferencesTable(results) + ComparisonCharts(report, results) +
          Scatters(results) + AllBars(results) + SettingsTable(report, results) + RunsTable(report);
  html +=
      "<footer>Written by Concertina. Of several seeds: mean ± standard deviation, and the interval that "
      "holds "
      "the true mean 95 times out of 100 (Student's t); differences with the 95 % interval of Welch, "
      "coloured "
      "where it does not hold zero. Intervals are not corrected for the number of comparisons. Lines are "
      "means, "
      "bands go from the least to the largest seed, or of one run of the steps that share a column."
      "</footer>\n</main>\n</body>\n</html>\n";
  return html;
}

}  // namespace concertina
