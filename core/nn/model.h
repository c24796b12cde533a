// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model.h: a model is a component that builds its graph for a dataset's samples and classes.
// On the way of the data: experiment/spec.h names it -> here -> graph/executor.h.
#pragma once

#include "core/base/descriptor.h"
#include "core/graph/graph.h"

namespace concertina {

class Model {
 public:
  virtual ~Model() = default;
  // The graph from a sample (C x H x W, or a vector) to logits and the loss (softmax cross-entropy).
  // kInvalidArgument if the model cannot take such samples, with what it expects.
  virtual absl::StatusOr<Graph> Build(const Shape& sample, int64_t classes) const = 0;
};

}  // namespace concertina
