// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cp_decomposition.cc: see cp_decomposition.h. With three of the factors fixed the fourth is a least-squares
// problem, F (G + ridge) = M, where M is the weight times the three and G the product of their Gram matrices,
// element by element. The ridge is what keeps products from growing against each other without an end, as the
// best approximation of a rank need not exist [de Silva, Lim. SIAM Journal on Matrix Analysis 2008].
#include "core/compress/cp_decomposition.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/rng.h"
#include "core/compress/singular_values.h"

namespace concertina {
namespace {

constexpr double kRidge = 1e-9;      // of the mean of G's diagonal
constexpr double kLeastGain = 1e-5;  // of an iteration, as a share of the error: below it is the end
constexpr double kNoError = 1e-7;    // what 32-bit weights can tell from none
constexpr CpEffort kSearch = {.iterations = 60, .starts = 2};

using Doubles = std::vector<double>;
enum Mode { kOut, kIn, kRows, kColumns };
constexpr size_t kModes = 4;

struct Factor {  // extent x rank, row-major
  int64_t extent = 0;
  Doubles values;
};

class AlternatingLeastSquares {
 public:
  AlternatingLeastSquares(std::span<const float> weight, const Shape& shape, int64_t rank)
      : weight_(weight), rank_(rank) {
    for (size_t m = 0; m < kModes; ++m) {
      factors_[m].extent = shape[m];
      factors_[m].values.resize(static_cast<size_t>(shape[m] * rank));
    }
    for (const float w : weight) norm_squared_ += static_cast<double>(w) * w;
  }

  // Singular vectors of the weight unfolded along each side, as many as there are; the rest is drawn.
  void Begin(bool from_singular_vectors, Rng rng) {
    for (size_t m = 0; m < kModes; ++m) {
      Factor& factor = factors_[m];
      for (double& value : factor.values) value = rng.Normal();
      if (!from_singular_vectors) continue;
      const std::vector<float> unfolded = Unfolded(static_cast<Mode>(m));
      const RowDirections directions =
          DirectionsOfRows(unfolded, factor.extent, std::ssize(unfolded) / factor.extent);
      for (int64_t i = 0; i < factor.extent; ++i)
        for (int64_t r = 0; r < std::min(rank_, factor.extent); ++r)
          factor.values[At(i, r)] = directions.u[static_cast<size_t>(i * factor.extent + r)];
    }
  }

  // The relative error at the end.
  double Run(int iterations) {
    double error = 1;
    for (int n = 0; n < iterations; ++n) {
      const double before = error;
      for (size_t m = 0; m < kModes; ++m) Update(static_cast<Mode>(m));
      error = RelativeError();
      Balance();
      if (error < kNoError || (n > 0 && before - error < kLeastGain * before)) break;
    }
    return error;
  }

  CpFactors Factors(double error) const {
    CpFactors found{.rank = rank_, .error = error};
    for (const double value : factors_[kOut].values) found.out.push_back(static_cast<float>(value));
    const auto by_rank = [&](Mode mode, std::vector<float>& to) {
      for (int64_t r = 0; r < rank_; ++r)
        for (int64_t i = 0; i < factors_[mode].extent; ++i)
          to.push_back(static_cast<float>(factors_[mode].values[At(i, r)]));
    };
    by_rank(kIn, found.in);
    by_rank(kRows, found.rows);
    by_rank(kColumns, found.columns);
    return found;
  }

 private:
  size_t At(int64_t i, int64_t r) const { return static_cast<size_t>(i * rank_ + r); }
  int64_t taps() const { return factors_[kRows].extent * factors_[kColumns].extent; }

  // The side's index first, all others in their order behind it.
  std::vector<float> Unfolded(Mode mode) const {
    int64_t inner = 1;
    for (size_t m = mode + size_t{1}; m < kModes; ++m) inner *= factors_[m].extent;
    const int64_t extent = factors_[mode].extent, outer = std::ssize(weight_) / (extent * inner);
    std::vector<float> unfolded;
    unfolded.reserve(weight_.size());
    for (int64_t i = 0; i < extent; ++i)
      for (int64_t o = 0; o < outer; ++o) {
        const auto from = weight_.begin() + (o * extent + i) * inner;
        unfolded.insert(unfolded.end(), from, from + inner);
      }
    return unfolded;
  }

