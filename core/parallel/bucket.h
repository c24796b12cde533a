// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bucket.h: parameters in groups that are exchanged together, so that messages are few and the first can
// leave while the backward pass still computes the others' gradients [Li et al. PyTorch Distributed. VLDB
// 2020, section 3.2.2]. On the way of the data: graph/executor.h gradient_order() -> here ->
// parallel/bucketed_exchange.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/descriptor.h"
#include "core/graph/executor.h"

namespace concertina {

// Elements [offset, offset + count) of the flat gradient; complete when all of `parameters` are.
struct Bucket {
  int64_t offset = 0;
  int64_t count = 0;
  std::vector<int> parameters;
  int chain = 0;  // of codecs, of all of its parameters
};

// Cuts the parameters, in the order in which their gradients get ready, into buckets of at least `bytes` (the
// last one is what remains). Each bucket is one contiguous range: a cut is made only where all that is ready
// is a whole end of the vector, so an order that does not run from the last layer to the first gives few
// buckets, or one. What would hold parameters of several chains is cut further, wherever it must be; buckets
// are in the order in which they are complete.
std::vector<Bucket> CutIntoBuckets(const std::vector<ParameterSlot>& slots,
                                   const std::vector<int>& gradient_order, int64_t bytes);

// "bucket_mib" of an exchange; `doc` says of what the groups are.
ParamSpec BucketMibParam(std::string doc);

}  // namespace concertina
