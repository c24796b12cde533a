// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// schema.cc: see schema.h. A new version is one more entry of kMigrations; a new file runs them all, so every
// migration is tested whenever a file is made.
#include "core/store/schema.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/base/log.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kApplicationId = 0x436f6e63;  // "Conc", in bytes 68 to 71 of the file

// kMigrations[i] brings version i to i + 1.
constexpr std::array<const char*, kSchemaVersion> kMigrations = {
    // 1: everything but what 2 adds.
    R"(
CREATE TABLE runs (
  id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, spec_json TEXT NOT NULL,
  summary BLOB NOT NULL, created_unix_ms INTEGER NOT NULL) STRICT;
CREATE TABLE events (
  ordinal INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, step INTEGER NOT NULL,
  seconds REAL, unix_ms INTEGER NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL, json TEXT NOT NULL) STRICT;
CREATE INDEX events_of_run ON events (run, ordinal);
-- Ids are never used twice, so nothing that is left of a deleted series can reach another one.
CREATE TABLE series (
  id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL, rank INTEGER NOT NULL, UNIQUE (run, name, rank)) STRICT;
-- Level 0: points [first, first + count); level k: buckets of 8^k points. See chunk.h for data.
CREATE TABLE chunks (
  id INTEGER PRIMARY KEY, series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE, level INTEGER NOT NULL,
  first INTEGER NOT NULL, count INTEGER NOT NULL, first_step INTEGER NOT NULL, crc INTEGER NOT NULL,
  data BLOB NOT NULL, UNIQUE (series, level, first)) STRICT;
CREATE TABLE artefacts (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, name TEXT NOT NULL, path TEXT NOT NULL,
  bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (run, name)) STRICT;
)",
    // 2: units of series; the newest points of all series as one row a commit instead of a row a series.
    R"(
ALTER TABLE series ADD COLUMN unit TEXT NOT NULL DEFAULT '';
CREATE TABLE journal (id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
)",
    // 3: what people say about runs; a run in the bin stays whole, with the time of its going there.
    R"(
CREATE TABLE marks (
  run TEXT PRIMARY KEY NOT NULL REFERENCES runs (id) ON DELETE CASCADE, note TEXT NOT NULL,
  color INTEGER NOT NULL, pinned INTEGER NOT NULL, deleted_unix_ms INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX one_is_pinned ON marks (pinned) WHERE pinned = 1;
CREATE TABLE tags (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, ordinal INTEGER NOT NULL, tag TEXT NOT NULL,
  PRIMARY KEY (run, tag)) STRICT;
)"};

// A whole check reads the whole file: 19 ms for this size. Larger files are checked after a crash only; a
// damaged chunk is found by its checksum when it is read in any case.
constexpr int64_t kAlwaysCheckedBytes = int64_t{32} << 20;

struct Header {  // of the file itself, read without SQLite: what is refused must stay untouched
  int64_t file_bytes = 0;
  int64_t log_bytes = 0;
  int64_t user_version = 0;
  int64_t application_id = 0;
};

int64_t SizeOf(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_size : 0;
}

absl::StatusOr<Header> ReadHeader(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return ErrnoStatus(errno, "opening " + path);
  std::array<uint8_t, 100> bytes{};
  const ssize_t count = read(file, bytes.data(), bytes.size());
  const int error = errno;
  close(file);
  if (count < 0) return ErrnoStatus(error, "reading " + path);
  if (count < static_cast<ssize_t>(bytes.size()) || std::memcmp(bytes.data(), "SQLite format 3", 16) != 0)
    return absl::DataLossError(
        fmt::format("{}: is damaged, or no database: its first bytes are not SQLite's; restore a copy, or "
                    "move it away to begin anew",
                    path));
  const auto big_endian = [&](size_t at) {
    return int64_t{bytes[at]} << 24 | int64_t{bytes[at + 1]} << 16 | int64_t{bytes[at + 2]} << 8 |
           bytes[at + 3];
  };
  Header header{.file_bytes = SizeOf(path),
                .log_bytes = SizeOf(path + "-wal"),
                .user_version = big_endian(60),
                .application_id = big_endian(68)};
  const int64_t page_field = int64_t{bytes[16]} << 8 | bytes[17];
  const int64_t page_bytes = page_field == 1 ? 65536 : page_field;
  const int64_t pages = big_endian(28);
  // With a log the file may rightly be shorter: a crash in the middle of writing the log back.
  const bool counts_hold = big_endian(24) == big_endian(92);
  if (header.log_bytes == 0 && counts_hold && header.file_bytes < pages * page_bytes)
    return absl::DataLossError(fmt::format(
        "{}: is damaged: cut off at {} of {} bytes; restore a copy, or move it away to begin anew", path,
        header.file_bytes, pages * page_bytes));
  return header;
}

absl::Status CheckVersion(const std::string& path, int64_t application_id, int64_t version) {
  if (application_id != kApplicationId)
    return absl::FailedPreconditionError(fmt::format(
        "{}: is the database of another program (application id {:#x}); move it away, or take another --home",
        path, application_id));
  if (version > kSchemaVersion)
    return absl::FailedPreconditionError(
        fmt::format("{}: was made by a newer version of Concertina (schema {}, this one knows up to {}); it "
                    "was left as it is: "
                    "install the newer version, or take another --home",
                    path, version, kSchemaVersion));
  return absl::OkStatus();
}

absl::Status CheckIntegrity(Connection& connection) {
  Query query = connection.Ask("PRAGMA quick_check(1)");
  ASSIGN_OR_RETURN(const bool row, query.Step());
  const std::string answer = row ? query.Text(0) : "no answer";
  if (answer == "ok") return absl::OkStatus();
  return absl::DataLossError(fmt::format("{}: is damaged: {}; restore a copy, or move it away to begin anew",
                                         connection.path(), answer));
}

