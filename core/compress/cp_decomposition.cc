// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cp_decomposition.cc: see cp_decomposition.h. With three of the factors fixed the fourth is a least-squares
// problem, F (G + ridge) = M, where M is the weight times the three and G the product of their Gram matrices,
// element by element. The ridge is what keeps products from growing against each other without an end, as the
// best approximation of a rank need not exist [de Silva, Lim. SIAM Journal on Matrix Analysis 2008].
// An iteration passes over the weight twice: out's M, and what out leaves of the weight, of which the three
// other M are small sums [Phan, Tichavsky, Cichocki. IEEE Transactions on Signal Processing 2013].
//
// It begins with products that are orthogonal to each other: the singular vectors of the slices out x in, of
// the weight turned so that its rows and its columns are along their own singular vectors. So many of them
// keep an energy that is known before any iteration; and what is left of the weight has such ones, too, which
// is how a larger rank goes on from a smaller.
#include "core/compress/cp_decomposition.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>

#include "core/base/rng.h"
#include "core/compress/singular_values.h"

namespace concertina {
namespace {

using Eigen::ArrayXd;
using Eigen::MatrixXd;

constexpr double kRidge = 1e-9;      // of the mean of G's diagonal
constexpr double kLeastGain = 1e-5;  // of an iteration, as a share of the error: below it is the end
constexpr double kNoError = 1e-7;    // what 32-bit weights can tell from none
constexpr double kNoEnergy = 1e-12;  // of which sums in double can lack that they do not
constexpr double kExactEnergy = 0.999;
constexpr int kIterations = 300, kSearchIterations = 60, kLastIterations = 100, kStarts = 4;
constexpr int64_t kRankShare = 32;  // ranks that differ by less than such a share are not told apart

enum Mode { kOut, kIn, kRows, kColumns };
constexpr size_t kModes = 4;
using Extents = std::array<Eigen::Index, kModes>;

// A product of four vectors of length one, and its length.
struct Product {
  double length = 0;
  std::array<Eigen::VectorXd, kModes> vectors;
};

// The sides in `rows` first, in their order, and the others behind them: the unfolding's rows and columns.
std::vector<float> UnfoldedBy(std::span<const float> weight, const Extents& extents,
                              const std::array<bool, kModes>& is_row) {
  std::array<size_t, kModes> step{}, at{};
  std::array<size_t, kModes> order{};
  size_t n = 0;
  for (const bool wanted : {true, false})
    for (size_t m = 0; m < kModes; ++m)
      if (is_row[m] == wanted) order[n++] = m;
  for (size_t m = kModes, all = 1; m-- > 0; all *= static_cast<size_t>(extents[m])) step[m] = all;
  std::vector<float> unfolded(weight.size());
  for (float& to : unfolded) {
    size_t from = 0;
    for (size_t m = 0; m < kModes; ++m) from += at[m] * step[m];
    to = weight[from];
    for (size_t k = kModes; k-- > 0;) {
      if (++at[order[k]] < static_cast<size_t>(extents[order[k]])) break;
      at[order[k]] = 0;
    }
  }
  return unfolded;
}

RowDirections DirectionsOf(std::span<const float> weight, const Extents& extents,
                           std::array<bool, kModes> is_row) {
  Eigen::Index rows = 1;
  for (size_t m = 0; m < kModes; ++m) rows *= is_row[m] ? extents[m] : 1;
  const Eigen::Index columns = std::ssize(weight) / rows;
  return DirectionsOfRows(UnfoldedBy(weight, extents, is_row), rows, columns);
}

Extents ExtentsOf(const Shape& shape) { return {shape[0], shape[1], shape[2], shape[3]}; }

// Orthogonal products that the weight is the sum of, the longest first; of equals the first.
std::vector<Product> OrthogonalProducts(std::span<const float> weight, const Extents& e) {
  const RowDirections along_rows = DirectionsOf(weight, e, {false, false, true, false});
  const RowDirections along_columns = DirectionsOf(weight, e, {false, false, false, true});
  const auto taps = static_cast<size_t>(e[kRows] * e[kColumns]);
  const Eigen::Index shorter = std::min(e[kOut], e[kIn]), longer = std::max(e[kOut], e[kIn]);
  const bool by_out = e[kOut] <= e[kIn];
  std::vector<Product> products;
  for (Eigen::Index a = 0; a < e[kRows]; ++a)
    for (Eigen::Index b = 0; b < e[kColumns]; ++b) {
      Eigen::VectorXd row(e[kRows]), column(e[kColumns]);
      for (Eigen::Index y = 0; y < row.size(); ++y)
        row[y] = along_rows.u[static_cast<size_t>(y * row.size() + a)];
      for (Eigen::Index x = 0; x < column.size(); ++x)
        column[x] = along_columns.u[static_cast<size_t>(x * column.size() + b)];
      std::vector<float> slice(static_cast<size_t>(shorter * longer));
      MatrixXd exact(shorter, longer);
      for (Eigen::Index i = 0; i < shorter; ++i)
        for (Eigen::Index j = 0; j < longer; ++j) {
          const float* kernel =
              weight.data() + static_cast<size_t>(by_out ? i * longer + j : j * shorter + i) * taps;
          double sum = 0;
          for (Eigen::Index y = 0; y < row.size(); ++y)
            for (Eigen::Index x = 0; x < column.size(); ++x) sum += row[y] * column[x] * *kernel++;
          exact(i, j) = sum;
          slice[static_cast<size_t>(i * longer + j)] = static_cast<float>(sum);
        }
      const RowDirections directions = DirectionsOfRows(slice, shorter, longer);
      for (Eigen::Index k = 0; k < shorter; ++k) {
        Eigen::VectorXd u(shorter);
        for (Eigen::Index i = 0; i < shorter; ++i) u[i] = directions.u[static_cast<size_t>(i * shorter + k)];
        Eigen::VectorXd v = exact.transpose() * u;
        const double length = v.norm();
        if (!(length > 0)) continue;
        v /= length;
        Product& product = products.emplace_back();
        product.length = length;
        product.vectors = {by_out ? u : v, by_out ? v : u, row, column};
      }
    }
  std::stable_sort(products.begin(), products.end(),
                   [](const Product& a, const Product& b) { return a.length > b.length; });
  return products;
}

class AlternatingLeastSquares {
 public:
  explicit AlternatingLeastSquares(const CpTask& task)
      : task_(&task), extents_(ExtentsOf(task.shape)), taps_(extents_[kRows] * extents_[kColumns]) {
    using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    weight_ = std::make_shared<const MatrixXd>(
        Eigen::Map<const RowMajor>(task.weight.data(), extents_[kOut], extents_[kIn] * taps_).cast<double>());
    norm_squared_ = weight_->squaredNorm();
    for (size_t m = 0; m < kModes; ++m) factors_[m].resize(extents_[m], 0);
  }

