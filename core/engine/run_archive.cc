// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_archive.cc: see run_archive.h.
#include "core/engine/run_archive.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include "core/base/clock.h"
#include "core/base/descriptor.h"
#include "core/base/file.h"
#include "core/base/utf8.h"
#include "core/engine/run_marks.h"
#include "core/engine/run_query.h"
#include "core/store/chunk.h"
#include "core/store/crc32c.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

static_assert(std::endian::native == std::endian::little, "archives are little endian");

constexpr char kArchiveMagic[8] = {'C', 'N', 'C', 'T', 'R', 'U', 'N', '1'};
constexpr uint32_t kMostContentBytes = 1 << 20;
constexpr uint32_t kMostEntryNameBytes = 1024;
constexpr size_t kMostSummaryBytes = size_t{1} << 20;  // tables carry thousands of them
constexpr size_t kMostSeries = 100000;
constexpr int kMostWorkers = 4096;
constexpr int64_t kMostAheadMs = 24 * 3600 * 1000;  // clocks and time zones differ
constexpr size_t kPointsPerRecord = 16384;          // at most 24 bytes each

enum class RecordKind : uint32_t { kSummary = 1, kEvent = 2, kSeries = 3, kFile = 4, kEnd = 5 };

struct RecordHeader {
  uint32_t kind, name_bytes, content_bytes, crc;
};
static_assert(sizeof(RecordHeader) == 16);

uint32_t CrcOf(const RecordHeader& header, std::span<const uint8_t> name, std::span<const uint8_t> content) {
  std::vector<uint8_t> all(12 + name.size() + content.size());
  std::memcpy(all.data(), &header, 12);  // without the sum itself
  std::copy(name.begin(), name.end(), all.begin() + 12);
  std::copy(content.begin(), content.end(), all.begin() + 12 + static_cast<std::ptrdiff_t>(name.size()));
  return Crc32c(all);
}

std::span<const uint8_t> BytesOf(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

class ArchiveWriter {
 public:
  explicit ArchiveWriter(int file) : file_(file) {}

  absl::Status Begin() { return Put(kArchiveMagic, sizeof(kArchiveMagic)); }
  absl::Status Record(RecordKind kind, const std::string& name, std::span<const uint8_t> content) {
    RecordHeader header{static_cast<uint32_t>(kind), static_cast<uint32_t>(name.size()),
                        static_cast<uint32_t>(content.size()), 0};
    header.crc = CrcOf(header, BytesOf(name), content);
    RETURN_IF_ERROR(Put(&header, sizeof(header)));
    RETURN_IF_ERROR(Put(name.data(), name.size()));
    ++records_;
    return Put(content.data(), content.size());
  }
  absl::Status Pieces(RecordKind kind, const std::string& name, std::span<const uint8_t> content) {
    do {
      const size_t piece = std::min<size_t>(content.size(), kMostContentBytes);
      RETURN_IF_ERROR(Record(kind, name, content.first(piece)));
      content = content.subspan(piece);
    } while (!content.empty());
    return absl::OkStatus();
  }
  absl::Status End() {
    const uint64_t records = records_;
    return Record(RecordKind::kEnd, "", {reinterpret_cast<const uint8_t*>(&records), sizeof(records)});
  }

 private:
  absl::Status Put(const void* bytes, size_t count) {
    const char* at = static_cast<const char*>(bytes);
    while (count > 0) {
      const ssize_t written = write(file_, at, count);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return ErrnoStatus(errno, "writing the archive of a run");
      at += written;
      count -= static_cast<size_t>(written);
    }
    return absl::OkStatus();
  }
  const int file_;
  uint64_t records_ = 0;
};

absl::Status PutFile(ArchiveWriter& writer, const std::string& path, const std::string& name) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return ErrnoStatus(errno, "opening " + path);
  std::vector<uint8_t> piece(kMostContentBytes);
  absl::Status status;
  for (bool first = true; status.ok(); first = false) {
    const ssize_t count = read(file, piece.data(), piece.size());
    if (count < 0) status = ErrnoStatus(errno, "reading " + path);
    if (count <= 0 && !(first && count == 0)) break;
    status = writer.Record(RecordKind::kFile, name, std::span(piece).first(static_cast<size_t>(count)));
    if (count == 0) break;
  }
  close(file);
  return status;
}

// --- reading: bytes from outside ---

class ArchiveReader {
 public:
  explicit ArchiveReader(int file) : file_(file) {}

