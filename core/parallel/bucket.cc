// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// bucket.cc: see bucket.h.
#include "core/parallel/bucket.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace concertina {
namespace {

// Cuts `whole` where the chain changes. Each run of the vector is complete with the last of its own
// gradients, whatever is missing of the others.
void AppendRuns(const std::vector<ParameterSlot>& slots, Bucket whole, std::vector<Bucket>& buckets) {
  const auto slot_of = [&](size_t i) -> const ParameterSlot& {
    return slots[static_cast<size_t>(whole.parameters[i])];
  };
  std::vector<size_t> by_place(whole.parameters.size());
  std::iota(by_place.begin(), by_place.end(), size_t{0});
  std::stable_sort(by_place.begin(), by_place.end(),
                   [&](size_t a, size_t b) { return slot_of(a).offset < slot_of(b).offset; });
  std::vector<Bucket> runs = {{.offset = whole.offset}};
  std::vector<size_t> run_of(by_place.size());
  for (const size_t i : by_place) {
    const ParameterSlot& slot = slot_of(i);
    if (slot.count > 0 && runs.back().count > 0 && slot.chain != runs.back().chain)
      runs.push_back({.offset = slot.offset});
    if (slot.count > 0) runs.back().chain = slot.chain;
    runs.back().count += slot.count;
    run_of[i] = runs.size() - 1;
  }
  std::vector<size_t> complete(runs.size()), order(runs.size());
  for (size_t i = 0; i < run_of.size(); ++i) {
    runs[run_of[i]].parameters.push_back(whole.parameters[i]);
    complete[run_of[i]] = i;
  }
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return complete[a] < complete[b]; });
  for (const size_t run : order) buckets.push_back(std::move(runs[run]));
}

}  // namespace

std::vector<Bucket> CutIntoBuckets(const std::vector<ParameterSlot>& slots,
                                   const std::vector<int>& gradient_order, int64_t bytes) {
  int64_t total = 0;
  for (const ParameterSlot& slot : slots) total = std::max(total, slot.offset + slot.count);
  // Backward reaches the first layer last, so what is ready grows from the end of the vector. Where it is a
  // whole end of it, neither this bucket nor any later one has a hole.
  std::vector<Bucket> buckets;
  Bucket open;
  int64_t lowest = total, ready = 0, cut = total;
  for (size_t i = 0; i < gradient_order.size(); ++i) {
    const ParameterSlot& slot = slots[static_cast<size_t>(gradient_order[i])];
    if (slot.count > 0) lowest = std::min(lowest, slot.offset);
    ready += slot.count;
    open.parameters.push_back(gradient_order[i]);
    const bool whole_end = ready == total - lowest;
    const bool large_enough = (cut - lowest) * static_cast<int64_t>(sizeof(float)) >= bytes;
    if (whole_end && (large_enough || i + 1 == gradient_order.size())) {
      open.offset = lowest;
      open.count = cut - lowest;
      AppendRuns(slots, std::move(open), buckets);
      open = {};
      cut = lowest;
    }
  }
  return buckets;
}

ParamSpec BucketMibParam(std::string doc) {
  return {.name = "bucket_mib",
          .type = ParamType::kNumber,
          .unit = "MiB",
          .default_value = 1.0,
          .minimum = 0.001,
          .maximum = 1024,
          .doc = std::move(doc)};
}

}  // namespace concertina
