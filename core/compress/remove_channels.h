// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// remove_channels.h: takes filters of convolutions and units of dense layers out of a graph, and whatever
// reads them.
// On the way of the data: compress/channels.cc -> here -> compress/rewrite.h.
//
// A layer's channels are found again in all that follows until the next layer: in batch norm's four vectors,
// in activations and pools, as planes of a flattened vector, as the next layer's columns or input channels.
// Where two values are added, their channels are the same ones, and their layers are coupled.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace concertina {

// Layers whose output channels can only be removed together.
struct CoupledGroup {
  std::vector<int> producers;  // indices of nodes, ascending
  int64_t channels = 0;        // of each
  // Why none can be removed: "they reach the prediction". "" if they can.
  std::string fixed_because;
};

// Every dense layer and convolution is in one group; in the order of their first layers.
std::vector<CoupledGroup> CoupledGroups(const Graph& graph);

// The same graph with these output channels of these layers (by index of their node) alone, ascending; of
// coupled layers it is enough to name one. What the kept ones compute is unchanged but for what the removed
// ones added to it. Names stay, and what holds of parameters. All parameters and buffers have given values.
// kInvalidArgument, naming the layer: the node is no layer, or a part of one; the channels are none, not
// ascending or beyond its width; they differ from a coupled layer's; the group is fixed.
absl::StatusOr<Graph> KeepChannels(const Graph& graph, const std::map<int, std::vector<int64_t>>& kept);

}  // namespace concertina
