// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// highway_targets.h: the processors that each kernel is compiled for: SSE2 (any x86-64), AVX2 with FMA,
// AVX-512. On the way of the data: included before hwy/foreach_target.h by every file with vector kernels.
//
// The levels between them add nothing to loops over floats, and each costs a compilation of every kernel.
#pragma once

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
