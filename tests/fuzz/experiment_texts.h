// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// experiment_texts.h: experiment files to begin with, and the words of which they are made.
// On the way of the data: here -> tests/fuzz/spec_target.cc, tests/fuzz/set_in_spec_target.cc.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/registry.h"
#include "core/experiment/spec.h"

namespace concertina {

inline std::vector<std::string> ExperimentTexts() {
  return {
      "{}",
      R"({"name": "a", "seed": 7, "dataset": {"kind": "fashion-mnist", "partition": {"kind": "iid"}},
  "model": {"kind": "lenet-5"}, "optimizer": {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9},
  "training": {"batch_size": 64, "epochs": 3, "threads_per_worker": 1}, "mesh": {"data": 4},
  "exchange": {"kind": "all-reduce", "algorithm": "ring", "bucket_mib": 4},
  "gradient": [{"kind": "top-k", "ratio": 0.01}, {"kind": "fp16"}, {"kind": "zstd"}],
  "network": {"transport": "grpc", "bandwidth_mbit": 1000, "latency_ms": 0.5},
  "workers": [{"launcher": "local", "count": 4}]})",
      R"({"mesh": {"data": 2, "pipeline": 2}, "pipeline": {"kind": "gpipe"}, "model": {"kind": "mlp", "hidden": [64, 32]}})",
      R"({"exchange": {"kind": "local-sgd", "period_steps": 8}, "workers": [{"count": 2, "speed": 0.5}, {}]})",
      R"({"workers": [{"count": 4}], "faults": [{"kind": "kill", "rank": "any"}, {"kind": "partition", "ranks": [0, 2]},
  {"kind": "drop", "rank": 0, "other": 1, "probability": 0.1}, {"kind": "random", "most": 3}]})"};
}

// Names of fields, kinds, parameters and choices, as JSON has them, and what JSON is made of.
inline std::vector<std::string> ExperimentWords() {
  std::set<std::string> words = {"null", "true",    "[]",          "{}",      "\"\"",
                                 "[[",   "{\"a\":", "\"\\ud800\"", "\\u0000", "\xff"};
  const auto add = [&](const std::string& word) { words.insert("\"" + word + "\""); };
  const auto add_params = [&](const std::vector<ParamSpec>& params) {
    for (const ParamSpec& param : params) {
      add(param.name);
      for (const std::string& choice : param.choices) add(choice);
    }
  };
  for (const char* category :
       {"dataset", "partition", "model", "optimizer", "schedule", "exchange", "pipeline", "gradient-codec", "fault"})
    for (const Descriptor* descriptor : Registry::Global().InCategory(category)) {
      add(category);
      add(descriptor->kind);
      add_params(descriptor->params);
    }
  for (const Descriptor& section : SpecSections()) {
    add(section.kind);
    add_params(section.params);
  }
  return {words.begin(), words.end()};
}

}  // namespace concertina
