// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sensitivity.h: how much a model suffers if one layer alone is made smaller, the layers being compared one
// by one [as Li et al. Pruning Filters for Efficient ConvNets. ICLR 2017, section 3.2, do for filters].
// On the way of the data: worker/recipe_loop.cc, after a step that asks for it -> here ->
// analysis/step_detail.h; compress/mixed_precision.cc asks the same of training samples.
//
// Each layer is taken in turn with each way of kSensitivityMethods; the others stay as they are, nothing is
// trained, and the edge runtime answers the same test samples. A layer that was on a grid is taken off it, so
// that its weights can be anything: the model is not the one that would be exported, and no bytes are
// claimed.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/data/dataset.h"
#include "core/graph/graph.h"

namespace concertina {

inline constexpr int64_t kSensitivitySamples = 512;

struct SensitivityMethod {
  const char* name;
  double pruned_share;  // of the weights with the smallest magnitudes; 0: none
  int bits;             // of a grid of least squared error for each output; 0: floats
};
inline constexpr std::array<SensitivityMethod, 4> kSensitivityMethods = {
    {{"prune 50 %", 0.5, 0}, {"8 bits", 0, 8}, {"4 bits", 0, 4}, {"2 bits", 0, 2}}};

struct AnswerFigures {
  double loss = 0, accuracy = 0;  // means over the samples
};

// What the edge runtime makes of `count` of these samples, spread evenly (all, if there are fewer). A loss
// that is no finite number is the largest float. `went_on` is called after each; false ends it, kCancelled.
// kInvalidArgument if the model cannot run.
absl::StatusOr<AnswerFigures> AnswersTo(const Graph& graph, const Samples& samples, int64_t count,
                                        const std::function<bool()>& went_on);

// Layer by layer, and each by all methods: place layers * methods.
struct SensitivityScan {
  int64_t samples = 0;
  double loss = 0, accuracy = 0;  // mean of the whole model on the same samples
  std::vector<std::string> layers;
  std::vector<double> losses, accuracies;  // 0 where another rank measures
};

// `graph` has given values. Of the places only those with place % ranks == rank are measured, so that ranks
// share the work and sum what they have; every rank measures the whole model. The samples are spread evenly
// over the test set, at most kSensitivitySamples. A loss that is no finite number is the largest float.
// `went_on` is called after each sample; false ends it, kCancelled. kInvalidArgument if the model cannot run.
absl::StatusOr<SensitivityScan> ScanSensitivity(const Graph& graph, const Samples& test, int rank, int ranks,
                                                const std::function<bool()>& went_on);

}  // namespace concertina