  int64_t rank() const { return factors_[kOut].cols(); }
  double energy() const { return norm_squared_ == 0 ? 1 : 1 - error_squared_; }
  double error() const { return norm_squared_ == 0 ? 0 : std::sqrt(error_squared_); }

  // Of what the sum so far leaves of the weight.
  std::vector<Product> ProductsLeft() const {
    if (rank() == 0) return OrthogonalProducts(task_->weight, extents_);
    const MatrixXd left = *weight_ - factors_[kOut] * Others().transpose();
    std::vector<float> rounded(static_cast<size_t>(left.size()));
    for (Eigen::Index o = 0, at = 0; o < left.rows(); ++o)
      for (Eigen::Index k = 0; k < left.cols(); ++k, ++at)
        rounded[static_cast<size_t>(at)] = static_cast<float>(left(o, k));
    return OrthogonalProducts(rounded, extents_);
  }

  // How many of them would be enough: each takes the square of its length off the error.
  int64_t CountFor(double energy, const std::vector<Product>& left) const {
    double missing = (energy - this->energy()) * norm_squared_;
    int64_t count = 0;
    while (missing > 0 && count < std::ssize(left)) {
      const double length = left[static_cast<size_t>(count++)].length;
      missing -= length * length;
    }
    return count;
  }

