// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cifar_10_target.cc: the binary batches of CIFAR-10; all six are the same file here.
// Input: the file.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "tests/fuzz/dataset_reading.h"

namespace concertina {
namespace {

constexpr size_t kRecordBytes = 3073;

// A folder in which every batch is a link to the memory.
struct Folder {
  Folder() {
    std::string made = (std::filesystem::temp_directory_path() / "cifar-10-XXXXXX").string();
    Require(mkdtemp(made.data()) != nullptr, "mkdtemp failed");
    path = made;
    for (const char* name : {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                             "data_batch_5.bin", "test_batch.bin"})
      Require(symlink(file.path().c_str(), (path + "/" + name).c_str()) == 0, "symlink failed");
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  MemoryFile file;
  std::string path;
};

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  for (const size_t records : {1, 3}) {
    FuzzBytes file(records * kRecordBytes, 7);
    file[0] = 9;
    inputs.seeds.push_back(std::move(file));
  }
  inputs.most_bytes = 4 * kRecordBytes;
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  static Folder folder;
  folder.file.Write({data, size});
  ReadDataset({{"kind", "cifar-10"}, {"path", folder.path}}, size);
  return 0;
}
