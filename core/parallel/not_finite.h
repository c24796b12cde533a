// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// not_finite.h: a codec finds an element that is no number by its place in a bucket; a person wants to know
// of which layer it is, and when. On the way of the data: gradient/codec.h (Encode's error) -> here -> the
// run's error.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/graph/executor.h"

namespace concertina {

// `status` with the step, and the parameter of the first element of `gradient` (elements from `offset` on of
// the flat one) that is not finite, if it is kOutOfRange; else as it is. Where all are finite it is sums with
// a residual that have overflown, and the parameters of the whole span are named.
absl::Status NameNotFinite(const absl::Status& status, std::span<const float> gradient, int64_t offset,
                           const std::vector<ParameterSlot>& layout, int64_t step);

// The name of the parameter of the first of `values` that is not finite, one for each element of `layout`;
// "" where all are. For messages, when something has gone wrong already: it is a pass over them all.
std::string_view ParameterNotFinite(std::span<const float> values, const std::vector<ParameterSlot>& layout);

}  // namespace concertina
