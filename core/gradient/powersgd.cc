// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// powersgd.cc: sends matrices as products of two thin ones, found by one step of power iteration [cited
// below]. On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   X = M + E;  P = X Q;  P^ = orthonormalised P;  Q' = X^T P^;  decoded P^ Q'^T;  E' = X - decoded;  Q <- Q'
// P^ P^^T X is a projection, so ||X - decoded|| <= ||X||. One step is enough since Q is kept ("warm start"):
// gradients change slowly, and over the steps the iteration goes on towards the best approximation of rank r.
// Inside an all-reduce P and Q' are summed over the ranks, in two rounds: X is then the mean of all, although
// nobody has it, and all end with the same P^, Q' and bits. E' stays each rank's own: X of the rank less what
// all decoded.
// Vectors, and matrices that two thin ones do not make smaller, go as they are. Payload: low_rank.h.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/error_feedback.h"
#include "core/gradient/low_rank.h"
#include "core/gradient/norms.h"
#include "core/tensor/sgemm.h"
#include "fmt/format.h"

namespace concertina {
namespace {

template <class T>
T Read(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

const uint8_t* Bytes(const std::vector<float>& values) {
  return reinterpret_cast<const uint8_t*>(values.data());
}

// From here on a product of factors may leave the floats although the gradient does not.
constexpr double kHugeNormSquared = 1e72;

class PowerSgd final : public Codec, private SummedRounds {
 public:
  PowerSgd(int64_t rank, bool warm_start, bool error_feedback)
      : rank_(rank), keeps_q_(warm_start), remembers_(error_feedback), layout_(rank) {}

  void Describe(std::span<const Matrix> matrices) override { layout_.Describe(matrices); }

  absl::Status Encode(std::span<const float> gradient, int64_t step, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(Start(gradient, step));
    // No other rank's P has to fit to this one: near 1, whatever the gradient is.
    MakeP(norm_squared_ > 0 ? -std::ilogb(std::sqrt(norm_squared_)) : 0);
    MakeQ();
    if (!IsFinite(first_) || !IsFinite(second_) || !TakeOut({}, /*is_mean=*/false))
      return absl::OutOfRangeError(
          fmt::format("gradient of norm {:.3g} is too large for factors of floats; lower the learning rate",
                      std::sqrt(norm_squared_)));
    payload.resize(4 * (first_.size() + second_.size()));
    std::memcpy(payload.data(), first_.data(), 4 * first_.size());
    if (!second_.empty()) std::memcpy(payload.data() + 4 * first_.size(), second_.data(), 4 * second_.size());
    Commit();
    return absl::OkStatus();
  }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return DecodeLowRank("powersgd", layout_, payload, gradient, /*adds=*/false);
  }
  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return DecodeLowRank("powersgd", layout_, payload, gradient, /*adds=*/true);
  }

  int64_t MaxPayloadBytes(int64_t d) const override { return layout_.PayloadBytes(d); }
  Sum sum() const override { return Sum::kGathered; }
  SummedRounds* summed_rounds() override { return this; }
  double ResidualNormSquared() const override { return remembers_ ? feedback_.ResidualNormSquared() : 0; }
  std::span<const float> residual() const override { return feedback_.residual(); }

  // d u64 | columns of Q that were drawn again u64 | Q^T of each matrix f32 | the residual. Nothing before
  // the first step.
  void SaveState(std::vector<uint8_t>& state) const override {
    state.clear();
    if (d_ == 0) return;
    std::vector<uint8_t> residual;
    if (remembers_) feedback_.SaveState(residual);
    const uint64_t head[2] = {static_cast<uint64_t>(d_), drawn_};
    state.resize(sizeof head + 4 * q_.size());
    std::memcpy(state.data(), head, sizeof head);
    if (!q_.empty()) std::memcpy(state.data() + sizeof head, q_.data(), 4 * q_.size());
    state.insert(state.end(), residual.begin(), residual.end());
  }

