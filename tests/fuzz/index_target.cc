// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// index_target.cc: the places of a sparse gradient.
// Input: d u32 (below 2^22) | k u16 | the coded indices.
#include <algorithm>

#include "core/base/rng.h"
#include "core/gradient/index_codec.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

constexpr uint64_t kMostElements = uint64_t{1} << 22;

FuzzBytes InputOf(int64_t d, const std::vector<uint32_t>& indices, IndexCoding coding) {
  FuzzBytes input;
  for (const int shift : {0, 8, 16, 24}) input.push_back(static_cast<uint8_t>((d - 1) >> shift));
  for (const int shift : {0, 8}) input.push_back(static_cast<uint8_t>((indices.size() - 1) >> shift));
  const size_t head = input.size();
  input.resize(head + static_cast<size_t>(IndexBytes(coding, indices, d)));
  EncodeIndices(coding, indices, d, input.data() + head);
  return input;
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  Rng rng(1, "indices");
  for (const int64_t d : {1, 63, 64, 1000, 9000})
    for (const int64_t share : {1, 3, 50}) {
      std::vector<uint32_t> indices;
      for (int64_t i = 0; i < d; ++i)
        if (static_cast<int64_t>(rng.Below(static_cast<uint64_t>(share))) == 0)
          indices.push_back(static_cast<uint32_t>(i));
      if (indices.empty()) indices.push_back(static_cast<uint32_t>(d - 1));
      for (const IndexCoding coding :
           {IndexCoding::kBitmap, IndexCoding::kDeltaVarint, IndexCoding::kEliasFano})
        inputs.seeds.push_back(InputOf(d, indices, coding));
    }
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  InputReader input({data, size});
  const auto d = static_cast<int64_t>(input.Number(4) % kMostElements) + 1;
  std::vector<uint32_t> indices(input.Number(2) + 1);
  absl::StatusOr<int64_t> used;
  {
    const auto bound = AllocationBound::OfClaimed(0);
    used = DecodeIndices(input.rest(), d, indices);
  }
  Note(used);
  if (!used.ok()) {
    Require(absl::IsDataLoss(used.status()), "DecodeIndices gave neither OK nor kDataLoss");
    return 0;
  }
  for (size_t i = 0; i < indices.size(); ++i)
    Require(indices[i] < d && (i == 0 || indices[i] > indices[i - 1]), "indices do not ascend below d");
  // What was accepted is the one way to write it.
  const auto coding = static_cast<IndexCoding>(input.rest()[0]);
  Require(IndexBytes(coding, indices, d) == *used, "another length than IndexBytes");
  FuzzBytes again(static_cast<size_t>(*used));
  EncodeIndices(coding, indices, d, again.data());
  Require(std::equal(again.begin(), again.end(), input.rest().begin()), "two ways to write the same indices");
  return 0;
}
