// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mixing_graph.h: who averages with whom, and with what weight, when no rank knows all others.
// On the way of the data: parallel/decentralised_exchange.h -> here.
//
// A step mixes x_i <- sum_j W_ij x_j with W doubly stochastic, so that the mean of all ranks stays. How fast
// they agree is the spectral gap 1 - |lambda_2(W)|: the distance to the mean shrinks by |lambda_2| a step.
// Weights are Metropolis-Hastings', W_ij = 1 / (1 + max(deg i, deg j)) [Xiao, Boyd. Fast Linear Iterations
// for Distributed Averaging. 2004], but for the one-peer graph, whose W of a step is (I + P) / 2.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace concertina {

class MixingGraph {
 public:
  struct Neighbour {
    int rank = 0;
    float weight = 0;
  };

  // Kinds: "ring", "torus" (the rectangle nearest to a square), "complete", "hypercube", "exponential" (one
  // peer a step, at distance 2^(t mod ceil(log2 N)) [Ying et al. Exponential Graph is Provably Efficient.
  // NeurIPS 2021]), "edges" (given as "0-1, 1-2, 2-0"). kInvalidArgument says what to change, beginning with
  // the field's name.
  static absl::StatusOr<MixingGraph> Create(const std::string& kind, int ranks, const std::string& edges);

  int size() const { return size_; }
  // Steps after which the graph repeats itself: 1 unless it varies.
  int period() const { return static_cast<int>(phases_.size()); }
  // Whom `rank` hears at `step`, itself not among them; and whom it speaks to.
  const std::vector<Neighbour>& Hears(int rank, int64_t step) const { return PhaseOf(step).hears[At(rank)]; }
  const std::vector<int>& SpeaksTo(int rank, int64_t step) const { return PhaseOf(step).speaks_to[At(rank)]; }
  // W_ii.
  float OwnWeight(int rank, int64_t step) const;
  // 1 - |lambda_2|, of a step; where the graph varies, 1 - ||W_T ... W_1 - J||^(1/T) of its period.
  double SpectralGap() const;

 private:
  struct Phase {
    std::vector<std::vector<Neighbour>> hears;
    std::vector<std::vector<int>> speaks_to;
  };
  static size_t At(int rank) { return static_cast<size_t>(rank); }
  const Phase& PhaseOf(int64_t step) const { return phases_[static_cast<size_t>(step % period())]; }
  static Phase Weigh(const std::vector<std::vector<int>>& neighbours);
  // x <- W x of one phase, and its transpose.
  void Mix(const Phase& phase, std::vector<double>& x) const;
  void MixTransposed(const Phase& phase, std::vector<double>& x) const;

  int size_ = 1;
  std::vector<Phase> phases_;
};

}  // namespace concertina