  absl::Status Begin() {
    char magic[sizeof(kArchiveMagic)];
    if (lseek(file_, 0, SEEK_SET) != 0) return ErrnoStatus(errno, "reading the archive");
    const absl::Status status = Take(magic, sizeof(magic));
    if (!status.ok() || std::memcmp(magic, kArchiveMagic, sizeof(magic)) != 0)
      return absl::DataLossError(
          "this is no run: a file was expected that was exported in the format \"run\" (its first bytes are "
          "CNCTRUN1)");
    return absl::OkStatus();
  }
  absl::Status Next() {
    at_ = offset_;
    RecordHeader header{};
    RETURN_IF_ERROR(Take(&header, sizeof(header)));
    if (header.kind < 1 || header.kind > 5 || header.name_bytes > kMostEntryNameBytes ||
        header.content_bytes > kMostContentBytes)
      return Damaged(fmt::format("a record of kind {} with a name of {} and a content of {} bytes",
                                 header.kind, header.name_bytes, header.content_bytes));
    kind = static_cast<RecordKind>(header.kind);
    name.resize(header.name_bytes);
    content.resize(header.content_bytes);
    RETURN_IF_ERROR(Take(name.data(), name.size()));
    RETURN_IF_ERROR(Take(content.data(), content.size()));
    if (CrcOf(header, BytesOf(name), content) != header.crc) return Damaged("its checksum is another");
    if (CutUtf8(name, name.size()) != name) return Damaged("its name is no UTF-8");
    ++records;
    return absl::OkStatus();
  }
  absl::Status Damaged(const std::string& what) const {
    return absl::DataLossError(fmt::format("the file is damaged at byte {}: {}", at_, what));
  }
  bool AtEndOfFile() {
    char byte = 0;
    return read(file_, &byte, 1) == 0;
  }

  RecordKind kind{};
  std::string name;
  std::vector<uint8_t> content;
  uint64_t records = 0;

 private:
  absl::Status Take(void* bytes, size_t count) {
    char* at = static_cast<char*>(bytes);
    while (count > 0) {
      const ssize_t got = read(file_, at, count);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return ErrnoStatus(errno, "reading the archive");
      if (got == 0) return Damaged(fmt::format("it ends at byte {}, in the middle of a record", offset_));
      at += got;
      count -= static_cast<size_t>(got);
      offset_ += static_cast<uint64_t>(got);
    }
    return absl::OkStatus();
  }
  const int file_;
  uint64_t offset_ = 0, at_ = 0;
};

// "20261124-031500-a1b2c3", and nothing that could be a path.
bool IsRunId(const std::string& id) {
  if (id.size() != 22 || id[8] != '-' || id[15] != '-') return false;
  for (size_t i = 0; i < id.size(); ++i) {
    if (i == 8 || i == 15) continue;
    const auto c = static_cast<unsigned char>(id[i]);
    const bool is_hex = std::isdigit(c) || (c >= 'a' && c <= 'f');
    if (i < 15 ? !std::isdigit(c) : !is_hex) return false;
  }
  return true;
}

absl::Status CheckSummary(const proto::RunSummary& run) {
  const auto refuse = [](const std::string& what) { return absl::InvalidArgumentError(what); };
  if (!IsRunId(run.run()))
    return refuse(fmt::format("its run is called \"{}\"; expected an id like 20261124-031500-a1b2c3",
                              CutUtf8(run.run(), 40)));
  if (!HasEnded(run.state()))
    return refuse(
        fmt::format("its run is {}; only one that has ended can be taken in", RunStateName(run.state())));
  if (!Json::parse(run.spec_json(), nullptr, false).is_object())
    return refuse("its experiment is no JSON object");
  if (run.workers_size() > kMostWorkers)
    return refuse(fmt::format("{} workers; at most {} are taken in", run.workers_size(), kMostWorkers));
  if (run.steps() < 0 || run.samples() < 0 || run.created_unix_ms() < 0 || run.parameters() < 0)
    return refuse("a count of its run is below zero");
  // New runs come after all others, and would be of that time, too.
  if (run.created_unix_ms() > WallUnixMs() + kMostAheadMs)
    return refuse("its run was created in the future: the clock was wrong where it comes from");
  return CheckMarks(run.marks());
}

struct SeriesPlace {
  SeriesDescription description;
  int64_t last_step = std::numeric_limits<int64_t>::min();
};

