// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_record.cc: see run_record.h.
#include "core/analysis/run_record.h"

#include <algorithm>

namespace concertina {

std::vector<size_t> RowsByStep(const SeriesRecord& series) {
  std::vector<size_t> rows(series.steps.size());
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = i;
  const auto step = [&](size_t row) { return series.steps[row]; };
  std::stable_sort(rows.begin(), rows.end(), [&](size_t a, size_t b) { return step(a) < step(b); });
  size_t kept = 0;
  for (size_t i = 0; i < rows.size(); ++i)
    if (i + 1 == rows.size() || step(rows[i]) != step(rows[i + 1])) rows[kept++] = rows[i];
  rows.resize(kept);
  return rows;
}

}  // namespace concertina
