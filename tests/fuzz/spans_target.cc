// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spans_target.cc: what a rank did when, and the messages that it moved, as a worker packs them for the
// engine. Input: the packed recording.
#include "core/analysis/timeline.h"
#include "tests/fuzz/target.h"

namespace concertina {

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  RankSpans spans{
      .rank = 1, .recording = 7, .first_step = 100, .steps = 20, .own_seconds = 3, .first_seconds = 4};
  inputs.seeds.emplace_back();
  const auto add = [&] {
    const std::string packed = PackSpans(spans);
    inputs.seeds.emplace_back(packed.begin(), packed.end());
  };
  inputs.seeds.clear();
  add();
  for (int i = 0; i < 5; ++i)
    spans.spans.push_back({.number = i - 1,
                           .step = 100 + i,
                           .begin_seconds = 3 + 0.01 * i,
                           .end_seconds = 3.005 + 0.01 * i,
                           .bytes = uint64_t{1} << (10 * i)});
  add();
  spans.messages.resize(3);
  add();
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  absl::StatusOr<RankSpans> spans;
  {
    // A span of three or four bytes is 56 in memory, a message more.
    const AllocationBound bound({.one = 128 * size + 4096, .all = 512 * size + 65536});
    spans = UnpackSpans({reinterpret_cast<const char*>(data), size});
  }
  Note(spans);
  if (!spans.ok()) {
    Require(absl::IsDataLoss(spans.status()), "UnpackSpans gave neither OK nor kDataLoss");
    return 0;
  }
  Require(spans->spans.size() + spans->messages.size() <= size, "more than the bytes can hold");
  // What is drawn of it is made of it.
  const std::vector<Span> disjoint = DisjointSpans(spans->spans);
  for (size_t i = 1; i < disjoint.size(); ++i)
    Require(disjoint[i].begin_seconds >= disjoint[i - 1].begin_seconds, "spans that do not ascend");
  return 0;
}
