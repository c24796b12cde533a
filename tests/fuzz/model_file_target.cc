// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_file_target.cc: a compressed model, its graph and its tensors in all of their codings.
// Input: the file. Its CRC is put right, so that mutations get behind it.
#include <zlib.h>

#include <cstring>

#include "core/base/rng.h"
#include "core/edge/model_file.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

// A dense layer of `outputs` x `inputs` and its loss. `draw` gives the weights.
template <class Draw>
FuzzBytes ModelOf(int64_t outputs, int64_t inputs, std::optional<Quantization> grid, Draw draw) {
  Graph graph;
  const ValueId x = graph.AddInput({inputs});
  const ValueId weight = graph.AddParameter("a.weight", {outputs, inputs}, Initializer::kZeros);
  const ValueId bias = graph.AddBuffer("a.bias", {outputs}, Initializer::kZeros);
  Rng rng(5, "fuzz");
  std::vector<float> values(static_cast<size_t>(outputs * inputs));
  for (float& value : values) value = draw(rng);
  graph.mutable_value(weight).given = std::make_shared<const std::vector<float>>(std::move(values));
  graph.mutable_value(weight).quantization = std::move(grid);
  graph.mutable_value(bias).given =
      std::make_shared<const std::vector<float>>(static_cast<size_t>(outputs), 0.1F);
  const auto y = graph.AddNode(OpKind::kDense, "a", {x, weight, bias}, {.activation = Activation::kTanh});
  Require(y.ok(), "the seed's layer does not fit");
  const auto loss = graph.AddNode(OpKind::kSoftmaxCrossEntropy, "loss", {*y});
  Require(loss.ok(), "the seed's loss does not fit");
  graph.SetOutputs(*y, *loss);
  const auto file = WriteModel(graph, {{"run", "7"}});
  Require(file.ok(), "the seed is not written");
  return FuzzBytes(file->begin(), file->end());
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  const auto normal = [](Rng& rng) { return static_cast<float>(rng.Normal()); };
  const auto pruned = [](Rng& rng) {
    return rng.Below(12) > 0 ? 0 : 0.1F * static_cast<float>(1 + rng.Below(20));
  };
  inputs.seeds = {
      ModelOf(3, 4, {}, normal),
      ModelOf(20, 30, {}, pruned),
      ModelOf(3, 40, {}, [&](Rng& rng) { return rng.Below(2) == 0 ? 0 : normal(rng); }),
      ModelOf(2, 1000, {}, [](Rng& rng) { return rng.Below(300) == 0 ? 0.3F : 0; }),
      ModelOf(10, 20, {}, [](Rng& rng) { return 0.1F * static_cast<float>(rng.Below(5) * rng.Below(5)); }),
      ModelOf(4, 50, Quantization{.bits = 2, .scales = std::vector<float>(4, 0.5F)},
              [](Rng& rng) { return 0.5F * (static_cast<float>(rng.Below(3)) - 1); }),
      ModelOf(4, 60, Quantization{.bits = 8, .scales = {0.5F}},
              [](Rng& rng) { return 0.5F * static_cast<float>(rng.Below(20) * rng.Below(3)); }),
  };
  inputs.most_bytes = 512;  // each may claim 4096 floats
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  FuzzBytes bytes(data, data + size);
  if (size >= 4) {
    const auto crc = static_cast<uint32_t>(crc32(0, bytes.data(), static_cast<uInt>(size - 4)));
    std::memcpy(bytes.data() + size - 4, &crc, sizeof crc);
  }
  absl::StatusOr<ModelFile> file;
  {
    // Floats, and of one tensor at a time symbols and places; a value of the graph takes many times its
    // bytes.
    const uint64_t floats = 64 + 4096 * size;
    const AllocationBound bound(
        {.one = 4 * floats + 256 * 1024, .all = 20 * floats + 1024 * size + (1U << 20)});
    file = ParseModel("a.edge", std::as_bytes(std::span(bytes)));
  }
  Note(file);
  if (!file.ok()) return 0;
  uint64_t floats = 0;
  for (const Value& value : file->graph.values()) {
    if (value.role != ValueRole::kParameter && value.role != ValueRole::kBuffer) continue;
    Require(value.given != nullptr && ElementCount(value.shape) == static_cast<int64_t>(value.given->size()),
            "values do not fit a shape");
    floats += value.given->size();
  }
  Require(floats <= 64 + 4096 * size, "more values than the bytes may claim");
  return 0;
}
