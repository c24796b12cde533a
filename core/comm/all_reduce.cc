// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// all_reduce.cc: from the name of an algorithm to its file, block by block (see communicator.h).
// On the way of the data: parallel/all_reduce_exchange.cc -> here -> ring.cc, halving_doubling.cc, …
#include "core/comm/all_reduce.h"

#include <algorithm>

#include "core/comm/communicator.h"
#include "core/comm/reduce.h"

namespace concertina {
namespace {

// Longer vectors go block by block, so that what is under way at once is bounded.
constexpr size_t kBlockBytes = size_t{256} << 20;

}  // namespace

const std::vector<std::string>& AllReduceNames() {
  static const std::vector<std::string> names = {
      "ring", "halving-doubling", "double-tree", "hierarchical", "one-shot", "two-shot", "auto"};
  return names;
}

const std::string& NameOf(AllReduceAlgorithm algorithm) {
  return AllReduceNames()[static_cast<size_t>(algorithm)];
}

std::optional<AllReduceAlgorithm> AllReduceAlgorithmNamed(const std::string& name) {
  const auto& names = AllReduceNames();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<AllReduceAlgorithm>(found - names.begin());
}

template <class Sum>
absl::Status Communicator::AllReduceBlock(std::span<typename Sum::Element> values, AllReduceWay way,
                                          Deadline deadline, Sum sum) {
  switch (way.algorithm) {
    case AllReduceAlgorithm::kHalvingDoubling:
      return HalvingDoubling(values, deadline, sum);
    case AllReduceAlgorithm::kDoubleTree:
      return DoubleTree(values, deadline, sum);
    case AllReduceAlgorithm::kHierarchical:
      return Hierarchical(values, way.group, deadline, sum);
    case AllReduceAlgorithm::kTwoShot:
      return TwoShot(values, deadline, sum);
    // Two ranks swap all n bytes in one message, which is as many bytes as on a ring, and half the latency.
    case AllReduceAlgorithm::kOneShot:
      return size() == 2 ? Swap(values, deadline, sum) : OneShot(values, deadline, sum);
    case AllReduceAlgorithm::kRing:
    case AllReduceAlgorithm::kAuto:
      break;
  }
  return size() == 2 ? Swap(values, deadline, sum) : Ring(values, deadline, sum);
}

template <class Sum>
absl::Status Communicator::AllReduce(std::span<typename Sum::Element> values, AllReduceWay way,
                                     Deadline deadline, Sum sum) {
  using Element = typename Sum::Element;
  if (way.algorithm == AllReduceAlgorithm::kAuto) {
    if (table_.empty())
      return absl::FailedPreconditionError("an all-reduce was to choose its way before ways were measured");
    way.algorithm = table_.Choose(values.size_bytes());
  }
  const size_t block_elements =
      (way.algorithm == AllReduceAlgorithm::kOneShot && size() > 2 ? kOneShotBlockBytes : kBlockBytes) /
      sizeof(Element);
  for (size_t first = 0; first < values.size(); first += block_elements) {
    RETURN_IF_ERROR(AllReduceBlock(values.subspan(first, std::min(block_elements, values.size() - first)),
                                   way, deadline, sum));
    RETURN_IF_ERROR(Flush(deadline));
  }
  return absl::OkStatus();
}

absl::Status Communicator::AllReduceSum(std::span<float> values, Deadline deadline, float scale,
                                        AllReduceWay way) {
  if (size() == 1) {
    if (scale != 1) ScaleFloats(values, scale);
    return absl::OkStatus();
  }
  return AllReduce(values, way, deadline, FloatSum{scale});
}

absl::Status Communicator::AllReduceSumHalf(std::span<uint16_t> values, Deadline deadline, AllReduceWay way) {
  if (size() == 1) return absl::OkStatus();
  return AllReduce(values, way, deadline, HalfSum{});
}

template absl::Status Communicator::AllReduceBlock(std::span<float>, AllReduceWay, Deadline, FloatSum);
template absl::Status Communicator::AllReduceBlock(std::span<uint16_t>, AllReduceWay, Deadline, HalfSum);

}  // namespace concertina
