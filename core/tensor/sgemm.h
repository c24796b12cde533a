// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sgemm.h: oneDNN's matrix product, c = op(a) op(b) or c += op(a) op(b), row-major and contiguous.
// On the way of the data: tensor/dense.h -> here; graph/bench_train.h takes it as the yardstick.
//
// Debian's oneDNN is built on OpenMP and asks for its number of threads, which belongs to the calling thread.
#pragma once

#include <cstdint>

namespace concertina {

struct SgemmShape {
  int64_t rows = 0;     // of c and op(a)
  int64_t columns = 0;  // of c and op(b)
  int64_t depth = 0;
  bool transpose_a = false;
  bool transpose_b = false;
  int threads = 1;
};

void Sgemm(const SgemmShape& shape, const float* a, const float* b, bool accumulate, float* c);

}  // namespace concertina
