// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// iid.cc: every worker's samples look like the whole: one permutation an epoch, dealt like cards.
// On the way of the data: data/partition.h -> here -> data/loader.cc.
//   pi_e = permutation of n by (seed, epoch);   worker r of N takes pi_e(r), pi_e(r + N), pi_e(r + 2N), …
// So step s of N workers with batch B takes pi_e(sNB … (s+1)NB - 1), whatever N is for the same NB.
#include <algorithm>
#include <numeric>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/data/partition.h"

namespace concertina {
namespace {

class Iid final : public Partition {
 public:
  bool redrawn_each_epoch() const override { return true; }

  absl::StatusOr<std::vector<int64_t>> Shard(std::span<const int32_t> labels, int64_t worker, int64_t workers,
                                             uint64_t seed, int64_t epoch) const override {
    std::vector<int64_t> shard;
    RETURN_IF_ERROR(ShardInto(labels, worker, workers, seed, epoch, shard));
    return shard;
  }

  absl::Status ShardInto(std::span<const int32_t> labels, int64_t worker, int64_t workers, uint64_t seed,
                         int64_t epoch, std::vector<int64_t>& shard) const override {
    RETURN_IF_ERROR(CheckShare(labels.size(), worker, workers));
    shard.resize(labels.size());
    std::iota(shard.begin(), shard.end(), int64_t{0});
    Rng(seed, "iid-epoch", static_cast<uint64_t>(epoch)).Shuffle(std::span<int64_t>(shard));
    // In place: the card read lies never before the one written.
    const auto stride = static_cast<size_t>(workers);
    size_t taken = 0;
    for (size_t card = static_cast<size_t>(worker); card < shard.size(); card += stride)
      shard[taken++] = shard[card];
    shard.resize(taken);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<int64_t>> ShardSizes(std::span<const int32_t> labels, int64_t workers,
                                                  uint64_t /*seed*/) const override {
    RETURN_IF_ERROR(CheckShare(labels.size(), 0, workers));
    const auto n = static_cast<int64_t>(labels.size());
    std::vector<int64_t> sizes;
    for (int64_t worker = 0; worker < workers; ++worker)
      sizes.push_back((n - worker + workers - 1) / workers);
    return sizes;
  }

  // One permutation for all of them.
  absl::StatusOr<std::vector<std::vector<int64_t>>> Shards(std::span<const int32_t> labels, int64_t workers,
                                                           uint64_t seed) const override {
    RETURN_IF_ERROR(CheckShare(labels.size(), 0, workers));
    std::vector<int64_t> deck;
    RETURN_IF_ERROR(ShardInto(labels, 0, 1, seed, 0, deck));
    std::vector<std::vector<int64_t>> shards(static_cast<size_t>(workers));
    for (size_t card = 0; card < deck.size(); ++card) shards[card % shards.size()].push_back(deck[card]);
    for (std::vector<int64_t>& shard : shards) std::sort(shard.begin(), shard.end());
    return shards;
  }
};

REGISTER_COMPONENT(
    Partition,
    Descriptor({.category = "partition",
                .kind = "iid",
                .title = "Identically distributed",
                .summary = "Every worker draws from the whole dataset, newly shuffled each epoch.",
                .citation = "",
                .params = {}}),
    [](const Params&) -> absl::StatusOr<std::unique_ptr<Partition>> { return std::make_unique<Iid>(); });

}  // namespace
}  // namespace concertina
