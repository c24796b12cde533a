// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint.cc: see checkpoint.h.
#include "core/worker/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

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
constexpr size_t kReadBytes = size_t{1} << 20;
constexpr size_t kMaxHeaderBytes = size_t{1} << 28;  // most of it the spec
constexpr int64_t kMostSteps = int64_t{1} << 53;
constexpr uint64_t kSpareBytes = uint64_t{16} << 20;  // of the disk, that no checkpoint takes

// What stands before the sections. An empty reason: all is well.
struct PartHeader {
  CheckpointPart part;
  double seconds = 0, epochs = -1;
  std::string spec_json;
  std::vector<uint64_t> sections;  // bytes; four or five, and the first three of floats
  std::string why_not;
};

PartHeader ParseHeader(const std::string& text, int rank) {
  PartHeader header;
  const auto damaged = [&](std::string why) {
    header.why_not = std::move(why);
    return header;
  };
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("sections") || !json["sections"].is_array() ||
      json["sections"].size() < 4 || json["sections"].size() > 5)
    return damaged("its header cannot be read");
  // Json::value throws where a field has another type.
  for (const char* field : {"step", "rank", "world_size"})
    if (json.contains(field) && (!json[field].is_number_integer() || json[field] > kMostSteps))
      return damaged(fmt::format("its {} is no whole number up to 2^53", field));
  if ((json.contains("seconds") && !json["seconds"].is_number()) ||
      (json.contains("epochs") && !json["epochs"].is_number()) ||
      (json.contains("spec") && !json["spec"].is_string()) ||
      (json.contains("manifest") && !json["manifest"].is_boolean()))
    return damaged("its seconds or epochs are no number, or its spec is no text");
  header.part.step = json.value("step", int64_t{-1});
  header.part.has_manifest = json.value("manifest", false);
  header.seconds = json.value("seconds", 0.0);
  header.epochs = json.value("epochs", -1.0);
  const auto of_rank = json.value("rank", int64_t{-1}), ranks = json.value("world_size", int64_t{0});
  header.spec_json = json.value("spec", "");
  if (header.part.step < 0 || of_rank != rank) return damaged("it belongs to another rank");
  if (ranks < 0 || ranks > std::numeric_limits<int>::max())
    return damaged(fmt::format("it is of {} ranks", ranks));
  header.part.world_size = static_cast<int>(ranks);
  for (size_t i = 0; i < json["sections"].size(); ++i) {
    const Json& section = json["sections"][i];
    const bool is_counted =
        section.is_object() && section.contains("bytes") && section["bytes"].is_number_unsigned();
    const uint64_t bytes = is_counted ? section["bytes"].get<uint64_t>() : 0;
    if (!is_counted || bytes > kMaxBytes || (i < 3 && bytes % sizeof(float) != 0))
      return damaged(fmt::format("section {} cannot be as long as it says", i));
    header.sections.push_back(bytes);
  }
  return header;
}

absl::Status Damaged(const std::string& path, std::string_view what) {
  return absl::DataLossError(fmt::format("{}: {}", path, what));
}

// Its length as the first 16 bytes have it; nothing if they are none of a checkpoint.
std::optional<uint64_t> HeaderBytes(std::string_view begin) {
  if (begin.size() < kMagicBytes + sizeof(uint64_t) || !begin.starts_with(std::string_view(kMagic)))
    return std::nullopt;
  uint64_t bytes = 0;
  std::memcpy(&bytes, &begin[kMagicBytes], sizeof bytes);
  return bytes;
}

// Of a file that is `file_bytes` long and whole otherwise; the error is what does not fit.
absl::Status CheckSections(const std::string& path, const PartHeader& header, uint64_t header_end,
                           uint64_t file_bytes) {
  if (!header.why_not.empty()) return Damaged(path, header.why_not);
  uint64_t offset = header_end;
  for (size_t i = 0; i < header.sections.size(); ++i) {
    if (header.sections[i] > file_bytes - kHashBytes - offset)
      return Damaged(path, fmt::format("section {} does not fit at offset {}", i, offset));
    offset += header.sections[i];
  }
  if (offset != file_bytes - kHashBytes)
    return Damaged(path,
                   fmt::format("{} bytes too many at offset {}", file_bytes - kHashBytes - offset, offset));
  return absl::OkStatus();
}

}  // namespace

