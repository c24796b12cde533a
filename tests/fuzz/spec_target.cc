// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_target.cc: the experiment file.
// Input: the file.
#include "core/experiment/spec.h"
#include "tests/fuzz/experiment_texts.h"
#include "tests/fuzz/target.h"

namespace concertina {

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  for (const std::string& text : ExperimentTexts()) inputs.seeds.emplace_back(text.begin(), text.end());
  inputs.words = ExperimentWords();
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  const std::string text(data, data + size);
  SpecCheck check;
  {
    const AllocationBound bound({.one = 64 * size + (1U << 20), .all = 4096 * size + (64U << 20)});
    check = CheckSpec(text);
  }
  Note(FaultsToStatus(check.faults));
  for (const Fault& fault : check.faults) Require(!fault.message.empty(), "a fault without a word");
  if (!check.faults.empty()) return 0;
  const SpecCheck again = CheckSpec(check.spec.json);
  Require(again.faults.empty(), "what CheckSpec gives has faults");
  Require(again.spec.json == check.spec.json, "what CheckSpec gives, it does not give again");
  return 0;
}