  absl::Status LoadState(std::span<const uint8_t> state) override {
    if (state.empty()) {
      if (d_ != 0) DrawFirstQ();
      return remembers_ ? feedback_.LoadState(state) : absl::OkStatus();
    }
    if (state.size() < 16)
      return absl::DataLossError(fmt::format("powersgd state: {} bytes, expected at least 16", state.size()));
    const auto found = Read<uint64_t>(state.data());
    if (found < 1 || found > UINT32_MAX)
      return absl::DataLossError(
          fmt::format("powersgd state: {} elements, expected 1 to {}", found, UINT32_MAX));
    const auto d = static_cast<int64_t>(found);
    RETURN_IF_ERROR(layout_.Check(d));
    if (d_ != 0 && d != d_)
      return absl::InvalidArgumentError(fmt::format("powersgd state of {} elements, expected {}", d, d_));
    const auto q_bytes = static_cast<size_t>(4 * layout_.PayloadFloats(d).second);
    const size_t expected = 16 + q_bytes + (remembers_ ? 4 * found : 0);
    if (state.size() != expected)
      return absl::DataLossError(
          fmt::format("powersgd state: {} bytes, expected {} for {} elements and rank {}", state.size(),
                      expected, d, rank_));
    const uint8_t* q = state.data() + 16;
    if (const int64_t bad = FirstNotFinite(q, static_cast<int64_t>(q_bytes / 4)); bad >= 0)
      return absl::DataLossError(fmt::format("powersgd state: element {} of Q is not finite", bad));
    if (remembers_) RETURN_IF_ERROR(feedback_.LoadState(state.subspan(16 + q_bytes)));
    MakeRoom(d);
    if (q_bytes > 0) std::memcpy(q_.data(), q, q_bytes);
    drawn_ = Read<uint64_t>(state.data() + 8);
    return absl::OkStatus();
  }

  absl::Status Change(const Params& params) override {
    if (params.Integer("rank") != rank_ || params.Boolean("warm_start") != keeps_q_ ||
        params.Boolean("error_feedback") != remembers_)
      return absl::FailedPreconditionError(
          "rank, warm_start, error_feedback: cannot change while a run goes; start another run");
    return absl::OkStatus();
  }

 private:
  // SummedRounds: P, then Q. Both come back as their means.
  int round_count() const override { return 2; }
  int64_t RoundFloats(int64_t d, int round) const override {
    const FactorLayout::Floats floats = layout_.PayloadFloats(d);
    return round == 0 ? floats.first : floats.second;
  }
  absl::StatusOr<std::span<float>> Begin(std::span<const float> gradient, int64_t step) override {
    RETURN_IF_ERROR(Start(gradient, step));
    MakeP(0);  // a power of two of its own would make each rank's P another weight in the sum
    return std::span<float>(first_);
  }
  absl::StatusOr<std::span<float>> Next() override {
    RETURN_IF_ERROR(CheckMean("P", first_));
    MakeQ();
    return std::span<float>(second_);
  }
  absl::Status Finish(std::span<float> gradient) override {
    RETURN_IF_ERROR(CheckMean("Q", second_));
    if (!TakeOut(gradient, /*is_mean=*/true))
      return absl::DataLossError("powersgd: the mean gradient is beyond the largest float");
    Commit();
    return absl::OkStatus();
  }
  absl::Status DecodeOwn(std::span<float> gradient) const override {
    const int64_t bad =
        ForEachPiece(layout_, d_, Bytes(first_), Bytes(second_), [&](const LowRankPiece& piece) {
          const auto offset = static_cast<size_t>(piece.offset);
          const std::span<const float> values =
              piece.is_dense ? x_.subspan(offset, piece.values.size()) : piece.values;
          std::copy(values.begin(), values.end(), gradient.begin() + piece.offset);
        });
    return bad < 0 ? absl::OkStatus()
                   : absl::OutOfRangeError("powersgd: the gradient is too large for factors of floats");
  }
  static absl::Status CheckMean(std::string_view name, std::span<const float> mean) {
    if (IsFinite(mean)) return absl::OkStatus();
    return absl::DataLossError(fmt::format(
        "powersgd: element {} of the ranks' mean {} is infinite or not a number, expected a finite one",
        FirstNotFinite(mean.data(), static_cast<int64_t>(mean.size())), name));
  }

