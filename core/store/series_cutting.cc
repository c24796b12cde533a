// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_cutting.cc: what is left of a series that goes on from an earlier step (see series_impl.h).
#include <cassert>
#include <memory>
#include <utility>

#include "core/base/log.h"
#include "core/store/series_impl.h"

namespace concertina {

absl::Status SeriesTable::Truncate(const std::string& run, int64_t step) {
  assert(unsaved_.empty());
  ASSIGN_OR_RETURN(const std::vector<SeriesDescription> all, List(run));
  for (const SeriesDescription& series : all) {
    const absl::StatusOr<State*> state = Find({run, series.name, series.rank});
    if (absl::IsDataLoss(state.status())) continue;  // told when it is read
    RETURN_IF_ERROR(state.status());
    if (*state == nullptr || !(*state)->damage.ok()) continue;
    absl::StatusOr<std::unique_ptr<State>> cut = CutAt(**state, step);
    // One that is damaged must not keep the others from going on.
    if (absl::IsDataLoss(cut.status())) {
      spdlog::error("{}; it keeps its points from step {} on", std::string(cut.status().message()), step);
      continue;
    }
    RETURN_IF_ERROR(cut.status());
    if (*cut != nullptr) RETURN_IF_ERROR(WriteCut(**state, *std::move(cut)));
  }
  return absl::OkStatus();
}

// What becomes of it; null: it stays as it is. Reads only, so that damage is found before anything is
// changed.
absl::StatusOr<std::unique_ptr<SeriesTable::State>> SeriesTable::CutAt(State& state, int64_t step) {
  ASSIGN_OR_RETURN(const int64_t size, LowerBound(state, step));
  if (size == state.pyramid.size(0)) return nullptr;
  auto cut = std::make_unique<State>();
  ChunkSource source(*this, state);
  if (size > 0) {
    std::vector<SeriesBucket> last;
    RETURN_IF_ERROR(source.Read(0, size - 1, size, last));
    cut->last_step = static_cast<int64_t>(last.front().step);
  }
  int64_t level_size = size;
  for (int level = 0; level < state.pyramid.levels(); ++level, level_size /= kPyramidFactor) {
    const int64_t first = RoundDown(level_size, ChunkSize(level));
    std::vector<SeriesBucket> kept;
    RETURN_IF_ERROR(source.Read(level, first, level_size, kept));
    if (level == 0) {
      Pyramid::Points points;
      for (const SeriesBucket& point : kept) {
        points.steps.push_back(static_cast<int64_t>(point.step));
        points.seconds.push_back(point.seconds);
        points.values.push_back(point.mean);
      }
      cut->pyramid.RestorePoints(first, std::move(points));
    } else {
      cut->pyramid.RestoreBuckets(level, first, std::move(kept));
    }
  }
  return cut;
}

absl::Status SeriesTable::WriteCut(State& state, std::unique_ptr<State> cut) {
  for (int level = 0; level < state.pyramid.levels(); ++level) {
    Query query = connection_.Ask("DELETE FROM chunks WHERE series = ? AND level = ? AND first >= ?");
    RETURN_IF_ERROR(query.Bind(state.id).Bind(level).Bind(cut->pyramid.first(level)).Run());
  }
  RETURN_IF_ERROR(WritePartialChunks(state, cut->pyramid));
  truncated_.emplace_back(&state, std::move(cut));
  return absl::OkStatus();
}

}  // namespace concertina
