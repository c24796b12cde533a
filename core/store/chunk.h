// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chunk.h: neighbouring points of a series, or buckets of one pyramid level, as the bytes of one row.
// On the way of the data: analysis/pyramid.h -> here -> store/series.cc writes the row.
//
// Little endian: format u8 = 1 | what u8 (0 points, 1 buckets) | 0 u16 | count u32 | columns, in this order:
//   points:  steps, seconds, values
//   buckets: steps, seconds, means, minima, maxima, points, counts
// A column begins with its form u8 and takes the first form that gives back the same bits:
//   1 linear:  first f64, stride f64        x_i = first + i stride, both halves of whole numbers below 2^51
//   2 float:   count x f32                  losses are computed as floats
//   3 double:  count x f64
//   4 integer linear: first i64, stride i64
//   5 integer: count x i64
// A usual point takes 12 bytes: seconds as doubles, the value as a float, the steps as good as nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/analysis/pyramid.h"

namespace concertina {

// Appends the encoded points or buckets (at least one) to `bytes`.
void EncodePoints(std::span<const int64_t> steps, std::span<const double> seconds,
                  std::span<const double> values, std::vector<uint8_t>& bytes);
void EncodeBuckets(std::span<const SeriesBucket> buckets, std::vector<uint8_t>& bytes);

// kDataLoss says what is wrong; no length is believed before it is checked.
absl::StatusOr<Pyramid::Points> DecodePoints(std::span<const uint8_t> bytes);
absl::StatusOr<std::vector<SeriesBucket>> DecodeBuckets(std::span<const uint8_t> bytes);

}  // namespace concertina
