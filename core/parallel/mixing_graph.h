// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mixing_graph.h: who mixes parameters with whom, how much of each, and how fast all become alike.
// On the way of the data: the spec's /exchange/graph -> here -> parallel/mixing_exchange.h,
// parallel/ad_psgd_exchange.cc.
//
// A round of mixing is x_i <- sum_j W_ij x_j. W is doubly stochastic, so the average of all x_i stays what it
// is, and the distance to it shrinks by |lambda_2(W)| or more a round; 1 - |lambda_2| is the spectral gap
// [Xiao, Boyd. Fast linear iterations for distributed averaging. Systems & Control Letters 2004].
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/descriptor.h"

namespace concertina {

// As the spec names it; `edges` only where kind is "edges".
struct MixingGraphChoice {
  std::string kind = "ring";
  std::string edges;

  // The parameters of an exchange that mixes. One-peer exponential is another graph at every step, which not
  // every exchange can use.
  static std::vector<ParamSpec> ParamSpecs(bool with_exponential);
  static MixingGraphChoice From(const Params& params);
};

// What one rank does in a round.
struct MixingRow {
  struct Neighbour {
    int rank = 0;
    double weight = 0;  // W_ij
  };
  std::vector<Neighbour> from;  // whose parameters it takes, ascending by rank; its own weight is the rest
  std::vector<int> to;          // who takes its own, ascending
};

class MixingGraph {
 public:
  // The spectral gap is worked out from the whole matrix, in time cubic in N: a second or so at most.
  static constexpr int kMaxRanks = 1024;

  // Ring, torus, complete, hypercube and edges have Metropolis-Hastings weights,
  //   W_ij = 1 / (1 + max(degree_i, degree_j)),
  // and are symmetric. Exponential is one-peer: in round t rank i takes half of itself and half of rank
  // i + 2^(t mod ceil(log2 N)) [Ying et al. NeurIPS 2021], which goes one way, so its W is symmetric for two
  // ranks only. One rank has no neighbours, whatever the kind.
  // kInvalidArgument begins with the pointer of the field to change.
  static absl::StatusOr<MixingGraph> Create(const MixingGraphChoice& choice, int ranks);

  int ranks() const { return static_cast<int>(rows_[0].size()); }
  int period() const { return static_cast<int>(rows_.size()); }  // rounds until it begins again
  const MixingRow& RowOf(int rank, int64_t round) const {
    return rows_[static_cast<size_t>(round % period())][static_cast<size_t>(rank)];
  }
  // 1 - |lambda_2|, a round. Where W changes, of the product over a period, to the power of 1 / period.
  double SpectralGap() const;
  // The same of the ranks that are left when those of `gone` (by rank, not 0) are lost and their weights fall
  // to the neighbours they had: W stays symmetric. 0 if no way leads between some of them; nothing where W
  // was not symmetric.
  std::optional<double> SpectralGapWithout(std::span<const char> gone) const;
  // Into how many parts, none of which hears of another, the ranks that are left fall.
  int PartsWithout(std::span<const char> gone) const;
  // N x N, row by row.
  std::vector<double> MatrixOf(int64_t round) const;
  // What a person should know of it, in sentences.
  std::vector<std::string> Remarks() const;

 private:
  std::vector<std::vector<MixingRow>> rows_;  // by round of the period, then by rank
  std::string kind_;
};

// The second largest magnitude among the eigenvalues of a symmetric N x N matrix.
double SecondEigenvalue(const std::vector<double>& matrix, int n);

}  // namespace concertina
