// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mixing_graph.cc: see mixing_graph.h.
#include "core/parallel/mixing_graph.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "core/base/rng.h"
#include "fmt/format.h"

namespace concertina {
namespace {

using Neighbours = std::vector<std::vector<int>>;

Neighbours FromEdges(int n, const std::set<std::pair<int, int>>& edges) {
  Neighbours neighbours(static_cast<size_t>(n));
  for (const auto& [a, b] : edges) {
    if (a == b) continue;
    neighbours[static_cast<size_t>(a)].push_back(b);
    neighbours[static_cast<size_t>(b)].push_back(a);
  }
  for (auto& list : neighbours) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }
  return neighbours;
}

Neighbours Torus(int n) {
  int rows = static_cast<int>(std::sqrt(n));
  while (n % rows != 0) --rows;  // 1 for a prime: a ring
  const int columns = n / rows;
  std::set<std::pair<int, int>> edges;
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) {
      edges.insert({row * columns + column, row * columns + (column + 1) % columns});
      edges.insert({row * columns + column, (row + 1) % rows * columns + column});
    }
  return FromEdges(n, edges);
}

// "0-1, 1-2": pairs of ranks with a hyphen between, commas or spaces between pairs.
absl::StatusOr<Neighbours> Given(int n, const std::string& text) {
  std::set<std::pair<int, int>> edges;
  size_t at = 0;
  const auto number = [&](int& value) {
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
    if (error != std::errc()) return false;
    at = static_cast<size_t>(end - text.data());
    return true;
  };
  const auto skip = [&] {
    while (at < text.size() && (text[at] == ' ' || text[at] == ',')) ++at;
  };
  for (skip(); at < text.size(); skip()) {
    const size_t begin = at;
    int a = 0, b = 0;
    if (!number(a) || at >= text.size() || text[at++] != '-' || !number(b))
      return absl::InvalidArgumentError(
          fmt::format("edges: found \"{}\", expected pairs of ranks like 0-1, 1-2", text.substr(begin, 20)));
    for (const int rank : {a, b})
      if (rank < 0 || rank >= n)
        return absl::InvalidArgumentError(
            fmt::format("edges: rank {} in {}-{}, expected 0 to {}", rank, a, b, n - 1));
    if (a == b) return absl::InvalidArgumentError(fmt::format("edges: {}-{} joins a rank to itself", a, b));
    edges.insert({std::min(a, b), std::max(a, b)});
  }
  return FromEdges(n, edges);
}

}  // namespace

absl::StatusOr<MixingGraph> MixingGraph::Create(const std::string& kind, int ranks,
                                                const std::string& edges) {
  MixingGraph graph;
  graph.size_ = ranks;
  const bool is_power = ranks > 0 && (ranks & (ranks - 1)) == 0;
  Neighbours neighbours(static_cast<size_t>(ranks));
  if (kind == "exponential") {
    for (int distance = 1; distance < std::max(2, ranks); distance *= 2) {
      Phase& phase = graph.phases_.emplace_back();
      phase.hears.resize(static_cast<size_t>(ranks));
      phase.speaks_to.resize(static_cast<size_t>(ranks));
      for (int rank = 0; rank < ranks && ranks > 1; ++rank) {
        phase.hears[At(rank)].push_back({(rank + ranks - distance) % ranks, 0.5F});
        phase.speaks_to[At(rank)].push_back((rank + distance) % ranks);
      }
    }
    return graph;
  }
  if (kind == "hypercube") {
    if (!is_power)
      return absl::InvalidArgumentError(fmt::format(
          "graph: a hypercube has 2, 4, 8, … workers, there are {}; take exponential, torus or ring", ranks));
    for (int rank = 0; rank < ranks; ++rank)
      for (int bit = 1; bit < ranks; bit *= 2) neighbours[At(rank)].push_back(rank ^ bit);
  } else if (kind == "complete") {
    for (int rank = 0; rank < ranks; ++rank)
      for (int other = 0; other < ranks; ++other)
        if (other != rank) neighbours[At(rank)].push_back(other);
  } else if (kind == "torus") {
    neighbours = Torus(ranks);
  } else if (kind == "ring") {
    std::set<std::pair<int, int>> ring;
    for (int rank = 0; rank < ranks; ++rank) ring.insert({rank, (rank + 1) % ranks});
    neighbours = FromEdges(ranks, ring);
  } else {
    ASSIGN_OR_RETURN(neighbours, Given(ranks, edges));
    std::vector<int> reached = {0};
    std::vector<bool> seen(static_cast<size_t>(ranks));
    seen[0] = true;
    for (size_t i = 0; i < reached.size(); ++i)
      for (const int next : neighbours[At(reached[i])])
        if (!seen[At(next)]) {
          seen[At(next)] = true;
          reached.push_back(next);
        }
    const auto alone = std::find(seen.begin(), seen.end(), false);
    if (alone != seen.end())
      return absl::InvalidArgumentError(
          fmt::format("edges: rank {} cannot be reached from rank 0: such workers would never agree",
                      alone - seen.begin()));
  }
  graph.phases_.push_back(Weigh(neighbours));
  return graph;
}

