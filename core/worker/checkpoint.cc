// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint.cc: see checkpoint.h.
#include "core/worker/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>

#include "core/base/file.h"
#include "core/edge/sha256.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using Json = nlohmann::json;
constexpr char kMagic[] = "CNCKPT01";
constexpr size_t kMagicBytes = 8;
constexpr size_t kHashBytes = 64;  // SHA-256 in hexadecimal
constexpr size_t kMaxBytes = size_t{1} << 40;
constexpr int64_t kMostSteps = int64_t{1} << 53;

template <class T>
std::span<const std::byte> Bytes(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

}  // namespace

std::string CheckpointFolder(const std::string& run_folder, int64_t step) {
  return fmt::format("{}/checkpoints/step-{:012}", run_folder, step);
}

std::string CheckpointFile(const std::string& step_folder, int rank) {
  return fmt::format("{}/rank-{}", step_folder, rank);
}

absl::StatusOr<uint64_t> WriteCheckpoint(const std::string& step_folder, const Checkpoint& checkpoint) {
  std::vector<std::pair<const char*, std::span<const std::byte>>> sections = {
      {"parameters", Bytes(checkpoint.parameters)},
      {"buffers", Bytes(checkpoint.buffers)},
      {"optimizer", Bytes(checkpoint.optimizer)},
      {"exchange", Bytes(checkpoint.exchange)}};
  if (!checkpoint.knobs.empty()) sections.emplace_back("knobs", Bytes(checkpoint.knobs));
  Json header = {{"step", checkpoint.step},      {"seconds", checkpoint.seconds},
                 {"rank", checkpoint.rank},      {"world_size", checkpoint.world_size},
                 {"spec", checkpoint.spec_json}, {"sections", Json::array()}};
  if (checkpoint.epochs >= 0) header["epochs"] = checkpoint.epochs;
  for (const auto& [name, bytes] : sections)
    header["sections"].push_back({{"name", name}, {"bytes", bytes.size()}});
  std::string head(kMagic, kMagicBytes);
  const std::string text = header.dump();
  const uint64_t text_bytes = text.size();
  head.append(reinterpret_cast<const char*>(&text_bytes), sizeof text_bytes);
  head += text;

  std::vector<std::span<const std::byte>> pieces = {std::as_bytes(std::span(head))};
  for (const auto& [name, bytes] : sections) pieces.push_back(bytes);
  Sha256 hash;
  uint64_t total = kHashBytes;
  for (const auto piece : pieces) {
    hash.Add(piece);
    total += piece.size();
  }
  const std::string digest = hash.Hex();
  pieces.push_back(std::as_bytes(std::span(digest)));
  RETURN_IF_ERROR(MakeFolder(step_folder));
  RETURN_IF_ERROR(WriteFileAtomically(CheckpointFile(step_folder, checkpoint.rank), pieces));
  return total;
}

