// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// all_reduce_pattern.cc: see all_reduce_pattern.h; the algorithms are described in comm/, a file each.
#include "core/parallel/all_reduce_pattern.h"

#include <algorithm>
#include <bit>

namespace concertina {
namespace {

void AddAllPairs(int n, double bytes, double messages, Pattern& pattern) {
  for (int from = 0; from < n; ++from)
    for (int to = 0; to < n; ++to)
      if (from != to) pattern.flows.push_back({from, to, bytes, messages});
}

// Among members[0 …], as ring.cc: two of them swap. Gives the rounds.
double AddRing(const std::vector<int>& members, double bytes, double buckets, Pattern& pattern) {
  const size_t n = members.size();
  if (n < 2) return 0;
  const auto count = static_cast<double>(n);
  const double rounds = n == 2 ? 1 : 2 * (count - 1);
  for (size_t i = 0; i < n; ++i)
    pattern.flows.push_back(
        {members[i], members[(i + 1) % n], 2 * (count - 1) / count * bytes, rounds * buckets});
  return rounds;
}

double AddHalvingDoubling(int n, double bytes, double buckets, Pattern& pattern) {
  const int active = static_cast<int>(std::bit_floor(static_cast<unsigned>(n)));
  const int folded = n - active;
  for (int pair = 0; pair < folded; ++pair) {
    pattern.flows.push_back({2 * pair, 2 * pair + 1, bytes, buckets});
    pattern.flows.push_back({2 * pair + 1, 2 * pair, bytes, buckets});
  }
  const auto rank_at = [&](int place) { return place < folded ? 2 * place + 1 : place + folded; };
  double rounds = folded > 0 ? 2 : 0;
  for (int distance = 1; distance < active; distance *= 2, rounds += 2)
    for (int place = 0; place < active; ++place)
      pattern.flows.push_back({rank_at(place), rank_at(place ^ distance), bytes / distance, 2 * buckets});
  return rounds;
}

double AddDoubleTree(int n, double bytes, double buckets, Pattern& pattern) {
  const auto chunks = static_cast<double>(DoubleTreeChunks(static_cast<size_t>(bytes / buckets / 2), n));
  int height = 0;
  for (const int tree : {0, 1})
    for (int rank = 0; rank < n; ++rank) {
      const int parent = PlaceInTree(tree, rank, n).parent;
      if (parent >= 0) {
        pattern.flows.push_back({rank, parent, bytes / 2, chunks * buckets});
        pattern.flows.push_back({parent, rank, bytes / 2, chunks * buckets});
      }
      int links = 0;
      for (int up = parent; up >= 0; up = PlaceInTree(tree, up, n).parent) ++links;
      height = std::max(height, links);
    }
  return 2.0 * height;
}

double AddHierarchical(int group, int n, double bytes, double buckets, Pattern& pattern) {
  const int g = std::clamp(group, 1, n);
  const auto size_of = [&](int first) { return std::min(g, n - first); };
  const auto shards_of = [&](int member, int h) { return (member + 1) * g / h - member * g / h; };
  double inside_rounds = 0;
  int most_shards = 0;
  for (int first = 0; first < n; first += g) {
    const int h = size_of(first);
    if (h > 1) inside_rounds = 2;
    for (int l = 0; l < h; ++l) {
      most_shards = std::max(most_shards, shards_of(l, h));
      for (int m = 0; m < h; ++m)
        if (l != m)  // the other's shards to be added, and its own back
          pattern.flows.push_back({first + l, first + m,
                                   bytes * (shards_of(l, h) + shards_of(m, h)) / static_cast<double>(g),
                                   2 * buckets});
    }
  }
  double between_rounds = 0;
  for (int shard = 0; shard < g; ++shard) {
    std::vector<int> owners;
    for (int first = 0; first < n; first += g) {
      int l = 0;
      while ((l + 1) * g / size_of(first) <= shard) ++l;
      owners.push_back(first + l);
    }
    between_rounds = std::max(between_rounds, AddRing(owners, bytes / g, buckets, pattern));
  }
  return inside_rounds + most_shards * between_rounds;
}

}  // namespace

Pattern AllReducePattern(AllReduceWay way, double bytes, double buckets, int ranks) {
  Pattern pattern;
  if (ranks < 2 || buckets <= 0) return pattern;
  double rounds = 0;
  const auto ring = [&] {
    std::vector<int> everyone(static_cast<size_t>(ranks));
    for (int rank = 0; rank < ranks; ++rank) everyone[static_cast<size_t>(rank)] = rank;
    return AddRing(everyone, bytes, buckets, pattern);
  };
  switch (way.algorithm) {
    case AllReduceAlgorithm::kRing:
      rounds = ring();
      break;
    case AllReduceAlgorithm::kHalvingDoubling:
      rounds = AddHalvingDoubling(ranks, bytes, buckets, pattern);
      break;
    case AllReduceAlgorithm::kDoubleTree:
      rounds = AddDoubleTree(ranks, bytes, buckets, pattern);
      break;
    case AllReduceAlgorithm::kHierarchical:
      rounds = AddHierarchical(way.group, ranks, bytes, buckets, pattern);
      break;
    case AllReduceAlgorithm::kOneShot:
      AddAllPairs(ranks, bytes, buckets, pattern);
      rounds = 1;
      break;
    case AllReduceAlgorithm::kTwoShot:
    case AllReduceAlgorithm::kAuto:
      AddAllPairs(ranks, 2 * bytes / ranks, 2 * buckets, pattern);
      rounds = 2;
      break;
  }
  pattern.rounds = rounds * buckets;
  return pattern;
}

}  // namespace concertina
