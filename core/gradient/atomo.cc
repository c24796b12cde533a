// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// atomo.cc: sends a few of a matrix's singular triples, drawn so that the expectation is the matrix [cited
// below]. On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   X = sum_i sigma_i u_i v_i^T        C(X) = sum_i (t_i / p_i) sigma_i u_i v_i^T,  E t_i = p_i,  sum_i p_i =
//   s E C(X) = X,   E ||X - C(X)||^2 = sum_i sigma_i^2 (1 / p_i - 1),   least for p_i ~ sigma_i, where that
//   is
// below 1, and 1 where it is not.
// A decomposition of a whole layer each step would take longer than the step. So matrices are cut into blocks
// of few rows, B (b x m), and only B B^T (b x b) is decomposed: its eigenvectors are the u_i, and B^T u_i,
// which is sigma_i v_i, is worked out for those that were drawn. As sum_i u_i u_i^T B = B for any orthonormal
// u_i, what the squared singular values lose to rounding costs variance, never the expectation.
// Exactly s are drawn, by systematic sampling [Madow. Annals of Mathematical Statistics 1949]: the paper's
// independent draws have the same p_i, and with them the same expectation and variance (atoms are orthogonal,
// so that no covariance counts), but payloads of many lengths.
// No residual: nothing is owed on average. Payload: low_rank.h, of blocks; where fewer are drawn, zeros.
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/draws.h"
#include "core/gradient/low_rank.h"
#include "core/gradient/norms.h"
#include "core/tensor/sgemm.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kMaxBlockRows = 64;
// Beyond it sigma / p may leave the floats. Such a gradient ends a run anyway; until it does, the largest
// triples are sent as they are.
constexpr double kHugeNorm = 1e36;

class Atomo final : public Codec {
 public:
  Atomo(int64_t atoms, int64_t block_rows)
      : atoms_(atoms), block_rows_(block_rows), layout_(atoms, block_rows) {}

  void Describe(std::span<const Matrix> matrices) override { layout_.Describe(matrices); }
  void SeedDraws(uint64_t run_seed, int rank) override { seed_ = SeedOfRank(0, run_seed, rank); }