absl::StatusOr<Checkpoint> ReadCheckpoint(const std::string& step_folder, int rank) {
  const std::string path = CheckpointFile(step_folder, rank);
  ASSIGN_OR_RETURN(const std::string file, ReadFile(path, kMaxBytes));
  const auto damaged = [&](std::string_view what) {
    return absl::DataLossError(fmt::format("{}: {}; resume from the checkpoint before it", path, what));
  };
  if (file.size() < kMagicBytes + 8 + kHashBytes) return damaged("the file ends too early");
  if (file.compare(0, kMagicBytes, kMagic) != 0) return damaged("it is not a checkpoint (offset 0)");
  const size_t body_bytes = file.size() - kHashBytes;
  Sha256 hash;
  hash.Add(std::as_bytes(std::span(file).first(body_bytes)));
  if (file.compare(body_bytes, kHashBytes, hash.Hex()) != 0)
    return damaged("its SHA-256 does not fit its content");

  uint64_t text_bytes = 0;
  std::memcpy(&text_bytes, &file[kMagicBytes], sizeof text_bytes);
  size_t offset = kMagicBytes + sizeof text_bytes;
  if (text_bytes > body_bytes - offset) return damaged("its header is longer than the file");
  const Json header =
      Json::parse(file.begin() + static_cast<std::ptrdiff_t>(offset),
                  file.begin() + static_cast<std::ptrdiff_t>(offset + text_bytes), nullptr, false);
  offset += text_bytes;
  if (!header.is_object() || !header.contains("sections") || !header["sections"].is_array() ||
      header["sections"].size() < 4 || header["sections"].size() > 5)
    return damaged("its header cannot be read");
  // Json::value throws where a field has another type.
  for (const char* field : {"step", "rank", "world_size"})
    if (header.contains(field) && (!header[field].is_number_integer() || header[field] > kMostSteps))
      return damaged(fmt::format("its {} is no whole number up to 2^53", field));
  if ((header.contains("seconds") && !header["seconds"].is_number()) ||
      (header.contains("epochs") && !header["epochs"].is_number()) ||
      (header.contains("spec") && !header["spec"].is_string()))
    return damaged("its seconds or epochs are no number, or its spec is no text");
  Checkpoint checkpoint;
  checkpoint.step = header.value("step", int64_t{-1});
  checkpoint.seconds = header.value("seconds", 0.0);
  checkpoint.epochs = header.value("epochs", -1.0);
  const auto of_rank = header.value("rank", int64_t{-1}), ranks = header.value("world_size", int64_t{0});
  checkpoint.spec_json = header.value("spec", "");
  if (checkpoint.step < 0 || of_rank != rank) return damaged("it belongs to another rank");
  if (ranks < 0 || ranks > std::numeric_limits<int>::max())
    return damaged(fmt::format("it is of {} ranks", ranks));
  checkpoint.rank = rank;
  checkpoint.world_size = static_cast<int>(ranks);
  std::vector<float>* floats[] = {&checkpoint.parameters, &checkpoint.buffers, &checkpoint.optimizer};
  for (size_t i = 0; i < header["sections"].size(); ++i) {
    const Json& section = header["sections"][i];
    const bool is_counted =
        section.is_object() && section.contains("bytes") && section["bytes"].is_number_unsigned();
    const size_t bytes = is_counted ? section["bytes"].get<size_t>() : 0;
    if (!is_counted || bytes > body_bytes - offset || (i < 3 && bytes % sizeof(float) != 0))
      return damaged(fmt::format("section {} does not fit at offset {}", i, offset));
    void* destination = nullptr;
    if (i < 3) {
      floats[i]->resize(bytes / sizeof(float));
      destination = floats[i]->data();
    } else {
      std::vector<uint8_t>& into = i == 3 ? checkpoint.exchange : checkpoint.knobs;
      into.resize(bytes);
      destination = into.data();
    }
    if (bytes > 0) std::memcpy(destination, &file[offset], bytes);
    offset += bytes;
  }
  if (offset != body_bytes)
    return damaged(fmt::format("{} bytes too many at offset {}", body_bytes - offset, offset));
  return checkpoint;
}

void ForgetOldCheckpoints(const std::string& run_folder, int rank, int64_t newest, int keep) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<fs::path> folders;
  const fs::path newest_folder = CheckpointFolder(run_folder, newest);
  for (const auto& entry : fs::directory_iterator(fs::path(run_folder) / "checkpoints", error))
    if (entry.path().filename().string().starts_with("step-") && entry.path() <= newest_folder)
      folders.push_back(entry.path());
  std::sort(folders.rbegin(), folders.rend());
  for (size_t i = static_cast<size_t>(keep); i < folders.size(); ++i) {
    fs::remove(CheckpointFile(folders[i].string(), rank), error);
    fs::remove(folders[i], error);  // succeeds for the last rank, when nothing is in it any more
  }
}

}  // namespace concertina
