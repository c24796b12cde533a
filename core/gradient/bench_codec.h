// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_codec.h: how fast every gradient codec packs and unpacks here, beside a plain copy.
// On the way of the data: beside it; `concertinactl bench codec` prints what it gives.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/descriptor.h"

namespace concertina {

// Every gradient codec of the registry with its defaults, and some chains of them, on one thread, on
// `elements` normally distributed floats:
//   {"elements", "memcpy_bytes_per_second",
//    "results": [{"kind", "encode_bytes_per_second", "decode_bytes_per_second", "ratio", "relative_error"}],
//    "chains": [{the same, "kind" naming all, and "codecs": [as in an experiment]}]}
// Rates are bytes of the dense gradient (4 an element) per second of this thread's processor time, best of
// several; ratio is dense over sent bytes; relative_error is ||x - Decode(Encode(x))|| / ||x|| of the first
// gradient. Takes seconds, and memory for some six copies of the gradient. kInvalidArgument outside 1 to 2^31
// - 1 elements.
absl::StatusOr<Json> BenchCodecs(int64_t elements);

// Of one gradient, on one thread that is not disturbed.
struct CodecSeconds {
  double encode = 0;
  double decode = 0;
};
// The same of one chain, on `floats` (at least 1) normally distributed floats, which for codecs that care are
// a matrix about as high as wide. Takes some 30 ms, or 14 times as long as the chain.
absl::StatusOr<CodecSeconds> TimeChain(std::span<const Params> chain, int64_t floats);

}  // namespace concertina