  absl::Status Encode(std::span<const float> gradient, int64_t step, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    const auto d = static_cast<int64_t>(gradient.size());
    RETURN_IF_ERROR(layout_.Check(d));
    if (!IsFinite(gradient)) return NotFiniteError(gradient);
    const FactorLayout::Floats floats = layout_.PayloadFloats(d);
    first_.resize(static_cast<size_t>(floats.first));
    second_.resize(static_cast<size_t>(floats.second));
    const double norm = std::sqrt(SumSquares(gradient));
    is_huge_ = norm > kHugeNorm;
    // Ranks must draw differently, or their errors would not average out. Where none was told who it is, each
    // still has a gradient of its own.
    Rng rng(seed_ ^ std::bit_cast<uint64_t>(norm), "atomo", static_cast<uint64_t>(step));
    layout_.Walk(
        d, [&](const FactoredMatrix& m) { EncodeBlock(m, gradient.data() + m.matrix.offset, rng); },
        [&](const DenseRun& run) {
          std::copy_n(gradient.begin() + run.offset, run.count, first_.begin() + run.place);
        });
    const auto bytes = [](const std::vector<float>& part) {
      return reinterpret_cast<const uint8_t*>(part.data());
    };
    // What leaves the floats when it is put together must not be sent.
    if (!IsFinite(second_) || (is_huge_ && ForEachPiece(layout_, d, bytes(first_), bytes(second_),
                                                        [](const LowRankPiece&) {}) >= 0))
      return absl::OutOfRangeError(fmt::format(
          "gradient of norm {:.3g} is too large for factors of floats; lower the learning rate", norm));
    payload.resize(4 * (first_.size() + second_.size()));
    std::memcpy(payload.data(), first_.data(), 4 * first_.size());
    if (!second_.empty()) std::memcpy(payload.data() + 4 * first_.size(), second_.data(), 4 * second_.size());
    return absl::OkStatus();
  }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return DecodeLowRank("atomo", layout_, payload, gradient, /*adds=*/false);
  }
  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return DecodeLowRank("atomo", layout_, payload, gradient, /*adds=*/true);
  }

  int64_t MaxPayloadBytes(int64_t d) const override { return layout_.PayloadBytes(d); }
  // With N' the sum of the sigma_i of p_i < 1, of which s' of L' are drawn, the error is at most N'^2 / s'
  // from what is drawn plus what is not, and N'^2 <= L' sum sigma_i^2. The worst is L / s with no p_i = 1.
  double ErrorBound(int64_t d) const override {
    double worst = 0;
    layout_.Walk(
        d,
        [&](const FactoredMatrix& m) {
          const auto triples = static_cast<double>(std::min(m.matrix.rows, m.matrix.columns));
          worst = std::max(worst, 1 + triples / static_cast<double>(m.rank));
        },
        [](const DenseRun&) {});
    return worst;
  }
  Sum sum() const override { return Sum::kGathered; }
  void SaveState(std::vector<uint8_t>& state) const override { state.clear(); }
  absl::Status LoadState(std::span<const uint8_t> state) override { return CheckNoState("atomo", state); }

  absl::Status Change(const Params& params) override {
    if (params.Integer("atoms") != atoms_ || params.Integer("block_rows") != block_rows_)
      return absl::FailedPreconditionError(
          "atoms, block_rows: cannot change while a run goes; start another run");
    return absl::OkStatus();
  }

 private:
  // No heap: a step allocates nothing.
  using Square =
      Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor, kMaxBlockRows, kMaxBlockRows>;

  void EncodeBlock(const FactoredMatrix& m, const float* x, Rng& rng) {
    const int64_t rows = m.matrix.rows, columns = m.matrix.columns, count = rows * columns;
    float* const p = first_.data() + m.p;
    float* const q = second_.data() + m.q;
    std::fill_n(p, m.p_floats(), 0.0F);
    std::fill_n(q, m.q_floats(), 0.0F);
    const double norm = std::sqrt(SumSquares({x, static_cast<size_t>(count)}));
    if (norm == 0) return;
    const int exponent = std::ilogb(norm);
    const double shrink = std::ldexp(1.0, -exponent);  // so that squares neither overflow nor vanish
    block_.resize(std::max(block_.size(), static_cast<size_t>(count)));
    for (int64_t i = 0; i < count; ++i) block_[static_cast<size_t>(i)] = static_cast<float>(shrink * x[i]);

    float squares[kMaxBlockRows * kMaxBlockRows];
    Sgemm({.rows = rows, .columns = rows, .depth = columns, .transpose_b = true}, block_.data(),
          block_.data(), false, squares);
    Square gram(rows, rows);
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < rows; ++j) gram(i, j) = squares[i * rows + j];
    solver_.compute(gram);  // reads the lower half; eigenvalues ascend

    double sigma[kMaxBlockRows], chance[kMaxBlockRows];
    // A float's square holds no more of what is small than this share of the largest. Drawn too often is
    // better than never.
    const double least = 1e-7 * std::max(solver_.eigenvalues()[rows - 1], 0.0);
    for (int64_t i = 0; i < rows; ++i)
      sigma[i] = std::sqrt(std::max(solver_.eigenvalues()[rows - 1 - i], least));
    SetChances(rows, m.rank, sigma, chance);
    int64_t drawn[kMaxBlockRows];
    const int64_t sent = Draw(rows, m.rank, chance, rng, drawn);

    const double balance = std::ldexp(1.0, -BalanceExponent(rows));
    for (int64_t k = 0; k < sent; ++k)
      for (int64_t i = 0; i < rows; ++i)
        p[i * m.rank + k] = static_cast<float>(balance * solver_.eigenvectors()(i, rows - 1 - drawn[k]));
    Sgemm({.rows = m.rank, .columns = columns, .depth = rows, .transpose_a = true}, p, block_.data(), false,
          q);
    for (int64_t k = 0; k < sent; ++k) {
      const double grow = std::ldexp(1 / chance[drawn[k]], exponent);
      for (int64_t j = 0; j < columns; ++j)
        q[k * columns + j] = static_cast<float>(grow * q[k * columns + j]);
    }
  }

  // p_i of least variance with sum s, for sigma descending: 1 as long as sigma_i (s - i) is at least the sum
  // of the rest, then in proportion.
  void SetChances(int64_t n, int64_t s, const double* sigma, double* chance) const {
    double rest = 0;
    for (int64_t i = 0; i < n; ++i) rest += sigma[i];
    int64_t certain = 0;
    while (certain < s && (is_huge_ || sigma[certain] * static_cast<double>(s - certain) >= rest)) {
      rest -= sigma[certain];
      chance[certain++] = 1;
    }
    for (int64_t i = certain; i < n; ++i)
      chance[i] = rest > 0 ? sigma[i] * static_cast<double>(s - certain) / rest : 0;
  }

  // With one random number u, i is drawn if one of u, u + 1, u + 2, … lies in its part [c_i, c_i + p_i) of
  // the line.
  static int64_t Draw(int64_t n, int64_t s, const double* chance, Rng& rng, int64_t* drawn) {
    double next = rng.Uniform(), end = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < n && count < s; ++i) {
      end += chance[i];
      if (next >= end) continue;
      drawn[count++] = i;
      next += 1;
    }
    return count;
  }

  const int64_t atoms_;
  const int64_t block_rows_;
  FactorLayout layout_;
  uint64_t seed_ = 0;  // of the draws
  BucketLength length_;
  bool is_huge_ = false;               // the gradient of this step
  std::vector<float> first_, second_;  // the payload's parts
  std::vector<float> block_;           // of norm near 1
  Eigen::SelfAdjointEigenSolver<Square> solver_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "atomo",
         .title = "ATOMO (spectral)",
         .summary = "Draws a few singular triples of each block of a gradient matrix, right on average.",
         .citation = "Wang et al. ATOMO: Communication-efficient Learning via Atomic Sparsification. NeurIPS "
                     "2018",
         .params =
             {{.name = "atoms",
               .type = ParamType::kInteger,
               .default_value = 3,
               .minimum = 1,
               .maximum = static_cast<double>(kMaxBlockRows),
               .doc =
                   "s, the triples (sigma, u, v) that are sent of each block of b rows and m columns, s (b + "
                   "m) "
                   "floats of b m. A triple is drawn with a chance p in proportion to sigma, 1 at most, and "
                   "sent as (sigma / p) u v^T: the expectation is the gradient, so nothing needs to be "
                   "remembered, and errors average out over many workers. For workers that come and go, "
                   "whose residual would be lost; PowerSGD errs less for as many bytes. It costs an "
                   "eigendecomposition a block and one round, but payloads are gathered: bytes grow with the "
                   "number of workers."},
              {.name = "block_rows",
               .type = ParamType::kInteger,
               .default_value = 32,
               .minimum = 2,
               .maximum = static_cast<double>(kMaxBlockRows),
               .doc = "Matrices are cut into blocks of at most this many rows, each decomposed by itself. "
                      "Larger blocks send less and err more; time grows with their square."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      return std::make_unique<Atomo>(params.Integer("atoms"), params.Integer("block_rows"));
    });

}  // namespace
}  // namespace concertina