std::string CheckpointFolder(const std::string& run_folder, int64_t step) {
  return fmt::format("{}/checkpoints/step-{:012}", run_folder, step);
}

std::string CheckpointFile(const std::string& step_folder, int rank) {
  return fmt::format("{}/rank-{}", step_folder, rank);
}

absl::StatusOr<CheckpointPart> WriteCheckpoint(Disk& disk, const std::string& step_folder,
                                               const CheckpointView& checkpoint) {
  std::vector<std::pair<const char*, std::span<const std::byte>>> sections = {
      {"parameters", std::as_bytes(checkpoint.parameters)},
      {"buffers", std::as_bytes(checkpoint.buffers)},
      {"optimizer", std::as_bytes(checkpoint.optimizer)},
      {"exchange", std::as_bytes(checkpoint.exchange)}};
  if (!checkpoint.knobs.empty()) sections.emplace_back("knobs", std::as_bytes(checkpoint.knobs));
  Json header = {{"step", checkpoint.step},  {"seconds", checkpoint.seconds},
                 {"rank", checkpoint.rank},  {"world_size", checkpoint.world_size},
                 {"manifest", true},         {"spec", std::string(checkpoint.spec_json)},
                 {"sections", Json::array()}};
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
  CheckpointPart part{.step = checkpoint.step,
                      .world_size = checkpoint.world_size,
                      .has_manifest = true,
                      .bytes = kHashBytes,
                      .sha256 = {}};
  for (const auto piece : pieces) part.bytes += piece.size();
  RETURN_IF_ERROR(MakeFolder(disk, step_folder));
  // Asked before, not found out: who takes the last of a disk takes it from the store, too.
  if (const absl::StatusOr<uint64_t> free = disk.FreeBytes(step_folder);
      free.ok() && *free < part.bytes + kSpareBytes)
    return absl::ResourceExhaustedError(
        fmt::format("the disk of {} has {} bytes left, too few for a checkpoint of {} and {} to spare",
                    step_folder, *free, part.bytes, kSpareBytes));
  Sha256 hash;
  for (const auto piece : pieces) hash.Add(piece);
  part.sha256 = hash.Hex();
  pieces.push_back(std::as_bytes(std::span(part.sha256)));
  RETURN_IF_ERROR(WriteFileAtomically(disk, CheckpointFile(step_folder, checkpoint.rank), pieces));
  return part;
}

absl::StatusOr<CheckpointPart> WriteCheckpoint(const std::string& step_folder, const Checkpoint& checkpoint) {
  return WriteCheckpoint(Disk::Real(), step_folder,
                         {.step = checkpoint.step,
                          .seconds = checkpoint.seconds,
                          .epochs = checkpoint.epochs,
                          .rank = checkpoint.rank,
                          .world_size = checkpoint.world_size,
                          .spec_json = checkpoint.spec_json,
                          .parameters = checkpoint.parameters,
                          .buffers = checkpoint.buffers,
                          .optimizer = checkpoint.optimizer,
                          .exchange = checkpoint.exchange,
                          .knobs = checkpoint.knobs});
}

