// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// shards.cc: the pathological non-IID partition of federated averaging: few classes a worker [cited below].
// On the way of the data: data/partition.h -> here -> data/loader.cc.
//   Sort by label; cut into N s shards of equal size (to one sample); deal s of them to each worker by
//   chance.
#include <algorithm>
#include <numeric>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/data/partition.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class Shards final : public FixedPartition {
 public:
  explicit Shards(int64_t shards_per_worker) : shards_per_worker_(shards_per_worker) {}

 protected:
  absl::StatusOr<std::vector<std::vector<int64_t>>> Assign(std::span<const int32_t> labels, int64_t workers,
                                                           uint64_t seed) const override {
    const auto n = static_cast<int64_t>(labels.size());
    const int64_t shards = workers * shards_per_worker_;
    if (shards > n)
      return absl::InvalidArgumentError(fmt::format(
          "/dataset/partition/shards_per_worker: {} workers with {} shards each need {} samples, found {}",
          workers, shards_per_worker_, shards, n));
    std::vector<int64_t> sorted(labels.size());
    std::iota(sorted.begin(), sorted.end(), int64_t{0});
    std::stable_sort(sorted.begin(), sorted.end(), [&](int64_t a, int64_t b) {
      return labels[static_cast<size_t>(a)] < labels[static_cast<size_t>(b)];
    });
    std::vector<int64_t> deal(static_cast<size_t>(shards));
    std::iota(deal.begin(), deal.end(), int64_t{0});
    Rng(seed, "shards").Shuffle(std::span<int64_t>(deal));

    std::vector<std::vector<int64_t>> assigned(static_cast<size_t>(workers));
    for (size_t i = 0; i < deal.size(); ++i) {
      const auto begin = sorted.begin() + deal[i] * n / shards;
      const auto end = sorted.begin() + (deal[i] + 1) * n / shards;
      std::vector<int64_t>& hand = assigned[i / static_cast<size_t>(shards_per_worker_)];
      hand.insert(hand.end(), begin, end);
    }
    return assigned;
  }

 private:
  const int64_t shards_per_worker_;
};

REGISTER_COMPONENT(
    Partition,
    Descriptor(
        {.category = "partition",
         .kind = "shards",
         .title = "Label shards",
         .summary = "Sorted by label and cut into shards: each worker sees only a few classes.",
         .citation =
             "McMahan, Moore, Ramage, Hampson, Agüera y Arcas. Communication-Efficient Learning of Deep "
             "Networks from Decentralized Data. AISTATS 2017",
         .params = {{.name = "shards_per_worker",
                     .type = ParamType::kInteger,
                     .default_value = 2,
                     .minimum = 1,
                     .maximum = 10000,
                     .doc = "Shards dealt to each worker: 2 gives most workers two classes."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Partition>> {
      return std::make_unique<Shards>(params.Integer("shards_per_worker"));
    });

}  // namespace
}  // namespace concertina
