// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// singular_values.cc: see singular_values.h. The only file that decomposes: Eigen's solvers compile slowly.
// On the way of the data: compress/low_rank.cc -> here.
#include "core/compress/singular_values.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace concertina {

RowDirections DirectionsOfRows(std::span<const float> matrix, int64_t rows, int64_t columns) {
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::MatrixXd m = Eigen::Map<const RowMajor>(matrix.data(), static_cast<Eigen::Index>(rows),
                                                       static_cast<Eigen::Index>(columns))
                                .cast<double>();
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(m.rows(), m.rows());
  gram.selfadjointView<Eigen::Lower>().rankUpdate(m);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram);  // reads the lower half; ascending
  RowDirections directions{.rows = rows, .sigma = {}, .u = std::vector<double>(gram.size())};
  for (Eigen::Index k = 0; k < rows; ++k) {
    const auto column = solver.eigenvectors().col(rows - 1 - k);
    directions.sigma.push_back(std::sqrt(std::max(solver.eigenvalues()[rows - 1 - k], 0.0)));
    Eigen::Index largest = 0;
    for (Eigen::Index i = 1; i < rows; ++i)
      if (std::abs(column[i]) > std::abs(column[largest])) largest = i;
    const double sign = column[largest] < 0 ? -1 : 1;
    for (Eigen::Index i = 0; i < rows; ++i)
      directions.u[static_cast<size_t>(i * rows + k)] = sign * column[i];
  }
  return directions;
}

int64_t RankOfEnergy(std::span<const double> sigma, double energy) {
  double total = 0, sum = 0;
  for (const double s : sigma) total += s * s;
  for (size_t r = 0; r < sigma.size(); ++r) {
    sum += sigma[r] * sigma[r];
    if (sum >= energy * total) return static_cast<int64_t>(r) + 1;
  }
  return std::ssize(sigma);
}

}  // namespace concertina
