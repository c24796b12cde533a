// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cp_decomposition.h: a convolution's weight as a sum of products of four vectors each.
//   W[o, i, y, x] ~ sum_r out[o, r] in[r, i] rows[r, y] columns[r, x]
// [Harshman. UCLA Working Papers in Phonetics 1970; for convolutions Lebedev, Ganin, Rakhuba, Oseledets,
// Lempitsky. Speeding-up Convolutional Neural Networks Using Fine-tuned CP-Decomposition. ICLR 2015]
// On the way of the data: compress/low_rank.cc -> here.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/graph/graph.h"

namespace concertina {

struct CpFactors {
  int64_t rank = 0;
  std::vector<float> out, in, rows, columns;  // out x rank; rank x the others
  double error = 1;                           // ||W - sum|| / ||W||
};

// What is decomposed, and how its draws are told apart. The same gives the same bits.
struct CpTask {
  std::span<const float> weight;
  Shape shape;  // out x in x height x width
  uint64_t seed = 0;
  std::string_view stream;
  // Called after each iteration with the rank that is being tried; what is no OK ends the work, with it.
  std::function<absl::Status(int64_t rank)> went_on;
};

// By alternating least squares, in double, from up to four starts; rank >= 1. The vectors of a product are of
// one length, so that they train at one learning rate. O(iterations elements rank) time.
absl::StatusOr<CpFactors> DecomposeCp(const CpTask& task, int64_t rank);

// The same with the least rank that was found to keep `energy` of the sum of squares, at most `most`; of rank
// 0, and without factors, where none does. What is found is enough; a rank of up to a thirty-second less
// might be, too. Seconds where the weight has 10^5 elements, and minutes at 10^6.
absl::StatusOr<CpFactors> DecomposeCpByEnergy(const CpTask& task, double energy, int64_t most);

// No sum of fewer products keeps `energy`: an unfolding of a product, whichever sides are its rows, is of
// rank one, and the nearest matrix of a rank is known [Eckart, Young. Psychometrika 1936].
int64_t LeastCpRank(std::span<const float> weight, const Shape& shape, double energy);

}  // namespace concertina
