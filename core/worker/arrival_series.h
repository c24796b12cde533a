// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// arrival_series.h: the arrivals of a step as series, "arrival/COLLECTIVE/at" and so on.
// On the way of the data: parallel/arrival_book.h -> here -> worker/step_recorder.h.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "core/parallel/arrival_book.h"
#include "core/worker/step_recorder.h"

namespace concertina {

// Opened once, after the last collective; the names are those of analysis/collective_blame.h, which puts them
// together again. A figure that is 0 is left out, so a dense bucket is three values.
class ArrivalSeries {
 public:
  ArrivalSeries(const ArrivalBook& book, StepRecorder& recorder) {
    const auto open = [&](const std::string& name) {
      const Recorder::Series series =
          recorder.OpenApart("arrival/" + name, "s", RankFold::kMax, StepRecorder::Apart::kArrivals);
      places_.push_back(recorder.PlaceOf(series));
    };
    for (const char* figure : {"filled", "data", "update", "decode", "other", "compute"})
      open(std::string("step/") + figure);
    for (const std::string& name : book.names())
      for (const char* figure : {"at", "stood", "compute", "queue", "encode"}) open(name + "/" + figure);
    values_.resize(recorder.WidthOf(StepRecorder::Apart::kArrivals), kNothing);
  }

  // One row. `origin`: what all ranks count from; `seconds`: when the step ended.
  void Record(const ArrivalBook& book, int64_t step, double origin, double seconds, StepRecorder& recorder) {
    auto place = places_.begin();
    const auto add = [&](double value) { values_[*place++] = value; };
    const auto add_part = [&](double value) { add(value == 0 ? kNothing : value); };
    const ArrivalBook::Way& way = book.way();
    add(way.filled - origin);
    add_part(way.data_seconds);
    add_part(way.update_seconds);
    add_part(way.decode_seconds);
    add_part(way.other_seconds);
    add_part(way.compute_seconds);
    for (size_t i = 0; i < book.names().size(); ++i) {
      const ArrivalBook::Arrival arrival = book.ArrivalAt(static_cast<int>(i));
      add(arrival.at - origin);
      add(arrival.stood_seconds);
      add_part(arrival.compute_seconds);
      add_part(arrival.queue_seconds);
      add_part(arrival.encode_seconds);
    }
    recorder.AddApart(step, seconds, values_, StepRecorder::Apart::kArrivals);
  }

 private:
  static constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
  std::vector<size_t> places_;  // of the step, then of all collectives, one after another, in `values_`
  std::vector<double> values_;
};

}  // namespace concertina
