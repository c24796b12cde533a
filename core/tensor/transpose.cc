// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// transpose.cc: transposes in blocks of 4 x 4 numbers.
// On the way of the data: graph/executor.cc, tensor/dense.cc -> here.
//
// 128-bit vectors do it: the work is shuffles, and wider ones shuffle across halves at three times the delay.
#include "core/tensor/transpose.h"

#include <algorithm>
#include <cstring>

#include "core/tensor/parallel_for.h"

namespace concertina {
namespace {

using FourFloats = float __attribute__((vector_size(16)));

inline FourFloats Load(const float* p) {
  FourFloats v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline void Store(FourFloats v, float* p) { std::memcpy(p, &v, sizeof v); }

// out[c * out_stride + r] = in[r * in_stride + c], r and c in [0, 4).
inline void TransposeBlock(const float* in, int64_t in_stride, float* out, int64_t out_stride) {
  const FourFloats r0 = Load(in);
  const FourFloats r1 = Load(in + in_stride);
  const FourFloats r2 = Load(in + 2 * in_stride);
  const FourFloats r3 = Load(in + 3 * in_stride);
  const FourFloats low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);   // 00 10 01 11
  const FourFloats low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);   // 20 30 21 31
  const FourFloats high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);  // 02 12 03 13
  const FourFloats high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);  // 22 32 23 33
  Store(__builtin_shufflevector(low01, low23, 0, 1, 4, 5), out);
  Store(__builtin_shufflevector(low01, low23, 2, 3, 6, 7), out + out_stride);
  Store(__builtin_shufflevector(high01, high23, 0, 1, 4, 5), out + 2 * out_stride);
  Store(__builtin_shufflevector(high01, high23, 2, 3, 6, 7), out + 3 * out_stride);
}

// out (columns x rows, rows out_stride apart) = transpose of in (rows x columns, rows in_stride apart).
void Transpose(const float* in, int64_t rows, int64_t columns, int64_t in_stride, float* out,
               int64_t out_stride) {
  // A strip of 16 columns at a time: the lines it reads are finished while they are near.
  constexpr int64_t kStrip = 16;
  const int64_t whole_rows = rows / 4 * 4;
  for (int64_t strip = 0; strip < columns; strip += kStrip) {
    const int64_t end = std::min(strip + kStrip, columns);
    const int64_t whole_end = strip + (end - strip) / 4 * 4;
    for (int64_t r = 0; r < whole_rows; r += 4) {
      for (int64_t c = strip; c < whole_end; c += 4)
        TransposeBlock(in + r * in_stride + c, in_stride, out + c * out_stride + r, out_stride);
      for (int64_t c = whole_end; c < end; ++c)
        for (int64_t i = r; i < r + 4; ++i) out[c * out_stride + i] = in[i * in_stride + c];
    }
    for (int64_t r = whole_rows; r < rows; ++r)
      for (int64_t c = strip; c < end; ++c) out[c * out_stride + r] = in[r * in_stride + c];
  }
}

}  // namespace

void BatchToLanes(int threads, const float* in, int64_t batch, int64_t features, int64_t lanes, float* out) {
  ParallelFor(threads, features, [&](int64_t begin, int64_t end) {
    Transpose(in + begin, batch, end - begin, features, out + begin * lanes, lanes);
    if (batch == lanes) return;
    for (int64_t f = begin; f < end; ++f) std::fill(out + f * lanes + batch, out + (f + 1) * lanes, 0.0F);
  });
}

void LanesToBatch(int threads, const float* in, int64_t batch, int64_t features, int64_t lanes, float* out) {
  ParallelFor(threads, features, [&](int64_t begin, int64_t end) {
    Transpose(in + begin * lanes, end - begin, batch, lanes, out + begin, features);
  });
}

void TransposeToPanels(int threads, const float* in, int64_t rows, int64_t columns, int64_t width,
                       float* out) {
  ParallelFor(threads, (rows + width - 1) / width, [&](int64_t begin, int64_t end) {
    for (int64_t panel = begin; panel < end; ++panel) {
      const int64_t first = panel * width;
      const int64_t filled = std::min(width, rows - first);
      float* target = out + first * columns;
      Transpose(in + first * columns, filled, columns, columns, target, width);
      if (filled == width) continue;
      for (int64_t c = 0; c < columns; ++c)
        std::fill(target + c * width + filled, target + (c + 1) * width, 0.0F);
    }
  });
}

}  // namespace concertina
