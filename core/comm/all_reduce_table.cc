// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// all_reduce_table.cc: measures which all-reduce is quickest for how many bytes, and remembers it.
// On the way of the data: parallel/all_reduce_exchange.cc -> here -> comm/all_reduce.cc.
//
// Formulas with alpha and beta decide well between machines. Where ranks share cores the number of times that
// one must be woken decides, and that is best measured: for sizes four times apart, each way is timed and the
// quickest serves from half to twice the size. Rank 0 alone times and decides, so that all decide the same.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <thread>

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/comm/communicator.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using nlohmann::json;

constexpr size_t kLeastBytes = 256;
constexpr size_t kMostTableBytes = size_t{16} << 20;
constexpr size_t kMostRows = 64;
constexpr size_t kMostFileBytes = size_t{4} << 20;
constexpr double kSeriesSeconds = 0.01;  // of one series; the quickest of kSeries counts
constexpr int kSeries = 3;
constexpr int kMostRepetitions = 20;
constexpr double kHopeless = 5;          // times the best so far: not measured further
constexpr double kSlowSeconds = 0.1;     // what takes so long is measured once
constexpr double kEnoughSeconds = 0.25;  // larger sizes are not measured; they go the same way

// Seconds of one all-reduce, as rank 0 sees it; infinity if hopeless, and on the other ranks.
absl::StatusOr<double> TimeOf(Communicator& group, std::span<float> values, AllReduceWay way, double best,
                              Deadline deadline) {
  const auto run = [&](int times) -> absl::StatusOr<double> {
    RETURN_IF_ERROR(group.Barrier(deadline));
    const double before = Clock::Real().SteadySeconds();
    for (int i = 0; i < times; ++i) RETURN_IF_ERROR(group.AllReduceSum(values, deadline, 1, way));
    return (Clock::Real().SteadySeconds() - before) / times;
  };
  ASSIGN_OR_RETURN(double seconds, run(1));  // the first one also makes room
  int32_t times = seconds > kSlowSeconds || seconds > kHopeless * best
                      ? 0
                      : std::clamp(static_cast<int>(kSeriesSeconds / seconds), 1, kMostRepetitions);
  RETURN_IF_ERROR(group.Broadcast(std::as_writable_bytes(std::span(&times, 1)), 0, deadline));
  for (int series = 0; series < kSeries && times > 0; ++series) {
    ASSIGN_OR_RETURN(const double again, run(times));
    seconds = series == 0 ? again : std::min(seconds, again);
  }
  return seconds;
}

absl::StatusOr<AllReduceTable> Measure(Communicator& group, int hierarchy_group, Deadline deadline) {
  std::vector<AllReduceAlgorithm> candidates = {AllReduceAlgorithm::kTwoShot, AllReduceAlgorithm::kRing,
                                                AllReduceAlgorithm::kDoubleTree};
  if (group.size() > 2) {  // two ranks: the first is the ring, the second is two shots
    candidates.push_back(AllReduceAlgorithm::kOneShot);
    candidates.push_back(AllReduceAlgorithm::kHalvingDoubling);
    if (hierarchy_group > 1 && hierarchy_group < group.size())
      candidates.push_back(AllReduceAlgorithm::kHierarchical);
  }
  std::vector<float> values(kMostTableBytes / sizeof(float));
  std::vector<AllReduceTable::Row> rows;
  uint8_t goes_on = 1;
  for (size_t bytes = kLeastBytes; goes_on != 0; bytes *= 4) {
    double best = std::numeric_limits<double>::infinity();
    AllReduceTable::Row row{.up_to_bytes = 2 * bytes};
    for (const AllReduceAlgorithm algorithm : candidates) {
      ASSIGN_OR_RETURN(const double seconds,
                       TimeOf(group, std::span(values).first(bytes / sizeof(float)),
                              {.algorithm = algorithm, .group = hierarchy_group}, best, deadline));
      if (seconds < best) {
        best = seconds;
        row.algorithm = algorithm;
      }
    }
    if (!rows.empty() && rows.back().algorithm == row.algorithm)
      rows.back().up_to_bytes = row.up_to_bytes;
    else
      rows.push_back(row);
    goes_on = best < kEnoughSeconds && bytes < kMostTableBytes ? 1 : 0;
    RETURN_IF_ERROR(group.Broadcast(std::as_writable_bytes(std::span(&goes_on, 1)), 0, deadline));
  }
  return AllReduceTable(std::move(rows));
}

std::string HostName() {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

AllReduceAlgorithm AllReduceTable::Choose(uint64_t bytes) const {
  const auto row =
      std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return bytes <= r.up_to_bytes; });
  return row == rows_.end() ? rows_.back().algorithm : row->algorithm;
}

std::vector<uint8_t> AllReduceTable::ToBytes() const {
  std::vector<uint8_t> bytes(rows_.size() * kRowBytes);
  for (size_t i = 0; i < rows_.size(); ++i) {
    const auto algorithm = static_cast<uint32_t>(rows_[i].algorithm);
    std::memcpy(&bytes[i * kRowBytes], &rows_[i].up_to_bytes, 8);
    std::memcpy(&bytes[i * kRowBytes + 8], &algorithm, 4);
  }
  return bytes;
}

