// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// received_file_target.cc: a file in pieces, from a worker elsewhere or to one. What is not whole, or not as
// it was sent, never comes to its place, and no path leads out of the folder. Input: pieces, each: bytes u16
// | a serialised FileChunk, whose hash is put right if it is not empty.
#include <google/protobuf/stubs/logging.h>

#include <optional>

#include "core/edge/sha256.h"
#include "core/worker/carried_file.h"
#include "tests/core/base/power_cut_disk.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

void AddPiece(FuzzBytes& input, const std::string& path, uint64_t offset, uint64_t size,
              const std::string& data, bool is_last) {
  proto::FileChunk piece;
  piece.set_path(path);
  piece.set_offset(offset);
  piece.set_size(size);
  piece.set_data(data);
  if (is_last) piece.set_sha256(std::string(64, '0'));
  const std::string bytes = piece.SerializeAsString();
  input.push_back(static_cast<uint8_t>(bytes.size()));
  input.push_back(static_cast<uint8_t>(bytes.size() >> 8));
  input.insert(input.end(), bytes.begin(), bytes.end());
}

}  // namespace

FuzzInputs InputsOfTarget() {
  google::protobuf::SetLogHandler(nullptr);  // a line for each string that is no UTF-8
  FuzzInputs inputs;
  AddPiece(inputs.seeds.emplace_back(), "model.edge", 0, 0, "", true);
  AddPiece(inputs.seeds.emplace_back(), "checkpoints/step-000000000006/rank-1", 0, 4, "abcd", true);
  FuzzBytes& two = inputs.seeds.emplace_back();
  AddPiece(two, "parameters.safetensors", 0, 7, "abcd", false);
  AddPiece(two, "parameters.safetensors", 4, 7, "efg", true);
  inputs.words = {"..", "/", "../", "//", "\\", "model.edge", std::string(64, '0')};
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  InputReader input({data, size});
  PowerCutDisk disk;
  Require(disk.MakeFolder("/run").ok(), "no folder");
  std::unique_ptr<ReceivedFile> file;
  std::string content;
  absl::Status status;
  while (!input.rest().empty() && status.ok() && (file == nullptr || !file->is_whole())) {
    const auto bytes = input.Bytes(input.Number(2));
    proto::FileChunk piece;
    if (!piece.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      status = absl::InvalidArgumentError("no message");
      break;
    }
    content += piece.data();
    const bool has_right_hash = piece.sha256() == std::string(64, '0');
    if (has_right_hash) piece.set_sha256(Sha256Hex(std::as_bytes(std::span(content))));
    if (file == nullptr) {
      status = CheckRelativePath(piece.path());
      if (!status.ok()) break;
      Require(piece.path().front() != '/' && ("/" + piece.path() + "/").find("/../") == std::string::npos,
              "a path that leads out of the folder");
      auto begun = ReceivedFile::Begin(piece, "/run/" + piece.path(), "/run/.aside", disk);
      status = begun.status();
      if (!begun.ok()) break;
      file = *std::move(begun);
    }
    status = file->Add(piece);
    if (status.ok() && file->is_whole())
      Require(file->taken() == content.size() && has_right_hash, "a file that is not what was sent is kept");
  }
  Note(status);
  Require(status.ok() || !status.message().empty(), "refused without a word");
  return 0;
}
