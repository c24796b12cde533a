// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// read_graph.h: a graph with its values, from any file of a model that we read.
// On the way of the data: a file of the user, or of a run -> here -> the model "file", compress/distill.cc.
#pragma once

#include <string>

#include "core/graph/graph.h"

namespace concertina {

// By the file's ending: .onnx, .safetensors (of a run: it names its model), else .edge. For samples of that
// shape and so many classes; kInvalidArgument, naming the file and both, if it is for others.
// `architecture`: the kind, or the JSON, of the model that .safetensors of another program are of; "" for
// ours.
absl::StatusOr<Graph> ReadGraph(const std::string& path, const Shape& sample, int64_t classes,
                                const std::string& architecture = "");

}  // namespace concertina
