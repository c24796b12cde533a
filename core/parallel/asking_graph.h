// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// asking_graph.h: which of two neighbours asks the other for an average, so that nobody waits in a circle.
// On the way of the data: parallel/mixing_graph.h -> here -> parallel/pair_meetings.h.
//
// The paper parts the ranks of a bipartite graph into active ones, which ask, and passive ones, which answer
// [Lian et al. ICML 2018]. Here ranks have colours, neighbours never the same, and only the higher colour
// asks: a rank that waits, waits for a lower colour, so chains end. A bipartite graph has two colours, and
// that is the paper's rule; an odd ring has three, a complete graph N.
#pragma once

#include <vector>

#include "core/parallel/mixing_graph.h"

namespace concertina {

class AskingGraph {
 public:
  explicit AskingGraph(const MixingGraph& graph);  // a symmetric one

  int ranks() const { return static_cast<int>(asked_.size()); }
  // Whom `rank` asks: its neighbours of a lower colour, ascending. Empty: it only answers.
  const std::vector<int>& AskedBy(int rank) const { return asked_[static_cast<size_t>(rank)]; }
  int passive_ranks() const;
  // Of the mixing that is to be expected a step, when all ranks step at one pace and ask in a random order.
  double SpectralGap() const;

 private:
  std::vector<std::vector<int>> asked_;
};

}  // namespace concertina
