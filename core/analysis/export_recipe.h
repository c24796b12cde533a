// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_recipe.h: what each step of a recipe made of a model, as one page that needs nothing else: no
// script, no other file, no network. On the way of the data: the run's "recipe" events,
// analysis/step_detail.h -> here
// -> a file to send to a colleague.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/analysis/step_detail.h"

namespace concertina {

// NaN where it was not measured.
struct RecipeFigures {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::string text;  // "prune-l1: amount 0.5"
  double test_accuracy = kNone, accuracy_lost = kNone;
  double file_bytes = kNone, ratio = kNone;
  double parameters = kNone, nonzeros = kNone, macs = kNone;
  double memory_bytes = kNone;
  double latency_p50_seconds = kNone, latency_p99_seconds = kNone;
};

// Of an event of the kind "recipe", {"figures": {…}}: what is not as it should be is not known.
RecipeFigures ReadRecipeFigures(const std::string& text, const std::string& event_json);

struct RecipeReport {
  std::string run, name, state, error;
  std::string spec_json;
  std::vector<RecipeFigures> steps;  // the first is the model as it was
  std::vector<StepDetail> details;   // of any of the steps, ascending; there may be none
  int64_t written_unix_ms = 0;       // the date that it bears; 0: none
};

// From what to what, the steps with their figures, accuracy against bytes, latency and multiply-adds with who
// is best by both, the layers of the newest step that is known, the newest scan of their sensitivity, and the
// recipe itself; light or dark as the reader's system is. All text of the run is escaped.
std::string RecipeHtml(const RecipeReport& report);

}  // namespace concertina
