// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sgemm.cc: oneDNN's matrix product with its number of threads set.
// On the way of the data: tensor/dense.cc -> here -> oneDNN.
#include "core/tensor/sgemm.h"

#include <omp.h>

#include <cstdlib>

#include "oneapi/dnnl/dnnl.h"

namespace concertina {

void Sgemm(const SgemmShape& shape, const float* a, const float* b, bool accumulate, float* c) {
  if (omp_get_max_threads() != shape.threads) omp_set_num_threads(shape.threads);
  const dnnl_status_t status =
      dnnl_sgemm(shape.transpose_a ? 'T' : 'N', shape.transpose_b ? 'T' : 'N', shape.rows, shape.columns,
                 shape.depth, 1.0F, a, shape.transpose_a ? shape.rows : shape.depth, b,
                 shape.transpose_b ? shape.depth : shape.columns, accumulate ? 1.0F : 0.0F, c, shape.columns);
  // Arguments are ours, so the only failure left is exhausted memory, which ends the process as new does.
  if (status != dnnl_success) std::abort();
}

}  // namespace concertina