absl::StatusOr<SeriesDescription> SeriesOf(const std::string& name, const ArchiveReader& reader) {
  const Json json = Json::parse(name, nullptr, false);
  const auto text = [&](const char* key, size_t most) {
    return json.contains(key) && json[key].is_string() &&
           json[key].get_ref<const std::string&>().size() <= most;
  };
  if (!json.is_object() || !text("name", 200) || !text("unit", 40) || !json.contains("rank") ||
      !json["rank"].is_number_integer() || json["rank"].get<int64_t>() < kWholeRun ||
      json["rank"].get<int64_t>() >= kMostWorkers || json["name"].get_ref<const std::string&>().empty())
    return reader.Damaged(
        R"(a series is not named as expected, {"name": "train/loss", "unit": "", "rank": -1})");
  return SeriesDescription{json["name"], json["unit"], json["rank"].get<int>(), 0};
}

absl::Status VisitSeries(const ArchiveReader& reader, std::map<std::pair<std::string, int>, SeriesPlace>& all,
                         const RunArchiveVisitor& visitor) {
  ASSIGN_OR_RETURN(const SeriesDescription series, SeriesOf(reader.name, reader));
  SeriesPlace& place = all[{series.name, series.rank}];
  if (all.size() > kMostSeries) return reader.Damaged(fmt::format("more than {} series", kMostSeries));
  absl::StatusOr<Pyramid::Points> points = DecodePoints(reader.content);
  if (!points.ok()) return reader.Damaged(std::string(points.status().message()));
  if (points->steps.size() > kPointsPerRecord)
    return reader.Damaged(fmt::format("{} points in one record; at most {} are written", points->steps.size(),
                                      kPointsPerRecord));
  for (const int64_t step : points->steps) {
    if (step < 0 || step < place.last_step)
      return reader.Damaged(
          fmt::format("series {}: step {} comes after step {}", series.name, step, place.last_step));
    place.last_step = step;
  }
  return visitor.points ? visitor.points(series, points->steps, points->seconds, points->values)
                        : absl::OkStatus();
}

absl::Status VisitEvent(const ArchiveReader& reader, const RunArchiveVisitor& visitor) {
  const Json json = Json::parse(reader.content.begin(), reader.content.end(), nullptr, false);
  StoredEvent event;
  bool is_good = json.is_object();
  const auto integer = [&](const char* key, int64_t& value) {
    is_good = is_good && json.contains(key) && json[key].is_number_integer();
    if (is_good) value = json[key].get<int64_t>();
  };
  const auto text = [&](const char* key, std::string& value) {
    is_good = is_good && json.contains(key) && json[key].is_string();
    if (is_good) value = json[key].get<std::string>();
  };
  integer("step", event.step);
  integer("unix_ms", event.unix_ms);
  text("kind", event.kind);
  text("message", event.message);
  text("json", event.json);
  is_good = is_good && json.contains("seconds") && (json["seconds"].is_number() || json["seconds"].is_null());
  if (!is_good) return reader.Damaged("an event is not one");
  if (json["seconds"].is_number()) event.seconds = json["seconds"].get<double>();
  return visitor.event ? visitor.event(event) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<int> OpenNamelessFile(const std::string& folder) {
  std::string path = folder + "/run-XXXXXX";
  const int file = mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) return ErrnoStatus(errno, "making a file in " + folder);
  unlink(path.c_str());
  return file;
}

bool IsArchivedFile(const std::string& name) {
  if (name == "parameters.safetensors" || name == "model.edge") return true;
  const auto numbered = [&](std::string_view before, std::string_view after) {
    if (!name.starts_with(before) || !name.ends_with(after)) return false;
    const size_t digits = name.size() - std::min(name.size(), before.size() + after.size());
    return digits >= 1 && digits <= 5 &&
           std::all_of(name.begin() + static_cast<std::ptrdiff_t>(before.size()),
                       name.end() - static_cast<std::ptrdiff_t>(after.size()),
                       [](unsigned char c) { return std::isdigit(c) != 0; });
  };
  return numbered("recipe-", ".json") || numbered("rank-", ".log");
}

