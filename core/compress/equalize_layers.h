// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// equalize_layers.h: two layers in a row use their ranges alike, and together compute what they did.
// On the way of the data: compress/int8.cc -> here.
//
//   relu(s x) = s relu(x) for s > 0:  w1_c / s_c, b1_c / s_c, and w2's column c times s_c change nothing;
//   with s_c = sqrt(r1_c / r2_c) both have the range sqrt(r1_c r2_c)     [Nagel et al. ICCV 2019, equation
//   11]
#pragma once

#include "core/base/status.h"
#include "core/graph/graph.h"

namespace concertina {

// Every pair of a dense layer or convolution and the one after it, with nothing between them but ReLU, max or
// average pooling, dropout and flattening, and no other reader. Weights on a grid, and shared ones, stay as
// they are.
absl::Status EqualizeLayers(Graph& graph);

}  // namespace concertina