  // x = g + e, checked; Q of this step.
  absl::Status Start(std::span<const float> gradient, int64_t step) {
    const auto d = static_cast<int64_t>(gradient.size());
    if (d_ != 0 && d != d_)
      return absl::InvalidArgumentError(
          fmt::format("gradient has {} elements, expected {} as at the first step; make a codec for each "
                      "bucket",
                      gradient.size(), d_));
    RETURN_IF_ERROR(layout_.Check(d));
    if (remembers_) {
      RETURN_IF_ERROR(feedback_.Correct(gradient));
      x_ = feedback_.corrected();
      norm_squared_ = feedback_.corrected_norm_squared();
    } else {
      RETURN_IF_ERROR(length_.Check(gradient));
      if (!IsFinite(gradient)) return NotFiniteError(gradient);
      x_ = gradient;
      norm_squared_ = SumSquares(gradient);
    }
    MakeRoom(d);
    // What is sent dense is as long as a state says: it gets its room from a gradient only.
    if (first_.empty()) first_.resize(static_cast<size_t>(layout_.PayloadFloats(d).first));
    if (!keeps_q_) {
      Rng rng(0, "powersgd cold", static_cast<uint64_t>(step));
      for (float& q : q_) q = static_cast<float>(rng.Uniform(-1, 1));
    }
    return absl::OkStatus();
  }

  // Once, for all that is as long as Q.
  void MakeRoom(int64_t d) {
    if (d_ == d) return;
    d_ = d;
    const FactorLayout::Floats floats = layout_.PayloadFloats(d);
    second_.resize(static_cast<size_t>(floats.second));
    q_.resize(second_.size());
    scaled_.resize(second_.size());
    int64_t tallest = 0;
    layout_.Walk(
        d, [&](const FactoredMatrix& m) { tallest = std::max(tallest, m.p_floats()); },
        [](const DenseRun&) {});
    columns_.resize(static_cast<size_t>(tallest));
    DrawFirstQ();
  }

  // The same on all ranks: nothing of a rank goes into it.
  void DrawFirstQ() {
    drawn_ = 0;
    Rng rng(0, "powersgd");
    for (float& q : q_) q = static_cast<float>(rng.Uniform(-1, 1));
  }

  // P = X Q 2^exponent, and what is sent dense.
  void MakeP(int exponent) {
    const float scale = std::ldexp(1.0F, std::clamp(exponent, -120, 120));
    for (size_t i = 0; i < q_.size(); ++i) scaled_[i] = scale * q_[i];
    layout_.Walk(
        d_,
        [&](const FactoredMatrix& m) {
          Sgemm({.rows = m.matrix.rows, .columns = m.rank, .depth = m.matrix.columns, .transpose_b = true},
                x_.data() + m.matrix.offset, scaled_.data() + m.q, false, first_.data() + m.p);
        },
        [&](const DenseRun& run) {
          std::copy_n(x_.begin() + run.offset, run.count, first_.begin() + run.place);
        });
  }

  // 2^-a P^ in place of P, and 2^-a Q'^T.
  void MakeQ() {
    layout_.Walk(
        d_,
        [&](const FactoredMatrix& m) {
          float* p = first_.data() + m.p;
          Orthonormalise(m.matrix.rows, m.rank, std::ldexp(1.0F, -BalanceExponent(m.matrix.rows)), columns_,
                         p);
          Sgemm({.rows = m.rank, .columns = m.matrix.columns, .depth = m.matrix.rows, .transpose_a = true}, p,
                x_.data() + m.matrix.offset, false, second_.data() + m.q);
        },
        [](const DenseRun&) {});
  }

  // What was sent goes to `gradient`, unless that is empty, and leaves x. False if it is not finite. The
  // residual of what is sent dense is 0: a rank's distance from the mean of all is no error of the codec.
  bool TakeOut(std::span<float> gradient, bool is_mean) {
    // Nobody asks what is left; and what is far below the largest float has no factors that are beyond it.
    if (!remembers_ && gradient.empty() && norm_squared_ < kHugeNormSquared) return true;
    float* const x = remembers_ ? feedback_.corrected().data() : nullptr;
    double residual = 0;
    const int64_t bad =
        ForEachPiece(layout_, d_, Bytes(first_), Bytes(second_), [&](const LowRankPiece& piece) {
          const auto count = piece.values.size();
          if (is_mean) std::copy(piece.values.begin(), piece.values.end(), gradient.begin() + piece.offset);
          if (x == nullptr) return;
          float* left = x + piece.offset;
          if (piece.is_dense) {
            std::fill_n(left, count, 0.0F);
            return;
          }
          for (size_t i = 0; i < count; ++i) left[i] -= piece.values[i];
          residual += SumSquares({left, count});
        });
    residual_norm_squared_ = residual;
    return bad < 0 && std::isfinite(residual);
  }

