// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_target.cc: a rank's checkpoint. Its SHA-256 is put right first: it finds chance, not a hand.
// Input: the file without its last 64 bytes.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "core/base/file.h"
#include "core/edge/sha256.h"
#include "core/worker/checkpoint.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

constexpr size_t kHashBytes = 64;

// A step's folder, in which the file of rank 0 is a link to the memory.
struct StepFolder {
  StepFolder() {
    std::string made = (std::filesystem::temp_directory_path() / "checkpoint-XXXXXX").string();
    Require(mkdtemp(made.data()) != nullptr, "mkdtemp failed");
    path = made;
    Require(symlink(file.path().c_str(), (path + "/rank-0").c_str()) == 0, "symlink failed");
  }
  ~StepFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  MemoryFile file;
  std::string path;
};

FuzzBytes BytesOf(const Checkpoint& checkpoint) {
  std::string made = (std::filesystem::temp_directory_path() / "checkpoint-XXXXXX").string();
  Require(mkdtemp(made.data()) != nullptr, "mkdtemp failed");
  Require(WriteCheckpoint(made, checkpoint).ok(), "WriteCheckpoint failed");
  const absl::StatusOr<std::string> file = ReadFile(made + "/rank-0", 1 << 20);
  Require(file.ok(), "the checkpoint cannot be read");
  std::filesystem::remove_all(made);
  return {file->begin(), file->end() - kHashBytes};
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  inputs.seeds.push_back(BytesOf({}));
  inputs.seeds.push_back(BytesOf({.step = 120,
                                  .seconds = 3.25,
                                  .world_size = 2,
                                  .spec_json = R"({"name": "µ"})",
                                  .parameters = {1.5F, -2, 3e-30F},
                                  .buffers = {1},
                                  .optimizer = {0.25F},
                                  .exchange = {1, 2, 3, 255}}));
  inputs.words = {"null",      "[]",           "{}",       "\"a\"",    "true",
                  "\"bytes\"", "\"sections\"", "\"rank\"", "\"step\"", "\"spec\""};
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  static StepFolder folder;
  FuzzBytes file(data, data + size);
  const std::string hash = Sha256Hex(std::as_bytes(std::span(file)));
  file.insert(file.end(), hash.begin(), hash.end());
  folder.file.Write(file);
  absl::StatusOr<Checkpoint> read;
  {
    const AllocationBound bound({.one = 2 * (size + 65536), .all = 512 * size + (1U << 20)});
    read = ReadCheckpoint(folder.path, 0);
  }
  Note(read);
  Require(CheckCheckpoint(Disk::Real(), folder.path, 0).ok() == read.ok(),
          "CheckCheckpoint and ReadCheckpoint do not agree");
  if (!read.ok()) {
    Require(absl::IsDataLoss(read.status()), "ReadCheckpoint gave neither OK nor kDataLoss");
    return 0;
  }
  const size_t kept = 4 * (read->parameters.size() + read->buffers.size() + read->optimizer.size());
  Require(kept + read->exchange.size() <= size, "more than the file has");
  Require(read->step >= 0 && read->rank == 0, "a step or rank that cannot be");
  return 0;
}
