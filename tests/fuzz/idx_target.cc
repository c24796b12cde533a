// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// idx_target.cc: images and labels in IDX files.
// Input: bytes of the images u16 | images | labels.
#include "core/data/idx_file.h"
#include "tests/fuzz/dataset_reading.h"

namespace concertina {
namespace {

FuzzBytes File(IdxType type, const std::vector<int64_t>& dims, size_t data_bytes) {
  FuzzBytes file = MakeIdxHeader(type, dims);
  for (size_t i = 0; i < data_bytes; ++i) file.push_back(static_cast<uint8_t>(i % 4));
  return file;
}

FuzzBytes InputOf(const FuzzBytes& images, const FuzzBytes& labels) {
  FuzzBytes input = {static_cast<uint8_t>(images.size()), static_cast<uint8_t>(images.size() >> 8)};
  input.insert(input.end(), images.begin(), images.end());
  input.insert(input.end(), labels.begin(), labels.end());
  return input;
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  const FuzzBytes labels = File(IdxType::kUint8, {4}, 4);
  inputs.seeds.push_back(InputOf(File(IdxType::kUint8, {4, 3, 2}, 24), labels));
  inputs.seeds.push_back(InputOf(File(IdxType::kFloat32, {4, 5}, 80), labels));
  inputs.seeds.push_back(InputOf(File(IdxType::kUint8, {4}, 4), labels));
  FuzzBytes wide_labels = MakeIdxHeader(IdxType::kInt32, {2});
  wide_labels.insert(wide_labels.end(), {0, 0, 0, 1, 0, 0, 0, 9});
  inputs.seeds.push_back(InputOf(File(IdxType::kUint8, {2, 3, 2, 2}, 24), wide_labels));
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  static MemoryFile images, labels;
  InputReader input({data, size});
  images.Write(input.Bytes(input.Number(2)));
  labels.Write(input.rest());
  ReadDataset({{"kind", "idx"},
               {"train_images", images.path()},
               {"train_labels", labels.path()},
               {"test_images", images.path()},
               {"test_labels", labels.path()}},
              size);
  return 0;
}
