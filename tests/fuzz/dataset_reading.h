// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dataset_reading.h: a dataset of files that an input gives, opened and read as training would.
// On the way of the data: a target's files -> here -> core/data/dataset.h.
#pragma once

#include <cmath>
#include <memory>
#include <vector>

#include "core/base/registry.h"
#include "core/data/dataset.h"
#include "nlohmann/json.hpp"
#include "tests/fuzz/target.h"

namespace concertina {

// `claimed_bytes`: what the files may claim. Notes what came of it.
inline void ReadDataset(const Json& spec, uint64_t claimed_bytes) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("dataset", spec, "/dataset", faults);
  Require(faults.empty(), "the target's own spec has faults");
  const std::unique_ptr<Dataset> dataset = *Registry::Global().Create<Dataset>("dataset", params);
  absl::StatusOr<DatasetInfo> info;
  absl::StatusOr<std::shared_ptr<const Samples>> train, test;
  {
    const AllocationBound bound(
        {.one = 2 * claimed_bytes + (2U << 20), .all = 32 * claimed_bytes + (8U << 20)});
    info = dataset->Probe("");
    train = dataset->OpenTrain("");
    test = dataset->OpenTest("");
  }
  Note(info);
  // Probe reads no more than it must: of a compressed file, not all. What training reads may be damaged yet.
  if (train.ok()) Require(info.ok(), "Probe refuses what OpenTrain accepts");
  if (!info.ok()) return;
  for (const auto& split : {train, test}) {
    if (!split.ok()) {
      Note(split);
      continue;
    }
    const int64_t elements = ElementCount(info->sample);
    if (elements > 1 << 20) continue;
    std::vector<float> sample(static_cast<size_t>(elements));
    Require((*split)->labels().size() == static_cast<size_t>((*split)->size()),
            "not a label for each sample");
    for (const int32_t label : (*split)->labels())
      Require(label >= 0 && label < info->classes, "a label that is no class");
    for (const int64_t index : {int64_t{0}, (*split)->size() - 1})
      if (index >= 0 && index < (*split)->size()) (*split)->Read(index, sample.data());
  }
}

}  // namespace concertina
