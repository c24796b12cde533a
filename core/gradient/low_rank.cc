// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// low_rank.cc: products of thin factors (see low_rank.h).
// On the way of the data: the low-rank codecs of this folder -> here.
#include "core/gradient/low_rank.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/low_rank.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// out[i, j] = sum_k (scale p[i, k]) q[k, j] for j < count, the rows of q `stride` floats apart. Each element
// is summed in the order of k, with a product and a sum (never fused: the build says so), whatever the width
// of a vector.
void CombineAny(int64_t rows, int64_t rank, float scale, const uint8_t* p, const uint8_t* q, int64_t stride,
                int64_t count, float* out) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  float c[64];
  for (int64_t i = 0; i < rows; ++i, p += 4 * rank, out += count) {
    std::memcpy(c, p, static_cast<size_t>(4 * rank));
    for (int64_t k = 0; k < rank; ++k) c[k] *= scale;
    const auto* from = reinterpret_cast<const float*>(q);  // only ever loaded unaligned
    int64_t j = 0;
    for (; j + 4 * lanes <= count; j += 4 * lanes) {
      const float* at = from + j;
      auto factor = hn::Set(d, c[0]);
      auto a0 = hn::Mul(factor, hn::LoadU(d, at));
      auto a1 = hn::Mul(factor, hn::LoadU(d, at + lanes));
      auto a2 = hn::Mul(factor, hn::LoadU(d, at + 2 * lanes));
      auto a3 = hn::Mul(factor, hn::LoadU(d, at + 3 * lanes));
      for (int64_t k = 1; k < rank; ++k) {
        at += stride;
        factor = hn::Set(d, c[k]);
        a0 = hn::Add(a0, hn::Mul(factor, hn::LoadU(d, at)));
        a1 = hn::Add(a1, hn::Mul(factor, hn::LoadU(d, at + lanes)));
        a2 = hn::Add(a2, hn::Mul(factor, hn::LoadU(d, at + 2 * lanes)));
        a3 = hn::Add(a3, hn::Mul(factor, hn::LoadU(d, at + 3 * lanes)));
      }
      hn::StoreU(a0, d, out + j);
      hn::StoreU(a1, d, out + j + lanes);
      hn::StoreU(a2, d, out + j + 2 * lanes);
      hn::StoreU(a3, d, out + j + 3 * lanes);
    }
    for (; j < count; j += lanes) {
      const int64_t part = j + lanes <= count ? lanes : count - j;
      auto sum = hn::Mul(hn::Set(d, c[0]), LoadPart(d, from + j, part));
      for (int64_t k = 1; k < rank; ++k)
        sum = hn::Add(sum, hn::Mul(hn::Set(d, c[k]), LoadPart(d, from + k * stride + j, part)));
      StorePart(d, sum, out + j, part);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>

#include "core/gradient/checks.h"
#include "fmt/format.h"

namespace concertina {
namespace {

HWY_EXPORT(CombineAny);

static_assert(kMaxRank == 64, "CombineAny has room for as many coefficients");
constexpr int64_t kPiece = 4096;  // 16 KiB: a piece stays in the nearest cache between its making and its use

double Dot(const double* a, const double* b, int64_t n) {
  double sums[4] = {0, 0, 0, 0};
  int64_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (int64_t l = 0; l < 4; ++l) sums[l] += a[i + l] * b[i + l];
  for (; i < n; ++i) sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

int BalanceExponent(int64_t rows) {
  const int bits = std::bit_width(static_cast<uint64_t>(std::max<int64_t>(1, rows) - 1));  // of n <= 2^bits
  return (3 * bits + 3) / 4;
}

void FactorLayout::Describe(std::span<const Matrix> matrices) {
  described_floats_ = 0;
  for (const Matrix& matrix : matrices) {
    assert(matrix.offset >= described_floats_ && matrix.rows > 0 && matrix.columns > 0);
    described_floats_ = matrix.offset + matrix.rows * matrix.columns;
  }
  matrices_.assign(matrices.begin(), matrices.end());
  is_described_ = true;
}

absl::Status FactorLayout::Check(int64_t d) const {
  if (described_floats_ > d)
    return absl::InvalidArgumentError(
        fmt::format("gradient has {} elements, expected at least the {} of the matrices that it was said to "
                    "hold",
                    d, described_floats_));
  return absl::OkStatus();
}

Matrix FactorLayout::NearSquare(int64_t d) {
  if (d < 1) return {};
  const auto rows = static_cast<int64_t>(std::sqrt(static_cast<double>(d)));
  return {.offset = 0, .rows = rows, .columns = d / rows};
}

FactorLayout::Floats FactorLayout::PayloadFloats(int64_t d) const {
  Floats floats;
  Walk(
      d,
      [&](const FactoredMatrix& m) {
        floats.first += m.p_floats();
        floats.second += m.q_floats();
      },
      [&](const DenseRun& run) { floats.first += run.count; });
  return floats;
}

int64_t ForEachPiece(const FactorLayout& layout, int64_t d, const uint8_t* first, const uint8_t* second,
                     absl::FunctionRef<void(const LowRankPiece&)> take) {
  alignas(64) float piece[kPiece];
  int64_t bad = -1;
  const auto hand_on = [&](int64_t offset, int64_t count, bool is_dense) {
    const std::span<const float> values(piece, static_cast<size_t>(count));
    if (!IsFinite(values)) {
      bad = offset + FirstNotFinite(piece, count);
      return;
    }
    take({.offset = offset, .values = values, .is_dense = is_dense});
  };
  layout.Walk(
      d,
      [&](const FactoredMatrix& m) {
        const auto [offset, rows, columns] = m.matrix;
        const float scale = std::ldexp(1.0F, 2 * BalanceExponent(rows));
        const uint8_t* p = first + 4 * m.p;
        const uint8_t* q = second + 4 * m.q;
        const int64_t rows_at_once = std::max<int64_t>(1, kPiece / columns);
        for (int64_t row = 0; row < rows; row += rows_at_once) {
          const int64_t count = std::min(rows_at_once, rows - row);
          for (int64_t column = 0; column < columns && bad < 0; column += kPiece) {
            const int64_t width = std::min(kPiece, columns - column);
            HWY_DYNAMIC_DISPATCH(CombineAny)
            (count, m.rank, scale, p + 4 * row * m.rank, q + 4 * column, columns, width, piece);
            hand_on(offset + row * columns + column, count * width, false);
          }
        }
      },
      [&](const DenseRun& run) {
        for (int64_t begin = 0; begin < run.count && bad < 0; begin += kPiece) {
          const int64_t count = std::min(kPiece, run.count - begin);
          std::memcpy(piece, first + 4 * (run.place + begin), static_cast<size_t>(4 * count));
          hand_on(run.offset + begin, count, true);
        }
      });
  return bad;
}

absl::Status DecodeLowRank(std::string_view codec, const FactorLayout& layout,
                           std::span<const uint8_t> payload, std::span<float> gradient, bool adds) {
  const auto d = static_cast<int64_t>(gradient.size());
  RETURN_IF_ERROR(layout.Check(d));
  const FactorLayout::Floats floats = layout.PayloadFloats(d);
  RETURN_IF_ERROR(
      CheckPayloadSize(codec, static_cast<int64_t>(payload.size()), 4 * (floats.first + floats.second), d));
  const int64_t bad = ForEachPiece(layout, d, payload.data(), payload.data() + 4 * floats.first,
                                   [&](const LowRankPiece& piece) {
                                     float* to = gradient.data() + piece.offset;
                                     if (adds)
                                       for (size_t i = 0; i < piece.values.size(); ++i)
                                         to[i] += piece.values[i];
                                     else
                                       std::memcpy(to, piece.values.data(), piece.values.size_bytes());
                                   });
  if (bad < 0) return absl::OkStatus();
  if (const int64_t at = FirstNotFinite(payload.data(), floats.first + floats.second); at >= 0)
    return DamagedElementError(codec, at);
  return absl::DataLossError(
      fmt::format("{} payload: element {} of the gradient would be beyond the largest float", codec, bad));
}

void Orthonormalise(int64_t rows, int64_t rank, float scale, std::span<double> columns, float* p) {
  // What is left of a column that the others span is rounding: of floats, of a sum over the columns of M.
  constexpr double kSpanned = 1e-6;
  double* const all = columns.data();
  for (int64_t k = 0; k < rank; ++k)
    for (int64_t i = 0; i < rows; ++i) all[k * rows + i] = p[i * rank + k];
  for (int64_t k = 0; k < rank; ++k) {
    double* const column = all + k * rows;
    const double whole = std::sqrt(Dot(column, column, rows));
    double left = whole;
    for (int pass = 0; pass < 2; ++pass) {
      const double before = left;
      for (int64_t other = 0; other < k; ++other) {
        const double* base = all + other * rows;
        const double share = Dot(base, column, rows);
        for (int64_t i = 0; i < rows; ++i) column[i] -= share * base[i];
      }
      left = std::sqrt(Dot(column, column, rows));
      if (left > 0.5 * before) break;  // as orthogonal as double can make it
    }
    const double factor = left > kSpanned * whole ? 1 / left : 0;
    for (int64_t i = 0; i < rows; ++i) column[i] *= factor;
  }
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t k = 0; k < rank; ++k) p[i * rank + k] = scale * static_cast<float>(all[k * rows + i]);
}

}  // namespace concertina
#endif  // HWY_ONCE
