// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_detail.h: what a step of a recipe made of the model from the inside, counted while the step is
// judged and written beside the run as recipe-K.json. On the way of the data: worker/recipe_loop.cc -> here
// -> analysis/step_detail.h.
//
// All ranks count the answers to their own share of the test samples, and the counts are summed; only rank 0
// writes. It shows samples of its own share alone: to fetch others' would be a message a picture, and its
// share is as good a draw as any.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/analysis/step_detail.h"
#include "core/base/disk.h"
#include "core/comm/communicator.h"
#include "core/compress/sensitivity.h"
#include "core/data/dataset.h"
#include "core/edge/model_file.h"
#include "core/edge/step_times.h"

namespace concertina {

// The share of each block that is not zero. `shape` is the weight's; `values` are as many.
MaskPicture MaskOf(const Shape& shape, std::span<const float> values);

// The weight's own figures; `range` as in step_detail.h, more than 0.
LayerDetail LayerDetailOf(const std::string& name, const Shape& shape, std::span<const float> values,
                          double range);

// A sample as bytes: 0..1 as it is (images), else from its least to its largest value. More than
// kMostDetailPixels are thinned by whole factors. Fills channels, height, width and pixels.
void DrawSample(const Shape& shape, std::span<const float> sample, ChangedAnswer& answer);

class RecipeDetail {
 public:
  explicit RecipeDetail(const DatasetInfo& dataset);

  // For each step, on every rank: Begin, then Add for each sample of this rank's share, always in the same
  // order, then Sum, and on rank 0 Describe and Write.
  void Begin();
  void Add(int64_t index, int32_t label, int64_t answer);
  absl::Status Sum(Communicator& everyone, Deadline deadline);  // all ranks; one all-reduce
  // All ranks, between Sum and Describe, where the step asks for it: the ranks' places together.
  absl::Status SumSensitivity(SensitivityScan scan, Communicator& everyone, Deadline deadline);
  // The rest: what the file has of the model, and the samples whose answers have changed. `times`: of the
  // layers that were timed, by the names of their weights.
  void Describe(int64_t step, const std::string& text, const ModelFile& file, const Samples& test,
                const std::map<std::string, LayerTime>& times = {});
  // RUN/recipe-K.json, K counting from 0; those of an earlier attempt at the run are gone with the first. As
  // often as it takes. Errors as of WriteFileAtomically.
  absl::Status Write(Disk& disk, const std::string& run_folder) const;

  // What the next steps are compared with: a recipe that goes on later begins with it in the place of step 0.
  struct Memory {
    int64_t next = 0;                    // step of the recipe, as files are counted
    std::vector<int32_t> first_answers;  // to this rank's share, at step 0
    std::map<std::string, double> ranges;
  };
  Memory Remembered() const { return {next_, first_answers_, ranges_}; }
  void GoOnFrom(Memory memory) {
    next_ = memory.next;
    first_answers_ = std::move(memory.first_answers);
    ranges_ = std::move(memory.ranges);
  }

  const StepDetail& detail() const { return detail_; }  // as counted, and as described last

 private:
  DatasetInfo dataset_;
  StepDetail detail_;
  int64_t next_ = 0;                       // step of the recipe
  size_t place_ = 0;                       // of the sample in this rank's share
  std::vector<int32_t> first_answers_;     // to this rank's share, at step 0
  std::vector<ChangedAnswer> changed_[3];  // wrong now, right now, another wrong one
  std::map<std::string, double> ranges_;   // of each layer, when it was first seen
};

}  // namespace concertina
