// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep.h: a sweep file, checked: one experiment, what is varied in it, and which points are tried.
// On the way of the data: a sweep file -> here, experiment/sweep_points.h -> app/ctl/sweep_command.cc.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/descriptor.h"

namespace concertina {

inline constexpr int64_t kMaxSweepRuns = 10000;  // points times repeats

// One thing that an axis can be.
struct AxisValue {
  std::string json;   // of the spec's field
  std::string label;  // "top-k 1 %", "0.05"; one line
  std::string words;  // the same within a point's label: "learning_rate 0.05"
  std::string where;  // pointer into the sweep file, for faults
};

struct SweepAxis {
  std::string pointer;            // into the spec
  std::string name;               // its last token that is a name: "learning_rate"
  std::vector<AxisValue> values;  // none: drawn from [minimum, maximum]
  double minimum = 0, maximum = 0;
  bool is_logarithmic = false;  // uniform in the logarithm
  bool is_integer = false;
  size_t place = 0;  // in "axes" of the file
};

struct SweepSearch {
  enum class Kind { kGrid, kRandom, kSuccessiveHalving };
  Kind kind = Kind::kGrid;
  int64_t samples = 0;  // 0: the whole grid
  uint64_t seed = 1;
  // Of successive halving: the share of points that goes on, the epochs of the first round, and whether the
  // runs of a round go on in the next (as in the paper) or begin anew with a schedule of that length.
  double keep = 0.5;
  double first_epochs = 1;
  bool resumes = false;
};

// A figure of a run's end, as `show --json` names it, or what it took to target_accuracy.
struct SweepFigure {
  std::string_view name;
  bool more_is_better;
};
inline constexpr std::array<SweepFigure, 10> kSweepFigures = {{{"test_accuracy", true},
                                                               {"test_loss", false},
                                                               {"train_loss", false},
                                                               {"seconds", false},
                                                               {"samples_per_second", true},
                                                               {"bytes_sent", false},
                                                               {"payload_bytes_sent", false},
                                                               {"compression_ratio", true},
                                                               {"seconds_to_target", false},
                                                               {"bytes_to_target", false}}};

// Of kSweepFigures; its size if none is named so.
size_t FigureIndex(std::string_view name);
// The series that has a figure at every epoch: "test/accuracy"; "" where there is none.
std::string_view SeriesOfFigure(std::string_view figure);

struct SweepObjective {
  std::string series = "test_accuracy";  // a name of kSweepFigures
  bool is_maximum = true;
};

struct SweepPoint {
  std::string label;               // "top-k 1 %, bandwidth_mbit 100"; no two are alike
  std::vector<AxisValue> values;   // one an axis
  std::vector<std::string> specs;  // one a repeat: whole, defaults filled in, named "SWEEP · label"
};

struct Sweep {
  std::string name = "sweep";
  std::string base_json;  // the experiment as the file has it, or names it
  std::vector<SweepAxis> axes;
  SweepSearch search;
  int64_t repeats = 1;  // seeds a point: that of its spec, and the next
  SweepObjective objective;
  std::optional<double> target_accuracy;
  std::vector<SweepPoint> points;
};

// Whether a spec is a good one, and the whole of it. An error is the machine's, not the spec's.
struct CheckedSpec {
  std::string json;  // defaults filled in, if there are no faults
  std::vector<Fault> faults;
};
using SpecChecker = std::function<absl::StatusOr<CheckedSpec>(const std::string& spec_json)>;
// By CheckSpec of this program: without the launchers, plugins and data that only an engine has.
absl::StatusOr<CheckedSpec> CheckSpecHere(const std::string& spec_json);

struct SweepText {
  std::string json;
  std::string folder = ".";              // that a path of a base counts from
  std::vector<std::string> assignments;  // POINTER=JSON, made in the base first
};

// {"name", "base": the spec or the path of one, "axes": [{"pointer", "values": [value or {"label", "value"}]}
// or {"pointer", "distribution": "uniform" or "log-uniform", "minimum", "maximum", "integer"}], "search":
// {"kind": "grid"} or {"kind": "random", "samples", "seed"} or {"kind": "successive-halving", "samples",
// "seed", "keep", "first_epochs", "rounds": "anew" or "resumed"}, "repeats", "objective": {"series", "goal":
// "maximum" or "minimum"}, "target_accuracy"}; only base and axes are needed. All faults in one go, with
// pointers into the sweep file: those of the file itself, and those of every point's spec, which name the
// point. The sweep is usable only if there are none. Errors: those of `check_spec`.
struct SweepCheck {
  Sweep sweep;
  std::vector<Fault> faults;
};
absl::StatusOr<SweepCheck> CheckSweep(const SweepText& text, const SpecChecker& check_spec = CheckSpecHere);

}  // namespace concertina
