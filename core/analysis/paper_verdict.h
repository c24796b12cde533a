// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper_verdict.h: what was measured of a paper's runs, beside what it published, and whether it lies in the
// band. On the way of the data: a paper (analysis/paper.h), summaries and series of its runs -> here ->
// app/ctl/paper_command.cc, ui/client/paper_desk.h.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/analysis/paper.h"

namespace concertina {

// A curve of the whole run that the measures need.
struct PaperCurveName {
  std::string series, x;  // "test/accuracy"; step, epoch, seconds or bytes
  auto operator<=>(const PaperCurveName&) const = default;
};
struct PaperCurve {
  std::vector<double> x, y;  // of one length; NaN: not measured there
};
// Each once, in the order of the measures.
std::vector<PaperCurveName> CurvesOf(const Paper& paper, size_t run);
bool NeedsRecipe(const Paper& paper, size_t run);

// What a finished run says of itself.
struct PaperEvidence {
  std::map<std::string, double> summary;  // as `show --json` names it; what was not measured is absent
  std::map<PaperCurveName, PaperCurve> curves;
  std::vector<std::string> recipe;  // JSON of its events "recipe", in order: {"figures": {…}}
};

enum class PaperVerdict {
  kPending,  // not all of its runs have finished
  kInside,
  kOutside  // or never measured, or never reached
};
struct PaperRow {
  double measured = std::numeric_limits<double>::quiet_NaN();  // infinite: an accuracy was never reached
  PaperVerdict verdict = PaperVerdict::kPending;
};

// One a measure. `runs`: one a run of the paper; nothing where it has not finished.
std::vector<PaperRow> PaperRows(const Paper& paper, bool is_quick,
                                std::span<const std::optional<PaperEvidence>> runs);
// Outside as soon as one row is; inside once all are.
PaperVerdict WholeVerdict(std::span<const PaperRow> rows);

std::string_view PaperVerdictName(PaperVerdict verdict);  // "pending", "inside", "outside"

// For people who read English, as the command line prints it: "97.9 %", "26.4 kB", "40×"; "–" for NaN,
// "never" for infinite. The desktop has the person's own digits (ui/client/paper_words.h).
std::string PaperValueText(double value, PaperUnit unit);
std::string PaperPublishedText(const PaperMeasure& measure);
std::string PaperBandText(const PaperBand& band, PaperUnit unit);  // "at most 29.7 kB", "0.4 to 0.6"

}  // namespace concertina
