// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// singular_values.h: the directions in which a matrix is large.
// On the way of the data: compress/low_rank.cc -> here.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace concertina {

// Of a matrix of `rows` rows: M M^T = U diag(sigma^2) U^T.
struct RowDirections {
  int64_t rows = 0;
  std::vector<double> sigma;  // `rows` of them, descending; those beyond the rank of M are near 0
  std::vector<double> u;      // rows x rows, row-major; column k belongs to sigma[k]
};

// The left singular vectors of a row-major matrix, from the eigenvectors of M M^T in double. Squaring costs
// half the digits: a sigma below 1e-8 of the largest is rounding, which 32-bit weights cannot tell from 0.
// A column's sign is such that its largest element (the first among equals) is positive, so that the same
// matrix always gives the same factors. O(rows^2 columns + rows^3) time: give the shorter side as rows.
RowDirections DirectionsOfRows(std::span<const float> matrix, int64_t rows, int64_t columns);

// The least r >= 1 for which the first r squared values are `energy` of the sum of all.
int64_t RankOfEnergy(std::span<const double> sigma, double energy);

}  // namespace concertina
