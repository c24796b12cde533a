// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// connection.cc: see connection.h.
#include "core/store/connection.h"

#include <sqlite3.h>

#include <cassert>
#include <cerrno>
#include <cstring>

#include "fmt/format.h"

namespace concertina {

Query::Query(Connection& connection, sqlite3_stmt* statement, absl::Status status)
    : connection_(connection), statement_(statement), status_(std::move(status)) {}
Query::Query(Query&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      next_(other.next_),
      status_(std::move(other.status_)) {}
Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);  // its result repeats an error that Step has told
  sqlite3_clear_bindings(statement_);
}

Query& Query::Bind(int64_t value) {
  if (statement_ != nullptr) sqlite3_bind_int64(statement_, next_++, value);
  return *this;
}
Query& Query::Bind(double value) {
  if (statement_ != nullptr) sqlite3_bind_double(statement_, next_++, value);
  return *this;
}
Query& Query::Bind(std::string_view text) {
  // A null pointer would bind NULL: an empty text is a text.
  if (statement_ != nullptr)
    sqlite3_bind_text64(statement_, next_++, text.data() == nullptr ? "" : text.data(), text.size(),
                        SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}
Query& Query::Bind(std::span<const uint8_t> blob) {
  if (statement_ != nullptr) {
    if (blob.empty()) {
      sqlite3_bind_zeroblob(statement_, next_++, 0);
    } else {
      sqlite3_bind_blob64(statement_, next_++, blob.data(), blob.size(), SQLITE_STATIC);
    }
  }
  return *this;
}

absl::StatusOr<bool> Query::Step() {
  if (!status_.ok()) return status_;
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return connection_.Error("reading or writing");
}

absl::Status Query::Run() {
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, Step());
    if (!row) return absl::OkStatus();
  }
}

int64_t Query::Integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Query::Number(int column) const { return sqlite3_column_double(statement_, column); }
std::string Query::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text == nullptr ? ""
                         : std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
}
std::span<const uint8_t> Query::Blob(int column) const {
  const auto* blob = static_cast<const uint8_t*>(sqlite3_column_blob(statement_, column));
  return {blob, blob == nullptr ? 0 : static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& path, bool create) {
  sqlite3* database = nullptr;
  // One thread at a time uses it, so SQLite's own mutexes are not needed.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
  const int result = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(path, database));
  if (result != SQLITE_OK) return connection->Error("opening");
  sqlite3_extended_result_codes(database, 1);
  // Exclusive: a second engine is told so, and the log's index is kept in memory instead of a shared file.
  RETURN_IF_ERROR(connection->Execute(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; "
      "PRAGMA cache_size = -16384"));
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : prepared_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

Query Connection::Ask(const char* sql) {
  sqlite3_stmt*& statement = prepared_[sql];
  if (statement == nullptr &&
      sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    absl::Status status = Error("preparing a statement");
    prepared_.erase(sql);
    return {*this, nullptr, std::move(status)};
  }
  assert(!sqlite3_stmt_busy(statement));
  return {*this, statement, absl::OkStatus()};
}

absl::Status Connection::Execute(const std::string& sql) {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return Error("writing");
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Connection::Pragma(const char* sql) {
  Query query = Ask(sql);
  ASSIGN_OR_RETURN(const bool row, query.Step());
  return row ? query.Integer(0) : 0;
}

absl::Status Connection::Transaction(const std::function<absl::Status()>& body) {
  RETURN_IF_ERROR(Execute("BEGIN IMMEDIATE"));
  absl::Status status = body();
  if (status.ok()) status = Execute("COMMIT");
  // SQLite has rolled back by itself after some errors (full disk): then there is nothing to do.
  if (!status.ok() && sqlite3_get_autocommit(database_) == 0) Execute("ROLLBACK").IgnoreError();
  return status;
}

absl::Status Connection::SyncLog() {
  // With synchronous = NORMAL a commit reaches the kernel, not yet the disk. Syncing the log's own file is
  // all that is missing, and cheaper than a checkpoint.
  sqlite3_file* log = nullptr;
  if (sqlite3_file_control(database_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK ||
      log == nullptr || log->pMethods == nullptr)
    return absl::OkStatus();  // no log yet: nothing was written
  if (log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) != SQLITE_OK)
    return absl::UnavailableError(fmt::format("{}: the disk did not confirm what was written", path_));
  return absl::OkStatus();
}

int64_t Connection::last_insert_id() const { return sqlite3_last_insert_rowid(database_); }

void Connection::LeaveFileUntouched(bool untouched) {
  sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, untouched ? 1 : 0, nullptr);
}

absl::Status Connection::Error(std::string_view doing) const {
  const int code = database_ == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(database_);
  const int system = database_ == nullptr ? 0 : sqlite3_system_errno(database_);
  const std::string what = fmt::format("{}: {} failed: {}", path_, doing,
                                       database_ == nullptr ? "out of memory" : sqlite3_errmsg(database_));
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(what + "; free some space: nothing is lost meanwhile");
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError(what);
    case SQLITE_IOERR:
      if (system == ENOSPC || system == EDQUOT)
        return absl::ResourceExhaustedError(what + "; free some space: nothing is lost meanwhile");
      return absl::UnavailableError(fmt::format("{} ({})", what, std::strerror(system)));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(what +
                                 "; the file is damaged: restore a copy, or move it away to begin anew");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::FailedPreconditionError(
          what + "; another engine has it open: stop that one, or take another --home");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return absl::PermissionDeniedError(what + "; file and folder must be writable");
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return absl::InvalidArgumentError(what);
    default:
      return absl::InternalError(what);
  }
}

}  // namespace concertina
