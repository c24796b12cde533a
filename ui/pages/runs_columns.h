// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_columns.h: which columns of a table are shown where not all of them have room, and how wide they
// are. On the way of the data: pages/runs_page.h and pages/compress_layers.h ask -> here.
#pragma once

#include <QSet>
#include <QVector>

namespace concertina::ui {

struct ColumnFit {
  QSet<int> hidden;
  QVector<int> widths;  // of every column, hidden ones too
};

// `needed`: what each column needs. Columns of `dispensable` go in that order until the rest fits into
// `available`; those in `kept` (a person asked for them) stay, and those in `dropped` are gone. What is left
// over is the share of column `elastic`, which may also shrink to `least_elastic`.
ColumnFit fitColumns(const QVector<int>& needed, int available, const QVector<int>& dispensable,
                     const QSet<int>& kept, const QSet<int>& dropped, int elastic, int least_elastic);

}  // namespace concertina::ui