  // To this rank by the first of them; the rest is drawn.
  void Grow(int64_t rank, const std::vector<Product>& left) {
    const int64_t before = this->rank();
    for (size_t m = 0; m < kModes; ++m) {
      factors_[m].conservativeResize(extents_[m], rank);
      for (int64_t r = before; r < rank; ++r) {
        if (r - before < std::ssize(left)) {
          const Product& product = left[static_cast<size_t>(r - before)];
          factors_[m].col(r) = std::pow(product.length, 0.25) * product.vectors[m];
        } else {
          DrawColumn(m, r, 0);
        }
      }
    }
    Begin();
  }

  void Draw(int64_t rank, uint64_t start) {
    for (size_t m = 0; m < kModes; ++m) {
      factors_[m].resize(extents_[m], rank);
      for (int64_t r = 0; r < rank; ++r) DrawColumn(m, r, start);
    }
    Begin();
  }

  // Until the error is as good as none, or hardly falls any more, or `energy` is kept, or so many iterations
  // have passed; where an energy is asked for also once it could not be reached at the pace of the last
  // iteration, as paces only fall.
  absl::Status Run(int iterations, std::optional<double> energy) {
    for (int n = 0; n < iterations; ++n) {
      const double before = error_squared_;
      Iterate();
      RETURN_IF_ERROR(task_->went_on ? task_->went_on(rank()) : absl::OkStatus());
      const double gain = before - error_squared_;
      if (error_squared_ < kNoError * kNoError) break;
      if (energy) {
        const double missing = *energy - this->energy();
        if (missing <= 0) break;
        if (n > 2 && missing > gain * (iterations - 1 - n)) break;
      } else if (n > 0 && std::sqrt(before) - error() < kLeastGain * std::sqrt(before)) {
        break;
      }
    }
    return absl::OkStatus();
  }

  CpFactors Factors() const {
    CpFactors found{.rank = rank(), .error = error()};
    const auto put = [](double value) { return static_cast<float>(value); };
    for (Eigen::Index o = 0; o < extents_[kOut]; ++o)
      for (Eigen::Index r = 0; r < rank(); ++r) found.out.push_back(put(factors_[kOut](o, r)));
    const auto by_rank = [&](Mode mode, std::vector<float>& to) {
      std::transform(factors_[mode].data(), factors_[mode].data() + factors_[mode].size(),
                     std::back_inserter(to), put);
    };
    by_rank(kIn, found.in);
    by_rank(kRows, found.rows);
    by_rank(kColumns, found.columns);
    return found;
  }

 private:
  void DrawColumn(size_t mode, int64_t r, uint64_t start) {
    Rng rng(task_->seed, task_->stream, (start * kModes + mode) << 32U | static_cast<uint64_t>(r));
    for (Eigen::Index i = 0; i < extents_[mode]; ++i) factors_[mode](i, r) = rng.Normal();
  }

  void Begin() {
    for (size_t m = 0; m < kModes; ++m) TakeGram(m);
    Balance();
    error_squared_ = 1;
  }

  // taps x rank.
  MatrixXd Windows() const {
    MatrixXd windows(taps_, rank());
    for (Eigen::Index r = 0; r < rank(); ++r)
      for (Eigen::Index y = 0, t = 0; y < extents_[kRows]; ++y)
        for (Eigen::Index x = 0; x < extents_[kColumns]; ++x, ++t)
          windows(t, r) = factors_[kRows](y, r) * factors_[kColumns](x, r);
    return windows;
  }

