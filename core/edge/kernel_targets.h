// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// kernel_targets.h: the instruction sets that the kernels of the edge runtime are compiled for: plain x86-64,
// AVX2, AVX-512 and AVX-512 with VNNI (NEON on arm). The loops stand in a file once, and the best form that
// the processor has is taken when the program runs. On the way of the data: each kernel file includes it
// before Highway.
#pragma once

// Of SVE the length of a vector is not known when this is compiled, and there are no arrays of them.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#define HWY_WANT_AVX3_DL  // or Highway leaves it out