absl::StatusOr<AllReduceTable> AllReduceTable::FromBytes(std::span<const uint8_t> bytes) {
  if (bytes.size() % kRowBytes != 0 || bytes.size() > kMostRows * kRowBytes)
    return absl::DataLossError(fmt::format("{} bytes are no table of all-reduce algorithms", bytes.size()));
  std::vector<Row> rows(bytes.size() / kRowBytes);
  for (size_t i = 0; i < rows.size(); ++i) {
    uint32_t algorithm = 0;
    std::memcpy(&rows[i].up_to_bytes, &bytes[i * kRowBytes], 8);
    std::memcpy(&algorithm, &bytes[i * kRowBytes + 8], 4);
    if (algorithm >= static_cast<uint32_t>(AllReduceAlgorithm::kAuto) ||
        (i > 0 && rows[i].up_to_bytes <= rows[i - 1].up_to_bytes))
      return absl::DataLossError(fmt::format("row {} of a table of all-reduce algorithms is none", i));
    rows[i].algorithm = static_cast<AllReduceAlgorithm>(algorithm);
  }
  return AllReduceTable(std::move(rows));
}

std::string AllReduceTablePath() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return std::string(cache) + "/concertina/all-reduce.json";
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr && *home == '/' ? home : "/tmp") + "/.cache/concertina/all-reduce.json";
}

AllReduceTable ReadAllReduceTable(const std::string& path, const std::string& key) {
  const auto text = ReadFile(path, kMostFileBytes);
  if (!text.ok()) return {};
  const json file = json::parse(*text, nullptr, false);
  if (!file.is_object() || !file.contains(key) || !file[key].is_array()) return {};
  std::vector<AllReduceTable::Row> rows;
  for (const json& row : file[key]) {
    if (!row.is_object() || !row.contains("up_to_bytes") || !row["up_to_bytes"].is_number_unsigned() ||
        !row.contains("algorithm") || !row["algorithm"].is_string())
      return {};
    const auto algorithm = AllReduceAlgorithmNamed(row["algorithm"].get<std::string>());
    if (!algorithm || *algorithm == AllReduceAlgorithm::kAuto) return {};
    rows.push_back({.up_to_bytes = row["up_to_bytes"].get<uint64_t>(), .algorithm = *algorithm});
  }
  // What holds for a table from anywhere.
  auto table = AllReduceTable::FromBytes(AllReduceTable(std::move(rows)).ToBytes());
  return table.ok() ? *std::move(table) : AllReduceTable();
}

absl::Status WriteAllReduceTable(const std::string& path, const std::string& key,
                                 const AllReduceTable& table) {
  json file = json::object();
  if (const auto text = ReadFile(path, kMostFileBytes); text.ok()) {
    file = json::parse(*text, nullptr, false);
    if (!file.is_object()) file = json::object();
  }
  json rows = json::array();
  for (const AllReduceTable::Row& row : table.rows())
    rows.push_back({{"up_to_bytes", row.up_to_bytes}, {"algorithm", NameOf(row.algorithm)}});
  file[key] = std::move(rows);
  RETURN_IF_ERROR(MakeFolder(path.substr(0, path.rfind('/'))));
  return WriteFileAtomically(path, file.dump(1));
}

absl::Status Communicator::PrepareAuto(int group, Deadline deadline) {
  if (size() == 1) return absl::OkStatus();
  const std::string path = AllReduceTablePath();
  const std::string key =
      fmt::format("{}: {}, {} ranks, {} cores, groups of {}", HostName(), transport_.link_name(), size(),
                  std::thread::hardware_concurrency(), group);
  // Rank 0's table; rows of 0 bytes: there is none, and all measure.
  std::vector<uint8_t> bytes;
  if (rank_ == 0) bytes = ReadAllReduceTable(path, key).ToBytes();
  const auto share = [&]() -> absl::Status {
    uint32_t length = static_cast<uint32_t>(bytes.size());
    RETURN_IF_ERROR(Broadcast(std::as_writable_bytes(std::span(&length, 1)), 0, deadline));
    if (length > kMostRows * AllReduceTable::kRowBytes)
      return absl::DataLossError(fmt::format("rank {}: a table of {} bytes", global_rank(0), length));
    bytes.resize(length);
    return length == 0 ? absl::OkStatus() : Broadcast(std::as_writable_bytes(std::span(bytes)), 0, deadline);
  };
  RETURN_IF_ERROR(share());
  if (bytes.empty()) {
    ASSIGN_OR_RETURN(const AllReduceTable measured, Measure(*this, group, deadline));
    if (rank_ == 0) {
      bytes = measured.ToBytes();
      if (const absl::Status kept = WriteAllReduceTable(path, key, measured); !kept.ok())
        spdlog::warn("the measured all-reduce table is not kept: {}", std::string(kept.message()));
    }
    RETURN_IF_ERROR(share());
  }
  ASSIGN_OR_RETURN(table_, AllReduceTable::FromBytes(bytes));
  return table_.empty() ? absl::DataLossError(fmt::format("rank {}: a table of no rows", global_rank(0)))
                        : absl::OkStatus();
}

}  // namespace concertina
