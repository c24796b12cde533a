// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// transpose.h: between samples x features, as data comes and predictions go, and features x lanes.
// On the way of the data: data/loader.h fills the batch -> here -> tensor/batch_lanes.h's layout.
#pragma once

#include <cstdint>

namespace concertina {

// out[f * lanes + n] = in[n * features + f] for n < batch; lanes beyond the batch become 0.
void BatchToLanes(int threads, const float* in, int64_t batch, int64_t features, int64_t lanes, float* out);

// out[n * features + f] = in[f * lanes + n] for n < batch.
void LanesToBatch(int threads, const float* in, int64_t batch, int64_t features, int64_t lanes, float* out);

// Panels of `width` rows of in (rows x columns), each transposed: out[p][column][row in panel], so that a
// column's `width` numbers are contiguous. The last panel's missing rows become 0. width is a multiple of 4.
void TransposeToPanels(int threads, const float* in, int64_t rows, int64_t columns, int64_t width,
                       float* out);

}  // namespace concertina
