// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_cells.h: the runs of a sweep on a grid of two of its fields: each cell is the mean of the runs that
// fall into it. On the way of the data: analysis/varied_fields.h -> here -> ui/charts/heat_map.h.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "core/analysis/varied_fields.h"

namespace concertina {

enum class CellState { kEmpty, kQueued, kRunning, kFinished, kStopped, kFailed };

struct SweepRunFigure {
  CellState state = CellState::kQueued;                     // kEmpty: the run does not count
  double value = std::numeric_limits<double>::quiet_NaN();  // NaN: not measured yet
};

struct CellQuery {
  int x = -1, y = -1;  // fields; -1: one column, or one row
  std::vector<int>
      only_of;  // one a field: the value that counts, -1: all, averaged. Of x and y it is ignored
};

struct SweepCell {
  std::vector<size_t> runs;  // all that fall into it, in their order
  int measured = 0;          // of them have a value
  double mean = std::numeric_limits<double>::quiet_NaN();
  double least = std::numeric_limits<double>::quiet_NaN(), largest = least;
  // What is still to come first: running, then queued; else what went wrong: failed, stopped; else finished.
  CellState state = CellState::kEmpty;
};

struct SweepCells {
  size_t columns = 0, rows = 0;
  std::vector<SweepCell> cells;  // row by row
  const SweepCell& at(size_t row, size_t column) const { return cells[row * columns + column]; }
};

// `runs`: one a spec of the fields. A run that failed gives no value, whatever it had measured.
SweepCells CellsOf(const std::vector<VariedField>& fields, std::span<const SweepRunFigure> runs,
                   const CellQuery& query);

}  // namespace concertina
