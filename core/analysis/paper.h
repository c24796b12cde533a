// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper.h: a published table as experiments that can be run here: the runs, what is measured of each, the
// published numbers, and the bands in which ours must lie. On the way of the data: resources/papers/ID.json
// -> here -> analysis/paper_verdict.h -> app/ctl/paper_command.cc, ui/client/paper_desk.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/descriptor.h"

namespace concertina {

// One number of a run that has finished.
struct PaperFigure {
  enum class Kind {
    kSummary,     // `name` of the run's summary, as `show --json` has it: "test_accuracy"
    kToAccuracy,  // the `x` at which the test accuracy reaches `accuracy` (rounds_to_target.h)
    kSeries,      // of the series `name`, without its first `skip` points, folded into one number
    kRecipe       // the figure `name` that the recipe wrote down at `step`; -1: at its last
  };
  enum class Fold { kMedian, kMean, kLast, kLeast, kMost };
  Kind kind = Kind::kSummary;
  std::string name;
  std::string x;  // step, epoch, seconds or bytes
  double accuracy = 0;
  Fold fold = Fold::kMedian;
  int64_t skip = 0, step = -1;
};

// How a number is shown: kShare as "97.9 %", kPoints as "0.12 points"; both are fractions.
enum class PaperUnit { kNumber, kCount, kShare, kPoints, kBytes, kTimes, kSeconds };

// Where the measured number must lie, both ends included; one of them is there at least.
struct PaperBand {
  std::optional<double> low, high;
  std::string reason;              // why it is as wide as it is
  bool Holds(double value) const;  // NaN: no
};

struct PaperMeasure {
  std::string title;
  PaperFigure figure;
  size_t run = 0;                 // of Paper::runs
  std::optional<size_t> against;  // another one: the number is this run's over that one's, or minus it
  // Within one run: the same figure at another step of its recipe is taken off.
  std::optional<int64_t> against_step;
  bool is_ratio = false;
  PaperUnit unit = PaperUnit::kNumber;
  std::optional<double> published;  // none: the paper says it in words
  std::string published_words;
  PaperBand band;
  std::optional<PaperBand> quick_band;  // where the scaled-down setting needs another one
  const PaperBand& BandOf(bool is_quick) const { return is_quick && quick_band ? *quick_band : band; }
};

struct PaperSpec {
  std::string name;  // by which the run is found again: "Federated Averaging · 2NN · quick"
  std::string json;  // the experiment, with that name
};

struct PaperRun {
  std::string id, title;
  PaperSpec full, quick;
  const PaperSpec& SpecOf(bool is_quick) const { return is_quick ? quick : full; }
};

struct Paper {
  std::string id;                      // of the file: "fedavg"
  std::string title, citation, place;  // "Table 1, row 2NN"
  std::string claim, difference;       // a sentence; how the setting here differs from the paper's
  std::string quick_difference;        // and the scaled-down one; "": there is none
  std::vector<PaperRun> runs;
  std::vector<PaperMeasure> measures;
  bool has_quick() const { return !quick_difference.empty(); }
  std::string tag() const { return "paper:" + id; }  // that its runs are given
};

// {"title", "citation", "place", "claim", "difference", "base": a spec, "runs": [{"id", "title", "set":
// {POINTER: value}}], "measures": [{"title", "run", "against", "against_step", "by": "difference" or "ratio",
// "figure": {"kind": "summary", "name"} or {"kind": "to-accuracy", "accuracy", "x"} or {"kind": "series",
// "name", "fold", "skip"} or {"kind": "recipe", "name", "step"}, "unit", "published", "low", "high",
// "reason", "quick": {"low", "high", "reason"}}], "quick": {"difference", "set"}}. All faults in one go, with
// pointers into the file; the paper is usable only if there are none. The specs are not looked into: that
// takes an engine.
struct PaperCheck {
  Paper paper;
  std::vector<Fault> faults;
};
PaperCheck CheckPaper(std::string_view id, const std::string& text);

// Whether a run with this spec, defaults filled in, is what the paper's spec asks for: the name, and every
// field that the paper gives, has that value. What the paper leaves out may be anything.
bool IsPaperRun(const PaperSpec& paper, std::string_view run_name, const std::string& run_spec_json);

// Those that come with the program, by their names; they have no faults (a test reads them).
const std::vector<Paper>& PapersHere();
// kNotFound with the nearest name.
absl::StatusOr<Paper> FindPaper(std::string_view id);

}  // namespace concertina