MixingGraph::Phase MixingGraph::Weigh(const std::vector<std::vector<int>>& neighbours) {
  Phase phase;
  phase.hears.resize(neighbours.size());
  phase.speaks_to = neighbours;
  for (size_t rank = 0; rank < neighbours.size(); ++rank)
    for (const int other : neighbours[rank])
      phase.hears[rank].push_back(
          {other, static_cast<float>(1.0 / static_cast<double>(1 + std::max(neighbours[rank].size(),
                                                                            neighbours[At(other)].size())))});
  return phase;
}

float MixingGraph::OwnWeight(int rank, int64_t step) const {
  double rest = 1;
  for (const Neighbour& neighbour : Hears(rank, step)) rest -= neighbour.weight;
  return static_cast<float>(rest);
}

void MixingGraph::Mix(const Phase& phase, std::vector<double>& x) const {
  std::vector<double> mixed(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    mixed[i] = x[i];
    for (const Neighbour& neighbour : phase.hears[i])
      mixed[i] += neighbour.weight * (x[At(neighbour.rank)] - x[i]);
  }
  x = std::move(mixed);
}

void MixingGraph::MixTransposed(const Phase& phase, std::vector<double>& x) const {
  std::vector<double> mixed = x;
  for (size_t i = 0; i < x.size(); ++i)
    for (const Neighbour& neighbour : phase.hears[i]) {
      mixed[At(neighbour.rank)] += neighbour.weight * x[i];
      mixed[i] -= neighbour.weight * x[i];
    }
  x = std::move(mixed);
}

// The largest singular value of M = W_T ... W_1 on vectors without a mean, by power iteration on M'M; for a
// symmetric W that is |lambda_2|.
double MixingGraph::SpectralGap() const {
  if (size_ < 2) return 1;
  const auto n = static_cast<size_t>(size_);
  Rng rng(1, "spectral gap");
  std::vector<double> x(n);
  for (double& value : x) value = rng.Normal();
  double norm = 0;
  for (int iteration = 0; iteration < 2000; ++iteration) {
    double mean = 0;
    for (const double value : x) mean += value / static_cast<double>(n);
    double squared = 0;
    for (double& value : x) {
      value -= mean;
      squared += value * value;
    }
    if (squared < 1e-24) return 1;  // the mean is exact after a period
    const double before = norm;
    for (double& value : x) value /= std::sqrt(squared);
    norm = std::sqrt(squared);
    if (iteration > 50 && std::abs(norm - before) < 1e-12 * norm) break;
    for (const Phase& phase : phases_) Mix(phase, x);
    for (auto phase = phases_.rbegin(); phase != phases_.rend(); ++phase) MixTransposed(*phase, x);
  }
  return 1 - std::pow(std::sqrt(norm), 1.0 / period());  // norm is sigma^2
}

}  // namespace concertina
