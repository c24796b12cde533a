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

struct OnnxOptions {
  // The input is "pixels", uint8, and the division by 255 is in the model: for devices with a camera.
  bool takes_pixels = false;
};

// The bytes of a ModelProto: opset 17, IR version 8, in evaluation mode (running statistics, no dropout). One
// input, "input", float, batch x sample with a batch of any size; outputs "logits" and, if the loss is a
// softmax cross-entropy, "probabilities". Initialisers keep the names of the parameters and
// buffers, but for those that would be of two values.
//
// Where values have a quantization the model is in ONNX's "QDQ" form, which runtimes turn into whole-number
// layers: behind an activation stand QuantizeLinear and DequantizeLinear, and before them a Clip where its
// grid has fewer than 8 bits; a weight of 8 signed bits is stored as uint8 around 128 (runtimes multiply that
// exactly on every processor), its bias, where the layer's input has a grid, as int32, and both are
// dequantised. A weight of fewer bits is stored as the floats that it is: operator set 17 has no smaller
// whole numbers.
//
// kInvalidArgument if `parameters` or `buffers` are not of the graph's size, or a quantization is none that
// ONNX has; kOutOfRange above protobuf's 2 GiB.
absl::StatusOr<std::string> ToOnnx(const Graph& graph, std::span<const float> parameters,
                                   std::span<const float> buffers, const std::string& name,
                                   const OnnxOptions& options = {});
// Of a graph whose parameters and buffers all have given values; kInvalidArgument names one that has none.
absl::StatusOr<std::string> ToOnnx(const Graph& graph, const std::string& name,
                                   const OnnxOptions& options = {});

}  // namespace concertina
