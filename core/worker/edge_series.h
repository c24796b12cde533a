// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// edge_series.h: what is measured of the file that a step of a recipe ends with, as series of the run:
// edge/file_bytes and so on, in the units that the names end with; and test/loss, test/accuracy of it. On the
// way of the data: worker/recipe_loop.cc -> here -> worker/step_recorder.h.
#pragma once

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/worker/step_recorder.h"

namespace concertina {

class EdgeSeries {
 public:
  explicit EdgeSeries(StepRecorder& recorder) {
    for (const char* name : {"test_loss", "test_accuracy"})
      series_[name] = recorder.Open("test/" + std::string(name + 5), "", RankFold::kMean);
    for (const char* name : {"file_bytes", "memory_bytes"}) Open(recorder, name, "B");
    for (const char* name : {"latency_p50_seconds", "latency_p90_seconds", "latency_p99_seconds"})
      Open(recorder, name, "s");
    for (const char* name : {"accuracy_lost", "ratio", "parameters", "nonzeros", "macs"})
      Open(recorder, name, "");
  }
  // The figures that have a series.
  std::vector<std::pair<Recorder::Series, double>> Of(const std::map<std::string, double>& figures) const {
    std::vector<std::pair<Recorder::Series, double>> values;
    for (const auto& [name, value] : figures)
      if (const auto found = series_.find(name); found != series_.end())
        values.emplace_back(found->second, value);
    return values;
  }
  // Of a rank that measures nothing at this step: without a word from it the run's own value would wait for
  // the rank's next one.
  std::vector<std::pair<Recorder::Series, double>> Nothing() const {
    std::vector<std::pair<Recorder::Series, double>> values;
    for (const auto& [name, series] : series_)
      values.emplace_back(series, std::numeric_limits<double>::quiet_NaN());
    return values;
  }

 private:
  void Open(StepRecorder& recorder, const char* name, const char* unit) {
    series_[name] = recorder.Open("edge/" + std::string(name), unit, RankFold::kMean);
  }
  std::map<std::string, Recorder::Series> series_;
};

}  // namespace concertina