  void Commit() {
    if (remembers_) feedback_.Commit(residual_norm_squared_);
    if (!keeps_q_) return;
    layout_.Walk(
        d_, [&](const FactoredMatrix& m) { KeepQ(m); }, [](const DenseRun&) {});
  }

  // Q of the next step: the columns of Q', each times a power of two, so that they neither grow nor fade with
  // the gradient. A column of nothing (the matrix has a lower rank) would never come back to life: another is
  // drawn. In an all-reduce Q' is of all ranks, and so is this.
  void KeepQ(const FactoredMatrix& m) {
    constexpr double kNothing = 1e-6;  // of the largest column's norm: the rounding of floats
    double norms[kMaxRank], largest = 0;
    for (int64_t k = 0; k < m.rank; ++k) {
      const float* column = second_.data() + m.q + k * m.matrix.columns;
      double sum = 0;  // not SumSquares: its bits are the processor's
      for (int64_t j = 0; j < m.matrix.columns; ++j) sum += static_cast<double>(column[j]) * column[j];
      norms[k] = std::sqrt(sum);
      largest = std::max(largest, norms[k]);
    }
    for (int64_t k = 0; k < m.rank; ++k) {
      const float* column = second_.data() + m.q + k * m.matrix.columns;
      float* kept = q_.data() + m.q + k * m.matrix.columns;
      if (norms[k] > kNothing * largest) {
        const double scale = std::ldexp(1.0, -std::ilogb(norms[k]));
        for (int64_t j = 0; j < m.matrix.columns; ++j) kept[j] = static_cast<float>(scale * column[j]);
      } else {
        Rng rng(0, "powersgd again", drawn_++);
        for (int64_t j = 0; j < m.matrix.columns; ++j) kept[j] = static_cast<float>(rng.Uniform(-1, 1));
      }
    }
  }

  const int64_t rank_;
  const bool keeps_q_;
  const bool remembers_;
  FactorLayout layout_;
  BucketLength length_;  // without a residual, which knows it
  ErrorFeedback feedback_;
  int64_t d_ = 0;
  std::vector<float> q_;               // Q^T of each matrix, as in the payload's second part
  uint64_t drawn_ = 0;                 // columns of Q that were drawn again
  std::span<const float> x_;           // of this step, from here on
  double norm_squared_ = 0;            // ||x||^2
  std::vector<float> first_, second_;  // the payload's parts
  std::vector<float> scaled_;          // Q^T 2^exponent
  std::vector<double> columns_;
  double residual_norm_squared_ = 0;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "powersgd",
         .title = "PowerSGD",
         .summary = "Sends each gradient matrix as a product of two thin ones, which an all-reduce can sum.",
         .citation = "Vogels, Karimireddy, Jaggi. PowerSGD: Practical Low-Rank Gradient Compression for "
                     "Distributed Optimization. NeurIPS 2019",
         .params = {{.name = "rank",
                     .type = ParamType::kInteger,
                     .default_value = 4,
                     .minimum = 1,
                     .maximum = static_cast<double>(kMaxRank),
                     .doc = "r. A matrix M of n x m becomes P Q^T, r (n + m) floats instead of n m, found by "
                            "one step of power iteration: P = M Q, made orthonormal, Q = M^T P. Of "
                            "LeNet-300-100's 266,610 floats 2,004, 3,598 or 6,786 are sent with r = 1, 2 or "
                            "4, the usual ones; biases, and matrices that would not get smaller, go as they "
                            "are. P and Q are sums over the workers, so an all-reduce sends as little with a "
                            "hundred as with two: for large layers, many workers and slow networks. The "
                            "price is two rounds, one after the other, since Q needs the sum of P: twice the "
                            "latency, and two thin matrix products a step. Elsewhere (a server, neighbours) "
                            "each worker's P and Q go in one message."},
                    {.name = "warm_start",
                     .type = ParamType::kBoolean,
                     .default_value = true,
                     .doc = "Begins each step's iteration with the last one's Q, so that it goes on towards "
                            "the best approximation of rank r. Without it, each step begins with random "
                            "numbers."},
                    ErrorFeedbackParam(
                        "Adds what was not sent to the next gradient. Without it, directions beyond the "
                        "first r never arrive.")}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      return std::make_unique<PowerSgd>(params.Integer("rank"), params.Boolean("warm_start"),
                                        params.Boolean("error_feedback"));
    });

}  // namespace
}  // namespace concertina
