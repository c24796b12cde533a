// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_record.h: a run as it is exported: what it was, what came out, every curve.
// On the way of the data: engine/ fills it from store/ -> here -> analysis/export_*.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace concertina {

struct SeriesRecord {
  std::string name;  // "train/loss"
  std::string unit;  // "s", "B", "samples/s", ""
  int rank = -1;     // -1: of the whole run
  std::vector<int64_t>
      steps;  // the three are of one length; a resumed run may repeat steps, and the last counts
  std::vector<double> seconds;  // since the run's first step
  std::vector<double> values;   // NaN: not measured
};

// The rows of a series in ascending order of steps; of rows with the same step only the last, as after a
// resume.
std::vector<size_t> RowsByStep(const SeriesRecord& series);

struct EventRecord {
  int64_t step = 0;
  double seconds = 0;
  std::string kind;     // "knob", "checkpoint", …
  std::string message;  // for people
};

struct RunRecord {
  std::string id;
  std::string name;
  std::string state;      // "finished"
  std::string error;      // "" if there was none
  std::string spec_json;  // the spec as it ran, with defaults filled in
  int64_t started_unix_ms = 0;
  std::vector<std::pair<std::string, std::string>>
      summary;  // name and value for people, in the order to show
  std::vector<SeriesRecord> series;
  std::vector<EventRecord> events;
};

}  // namespace concertina
