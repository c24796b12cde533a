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
  // The number of samples of every worker, the same in each epoch. By default each worker's shard is asked
  // for.
  virtual absl::StatusOr<std::vector<int64_t>> ShardSizes(std::span<const int32_t> labels, int64_t workers,
                                                          uint64_t seed) const;
  // Every worker's samples in the first epoch, ascending: what Shard gives for each with epoch 0, but for the
  // order. By default each worker's shard is asked for, which is slow for many.
  virtual absl::StatusOr<std::vector<std::vector<int64_t>>> Shards(std::span<const int32_t> labels,
                                                                   int64_t workers, uint64_t seed) const;
  // The same as Shard, into a vector that is kept from epoch to epoch: a redrawn partition overrides it so
  // that nothing is allocated after the first. After an error `shard` is undefined.
  virtual absl::Status ShardInto(std::span<const int32_t> labels, int64_t worker, int64_t workers,
                                 uint64_t seed, int64_t epoch, std::vector<int64_t>& shard) const;
};

// A partition that is fixed for the whole run: says once who owns what, and the rest follows.
class FixedPartition : public Partition {
 public:
  bool redrawn_each_epoch() const final { return false; }
  absl::StatusOr<std::vector<int64_t>> Shard(std::span<const int32_t> labels, int64_t worker, int64_t workers,
                                             uint64_t seed, int64_t epoch) const final;
  absl::StatusOr<std::vector<int64_t>> ShardSizes(std::span<const int32_t> labels, int64_t workers,
                                                  uint64_t seed) const final;
  absl::StatusOr<std::vector<std::vector<int64_t>>> Shards(std::span<const int32_t> labels, int64_t workers,
                                                           uint64_t seed) const final;

 protected:
  // Indices by worker: disjoint, together all, none empty. labels.size() >= workers >= 1 was checked.
  virtual absl::StatusOr<std::vector<std::vector<int64_t>>> Assign(std::span<const int32_t> labels,
                                                                   int64_t workers, uint64_t seed) const = 0;
};

// The order in which a fixed shard (given in ascending order) is taken in an epoch.
void ShuffleForEpoch(std::span<int64_t> shard, int64_t worker, uint64_t seed, int64_t epoch);

// kInvalidArgument unless 0 <= worker < workers <= samples.
absl::Status CheckShare(size_t samples, int64_t worker, int64_t workers);

// The parameter "partition" that every dataset takes: {"kind": "iid"} unless said otherwise.
ParamSpec PartitionParam();

}  // namespace concertina
