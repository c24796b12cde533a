// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_csv.h: a run's curves as one table for spreadsheets and data frames.
// On the way of the data: analysis/run_record.h -> here -> a file of the user.
#pragma once

#include <string>

#include "core/analysis/run_record.h"

namespace concertina {

// `text` as one cell: in quotes where it has a comma, a quote or a line's end [RFC 4180].
std::string CsvCell(const std::string& text);

// RFC 4180: a header, then a row a step in ascending order: step, seconds, and a column a series, named
// "train/loss" or, for one rank of several, "train/loss[2]". Every measurement is there, none is averaged; a
// cell is empty where nothing was measured. Doubles are the shortest text that reads back as the same bits.
std::string ExportCsv(const RunRecord& run);

}  // namespace concertina
