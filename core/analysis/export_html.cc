// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_html.cc: see export_html.h.
#include "core/analysis/export_html.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/analysis/export_chart.h"
#include "core/analysis/export_style.h"
#include "core/analysis/pyramid.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using Ordered = nlohmann::ordered_json;

constexpr size_t kTiles = 4;  // of the summary, as large figures
constexpr size_t kSeriesColors = 8;

// Which curves share a chart. What is in none gets a chart of its own, in the order of the run.
struct Group {
  const char* title;
  std::vector<const char*> names;
  bool from_zero;
  bool is_cumulative;  // the series holds what was added in each step
};
const std::vector<Group>& Groups() {
  static const std::vector<Group> groups = {
      {"Loss", {"train/loss", "test/loss"}, true, false},
      {"Accuracy", {"train/accuracy", "test/accuracy"}, false, false},
      {"Bytes sent, cumulative", {"comm/bytes_sent", "comm/payload_bytes_sent"}, true, true},
      {"Compression ratio", {"comm/compression_ratio"}, true, false},
      {"Samples per second", {"train/samples_per_second"}, true, false}};
  return groups;
}

// The parts of a step, in their order; each keeps its colour whatever is missing.
constexpr const char* kPhases[] = {"data", "compute", "encode", "exchange", "decode", "update", "wait"};
constexpr int kPhaseColors[] = {5, 0, 4, 1, 3, 2, 7};

struct Curve {
  const SeriesRecord* series;
  std::string label;
};

// By name: the whole run's if there is one, else every rank's.
std::vector<Curve> CurvesOf(const RunRecord& run, const std::string& name) {
  std::vector<Curve> whole, ranks;
  for (const SeriesRecord& series : run.series) {
    if (series.name != name) continue;
    if (series.rank < 0)
      whole.push_back({&series, name});
    else
      ranks.push_back({&series, fmt::format("{}, rank {}", name, series.rank)});
  }
  return whole.empty() ? ranks : whole;
}

struct Course {
  std::vector<Bucket> buckets;
  double last = std::numeric_limits<double>::quiet_NaN();  // as measured, not a bucket's mean
};

Course CourseOf(const SeriesRecord& series, bool is_cumulative) {
  Course course;
  std::vector<int64_t> steps;
  std::vector<double> seconds, values;
  double sum = 0;
  for (const size_t row : RowsByStep(series)) {
    const double value = series.values[row];
    if (std::isfinite(value)) sum += value;
    steps.push_back(series.steps[row]);
    seconds.push_back(series.seconds[row]);
    values.push_back(is_cumulative ? sum : std::isfinite(value) ? value : std::nan(""));
    if (!std::isnan(values.back())) course.last = values.back();
  }
  Pyramid pyramid;
  pyramid.Append(steps, seconds, values);
  auto buckets = ReadZoomed(pyramid, 0, pyramid.size(0), kChartColumns);
  if (buckets.ok()) course.buckets = *std::move(buckets);  // memory cannot fail to be read
  return course;
}

std::vector<ChartMark> MarksOf(const RunRecord& run) {
  std::vector<ChartMark> marks;
  for (const EventRecord& event : run.events)
    if (event.kind == "knob" || event.kind == "resumed" || event.kind == "worker-lost" ||
        event.kind == "fault" || event.kind == "resuming" || event.kind == "group")
      marks.push_back({static_cast<double>(event.step), event.message});
  return marks;
}

std::string ChartCard(const RunRecord& run, const std::string& title, const std::vector<Curve>& curves,
                      bool from_zero, bool is_cumulative) {
  if (curves.empty()) return "";
  Chart chart = {
      .title = title, .unit = curves[0].series->unit, .from_zero = from_zero, .marks = MarksOf(run)};
  std::string keys;
  for (const Curve& curve : curves) {
    const int color = static_cast<int>(chart.lines.size() % kSeriesColors);
    const Course course = CourseOf(*curve.series, is_cumulative);
    chart.lines.push_back({curve.label, color, course.buckets});
    keys += fmt::format(R"html(<li><i style="background:var(--s{})"></i>{}<b>{}</b></li>)html", color,
                        EscapeHtml(curve.label), EscapeHtml(QuantityText(course.last, chart.unit)));
  }
  const std::string svg = ChartSvg(chart);
  if (svg.empty()) return "";
  return fmt::format("<article class=\"card\"><h2>{}</h2><ul class=\"keys\">{}</ul>{}</article>\n",
                     EscapeHtml(title), keys, svg);
}

