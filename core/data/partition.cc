// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// partition.cc: what all partitions share: sizes, the order within an epoch, the parameter that names one.
// On the way of the data: data/dataset.h -> here -> data/loader.cc.
#include "core/data/partition.h"

#include <algorithm>

#include "core/base/rng.h"
#include "fmt/format.h"

namespace concertina {

absl::Status CheckShare(size_t samples, int64_t worker, int64_t workers) {
  if (workers < 1 || worker < 0 || worker >= workers)
    return absl::InvalidArgumentError(
        fmt::format("worker {} of {}: expected 0 to one less than there are", worker, workers));
  if (samples < static_cast<uint64_t>(workers))
    return absl::InvalidArgumentError(
        fmt::format("/dataset/partition: {} samples cannot be shared by {} workers: each needs at least one; "
                    "take fewer workers",
                    samples, workers));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> Partition::ShardSizes(std::span<const int32_t> labels, int64_t workers,
                                                           uint64_t seed) const {
  std::vector<int64_t> sizes;
  for (int64_t worker = 0; worker < workers; ++worker) {
    ASSIGN_OR_RETURN(const std::vector<int64_t> shard, Shard(labels, worker, workers, seed, 0));
    sizes.push_back(static_cast<int64_t>(shard.size()));
  }
  return sizes;
}

absl::StatusOr<std::vector<std::vector<int64_t>>> Partition::Shards(std::span<const int32_t> labels,
                                                                    int64_t workers, uint64_t seed) const {
  RETURN_IF_ERROR(CheckShare(labels.size(), 0, workers));
  std::vector<std::vector<int64_t>> shards;
  for (int64_t worker = 0; worker < workers; ++worker) {
    ASSIGN_OR_RETURN(std::vector<int64_t> shard, Shard(labels, worker, workers, seed, 0));
    std::sort(shard.begin(), shard.end());
    shards.push_back(std::move(shard));
  }
  return shards;
}

absl::Status Partition::ShardInto(std::span<const int32_t> labels, int64_t worker, int64_t workers,
                                  uint64_t seed, int64_t epoch, std::vector<int64_t>& shard) const {
  ASSIGN_OR_RETURN(shard, Shard(labels, worker, workers, seed, epoch));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> FixedPartition::Shard(std::span<const int32_t> labels, int64_t worker,
                                                           int64_t workers, uint64_t seed,
                                                           int64_t epoch) const {
  RETURN_IF_ERROR(CheckShare(labels.size(), worker, workers));
  ASSIGN_OR_RETURN(std::vector<std::vector<int64_t>> shards, Assign(labels, workers, seed));
  std::vector<int64_t> shard = std::move(shards[static_cast<size_t>(worker)]);
  std::sort(shard.begin(), shard.end());
  ShuffleForEpoch(shard, worker, seed, epoch);
  return shard;
}

absl::StatusOr<std::vector<int64_t>> FixedPartition::ShardSizes(std::span<const int32_t> labels,
                                                                int64_t workers, uint64_t seed) const {
  ASSIGN_OR_RETURN(const std::vector<std::vector<int64_t>> shards, Shards(labels, workers, seed));
  std::vector<int64_t> sizes;
  for (const std::vector<int64_t>& shard : shards) sizes.push_back(static_cast<int64_t>(shard.size()));
  return sizes;
}

absl::StatusOr<std::vector<std::vector<int64_t>>> FixedPartition::Shards(std::span<const int32_t> labels,
                                                                         int64_t workers,
                                                                         uint64_t seed) const {
  RETURN_IF_ERROR(CheckShare(labels.size(), 0, workers));
  ASSIGN_OR_RETURN(std::vector<std::vector<int64_t>> shards, Assign(labels, workers, seed));
  for (std::vector<int64_t>& shard : shards) std::sort(shard.begin(), shard.end());
  return shards;
}

void ShuffleForEpoch(std::span<int64_t> shard, int64_t worker, uint64_t seed, int64_t epoch) {
  // The stream's index holds one number: the worker is drawn into the seed first.
  Rng(Rng(seed, "shard-order", static_cast<uint64_t>(worker)).Next(), "epoch", static_cast<uint64_t>(epoch))
      .Shuffle(shard);
}

ParamSpec PartitionParam() {
  return {.name = "partition",
          .type = ParamType::kComponent,
          .default_value = DefaultValue::FromJson(R"({"kind": "iid"})"),
          .choices = {"partition"},
          .doc = "How the training samples are shared among the workers."};
}

}  // namespace concertina
