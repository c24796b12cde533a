// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bucket_codec.h: a codec that knows the shapes of what it compresses.
// On the way of the data: graph/executor.h's slots -> here -> gradient/codec.h.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/gradient/codec.h"
#include "core/parallel/exchange.h"

namespace concertina {

// What of elements [offset, offset + count) of the flat gradient are matrices, with offsets from `offset`: a
// parameter of two axes as it is, one of more (a convolution's) as its first axis x the rest. A range that
// cuts through a parameter has its whole rows.
std::vector<Matrix> MatricesWithin(const std::vector<ParameterSlot>& layout, int64_t offset, int64_t count);

// One of the context's chain, which must not be dense, described, for those elements.
absl::StatusOr<std::unique_ptr<Codec>> MakeBucketCodec(const ExchangeContext& context, int64_t offset,
                                                       int64_t count, int chain = 0);

}  // namespace concertina
