// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_table.h: the end of a sweep, for people, spreadsheets and programs.
// On the way of the data: app/ctl/sweep_result.h -> here -> standard output, a file of the user.
#pragma once

#include <string>
#include <vector>

#include "app/ctl/output.h"
#include "app/ctl/sweep_result.h"

namespace concertina::ctl {

// {"sweep", "objective", "target_accuracy", "points" [{"label", "values" {pointer: value}, "run", "runs",
// "state", "error", figures, "test_accuracy_deviation", "epochs", "encode_seconds", "decode_seconds",
// "relative_error", "speedup", "pays", "pays_below_mbit", "pays_above_mbit"}], "best", "fronts"
// {"accuracy_bytes", "accuracy_seconds"}}, points by their labels. What is not known is null.
Json SweepJson(const Sweep& sweep, const std::vector<PointRuns>& runs, const SweepResult& result);

// The table, the best point, and what failed.
std::string SweepTableText(const Sweep& sweep, const SweepResult& result);

// RFC 4180, from SweepJson: a column an axis and a figure, a row a point.
std::string SweepCsv(const Sweep& sweep, const Json& json);

// For a report. Of a grid of two axes two tables: what each value of the first does, and the first by the
// second.
std::string SweepMarkdown(const Sweep& sweep, const SweepResult& result);

// A page that needs nothing else.
std::string SweepHtml(const Sweep& sweep, const SweepResult& result);

// What --out can write: a name that ends in .csv, .json, .html, .pdf or .md. kInvalidArgument for others.
absl::Status CheckOutName(const std::string& path);

}  // namespace concertina::ctl
