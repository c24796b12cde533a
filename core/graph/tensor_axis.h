// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_axis.h: the ranks that divide a model's layers between them, as the operators see them.
// On the way of the data: graph/tensor_operator.cc -> here -> parallel/tensor_group.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/status.h"

namespace concertina {

// Used by the step thread, during Executor::Step and Evaluate.
class TensorAxis {
 public:
  virtual ~TensorAxis() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  // In place: every rank ends with the element-wise sum, the same bits on all. All ranks call in the same
  // order with as many values. Allocates nothing. Errors name the rank that did not come.
  virtual absl::Status AllReduceSum(std::span<float> values) = 0;
  // The same of what a training step computes, activations or their gradients: they may lose something on
  // their way, by a codec, and still become the same bits on all.
  virtual absl::Status AllReduceSumInTraining(std::span<float> values, int64_t /*step*/) {
    return AllReduceSum(values);
  }
  // Before the first step: sums of so many values will come in training. Errors name the setting.
  virtual absl::Status Expect(size_t /*values*/) { return absl::OkStatus(); }
};

}  // namespace concertina