  // rows x columns of each product, taps x rank.
  Doubles Windows() const {
    Doubles windows;
    for (int64_t y = 0; y < factors_[kRows].extent; ++y)
      for (int64_t x = 0; x < factors_[kColumns].extent; ++x)
        for (int64_t r = 0; r < rank_; ++r)
          windows.push_back(factors_[kRows].values[At(y, r)] * factors_[kColumns].values[At(x, r)]);
    return windows;
  }

  // The weight times the three other factors: extent x rank.
  Doubles TimesOthers(Mode mode) const {
    Doubles product(factors_[mode].values.size());
    const int64_t outs = factors_[kOut].extent, ins = factors_[kIn].extent;
    const Doubles &out = factors_[kOut].values, &in = factors_[kIn].values;
    if (mode == kOut || mode == kIn) {
      const Doubles windows = Windows();
      Doubles seen(static_cast<size_t>(rank_));  // one kernel through the windows
      for (int64_t o = 0; o < outs; ++o)
        for (int64_t i = 0; i < ins; ++i) {
          std::fill(seen.begin(), seen.end(), 0.0);
          const float* const kernel = weight_.data() + (o * ins + i) * taps();
          for (int64_t t = 0; t < taps(); ++t) {
            const double w = kernel[t];
            const double* const window = windows.data() + t * rank_;
            for (int64_t r = 0; r < rank_; ++r) seen[static_cast<size_t>(r)] += w * window[r];
          }
          const double* const other = mode == kOut ? in.data() + i * rank_ : out.data() + o * rank_;
          double* const to = product.data() + (mode == kOut ? o : i) * rank_;
          for (int64_t r = 0; r < rank_; ++r) to[r] += seen[static_cast<size_t>(r)] * other[r];
        }
      return product;
    }
    Doubles kernels(static_cast<size_t>(taps() * rank_));  // what is left of the weight: taps x rank
    Doubles both(static_cast<size_t>(rank_));
    for (int64_t o = 0; o < outs; ++o)
      for (int64_t i = 0; i < ins; ++i) {
        for (int64_t r = 0; r < rank_; ++r) both[static_cast<size_t>(r)] = out[At(o, r)] * in[At(i, r)];
        const float* const kernel = weight_.data() + (o * ins + i) * taps();
        for (int64_t t = 0; t < taps(); ++t) {
          const double w = kernel[t];
          double* const to = kernels.data() + t * rank_;
          for (int64_t r = 0; r < rank_; ++r) to[r] += w * both[static_cast<size_t>(r)];
        }
      }
    const int64_t width = factors_[kColumns].extent;
    const Factor& other = factors_[mode == kRows ? kColumns : kRows];
    for (int64_t t = 0; t < taps(); ++t) {
      const int64_t y = t / width, x = t % width;
      for (int64_t r = 0; r < rank_; ++r)
        product[At(mode == kRows ? y : x, r)] +=
            kernels[At(t, r)] * other.values[At(mode == kRows ? x : y, r)];
    }
    return product;
  }

  // The product, element by element, of the Gram matrices of all factors but one; of all for kModes.
  Doubles Grams(size_t without) const {
    Doubles grams(static_cast<size_t>(rank_ * rank_), 1.0);
    Doubles gram(grams.size());
    for (size_t m = 0; m < kModes; ++m) {
      if (m == without) continue;
      std::fill(gram.begin(), gram.end(), 0.0);
      for (int64_t i = 0; i < factors_[m].extent; ++i)
        for (int64_t r = 0; r < rank_; ++r)
          for (int64_t s = 0; s < rank_; ++s)
            gram[At(r, s)] += factors_[m].values[At(i, r)] * factors_[m].values[At(i, s)];
      for (size_t k = 0; k < grams.size(); ++k) grams[k] *= gram[k];
    }
    return grams;
  }