  // The products but for `out`, (in taps) x rank.
  MatrixXd Others() const {
    const MatrixXd windows = Windows();
    MatrixXd others(extents_[kIn] * taps_, rank());
    for (Eigen::Index r = 0; r < rank(); ++r)
      for (Eigen::Index i = 0; i < extents_[kIn]; ++i)
        others.col(r).segment(i * taps_, taps_) = factors_[kIn](i, r) * windows.col(r);
    return others;
  }

  void Iterate() {
    Update(kOut, *weight_ * Others());
    const MatrixXd left = weight_->transpose() * factors_[kOut];  // (in taps) x rank
    const MatrixXd windows = Windows();
    MatrixXd product(extents_[kIn], rank());
    for (Eigen::Index r = 0; r < rank(); ++r)
      for (Eigen::Index i = 0; i < extents_[kIn]; ++i)
        product(i, r) = left.col(r).segment(i * taps_, taps_).dot(windows.col(r));
    Update(kIn, product);
    MatrixXd kernels = MatrixXd::Zero(taps_, rank());
    for (Eigen::Index r = 0; r < rank(); ++r)
      for (Eigen::Index i = 0; i < extents_[kIn]; ++i)
        kernels.col(r) += factors_[kIn](i, r) * left.col(r).segment(i * taps_, taps_);
    for (const Mode mode : {kRows, kColumns}) {
      const MatrixXd& other = factors_[mode == kRows ? kColumns : kRows];
      product = MatrixXd::Zero(extents_[mode], rank());
      for (Eigen::Index r = 0; r < rank(); ++r)
        for (Eigen::Index y = 0, t = 0; y < extents_[kRows]; ++y)
          for (Eigen::Index x = 0; x < extents_[kColumns]; ++x, ++t)
            product(mode == kRows ? y : x, r) += kernels(t, r) * other(mode == kRows ? x : y, r);
      Update(mode, product);
    }
    // ||W - S||^2 = ||W||^2 - 2 <W, S> + ||S||^2, the middle from the product of the last update.
    const double inner = product.cwiseProduct(factors_[kColumns]).sum(), sum = Grams(kModes).sum();
    error_squared_ = norm_squared_ == 0 ? 0 : std::max(0.0, norm_squared_ - 2 * inner + sum) / norm_squared_;
    Balance();
  }

  void TakeGram(size_t mode) { grams_[mode] = factors_[mode].transpose() * factors_[mode]; }

  // The product, element by element, of the Gram matrices of all factors but one; of all for kModes.
  MatrixXd Grams(size_t without) const {
    MatrixXd grams = MatrixXd::Ones(rank(), rank());
    for (size_t m = 0; m < kModes; ++m)
      if (m != without) grams.array() *= grams_[m].array();
    return grams;
  }

  void Update(Mode mode, const MatrixXd& product) {
    const MatrixXd grams = Grams(mode);
    double ridge = std::max(kRidge * grams.trace() / static_cast<double>(rank()), 1e-300);
    Eigen::LLT<MatrixXd> cholesky;
    // A ridge of more than rounding is enough: the second time at most.
    for (;; ridge *= 1e3) {
      MatrixXd ridged = grams;
      ridged.diagonal().array() += ridge;
      cholesky.compute(ridged);
      if (cholesky.info() == Eigen::Success) break;
    }
    factors_[mode] = cholesky.solve(product.transpose()).transpose();
    TakeGram(mode);
  }

  // The vectors of each product get one length.
  void Balance() {
    std::array<ArrayXd, kModes> lengths;
    ArrayXd length = ArrayXd::Ones(rank());
    for (size_t m = 0; m < kModes; ++m) {
      lengths[m] = grams_[m].diagonal().array().sqrt();
      length *= lengths[m].pow(1.0 / static_cast<double>(kModes));
    }
    for (size_t m = 0; m < kModes; ++m) {
      const ArrayXd scale = (lengths[m] > 0).select(length / lengths[m], 0);
      factors_[m].array().rowwise() *= scale.transpose();
      grams_[m] = scale.matrix().asDiagonal() * grams_[m] * scale.matrix().asDiagonal();
    }
  }

