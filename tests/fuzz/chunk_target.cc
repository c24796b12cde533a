// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chunk_target.cc: rows of the store: points of a series, and buckets of its pyramid.
// Input: what u8 (odd: buckets) | the row.
#include <algorithm>

#include "core/store/chunk.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

constexpr uint64_t kMostCount = 1U << 20;

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  const std::vector<int64_t> even = {0, 10, 20, 30}, uneven = {0, 1, 5, 6};
  const std::vector<double> seconds = {0.1, 0.25, 0.3, 0.7}, floats = {1, 0.5, 0.25, -3}, line = {1, 2, 3, 4};
  for (const auto& steps : {even, uneven})
    for (const auto& values : {seconds, floats, line}) {
      FuzzBytes input = {0};
      EncodePoints(steps, seconds, values, input);
      inputs.seeds.push_back(std::move(input));
    }
  FuzzBytes input = {1};
  EncodeBuckets(std::vector<SeriesBucket>(3), input);
  inputs.seeds.push_back(std::move(input));
  inputs.most_bytes = 1024;
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  InputReader input({data, size});
  const bool has_buckets = input.Byte() % 2 == 1;
  const std::span<const uint8_t> row = input.rest();
  InputReader header(row);
  header.Number(4);
  const uint64_t count = std::min(header.Number(4), kMostCount);
  if (has_buckets) {
    absl::StatusOr<std::vector<SeriesBucket>> buckets;
    {
      // A bucket, and one column of the seven at a time.
      const AllocationBound bound({.one = 2 * count * sizeof(SeriesBucket) + 4096,
                                   .all = count * (sizeof(SeriesBucket) + size_t{7} * 4 * 8) + 65536});
      buckets = DecodeBuckets(row);
    }
    Note(buckets);
    if (buckets.ok()) Require(buckets->size() == count, "not as many buckets as the header says");
    return 0;
  }
  absl::StatusOr<Pyramid::Points> points;
  {
    const AllocationBound bound({.one = 2 * count * 8 + 4096, .all = count * 3 * 4 * 8 + 65536});
    points = DecodePoints(row);
  }
  Note(points);
  if (points.ok())
    Require(
        points->steps.size() == count && points->seconds.size() == count && points->values.size() == count,
        "not as many points as the header says");
  return 0;
}
