// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// quantity_skew.cc: the classes are mixed alike, but some workers have far more samples than others [cited
// below]. On the way of the data: data/partition.h -> here -> data/loader.cc.
//   n_r = 1 + a share of n - N in proportion to (r + 1)^-exponent;  sum n_r = n
// Synchronous training stops an epoch at the smallest shard, so that most of a large shard waits for another
// epoch.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/data/partition.h"

namespace concertina {
namespace {

class QuantitySkew final : public FixedPartition {
 public:
  explicit QuantitySkew(double exponent) : exponent_(exponent) {}

 protected:
  absl::StatusOr<std::vector<std::vector<int64_t>>> Assign(std::span<const int32_t> labels, int64_t workers,
                                                           uint64_t seed) const override {
    std::vector<int64_t> order(labels.size());
    std::iota(order.begin(), order.end(), int64_t{0});
    Rng(seed, "quantity-skew").Shuffle(std::span<int64_t>(order));

    double total = 0;
    for (int64_t r = 0; r < workers; ++r) total += std::pow(static_cast<double>(r + 1), -exponent_);
    // Borders by rounding the cumulated shares: sizes are right to one sample, and their sum is n exactly.
    const auto spare = static_cast<double>(static_cast<int64_t>(labels.size()) - workers);
    std::vector<std::vector<int64_t>> assigned;
    double cumulated = 0;
    int64_t begin = 0;
    for (int64_t r = 0; r < workers; ++r) {
      cumulated += std::pow(static_cast<double>(r + 1), -exponent_);
      int64_t end = r + 1 + std::llround(spare * std::min(1.0, cumulated / total));
      if (r + 1 == workers) end = static_cast<int64_t>(labels.size());
      assigned.emplace_back(order.begin() + begin, order.begin() + end);
      begin = end;
    }
    return assigned;
  }

 private:
  const double exponent_;
};

REGISTER_COMPONENT(
    Partition,
    Descriptor(
        {.category = "partition",
         .kind = "quantity-skew",
         .title = "Quantity skew",
         .summary = "Shard sizes follow a power law; the classes are mixed alike.",
         .citation = "Li, Sahu, Zaheer, Sanjabi, Talwalkar, Smith. Federated Optimization in Heterogeneous "
                     "Networks. MLSys 2020",
         .params =
             {{.name = "exponent",
               .default_value = 1.0,
               .minimum = 0,
               .maximum = 10,
               .doc = "Worker r (from 0) has a share of about (r + 1)^-exponent: 0 gives equal shards."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Partition>> {
      return std::make_unique<QuantitySkew>(params.Number("exponent"));
    });

}  // namespace
}  // namespace concertina
