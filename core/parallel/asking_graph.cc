// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// asking_graph.cc: see asking_graph.h.
#include "core/parallel/asking_graph.h"

#include <algorithm>
#include <cmath>

namespace concertina {
namespace {

// Two where the graph is bipartite; else the lowest that no neighbour of a lower rank has.
std::vector<int> ColoursOf(const MixingGraph& graph) {
  const auto n = static_cast<size_t>(graph.ranks());
  std::vector<int> colours(n, -1);
  std::vector<int> found = {0};
  colours[0] = 0;
  bool is_bipartite = true;
  for (size_t i = 0; i < found.size(); ++i)  // in breadth: the graph is connected
    for (const int to : graph.RowOf(found[i], 0).to) {
      int& colour = colours[static_cast<size_t>(to)];
      const int other = 1 - colours[static_cast<size_t>(found[i])];
      if (colour < 0) {
        colour = other;
        found.push_back(to);
      }
      is_bipartite &= colour == other;
    }
  if (is_bipartite) return colours;
  std::fill(colours.begin(), colours.end(), -1);
  for (size_t rank = 0; rank < n; ++rank) {
    std::vector<bool> taken(n);
    for (const int to : graph.RowOf(static_cast<int>(rank), 0).to)
      if (const int colour = colours[static_cast<size_t>(to)]; colour >= 0)
        taken[static_cast<size_t>(colour)] = true;
    colours[rank] = static_cast<int>(std::find(taken.begin(), taken.end(), false) - taken.begin());
  }
  return colours;
}

}  // namespace

AskingGraph::AskingGraph(const MixingGraph& graph) {
  const std::vector<int> colours = ColoursOf(graph);
  asked_.resize(colours.size());
  for (size_t rank = 0; rank < asked_.size(); ++rank)
    for (const int to : graph.RowOf(static_cast<int>(rank), 0).to)
      if (colours[static_cast<size_t>(to)] < colours[rank]) asked_[rank].push_back(to);
}

int AskingGraph::passive_ranks() const {
  return static_cast<int>(
      std::count_if(asked_.begin(), asked_.end(), [](const auto& whom) { return whom.empty(); }));
}

// M ranks ask a step, and E[W] of one asking is
//   I - 1/M sum_i 1/|A_i| sum_(j in A_i) (e_i - e_j)(e_i - e_j)^T / 2.
double AskingGraph::SpectralGap() const {
  const size_t n = asked_.size();
  if (n < 2) return 1;
  const double asking = ranks() - passive_ranks();
  std::vector<double> expected(n * n);
  for (size_t i = 0; i < n; ++i) expected[i * n + i] = 1;
  for (size_t i = 0; i < n; ++i)
    for (const int whom : asked_[i]) {
      const auto j = static_cast<size_t>(whom);
      const double half = 0.5 / (asking * static_cast<double>(asked_[i].size()));
      expected[i * n + i] -= half;
      expected[j * n + j] -= half;
      expected[i * n + j] += half;
      expected[j * n + i] += half;
    }
  return 1 - std::pow(SecondEigenvalue(expected, static_cast<int>(n)), asking);
}

}  // namespace concertina
