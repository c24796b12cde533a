// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_writer.h: a trained graph as an ONNX model that other runtimes run.
// On the way of the data: graph/graph.h, graph/executor.h parameters() and buffers() -> here -> a file of the
// user.
#pragma once

#include <span>
#include <string>

#include "core/base/status.h"
#include "core/graph/graph.h"

namespace concertina {

// The bytes of a ModelProto: opset 17, IR version 8, in evaluation mode (running statistics, no dropout). One
// input, "input", float, batch x sample with a batch of any size; outputs "logits" and, if the loss is a
// softmax cross-entropy, "probabilities". Initialisers keep the names of the parameters and buffers.
// kInvalidArgument if `parameters` or `buffers` are not of the graph's size; kOutOfRange above protobuf's 2
// GiB.
absl::StatusOr<std::string> ToOnnx(const Graph& graph, std::span<const float> parameters,
                                   std::span<const float> buffers, const std::string& name);

}  // namespace concertina
