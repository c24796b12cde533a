// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dirichlet.cc: workers of equal size whose mixtures of classes are drawn from a Dirichlet distribution
// [cited below]. On the way of the data: data/partition.h -> here -> data/loader.cc.
//   q_r ~ Dir(alpha p),  p_c = share of class c in the whole;  worker r draws the class of each sample from
//   q_r.
// alpha -> 0: one class a worker; alpha -> infinity: every worker looks like the whole.
// A class that has run out leaves all q_r, which are renormalised. The workers draw in turn, one sample each,
// so that what is left at the end is shared and not the last worker's.
#include <algorithm>
#include <numeric>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/data/partition.h"

namespace concertina {
namespace {

struct Mixture {
  std::vector<size_t> classes;  // the most likely first: the scan below then ends early
  std::vector<double> weights;  // by position in `classes`; unnormalised, 0 for a class that has run out
  double total = 0;

  size_t Draw(Rng& rng) const {
    double left = rng.Uniform() * total;
    size_t last = 0;
    for (size_t i = 0; i < classes.size(); ++i) {
      if (weights[i] <= 0) continue;
      last = i;
      left -= weights[i];
      if (left < 0) return classes[i];
    }
    return classes[last];  // rounding
  }

  void Remove(size_t removed) {
    for (size_t i = 0; i < classes.size(); ++i)
      if (classes[i] == removed) weights[i] = 0;
    total = std::accumulate(weights.begin(), weights.end(), 0.0);
  }
};

class Dirichlet final : public FixedPartition {
 public:
  explicit Dirichlet(double alpha) : alpha_(alpha) {}

 protected:
  absl::StatusOr<std::vector<std::vector<int64_t>>> Assign(std::span<const int32_t> labels, int64_t workers,
                                                           uint64_t seed) const override {
    // The samples of each class, in an order of chance.
    std::vector<std::vector<int64_t>> remaining(
        static_cast<size_t>(*std::max_element(labels.begin(), labels.end())) + 1);
    for (size_t i = 0; i < labels.size(); ++i)
      remaining[static_cast<size_t>(labels[i])].push_back(static_cast<int64_t>(i));
    for (size_t c = 0; c < remaining.size(); ++c)
      Rng(seed, "dirichlet-class", c).Shuffle(std::span<int64_t>(remaining[c]));

    std::vector<Mixture> mixtures;
    std::vector<Rng> draws;
    for (int64_t worker = 0; worker < workers; ++worker) {
      Rng rng(seed, "dirichlet-mixture", static_cast<uint64_t>(worker));
      mixtures.push_back(DrawMixture(remaining, labels.size(), rng));
      draws.emplace_back(seed, "dirichlet-draw", static_cast<uint64_t>(worker));
    }

    std::vector<std::vector<int64_t>> assigned(static_cast<size_t>(workers));
    for (size_t i = 0; i < labels.size(); ++i) {
      const size_t worker = i % static_cast<size_t>(workers);
      if (mixtures[worker].total <= 0) mixtures[worker] = WhatIsLeft(remaining);
      const size_t c = mixtures[worker].Draw(draws[worker]);
      assigned[worker].push_back(remaining[c].back());
      remaining[c].pop_back();
      if (remaining[c].empty())
        for (Mixture& mixture : mixtures) mixture.Remove(c);
    }
    return assigned;
  }

 private:
  Mixture DrawMixture(const std::vector<std::vector<int64_t>>& by_class, size_t samples, Rng& rng) const {
    std::vector<double> q(by_class.size());
    double total = 0;
    for (size_t c = 0; c < q.size(); ++c) {
      const double prior = static_cast<double>(by_class[c].size()) / static_cast<double>(samples);
      q[c] = prior > 0 ? rng.Gamma(alpha_ * prior) : 0;
      total += q[c];
    }
    if (total <= 0) {
      // All gammas below the smallest double: the limit is one class, drawn from the prior.
      const Mixture prior = WhatIsLeft(by_class);
      q[prior.Draw(rng)] = 1;
    }
    return Sorted(q);
  }

  static Mixture WhatIsLeft(const std::vector<std::vector<int64_t>>& remaining) {
    std::vector<double> q;
    q.reserve(remaining.size());
    for (const std::vector<int64_t>& samples : remaining) q.push_back(static_cast<double>(samples.size()));
    return Sorted(q);
  }

  static Mixture Sorted(const std::vector<double>& q) {
    Mixture mixture;
    mixture.classes.resize(q.size());
    std::iota(mixture.classes.begin(), mixture.classes.end(), size_t{0});
    std::stable_sort(mixture.classes.begin(), mixture.classes.end(),
                     [&](size_t a, size_t b) { return q[a] > q[b]; });
    for (const size_t c : mixture.classes) mixture.weights.push_back(q[c]);
    mixture.total = std::accumulate(mixture.weights.begin(), mixture.weights.end(), 0.0);
    return mixture;
  }

  const double alpha_;
};

REGISTER_COMPONENT(
    Partition,
    Descriptor(
        {.category = "partition",
         .kind = "dirichlet",
         .title = "Dirichlet",
         .summary = "Equal shards whose mixtures of classes are drawn from a Dirichlet distribution.",
         .citation = "Hsu, Qi, Brown. Measuring the Effects of Non-Identical Data Distribution for Federated "
                     "Visual Classification. 2019",
         .params = {{.name = "alpha",
                     .default_value = 0.5,
                     .minimum = 1e-4,
                     .maximum = 1e6,
                     .doc =
                         "Concentration: near 0 a worker has one class, large values give every worker the "
                         "mixture of the whole."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Partition>> {
      return std::make_unique<Dirichlet>(params.Number("alpha"));
    });

}  // namespace
}  // namespace concertina