absl::Status WriteRunArchive(Store& store, const std::string& run_folder, const proto::RunSummary& run,
                             int file) {
  if (!HasEnded(run.state()))
    return absl::FailedPreconditionError(fmt::format("run {} is {}; it is exported whole once it has ended",
                                                     run.run(), RunStateName(run.state())));
  ArchiveWriter writer(file);
  RETURN_IF_ERROR(writer.Begin());
  proto::RunSummary kept = run;
  kept.set_last_checkpoint_step(0);
  kept.mutable_marks()->set_pinned(false);
  for (proto::Worker& worker : *kept.mutable_workers()) worker.clear_pid();
  RETURN_IF_ERROR(writer.Pieces(RecordKind::kSummary, "", BytesOf(kept.SerializeAsString())));
  ASSIGN_OR_RETURN(const std::vector<StoredEvent> events, store.Events(run.run()));
  for (const StoredEvent& event : events) {
    const Json json = {
        {"step", event.step},       {"seconds", std::isfinite(event.seconds) ? Json(event.seconds) : Json()},
        {"unix_ms", event.unix_ms}, {"kind", event.kind},
        {"message", event.message}, {"json", event.json}};
    const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > kMostContentBytes) continue;  // a picture of a gradient, perhaps; it is not missed
    RETURN_IF_ERROR(writer.Record(RecordKind::kEvent, "", BytesOf(text)));
  }
  ASSIGN_OR_RETURN(const std::vector<SeriesDescription> all, store.ListSeries(run.run()));
  for (const SeriesDescription& series : all) {
    const std::string name =
        Json({{"name", series.name}, {"unit", series.unit}, {"rank", series.rank}}).dump();
    ASSIGN_OR_RETURN(
        const std::vector<SeriesPoint> points,
        store.ReadSeries(run.run(), series.name, series.rank, 0, std::numeric_limits<int64_t>::max(), 0));
    for (size_t first = 0; first < points.size(); first += kPointsPerRecord) {
      std::vector<int64_t> steps;
      std::vector<double> seconds, values;
      for (size_t i = first; i < std::min(points.size(), first + kPointsPerRecord); ++i) {
        steps.push_back(static_cast<int64_t>(points[i].step));
        seconds.push_back(points[i].seconds);
        values.push_back(points[i].mean);
      }
      std::vector<uint8_t> bytes;
      EncodePoints(steps, seconds, values, bytes);
      RETURN_IF_ERROR(writer.Record(RecordKind::kSeries, name, bytes));
    }
  }
  absl::StatusOr<std::vector<std::string>> names = NamesInFolder(run_folder);
  if (absl::IsNotFound(names.status())) names = std::vector<std::string>();  // it has left no file
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    std::error_code error;
    if (IsArchivedFile(name) && std::filesystem::is_regular_file(run_folder + "/" + name, error))
      RETURN_IF_ERROR(PutFile(writer, run_folder + "/" + name, name));
  }
  return writer.End();
}

absl::StatusOr<proto::RunSummary> ReadRunArchive(int file, const RunArchiveVisitor& visitor) {
  ArchiveReader reader(file);
  RETURN_IF_ERROR(reader.Begin());
  RETURN_IF_ERROR(reader.Next());
  std::string serialised;
  while (reader.kind == RecordKind::kSummary) {
    serialised.append(reader.content.begin(), reader.content.end());
    if (serialised.size() > kMostSummaryBytes) return reader.Damaged("the summary is too long for one");
    RETURN_IF_ERROR(reader.Next());
  }
  proto::RunSummary summary;
  if (serialised.empty() || !summary.ParseFromString(serialised))
    return reader.Damaged("the summary of the run was expected, which this is not");
  RETURN_IF_ERROR(CheckSummary(summary));
  std::map<std::pair<std::string, int>, SeriesPlace> all;
  std::set<std::string> files;
  std::string current_file;
  while (reader.kind != RecordKind::kEnd) {
    if (visitor.goes_on && !visitor.goes_on()) return absl::CancelledError("it is not wanted any more");
    switch (reader.kind) {
      case RecordKind::kEvent:
        RETURN_IF_ERROR(VisitEvent(reader, visitor));
        break;
      case RecordKind::kSeries:
        RETURN_IF_ERROR(VisitSeries(reader, all, visitor));
        break;
      case RecordKind::kFile:
        if (!IsArchivedFile(reader.name))
          return reader.Damaged(fmt::format("a run has no file \"{}\"", CutUtf8(reader.name, 100)));
        if (reader.name != current_file && !files.insert(reader.name).second)
          return reader.Damaged(fmt::format("the file {} begins twice", reader.name));
        current_file = reader.name;
        if (visitor.file) RETURN_IF_ERROR(visitor.file(reader.name, reader.content));
        break;
      default:
        return reader.Damaged("a second summary");
    }
    RETURN_IF_ERROR(reader.Next());
  }
  uint64_t before = 0;
  if (reader.content.size() == sizeof(before)) std::memcpy(&before, reader.content.data(), sizeof(before));
  if (reader.content.size() != sizeof(before) || before + 1 != reader.records)
    return reader.Damaged(fmt::format("{} records, and {} were written", reader.records - 1, before));
  if (!reader.AtEndOfFile()) return reader.Damaged("something stands behind its end");
  summary.set_last_checkpoint_step(0);
  summary.clear_at_work();
  summary.set_queue_position(0);
  return summary;
}

}  // namespace concertina
