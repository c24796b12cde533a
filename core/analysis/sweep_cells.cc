// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_cells.cc: see sweep_cells.h.
#include "core/analysis/sweep_cells.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace concertina {
namespace {

// The first of these that any run is in is what the cell is in.
constexpr std::array kByWeight = {CellState::kRunning, CellState::kQueued, CellState::kFailed,
                                  CellState::kStopped, CellState::kFinished};

size_t LengthOf(const std::vector<VariedField>& fields, int field) {
  return field < 0 ? 1 : fields[static_cast<size_t>(field)].labels.size();
}

}  // namespace

SweepCells CellsOf(const std::vector<VariedField>& fields, std::span<const SweepRunFigure> runs,
                   const CellQuery& query) {
  SweepCells cells{.columns = LengthOf(fields, query.x), .rows = LengthOf(fields, query.y), .cells = {}};
  cells.cells.resize(cells.columns * cells.rows);
  std::vector<double> sums(cells.cells.size());
  for (size_t run = 0; run < runs.size(); ++run) {
    const auto value_of = [&](int field) {
      return field < 0 ? size_t{0} : static_cast<size_t>(fields[static_cast<size_t>(field)].value_of[run]);
    };
    bool counts = runs[run].state != CellState::kEmpty;
    for (size_t field = 0; field < fields.size() && field < query.only_of.size(); ++field) {
      const bool is_axis = static_cast<int>(field) == query.x || static_cast<int>(field) == query.y;
      if (!is_axis && query.only_of[field] >= 0 && query.only_of[field] != fields[field].value_of[run])
        counts = false;
    }
    if (!counts) continue;
    const size_t at = value_of(query.y) * cells.columns + value_of(query.x);
    SweepCell& cell = cells.cells[at];
    cell.runs.push_back(run);
    for (const CellState state : kByWeight)
      if (cell.state == state || runs[run].state == state) {
        cell.state = state;
        break;
      }
    const double value = runs[run].value;
    if (runs[run].state == CellState::kFailed || !std::isfinite(value)) continue;
    cell.least = cell.measured == 0 ? value : std::min(cell.least, value);
    cell.largest = cell.measured == 0 ? value : std::max(cell.largest, value);
    sums[at] += value;
    cell.mean = sums[at] / ++cell.measured;
  }
  return cells;
}

}  // namespace concertina
