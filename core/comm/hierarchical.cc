// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// hierarchical.cc: all-reduce in two levels, for groups of ranks that are near each other (a machine's, whose
// links are quicker than those between machines).
// On the way of the data: comm/all_reduce.cc -> here -> comm/ring.cc, comm/reduce_scatter.cc.
//
// Groups are g consecutive ranks, the last one the rest. The vector has g shards. Inside each group a
// reduce-scatter leaves every shard at one rank; the ranks that have shard s, one a group, all-reduce it on a
// ring; inside each group an all-gather. A rank sends only n / g between groups' worth of vector:
//   2 (g - 1) / g n beta_i + 2 (N / g - 1) / (N / g) n / g beta_e      i: inside, e: between
// where a ring has all 2 (N - 1) / N n beta_e pass each link between machines. A last group of h < g ranks
// shares the g shards: its rank l has those from l g / h to (l + 1) g / h.
#include <algorithm>

#include "core/comm/communicator.h"
#include "core/comm/reduce.h"

namespace concertina {

struct Communicator::Hierarchy {
  int group = 0;
  size_t shards = 0;
  std::unique_ptr<Communicator> inside;
  size_t first_shard = 0;                              // this rank has [first_shard, + between.size())
  std::vector<std::unique_ptr<Communicator>> between;  // of each shard that this rank has; none: one group
  std::vector<size_t> inside_shards;                   // member l has [inside_shards[l], [l + 1])
  std::vector<size_t> inside_bounds;                   // in elements, of the vector at hand
};

// The groups' pairs of ranks are other pairs than those between groups, so all may share this one's channel.
const Communicator::Hierarchy& Communicator::HierarchyOf(int group) {
  if (hierarchy_ != nullptr && hierarchy_->group == group) return *hierarchy_;
  hierarchy_ = std::make_shared<Hierarchy>();
  Hierarchy& made = *hierarchy_;
  made.group = group;
  const int n = size();
  const int g = std::clamp(group, 1, n);
  made.shards = static_cast<size_t>(g);
  const auto size_of = [&](int first) { return std::min(g, n - first); };  // of the group that begins there
  // The first shard of member l of a group of h.
  const auto shard_of = [&](int l, int h) { return static_cast<size_t>(l * g / h); };
  const auto owner_of = [&](size_t shard, int first) {
    const int h = size_of(first);
    int l = 0;
    while (shard_of(l + 1, h) <= shard) ++l;
    return first + l;
  };
  const int first = rank_ / g * g;
  const int h = size_of(first);
  made.inside = std::make_unique<Communicator>(
      transport_, std::vector<int>(members_.begin() + first, members_.begin() + first + h), channel_);
  for (int l = 0; l <= h; ++l) made.inside_shards.push_back(shard_of(l, h));
  made.inside_bounds.resize(made.inside_shards.size());
  made.first_shard = shard_of(rank_ - first, h);
  for (size_t shard = made.first_shard; g < n && shard < shard_of(rank_ - first + 1, h); ++shard) {
    std::vector<int> owners;
    for (int other = 0; other < n; other += g) owners.push_back(global_rank(owner_of(shard, other)));
    made.between.push_back(std::make_unique<Communicator>(transport_, std::move(owners), channel_));
  }
  return made;
}

template <class Sum>
absl::Status Communicator::Hierarchical(std::span<typename Sum::Element> values, int group, Deadline deadline,
                                        Sum sum) {
  HierarchyOf(group);
  Hierarchy& hierarchy = *hierarchy_;
  const auto bound_of = [&](size_t shard) { return values.size() * shard / hierarchy.shards; };
  for (size_t l = 0; l < hierarchy.inside_bounds.size(); ++l)
    hierarchy.inside_bounds[l] = bound_of(hierarchy.inside_shards[l]);
  const std::span<const size_t> bounds = hierarchy.inside_bounds;
  // Where there is but one group, this is the last addition.
  RETURN_IF_ERROR(hierarchy.inside->ReduceScatterChunks(values, bounds, deadline,
                                                        hierarchy.between.empty() ? sum : Sum{}));
  for (size_t i = 0; i < hierarchy.between.size(); ++i) {
    const size_t begin = bound_of(hierarchy.first_shard + i);
    const auto shard = values.subspan(begin, bound_of(hierarchy.first_shard + i + 1) - begin);
    RETURN_IF_ERROR(hierarchy.between[i]->AllReduceBlock(shard, {}, deadline, sum));
  }
  return hierarchy.inside->AllGatherChunks(values, bounds, deadline);
}

template absl::Status Communicator::Hierarchical(std::span<float>, int, Deadline, FloatSum);
template absl::Status Communicator::Hierarchical(std::span<uint16_t>, int, Deadline, HalfSum);

}  // namespace concertina
