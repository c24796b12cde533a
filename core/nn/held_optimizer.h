// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// held_optimizer.h: training goes on, and what a compressor made of the parameters stays true.
// On the way of the data: graph/executor.h's slots say what holds -> here, around any optimiser ->
// parameters.
//
//   zeros    w <- update(w), then 0 where w was pruned                    [Han et al. NIPS 2015]
//   shared   w <- update(w), then the mean of each group of equal weights: a codebook's entry moves by
//            the mean of its members' updates (of plain SGD: the sum of their gradients, at a learning rate
//            divided by their number)                  [Han, Mao, Dally. ICLR 2016, section 3]
//   grid     u <- update(u) with the gradient at w, w <- the nearest of the grid to u: the straight-through
//            estimator. u is kept here in floats                [Courbariaux et al. BinaryConnect. NIPS 2015]
//            of what was pruned before, u and w stay 0
//   learned  the same, and then s <- s - rate g_s / sqrt(n P) for each step s of the grid, over its n
//   weights: grid     g_s = sum of g_w (round(v) - v within the grid, else its end), v = u / s, P its largest
//   number
//            [Esser et al. Learned Step Size Quantization. ICLR 2020]; ours differs in that g_w reaches a u
//            beyond the grid, too, since u begins on it and its ends would never move. Plain descent at the
//            learning rate, whatever the optimiser; where ranks share out a parameter (zero) its steps stay
//            as they were.
// Codecs and exchanges know nothing of it: whatever gradient arrives, the parameters are right after each
// update.
#pragma once

#include <memory>
#include <vector>

#include "core/nn/optimizer.h"

namespace concertina {

// `inner` itself where no slot holds anything. u begins as the values that the slots were given; it is no
// part of state().
std::unique_ptr<Optimizer> HoldCompressed(std::unique_ptr<Optimizer> inner,
                                          const std::vector<ParameterSlot>& slots);

// The element of the grid that is nearest to x: scale (round to even of x / scale, within the grid's bounds).
// A signed grid of one bit has -scale and scale.
float NearestOnGrid(float x, float scale, int bits, bool is_signed);

}  // namespace concertina