  void Update(Mode mode) {
    last_product_ = TimesOthers(mode);
    Doubles lower = Grams(mode);
    double trace = 0;
    for (int64_t r = 0; r < rank_; ++r) trace += lower[At(r, r)];
    const double ridge = std::max(kRidge * trace / static_cast<double>(rank_), 1e-300);
    for (int64_t r = 0; r < rank_; ++r) lower[At(r, r)] += ridge;
    // Cholesky, in place. A pivot that rounding has made nothing is the ridge: its product stays small.
    for (int64_t j = 0; j < rank_; ++j)
      for (int64_t i = j; i < rank_; ++i) {
        double sum = lower[At(i, j)];
        for (int64_t k = 0; k < j; ++k) sum -= lower[At(i, k)] * lower[At(j, k)];
        lower[At(i, j)] = i == j ? std::sqrt(std::max(sum, ridge)) : sum / lower[At(j, j)];
      }
    factors_[mode].values = last_product_;
    for (int64_t n = 0; n < factors_[mode].extent; ++n) {
      double* const x = factors_[mode].values.data() + n * rank_;
      for (int64_t i = 0; i < rank_; ++i) {
        for (int64_t k = 0; k < i; ++k) x[i] -= lower[At(i, k)] * x[k];
        x[i] /= lower[At(i, i)];
      }
      for (int64_t i = rank_ - 1; i >= 0; --i) {
        for (int64_t k = i + 1; k < rank_; ++k) x[i] -= lower[At(k, i)] * x[k];
        x[i] /= lower[At(i, i)];
      }
    }
  }

  // ||W - S||^2 = ||W||^2 - 2 <W, S> + ||S||^2, the middle from the product of the last update.
  double RelativeError() const {
    if (norm_squared_ == 0) return 0;
    double inner = 0, sum = 0;
    for (size_t k = 0; k < last_product_.size(); ++k)
      inner += last_product_[k] * factors_[kColumns].values[k];
    for (const double each : Grams(kModes)) sum += each;
    return std::sqrt(std::max(0.0, norm_squared_ - 2 * inner + sum) / norm_squared_);
  }

  // The vectors of each product get one length.
  void Balance() {
    for (int64_t r = 0; r < rank_; ++r) {
      std::array<double, kModes> lengths{};
      double length = 1;
      for (size_t m = 0; m < kModes; ++m) {
        for (int64_t i = 0; i < factors_[m].extent; ++i)
          lengths[m] += factors_[m].values[At(i, r)] * factors_[m].values[At(i, r)];
        lengths[m] = std::sqrt(lengths[m]);
        length *= std::pow(lengths[m], 1.0 / static_cast<double>(kModes));
      }
      for (size_t m = 0; m < kModes; ++m)
        for (int64_t i = 0; i < factors_[m].extent; ++i)
          factors_[m].values[At(i, r)] *= lengths[m] > 0 ? length / lengths[m] : 0;
    }
  }

  const std::span<const float> weight_;
  const int64_t rank_;
  double norm_squared_ = 0;
  std::array<Factor, kModes> factors_;
  Doubles last_product_;
};

}  // namespace

CpFactors DecomposeCp(std::span<const float> weight, const Shape& shape, int64_t rank, uint64_t seed,
                      std::string_view stream, const CpEffort& effort) {
  CpFactors best;
  for (int start = 0; start < std::max(1, effort.starts); ++start) {
    AlternatingLeastSquares squares(weight, shape, rank);
    squares.Begin(start == 0, Rng(seed, stream, static_cast<uint64_t>(start)));
    const double error = squares.Run(effort.iterations);
    if (start == 0 || error < best.error) best = squares.Factors(error);
  }
  return best;
}

int64_t CpRankOfEnergy(std::span<const float> weight, const Shape& shape, double energy, int64_t most,
                       uint64_t seed, std::string_view stream) {
  const auto keeps = [&](int64_t rank) {
    const double error = DecomposeCp(weight, shape, rank, seed, stream, kSearch).error;
    return 1 - error * error >= energy;
  };
  if (most < 1) return 0;
  int64_t too_low = 0, enough = 1;
  while (!keeps(enough)) {
    if (enough == most) return 0;
    too_low = enough;
    enough = std::min(2 * enough, most);
  }
  while (enough - too_low > 1) {
    const int64_t middle = too_low + (enough - too_low) / 2;
    (keeps(middle) ? enough : too_low) = middle;
  }
  return enough;
}

}  // namespace concertina