  const CpTask* task_;
  Extents extents_;
  Eigen::Index taps_;
  std::shared_ptr<const MatrixXd> weight_;  // out x (in taps)
  double norm_squared_ = 0, error_squared_ = 1;
  std::array<MatrixXd, kModes> factors_, grams_;  // extent x rank; rank x rank
};

}  // namespace

absl::StatusOr<CpFactors> DecomposeCp(const CpTask& task, int64_t rank) {
  std::optional<CpFactors> best;
  for (int start = 0; start < kStarts; ++start) {
    AlternatingLeastSquares squares(task);
    if (start == 0)
      squares.Grow(rank, squares.ProductsLeft());
    else
      squares.Draw(rank, static_cast<uint64_t>(start));
    RETURN_IF_ERROR(squares.Run(kIterations, std::nullopt));
    if (!best || squares.error() < best->error) best = squares.Factors();
    if (best->error < kNoError) break;
  }
  return *std::move(best);
}

int64_t LeastCpRank(std::span<const float> weight, const Shape& shape, double energy) {
  const Extents extents = ExtentsOf(shape);
  int64_t least = 1;
  // Rows against columns of the unfolding: the larger the shorter side, the more there is to see.
  for (const std::array<bool, kModes>& is_row : {std::array{true, false, false, false},
                                                 {false, true, false, false},
                                                 {true, false, true, false},
                                                 {true, false, false, true},
                                                 {false, false, true, true}}) {
    Eigen::Index rows = 1;
    for (size_t m = 0; m < kModes; ++m) rows *= is_row[m] ? extents[m] : 1;
    std::array<bool, kModes> shorter = is_row;
    if (rows > std::ssize(weight) / rows)
      for (bool& each : shorter) each = !each;
    // Of a rounding's size is what the last of the energy may lack.
    least = std::max(least, RankOfEnergy(DirectionsOf(weight, extents, shorter).sigma, energy - 1e-9));
  }
  return least;
}

absl::StatusOr<CpFactors> DecomposeCpByEnergy(const CpTask& task, double energy, int64_t most) {
  const int64_t least = most < 1 ? 1 : LeastCpRank(task.weight, task.shape, energy);
  if (least > most) return CpFactors{};
  energy = std::min(energy, 1 - kNoEnergy);
  AlternatingLeastSquares low(task);
  std::vector<Product> left = low.ProductsLeft();
  std::optional<AlternatingLeastSquares> enough;
  int64_t enough_rank = low.CountFor(energy, left);  // by these alone
  for (int64_t rank = least;;) {
    AlternatingLeastSquares tried = low;
    tried.Grow(rank, left);
    RETURN_IF_ERROR(tried.Run(kSearchIterations, energy));
    // Where next to nothing may be lost, the weight is likely a sum of just so many.
    const int starts = rank == least && energy > kExactEnergy ? kStarts : 1;
    for (int start = 1; tried.energy() < energy && start < starts; ++start) {
      AlternatingLeastSquares drawn(task);
      drawn.Draw(rank, static_cast<uint64_t>(start));
      RETURN_IF_ERROR(drawn.Run(kIterations, energy));
      if (drawn.energy() > tried.energy()) tried = std::move(drawn);
    }
    if (tried.energy() >= energy) {
      enough_rank = rank;
      enough = std::move(tried);
    } else {
      if (rank == most) return CpFactors{};
      low = std::move(tried);
      left = low.ProductsLeft();
      const int64_t count = rank + std::max<int64_t>(1, low.CountFor(energy, left));
      if (!enough || count < enough_rank) {
        enough_rank = count;
        enough.reset();
      }
    }
    const int64_t from = std::max(low.rank(), least - 1), high = std::min(enough_rank, most);
    if (enough && enough_rank - from <= 1 + from / kRankShare) break;
    rank = high - from <= 1 + from / kRankShare ? high : from + (high - from) / 2;
  }
  RETURN_IF_ERROR(enough->Run(kLastIterations, std::nullopt));
  return enough->Factors();
}

}  // namespace concertina
