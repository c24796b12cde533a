// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_target.cc: a sweep file: a base, axes and a search, from a person's hand.
// Input: the file.
#include "core/experiment/sweep.h"
#include "tests/fuzz/target.h"

namespace concertina {

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  for (const std::string_view text :
       {R"({"base": {}, "axes": [{"pointer": "/optimizer/learning_rate", "values": [0.1, 0.2]}]})",
        R"({"name": "a", "base": {"seed": 7}, "axes": [{"pointer": "/a", "distribution": "log-uniform",
            "minimum": 1e-4, "maximum": 1}], "search": {"kind": "random", "samples": 4, "seed": 1}})",
        R"({"base": {}, "axes": [{"pointer": "/a", "values": [{"label": "x", "value": 1}]},
            {"pointer": "/b", "distribution": "uniform", "minimum": 1, "maximum": 9, "integer": true}],
            "search": {"kind": "successive-halving", "samples": 8, "seed": 2, "keep": 0.5, "first_epochs": 1,
            "rounds": "anew"}, "repeats": 2, "objective": {"series": "test_accuracy", "goal": "maximum"}})"})
    inputs.seeds.emplace_back(text.begin(), text.end());
  inputs.words = {"null",        "[]",          "{}",         "\"values\"", "\"pointer\"", "\"base\"",
                  "\"samples\"", "\"repeats\"", "1e308",      "-1",         "9999999999",  "\"/\"",
                  "\"~\"",       "\"grid\"",    "\"random\"", "true"};
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  // The spec of a point is another target's.
  uint64_t asked = 0;
  const SpecChecker accept = [&asked](const std::string& spec) -> absl::StatusOr<CheckedSpec> {
    ++asked;
    return CheckedSpec{.json = spec, .faults = {}};
  };
  const absl::StatusOr<SweepCheck> check = CheckSweep(
      {.json = std::string(reinterpret_cast<const char*>(data), size), .folder = "/nowhere"}, accept);
  if (!check.ok()) {
    Note(check.status());
    return 0;
  }
  Note(check->faults.empty() ? absl::OkStatus() : absl::InvalidArgumentError(check->faults.front().message));
  for (const Fault& fault : check->faults)
    Require(!fault.message.empty() && (fault.pointer.empty() || fault.pointer.front() == '/'),
            "a fault that names no place, or says nothing");
  return 0;
}
