// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// set_in_spec_target.cc: --set POINTER=JSON, and knobs that are turned while a run goes.
// Input: POINTER=JSON | line end | the experiment file.
#include <algorithm>

#include "core/experiment/spec.h"
#include "tests/fuzz/experiment_texts.h"
#include "tests/fuzz/target.h"

namespace concertina {

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  const std::vector<std::string> texts = ExperimentTexts();
  for (const std::string assignment : {"/optimizer/learning_rate=0.1", "/gradient/-={\"kind\": \"int8\"}",
                                       "/name=a run", "/mesh={\"data\": 2}", "/workers/0/count=2"})
    for (const std::string& text : texts) {
      const std::string input = assignment + "\n" + text;
      inputs.seeds.emplace_back(input.begin(), input.end());
    }
  inputs.words = ExperimentWords();
  for (const char* word :
       {"/", "~0", "~1", "~", "/-", "=", "/gradient/0", "/workers/0", "/0", "/99999999999999999999"})
    inputs.words.emplace_back(word);
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  const std::string input(data, data + size);
  const size_t line_end = std::min(input.find('\n'), input.size());
  const std::string assignment = input.substr(0, line_end), text = input.substr(std::min(line_end + 1, size));
  absl::StatusOr<std::string> set;
  {
    const AllocationBound bound({.one = 64 * size + (1U << 20), .all = 4096 * size + (64U << 20)});
    set = SetInSpec(text, assignment);
  }
  Note(set);
  if (set.ok()) CheckSpec(*set);
  // The same as a knob of a good run.
  static const Spec spec = CheckSpec(ExperimentTexts()[1]).spec;
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos) return 0;
  const absl::StatusOr<Spec> turned =
      ApplyKnob(spec, assignment.substr(0, equals), assignment.substr(equals + 1));
  if (turned.ok()) Require(CheckSpec(turned->json).faults.empty(), "a knob made a spec with faults");
  return 0;
}
