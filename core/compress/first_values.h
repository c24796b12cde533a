// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// first_values.h: a model beside what it was at an earlier time, and back to the values it had then.
// On the way of the data: compress/rewind.cc, compress/iterative_magnitude.cc, compress/movement.cc -> here
// -> graph/graph.h.
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

}  // namespace concertina