absl::Status Migrate(Connection& connection, int64_t version) {
  return connection.Transaction([&] {
    for (; version < kSchemaVersion; ++version) {
      RETURN_IF_ERROR(connection.Execute(kMigrations[static_cast<size_t>(version)]));
      RETURN_IF_ERROR(connection.Execute(fmt::format("PRAGMA user_version = {}", version + 1)));
    }
    return absl::OkStatus();
  });
}

// The whole database as it is now, log included, beside it.
absl::Status CopyBeside(Connection& connection, const std::string& copy) {
  const std::string aside = copy + ".new";
  std::error_code ignored;
  std::filesystem::remove(aside, ignored);
  sqlite3* target = nullptr;
  int result = sqlite3_open_v2(aside.c_str(), &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  if (result == SQLITE_OK) {
    sqlite3_backup* backup = sqlite3_backup_init(target, "main", connection.handle(), "main");
    result = backup == nullptr ? sqlite3_errcode(target) : sqlite3_backup_step(backup, -1);
    if (result == SQLITE_DONE) result = SQLITE_OK;
    if (backup != nullptr) sqlite3_backup_finish(backup);
  }
  sqlite3_close(target);
  if (result == SQLITE_OK && std::rename(aside.c_str(), copy.c_str()) == 0) return absl::OkStatus();
  std::filesystem::remove(aside, ignored);
  const std::string what = fmt::format(
      "{}: could not keep a copy before bringing the database up to date: {}; "
      "the database was left as it is",
      copy, sqlite3_errstr(result));
  return result == SQLITE_FULL ? absl::ResourceExhaustedError(what) : absl::UnavailableError(what);
}

// A new file is made aside and renamed: either it is whole, or it is not there.
absl::Status MakeDatabase(const std::string& path) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::absolute(path, error).parent_path();
  if (error) return ErrnoStatus(error.value(), "looking for the current folder, which " + path + " is in");
  if (!std::filesystem::exists(folder, error) && (!error || error == std::errc::no_such_file_or_directory))
    return absl::NotFoundError(fmt::format("{}: there is no such folder; make it first", folder.string()));
  const std::string aside = path + ".new";
  for (const char* ending : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(aside + ending, error);
  const int file = open(aside.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    const int number = errno;
    // Whatever the kernel calls it (no folder, read-only, not permitted), nothing can be written there.
    if (number == ENOSPC || number == EDQUOT) return ErrnoStatus(number, "making " + path);
    return absl::PermissionDeniedError(
        fmt::format("making {}: {}; the folder must be writable", path, std::strerror(number)));
  }
  close(file);
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, Connection::Open(aside, true));
    // Chunks are 5 to 25 kB: with pages of 4 kB, storing 80,000 points a second costs a fifth more. Pages of
    // deleted runs can be given back only if auto_vacuum is chosen before the first table is made.
    RETURN_IF_ERROR(connection->Execute(
        "PRAGMA page_size = 16384; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL"));
    RETURN_IF_ERROR(connection->Execute(fmt::format("PRAGMA application_id = {}", kApplicationId)));
    RETURN_IF_ERROR(Migrate(*connection, 0));
  }
  if (std::rename(aside.c_str(), path.c_str()) != 0) return ErrnoStatus(errno, "making " + path);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> OpenDatabase(const std::string& path) {
  struct stat info {};
  const bool is_there = stat(path.c_str(), &info) == 0;
  if (is_there && S_ISDIR(info.st_mode))
    return absl::PermissionDeniedError(fmt::format("{}: is a folder, expected a file", path));
  if (!is_there || info.st_size == 0) RETURN_IF_ERROR(MakeDatabase(path));
  ASSIGN_OR_RETURN(const Header header, ReadHeader(path));
  if (header.log_bytes == 0) RETURN_IF_ERROR(CheckVersion(path, header.application_id, header.user_version));
  if (access(path.c_str(), W_OK) != 0) return ErrnoStatus(errno, "opening " + path + " for writing");

  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Connection::Open(path, false));
  connection->LeaveFileUntouched(true);  // until it is known to be a good one
  // The log may hold a newer header than the file.
  ASSIGN_OR_RETURN(const int64_t application_id, connection->Pragma("PRAGMA application_id"));
  ASSIGN_OR_RETURN(const int64_t version, connection->Pragma("PRAGMA user_version"));
  RETURN_IF_ERROR(CheckVersion(path, application_id, version));
  if (header.file_bytes <= kAlwaysCheckedBytes || header.log_bytes > 0)
    RETURN_IF_ERROR(CheckIntegrity(*connection));
  if (version < kSchemaVersion) {
    RETURN_IF_ERROR(CopyBeside(*connection, fmt::format("{}.v{}", path, version)));
    spdlog::info("{}: bringing schema {} up to {}; the old file is kept as {}.v{}", path, version,
                 kSchemaVersion, path, version);
  }
  // The log is written back after 32 MB: the journal's pages are used over and over, and most of their copies
  // in the log are never written back at all.
  RETURN_IF_ERROR(connection->Execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 33554432"));
  ASSIGN_OR_RETURN(const int64_t page_bytes, connection->Pragma("PRAGMA page_size"));
  RETURN_IF_ERROR(
      connection->Execute(fmt::format("PRAGMA wal_autocheckpoint = {}", (32 << 20) / page_bytes)));
  if (version < kSchemaVersion) RETURN_IF_ERROR(Migrate(*connection, version));
  connection->LeaveFileUntouched(false);
  return connection;
}

}  // namespace concertina
