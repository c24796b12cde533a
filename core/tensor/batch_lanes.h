// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// batch_lanes.h: how activations lie in memory while a graph runs: features x lanes, the batch innermost.
// On the way of the data: tensor/transpose.h brings the batch here -> every kernel of core/tensor.
//
// Element (sample n, feature f) is at f * lanes + n, where features are C x H x W in row-major order and
// lanes is the batch rounded up to kBatchLanes. So every kernel's vectors run over samples: no shape, stride,
// border or odd number of channels breaks a vector, and nothing is packed or reordered between operators.
// Lanes beyond the batch are computed like the others; their gradients are always zero.
#pragma once

#include <cstdint>

namespace concertina {

// The widest vector of floats of any x86-64 processor; every narrower one divides it.
inline constexpr int64_t kBatchLanes = 16;

constexpr int64_t PaddedBatch(int64_t batch) { return (batch + kBatchLanes - 1) / kBatchLanes * kBatchLanes; }

}  // namespace concertina
