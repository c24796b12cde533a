// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// varied_fields.h: what a set of experiments was varied in, read back from the experiments themselves, so
// that any sweep can be opened again, whoever ran it: each field with its values, and which run has which.
// On the way of the data: specs of runs, analysis/spec_difference.h -> here -> analysis/sweep_cells.h.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace concertina {

struct VariedField {
  std::string pointer;              // a value, a component or a list of them: "/gradient"
  std::string name;                 // its last token that is no index: "learning_rate"
  std::vector<std::string> labels;  // of its values, no two alike: numbers ascend, others as they come
  std::vector<double> numbers;      // one a label; empty unless all are numbers
  std::vector<int> value_of;        // one a spec, an index of labels
};

// Whole specs, defaults filled in, as the engine keeps those of its runs; what is not a JSON object has no
// fields, and then null everywhere. In the order of the first spec's fields, names left out.
//
// A list or component that is of another kind here and there is one field, named after what distinguishes it:
// "none", "top-k 0.01", "top-k 0.1", "powersgd + fp16". A field that another of its section decides is left
// out where that tells the same: on links of 0, 100 and 1000 Mbit/s with the latency that goes with each, the
// bandwidth alone is varied.
std::vector<VariedField> VariedFields(std::span<const std::string> specs);

}  // namespace concertina
