// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// first_values.h: a model beside what it was at an earlier time, back to the values it had then, and how it
// begins with others. On the way of the data: compress/rewind.cc, compress/iterative_magnitude.cc,
// compress/movement.cc, compress/distill.cc, compress/mutual_learning.cc -> here -> graph/graph.h.
#pragma once

#include <string_view>

#include "core/graph/graph.h"

namespace concertina {

// A time that is compared with, and what to do where the layers are no longer those of then; both go into
// messages.
struct EarlierTime {
  std::string_view name;    // "at first"
  std::string_view remedy;  // "put rewind before …"
};

// The parameter or buffer of `earlier` that `id` of `graph` was: of the same name and shape.
// kInvalidArgument, naming the layer, if there is none.
absl::StatusOr<ValueId> SameIn(const Graph& earlier, const Graph& graph, ValueId id, const EarlierTime& time);

// Every parameter and buffer goes back to its value in `first` but what was pruned, which stays zero and
// held. kInvalidArgument, naming the layer, if the layers are not those of `first` any more, or if a weight
// shares values or lies on a grid, where first values do not fit; `graph` is then as it was.
absl::Status RewindTo(Graph& graph, const Graph& first, std::string_view step);

// Says of every layer's parameters how they are drawn, by the shape that the layer has now: as nn/layers.h
// does it, uniform within +-1/sqrt(fan_in), and of batch norm ones. A .edge file keeps values, and not how
// they were drawn; and a layer that has lost inputs, or became two thin ones, has other fans than it was
// built with.
void GiveInitializers(Graph& graph);

}  // namespace concertina
