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

struct CpEffort {
  int iterations = 300;
  int starts = 4;  // the first from singular vectors, the others drawn; the nearest is kept
};

// By alternating least squares, in double. `shape`: out x in x height x width; rank >= 1. The four vectors of
// a product are of one length, so that they train at one learning rate. The same arguments give the same
// bits. O(iterations starts elements rank) time.
CpFactors DecomposeCp(std::span<const float> weight, const Shape& shape, int64_t rank, uint64_t seed,
                      std::string_view stream, const CpEffort& effort = {});

// The least rank that was found to keep `energy` of the sum of squares, at most `most`; 0: none does. Each is
// tried with less effort than DecomposeCp's: what is found is enough, if seldom one more than needed.
int64_t CpRankOfEnergy(std::span<const float> weight, const Shape& shape, double energy, int64_t most,
                       uint64_t seed, std::string_view stream);

}  // namespace concertina
