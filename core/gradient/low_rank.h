// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// low_rank.h: a bucket's matrices as products of thin factors: where the factors of each lie in a payload,
// and how what was sent is put together again. On the way of the data: the low-rank codecs of this folder ->
// here.
//   M ~ 2^(2a) P Q^T      M: n x m;  P: n x r, row by row;  Q^T: r x m, row by row
// 2^a >= n^(3/4) is for magnitudes near the largest float: Q = M^T P of a P of unit columns would overflow,
// 2^-a Q does not. Payload, little endian: the P of each matrix and what is sent dense, in the order of the
// bucket | the Q^T of each matrix, in that order; all f32. A matrix whose factors are not smaller than it
// itself is sent dense.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "core/base/status.h"
#include "core/gradient/codec.h"

namespace concertina {

inline constexpr int64_t kMaxRank = 64;

// One matrix, or one block of its rows, and where its factors lie.
struct FactoredMatrix {
  Matrix matrix;
  int64_t rank = 0;
  int64_t p = 0;  // floats from the beginning of the payload's first part
  int64_t q = 0;  // floats from the beginning of its second part
  int64_t p_floats() const { return matrix.rows * rank; }
  int64_t q_floats() const { return matrix.columns * rank; }
};

// Elements [offset, offset + count) of the bucket, as they are.
struct DenseRun {
  int64_t offset = 0;
  int64_t count = 0;
  int64_t place = 0;  // floats from the beginning of the payload's first part
};

// a of the format above, for n rows.
int BalanceExponent(int64_t rows);

class FactorLayout {
 public:
  // Matrices of more rows are cut into blocks of at most `block_rows`; 0: they stay whole.
  explicit FactorLayout(int64_t rank, int64_t block_rows = 0) : rank_(rank), block_rows_(block_rows) {}

  // Without it a bucket is one near-square matrix, and a few floats that are left over.
  void Describe(std::span<const Matrix> matrices);
  // kInvalidArgument if what was described does not fit into d floats.
  absl::Status Check(int64_t d) const;

  // Every element of a bucket of d floats once, in its order: on_matrix(FactoredMatrix) and
  // on_dense(DenseRun).
  template <class OnMatrix, class OnDense>
  void Walk(int64_t d, OnMatrix on_matrix, OnDense on_dense) const {
    const Matrix square = NearSquare(d);
    const std::span<const Matrix> matrices =
        is_described_ ? std::span<const Matrix>(matrices_) : std::span<const Matrix>(&square, 1);
    int64_t done = 0, first = 0, second = 0;
    const auto dense_until = [&](int64_t end) {
      if (end <= done) return;
      on_dense(DenseRun{.offset = done, .count = end - done, .place = first});
      first += end - done;
      done = end;
    };
    for (const Matrix& matrix : matrices) {
      const int64_t blocks = block_rows_ > 0 ? (matrix.rows + block_rows_ - 1) / block_rows_ : 1;
      for (int64_t b = 0; b < blocks; ++b) {
        const int64_t begin = matrix.rows * b / blocks;
        FactoredMatrix factored{.matrix = {.offset = matrix.offset + begin * matrix.columns,
                                           .rows = matrix.rows * (b + 1) / blocks - begin,
                                           .columns = matrix.columns}};
        factored.rank = RankOf(factored.matrix);
        if (factored.rank == 0) continue;
        dense_until(factored.matrix.offset);
        factored.p = first;
        factored.q = second;
        on_matrix(static_cast<const FactoredMatrix&>(factored));
        first += factored.p_floats();
        second += factored.q_floats();
        done = factored.matrix.offset + factored.matrix.rows * factored.matrix.columns;
      }
    }
    dense_until(d);
  }

  struct Floats {
    int64_t first = 0;
    int64_t second = 0;
  };
  Floats PayloadFloats(int64_t d) const;
  int64_t PayloadBytes(int64_t d) const {
    const Floats floats = PayloadFloats(d);
    return 4 * (floats.first + floats.second);
  }

 private:
  static Matrix NearSquare(int64_t d);
  int64_t RankOf(const Matrix& matrix) const {
    const int64_t r = std::min({rank_, matrix.rows, matrix.columns});
    return r * (matrix.rows + matrix.columns) < matrix.rows * matrix.columns ? r : 0;
  }

  int64_t rank_;
  int64_t block_rows_;
  bool is_described_ = false;
  int64_t described_floats_ = 0;  // up to the end of the last matrix
  std::vector<Matrix> matrices_;
};

// What the two parts of a payload say, piece by piece in the order of the bucket; the same bits on every
// processor. The parts need no alignment. Gives the index of the first element that is NaN or infinite, at
// whose piece it ends; -1: all are finite.
struct LowRankPiece {
  int64_t offset = 0;
  std::span<const float> values;
  bool is_dense = false;
};
int64_t ForEachPiece(const FactorLayout& layout, int64_t d, const uint8_t* first, const uint8_t* second,
                     absl::FunctionRef<void(const LowRankPiece&)> take);

// Decode and DecodeAdd of the codec named `codec`: as Codec says.
absl::Status DecodeLowRank(std::string_view codec, const FactorLayout& layout,
                           std::span<const uint8_t> payload, std::span<float> gradient, bool adds);

// Makes the columns of p (rows x rank) orthonormal times `scale`, in their order; a column that the ones
// before it span becomes zero. Modified Gram-Schmidt in double, each column a second time where the first
// left little of it [Bjorck. Numerics of Gram-Schmidt orthogonalization. 1994]. The same bits on every
// processor. `columns`: rows x rank doubles of room.
void Orthonormalise(int64_t rows, int64_t rank, float scale, std::span<double> columns, float* p);

}  // namespace concertina