absl::StatusOr<Checkpoint> ReadCheckpoint(Disk& disk, const std::string& step_folder, int rank) {
  const std::string path = CheckpointFile(step_folder, rank);
  ASSIGN_OR_RETURN(const std::string file, disk.Read(path, 0, kMaxBytes));
  if (file.size() < kMagicBytes + 8 + kHashBytes) return Damaged(path, "the file ends too early");
  const std::optional<uint64_t> text_bytes = HeaderBytes(file);
  if (!text_bytes) return Damaged(path, "it is not a checkpoint (offset 0)");
  const size_t body_bytes = file.size() - kHashBytes;
  Sha256 hash;
  hash.Add(std::as_bytes(std::span(file).first(body_bytes)));
  if (file.compare(body_bytes, kHashBytes, hash.Hex()) != 0)
    return Damaged(path, "its SHA-256 does not fit its content");
  size_t offset = kMagicBytes + sizeof(uint64_t);
  if (*text_bytes > body_bytes - offset) return Damaged(path, "its header is longer than the file");
  const PartHeader header = ParseHeader(file.substr(offset, *text_bytes), rank);
  offset += *text_bytes;
  RETURN_IF_ERROR(CheckSections(path, header, offset, file.size()));
  Checkpoint checkpoint;
  checkpoint.step = header.part.step;
  checkpoint.seconds = header.seconds;
  checkpoint.epochs = header.epochs;
  checkpoint.rank = rank;
  checkpoint.world_size = header.part.world_size;
  checkpoint.spec_json = header.spec_json;
  std::vector<float>* floats[] = {&checkpoint.parameters, &checkpoint.buffers, &checkpoint.optimizer};
  for (size_t i = 0; i < header.sections.size(); ++i) {
    const size_t bytes = header.sections[i];
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
  return checkpoint;
}

absl::StatusOr<Checkpoint> ReadCheckpoint(const std::string& step_folder, int rank) {
  return ReadCheckpoint(Disk::Real(), step_folder, rank);
}

absl::StatusOr<CheckpointPart> CheckCheckpoint(Disk& disk, const std::string& step_folder, int rank) {
  const std::string path = CheckpointFile(step_folder, rank);
  ASSIGN_OR_RETURN(const uint64_t file_bytes, disk.SizeOf(path));
  if (file_bytes < kMagicBytes + 8 + kHashBytes) return Damaged(path, "the file ends too early");
  const uint64_t body_bytes = file_bytes - kHashBytes;
  std::optional<uint64_t> text_bytes;
  std::string text;
  Sha256 hash;
  for (uint64_t offset = 0; offset < body_bytes;) {
    ASSIGN_OR_RETURN(const std::string piece,
                     disk.Read(path, offset, std::min<uint64_t>(kReadBytes, body_bytes - offset)));
    if (piece.empty()) return Damaged(path, fmt::format("it ends at {} of {} bytes", offset, file_bytes));
    hash.Add(std::as_bytes(std::span(piece)));
    size_t begin = 0;
    if (offset == 0) {
      text_bytes = HeaderBytes(piece);
      if (!text_bytes) return Damaged(path, "it is not a checkpoint (offset 0)");
      begin = kMagicBytes + sizeof(uint64_t);
      if (*text_bytes > std::min<uint64_t>(body_bytes - begin, kMaxHeaderBytes))
        return Damaged(path, "its header is longer than the file");
    }
    if (text.size() < *text_bytes) text += piece.substr(begin, *text_bytes - text.size());
    offset += piece.size();
  }
  const std::string digest = hash.Hex();
  ASSIGN_OR_RETURN(const std::string told, disk.Read(path, body_bytes, kHashBytes));
  if (told != digest) return Damaged(path, "its SHA-256 does not fit its content");
  PartHeader header = ParseHeader(text, rank);
  RETURN_IF_ERROR(CheckSections(path, header, kMagicBytes + sizeof(uint64_t) + *text_bytes, file_bytes));
  header.part.bytes = file_bytes;
  header.part.sha256 = digest;
  return header.part;
}

bool SaysItHasManifest(Disk& disk, const std::string& step_folder, int rank) {
  const std::string path = CheckpointFile(step_folder, rank);
  constexpr size_t kBegin = kMagicBytes + sizeof(uint64_t);
  const absl::StatusOr<std::string> begin = disk.Read(path, 0, kBegin);
  const std::optional<uint64_t> text_bytes = begin.ok() ? HeaderBytes(*begin) : std::nullopt;
  if (!text_bytes || *text_bytes > kMaxHeaderBytes) return false;
  const absl::StatusOr<std::string> text = disk.Read(path, kBegin, *text_bytes);
  return text.ok() && ParseHeader(*text, rank).part.has_manifest;
}

}  // namespace concertina
