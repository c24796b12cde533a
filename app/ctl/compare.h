// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare.h: runs side by side: what was set differently, and what it took to reach an accuracy. With
// --report or --pdf as one file to send to a colleague.
#pragma once

#include <string>
#include <vector>

#include "app/ctl/commands.h"

namespace concertina::ctl {

struct CompareArguments {
  std::vector<std::string> runs;
  double accuracy = 0;       // the target; 0: the largest that every run reached
  std::string report;        // an HTML file to write (core/analysis/export_comparison.h); "": none
  std::string pdf;           // the same as a PDF file; "": none
  std::string x;             // what its curves are drawn against: a run's axis or a series; "": each its own
  std::string baseline;      // of `runs`; "": the first
  std::string table;         // a file to write (core/analysis/table_text.h); "": none
  bool transposed = false;   // in it a run is a column
  bool seeds_apart = false;  // in the report, runs that differ in the seed alone are not one
};
// With a report, all of this is still printed.
Outcome Compare(const CommonOptions& options, const CompareArguments& arguments);

}  // namespace concertina::ctl
