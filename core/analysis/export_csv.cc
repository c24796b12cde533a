// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_csv.cc: see export_csv.h.
#include "core/analysis/export_csv.h"

#include <cmath>
#include <iterator>

#include "fmt/format.h"

namespace concertina {

std::string CsvCell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string ExportCsv(const RunRecord& run) {
  std::string csv = "step,seconds";
  std::vector<std::vector<size_t>> rows;
  std::vector<size_t> next(run.series.size());
  for (const SeriesRecord& series : run.series) {
    csv += "," + CsvCell(series.rank < 0 ? series.name : fmt::format("{}[{}]", series.name, series.rank));
    rows.push_back(RowsByStep(series));
  }
  csv += "\r\n";

  const auto out = std::back_inserter(csv);
  for (;;) {
    // Merges the series: the smallest step that any of them has not given yet.
    const size_t kNone = run.series.size();
    size_t first = kNone;
    int64_t step = 0;
    for (size_t s = 0; s < run.series.size(); ++s) {
      if (next[s] == rows[s].size()) continue;
      const int64_t candidate = run.series[s].steps[rows[s][next[s]]];
      if (first == kNone || candidate < step) {
        first = s;
        step = candidate;
      }
    }
    if (first == kNone) return csv;
    fmt::format_to(out, "{},{}", step, run.series[first].seconds[rows[first][next[first]]]);
    for (size_t s = 0; s < run.series.size(); ++s) {
      csv += ',';
      if (next[s] == rows[s].size() || run.series[s].steps[rows[s][next[s]]] != step) continue;
      const double value = run.series[s].values[rows[s][next[s]++]];
      if (!std::isnan(value)) fmt::format_to(out, "{}", value);
    }
    csv += "\r\n";
  }
}

}  // namespace concertina
