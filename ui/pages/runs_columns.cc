// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_columns.cc: see runs_columns.h.
#include "ui/pages/runs_columns.h"

#include <algorithm>

namespace concertina::ui {

ColumnFit fitColumns(const QVector<int>& needed, int available, const QVector<int>& dispensable,
                     const QSet<int>& kept, const QSet<int>& dropped, int elastic, int least_elastic) {
  ColumnFit fit;
  fit.hidden = dropped;
  fit.widths = needed;
  const auto others = [&] {
    int sum = 0;
    for (int column = 0; column < needed.size(); ++column)
      if (column != elastic && !fit.hidden.contains(column)) sum += needed[column];
    return sum;
  };
  for (const int column : dispensable) {
    if (others() + least_elastic <= available) break;
    if (!kept.contains(column)) fit.hidden.insert(column);
  }
  fit.widths[elastic] = std::max(least_elastic, available - others());
  return fit;
}

}  // namespace concertina::ui
