// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// safetensors_target.cc: named tensors, of this program or of others, as the two readers have them.
// Input: the file.
#include "core/analysis/equality.h"
#include "core/edge/safetensors.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

FuzzBytes FileOf(std::string header, size_t data_bytes) {
  header.resize((header.size() + 7) / 8 * 8, ' ');
  FuzzBytes file(8);
  file[0] = static_cast<uint8_t>(header.size());
  file[1] = static_cast<uint8_t>(header.size() >> 8);
  file.insert(file.end(), header.begin(), header.end());
  for (size_t i = 0; i < data_bytes; ++i) file.push_back(static_cast<uint8_t>(i % 4 == 3 ? 0x3f : i));
  return file;
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  inputs.seeds = {
      FileOf("{}", 0), FileOf(R"({"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}})", 24),
      FileOf(R"({"__metadata__": {"run": "7"}, "b": {"dtype": "F32", "shape": [], "data_offsets": [24, 28]},
"a": {"dtype": "F32", "shape": [3, 2], "data_offsets": [0, 24]},
"e": {"dtype": "F32", "shape": [0, 9], "data_offsets": [28, 28]}})",
             28)};
  inputs.words = {"\"dtype\"",
                  "\"shape\"",
                  "\"data_offsets\"",
                  "\"__metadata__\"",
                  "\"F32\"",
                  "\"F16\"",
                  "null",
                  "[]",
                  "{}",
                  "[[",
                  "\"a\"",
                  "true"};
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  const std::span<const uint8_t> bytes(data, size);
  absl::StatusOr<Safetensors> file;
  absl::StatusOr<std::vector<TensorValues>> tensors;
  {
    // JSON in memory takes many times its text.
    const AllocationBound bound({.one = 16 * size + 4096, .all = 512 * size + 65536});
    file = ParseSafetensors("a.safetensors", std::as_bytes(bytes));
    tensors = TensorsOf({reinterpret_cast<const char*>(data), size});
  }
  Note(file);
  if (!file.ok()) return 0;
  uint64_t floats = 0;
  for (const Safetensors::Tensor& tensor : file->tensors) {
    Require(ElementCount(tensor.shape) == static_cast<int64_t>(tensor.values.size()),
            "values do not fit a shape");
    floats += tensor.values.size();
  }
  Require(2 * floats <= size, "more values than bytes");
  // The other compares runs of ours, which have F32 alone.
  if (tensors.ok()) Require(tensors->size() == file->tensors.size(), "the two readers disagree");
  return 0;
}
