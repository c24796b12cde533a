// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_reader.h: a model that another program trained, from an ONNX file, as a graph with its values.
// On the way of the data: a file of the user -> edge/onnx_proto.h -> here -> graph/graph.h with Value::given.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/base/status.h"
#include "core/graph/graph.h"

namespace concertina {

// A float model (its floats of 32 or 16 bits) of IR version 3 to 12 and any operator set, of the operators
// that our layers are made of (an error for another lists them). One input, of images or vectors with the
// batch first; one output, or a softmax of it beside it or in its place: the prediction is what the softmax
// takes, and the loss is added. What the prediction does not depend on is not looked at.
//
// Parameters and buffers keep their initialisers' names and have Value::given. Nodes keep theirs; of
// "conv1_7", as onnx_writer.h has it, "conv1" is the layer's name where no other has that. Constants that are
// dequantised give the floats; those of a weight, int8 around 0 or uint8 around 128, also
// Value::quantization, and so do activations that are quantised and dequantised again; with a
// Clip before, to a grid of fewer bits. A grid of signed activations is ours without its -128.
//
// Trusts nothing: kDataLoss for bytes that are no such file or damaged, and for names that nothing gives;
// kInvalidArgument for a model that has what we have not. Messages name `path`, the node and its operator.
// Allocates a small multiple of the bytes.
absl::StatusOr<Graph> FromOnnx(const std::string& path, std::span<const std::byte> bytes);
// And weights that are kept in files beside it, or in folders there.
absl::StatusOr<Graph> ReadOnnx(const std::string& path);

}  // namespace concertina
