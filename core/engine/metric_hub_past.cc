// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// metric_hub_past.cc: how the ledger of a run goes on where that of an engine that was killed ended (see
// metric_hub.h). On the way of the data: engine/return_point.h -> here -> MetricHub::Add, as before.
//
// The store may have a series further than another, and a rank further than the run, whose fold waits for the
// slowest. So each goes on from its own last step: what a worker says again up to there is not taken, and
// what ranks had reported and nobody had folded comes back from the store into the window.
#include <algorithm>
#include <limits>

#include "core/engine/metric_hub.h"

namespace concertina {

void MetricHub::TakeUp(std::vector<KeptSeries> past, const KeptBytesTotal& bytes_total) {
  for (KeptSeries& kept : past) {
    if (RunMeter::FigureOf(kept.name) == RunMeter::Figure::kTrainLoss)
      for (const KeptSeries::OfRank& of_rank : kept.ranks)
        if (static_cast<size_t>(of_rank.rank) < ranks_.size())
          ranks_[static_cast<size_t>(of_rank.rank)].steps = of_rank.last_step + 1;
    std::string name = kept.name;
    past_.insert_or_assign(std::move(name), std::move(kept));
  }
  const KeptSeries::Points& sent = bytes_total.bytes_sent;
  std::vector<double> totals;
  double total = bytes_total.last_value;
  for (const double bytes : sent.values) totals.push_back(total += bytes);
  bytes_total_.Append(sent.steps, sent.seconds, totals);
  held_values_ += totals.size();
}

// When the first of the workers that came back declares it: only then it is known how it is folded.
void MetricHub::GoOnFromPast(Series& series) {
  const auto found = past_.find(series.name);
  if (found == past_.end()) return;
  const KeptSeries kept = std::move(found->second);
  past_.erase(found);
  series.last_seconds = kept.last_seconds;
  series.base = kept.last_step + 1;
  if (kept.last_step < 0) {
    int64_t first = std::numeric_limits<int64_t>::max();
    for (const KeptSeries::OfRank& of_rank : kept.ranks)
      if (!of_rank.unfolded.steps.empty()) first = std::min(first, of_rank.unfolded.steps.front());
    if (first != std::numeric_limits<int64_t>::max()) series.base = first;
  }
  for (const KeptSeries::OfRank& of_rank : kept.ranks) {
    const auto rank = static_cast<size_t>(of_rank.rank);
    if (rank >= ranks_.size()) continue;
    series.reported[rank] = of_rank.last_step;
    const KeptSeries::Points& points = of_rank.unfolded;
    if (!points.values.empty()) series.last[rank] = points.values.back();
    std::vector<double>& window = series.window[rank];
    for (size_t i = 0; i < points.steps.size(); ++i) {
      const int64_t at = points.steps[i] - series.base;
      if (at < 0 || at >= kMaxWindowSteps) continue;
      const auto index = static_cast<size_t>(at);
      if (index >= window.size()) window.resize(index + 1, std::numeric_limits<double>::quiet_NaN());
      if (index >= series.length) {
        series.length = index + 1;
        series.clock.resize(series.length, -std::numeric_limits<double>::infinity());
      }
      window[index] = points.values[i];
      series.clock[index] = std::max(series.clock[index], points.seconds[i]);
    }
  }
}

}  // namespace concertina