// "comm/relative_error" as a title: "Relative error".
std::string TitleOf(const std::string& name) {
  std::string title = name.substr(name.rfind('/') + 1);
  std::replace(title.begin(), title.end(), '_', ' ');
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
  return title.empty() ? name : title;
}

std::string Charts(const RunRecord& run) {
  std::string cards;
  std::vector<std::string> done;
  for (const Group& group : Groups()) {
    std::vector<Curve> curves;
    for (const char* name : group.names) {
      const std::vector<Curve> found = CurvesOf(run, name);
      curves.insert(curves.end(), found.begin(), found.end());
      done.emplace_back(name);
    }
    cards += ChartCard(run, group.title, curves, group.from_zero, group.is_cumulative);
  }
  for (const SeriesRecord& series : run.series) {
    // Layers would be hundreds of charts; the other formats have them.
    if (series.name.starts_with("time/") || series.name.starts_with("layer/") ||
        series.name.starts_with("arrival/") || std::find(done.begin(), done.end(), series.name) != done.end())
      continue;
    done.push_back(series.name);
    cards += ChartCard(run, TitleOf(series.name), CurvesOf(run, series.name), false, false);
  }
  return cards.empty() ? "" : "<section class=\"charts\">\n" + cards + "</section>\n";
}

// The mean step as one bar, cut by where its time went.
std::string TimeSplit(const RunRecord& run) {
  struct Part {
    std::string name;
    int color;
    double seconds;
  };
  std::vector<Part> parts;
  double total = 0;
  for (size_t phase = 0; phase < std::size(kPhases); ++phase) {
    double sum = 0;
    int64_t count = 0;
    for (const Curve& curve : CurvesOf(run, fmt::format("time/{}", kPhases[phase])))
      for (const double seconds : curve.series->values)
        if (std::isfinite(seconds)) {
          sum += seconds;
          ++count;
        }
    if (count == 0 || sum <= 0) continue;
    parts.push_back({kPhases[phase], kPhaseColors[phase], sum / static_cast<double>(count)});
    total += parts.back().seconds;
  }
  if (!(total > 0)) return "";
  std::string bar, keys;
  for (const Part& part : parts) {
    bar += fmt::format(R"html(<div style="flex:{:.6f} 0 0;background:var(--s{})" title="{}"></div>)html",
                       part.seconds / total, part.color, part.name);
    keys += fmt::format(R"html(<li><i style="background:var(--s{})"></i>{}<b>{}</b> {:.1f} %</li>)html",
                        part.color, part.name, EscapeHtml(QuantityText(part.seconds, "s")),
                        100 * part.seconds / total);
  }
  return fmt::format(
      "<section class=\"card\"><h2>Where the time of a step goes</h2><div class=\"split\">{}</div>"
      "<ul class=\"keys\">{}</ul></section>\n",
      bar, keys);
}

// The first figures of the summary large, above the charts; the others as a table below them.
std::string SummaryTiles(const RunRecord& run) {
  std::string tiles;
  for (size_t i = 0; i < std::min(kTiles, run.summary.size()); ++i)
    tiles += fmt::format("<div class=\"card tile\"><dl><dt>{}</dt><dd>{}</dd></dl></div>\n",
                         EscapeHtml(run.summary[i].first), EscapeHtml(run.summary[i].second));
  return tiles.empty() ? "" : "<section class=\"tiles\">\n" + tiles + "</section>\n";
}

std::string SummaryTable(const RunRecord& run) {
  std::string rows;
  for (size_t i = kTiles; i < run.summary.size(); ++i)
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", EscapeHtml(run.summary[i].first),
                        EscapeHtml(run.summary[i].second));
  return rows.empty() ? ""
                      : "<section class=\"card\"><h2>Summary</h2><table>\n" + rows + "</table></section>\n";
}

