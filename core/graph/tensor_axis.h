// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_axis.h: the ranks that divide a model's layers between them, as the operators see them.
// On the way of the data: graph/tensor_operator.cc -> here -> parallel/tensor_group.h.
#pragma once

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
};

}  // namespace concertina
