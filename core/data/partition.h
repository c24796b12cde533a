// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// partition.h: which worker trains on which samples. A component of category "partition".
// On the way of the data: data/dataset.h -> here -> data/loader.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/descriptor.h"

namespace concertina {

class Partition {
 public:
  virtual ~Partition() = default;
  // True for iid: the shard is drawn anew each epoch, and worker r of N takes every N-th sample of the
  // epoch's permutation, so that the global batch holds the same samples whatever N.
  virtual bool redrawn_each_epoch() const = 0;
  // The sample indices of `worker` of `workers` for `epoch`, in the order they are taken. The same arguments
  // always give the same answer. Fixed partitions give the same set each epoch, shuffled by (seed, epoch,
  // worker). kInvalidArgument when it cannot be (more shards than samples).
  virtual absl::StatusOr<std::vector<int64_t>> Shard(std::span<const int32_t> labels, int64_t worker,
                                                     int64_t workers, uint64_t seed, int64_t epoch) const = 0;
};

}  // namespace concertina