// {"kind": "sgd", "schedule": {"kind": "cosine"}} as: kind sgd, schedule.kind cosine.
void AddLeaves(const Ordered& value, const std::string& name, int depth, std::string& html) {
  if (value.is_object() && !value.empty() && depth < 16) {
    for (const auto& [key, child] : value.items())
      AddLeaves(child, name.empty() ? key : fmt::format("{}.{}", name, key), depth + 1, html);
    return;
  }
  if (value.is_array() && depth < 16 &&
      std::any_of(value.begin(), value.end(), [](const Ordered& child) { return child.is_structured(); })) {
    if (value.size() == 1)
      return AddLeaves(value[0], name, depth + 1, html);  // a chain of one needs no numbers
    for (size_t i = 0; i < value.size(); ++i)
      AddLeaves(value[i], name.empty() ? fmt::format("{}", i) : fmt::format("{}.{}", name, i), depth + 1,
                html);
    return;
  }
  const std::string text = value.is_string() ? value.get<std::string>()
                                             : value.dump(-1, ' ', false, Ordered::error_handler_t::replace);
  html += name.empty() ? EscapeHtml(text)
                       : fmt::format("<span class=\"setting\"><span>{}</span> {}</span> ", EscapeHtml(name),
                                     EscapeHtml(text));
}

std::string Settings(const RunRecord& run) {
  if (run.spec_json.empty()) return "";
  const Ordered spec = Ordered::parse(run.spec_json, nullptr, /*allow_exceptions=*/false);
  std::string rows, raw = run.spec_json;
  if (spec.is_object()) {
    for (const auto& [key, value] : spec.items()) {
      std::string leaves;
      AddLeaves(value, "", 0, leaves);
      rows += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", EscapeHtml(key), leaves);
    }
    raw = spec.dump(2, ' ', false, Ordered::error_handler_t::replace);
  }
  return fmt::format(
      "<section class=\"card\"><h2>Settings</h2><table>\n{}</table><details><summary>experiment.json"
      "</summary><pre>{}</pre></details></section>\n",
      rows, EscapeHtml(raw));
}

std::string Events(const RunRecord& run) {
  if (run.events.empty()) return "";
  std::string rows;
  for (const EventRecord& event : run.events)
    rows += fmt::format(
        "<tr><td class=\"number\">{}</td><td class=\"number\">{}</td><th>{}</th><td>{}</td></tr>\n",
        event.step, EscapeHtml(QuantityText(event.seconds, "s")), EscapeHtml(event.kind),
        EscapeHtml(event.message));
  return "<section class=\"card\"><h2>Events</h2><div "
         "class=\"scroll\"><table><tr><th class=\"number\">step</th><th "
         "class=\"number\">time</th><th>kind</th>"
         "<th></th></tr>\n" +
         rows + "</table></div></section>\n";
}

}  // namespace

std::string ExportHtml(const RunRecord& run) {
  const std::string title = EscapeHtml(run.name.empty() ? run.id : run.name);
  std::string about = fmt::format("Run {}", EscapeHtml(run.id));
  if (const std::string started = UtcText(run.started_unix_ms); !started.empty())
    about += " · started " + started;

  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"Concertina\">\n";
  html += fmt::format("<title>{} – Concertina</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n", title,
                      kExportStyle);
  html += fmt::format(
      "<header><h1>{}</h1><span class=\"state {}\">{}</span><div class=\"about\">{}</div></header>\n", title,
      EscapeHtml(run.state), EscapeHtml(run.state), about);
  if (!run.error.empty()) html += fmt::format("<p class=\"error\">{}</p>\n", EscapeHtml(run.error));
  html += SummaryTiles(run) + Charts(run) + TimeSplit(run) + SummaryTable(run) + Settings(run) + Events(run);
  html +=
      "<footer>Written by Concertina. Lines are means over the band from minimum to maximum of the steps "
      "that share a "
      "column.</footer>\n</main>\n</body>\n</html>\n";
  return html;
}

}  // namespace concertina
