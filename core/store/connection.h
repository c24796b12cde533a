// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// connection.h: the one SQLite connection, with its statements prepared once, and its errors as statuses.
// Owned by the store's writer thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/status.h"

struct sqlite3;
struct sqlite3_stmt;

namespace concertina {

class Connection;

// One use of a prepared statement: bind its parameters in order, step through its rows. Resets itself.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query(const Query&) = delete;
  Query& operator=(Query&&) = delete;
  ~Query();

  // Texts and blobs must outlive the query.
  Query& Bind(int64_t value);
  Query& Bind(int value) { return Bind(static_cast<int64_t>(value)); }
  Query& Bind(double value);
  Query& Bind(std::string_view text);
  Query& Bind(std::span<const uint8_t> blob);

  // True: at a row, whose columns may be read until the next Step; false: there are no more.
  absl::StatusOr<bool> Step();
  // Steps to the end.
  absl::Status Run();

  int64_t Integer(int column) const;  // 0 for NULL
  double Number(int column) const;    // 0 for NULL
  std::string Text(int column) const;
  std::span<const uint8_t> Blob(int column) const;

 private:
  friend class Connection;
  Query(Connection& connection, sqlite3_stmt* statement, absl::Status status);
  Connection& connection_;
  sqlite3_stmt* statement_;
  int next_ = 1;
  absl::Status status_;
};

class Connection {
 public:
  // Opens an existing file, alone: nobody else may have it open (kFailedPrecondition).
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& path, bool create);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const std::string& path() const { return path_; }
  sqlite3* handle() { return database_; }

  // `sql` is a literal: the prepared statement is kept under its address. Not nested with itself.
  Query Ask(const char* sql);
  absl::Status Execute(const std::string& sql);     // no rows wanted; any number of statements
  absl::StatusOr<int64_t> Pragma(const char* sql);  // the first column of the first row

  // All or nothing.
  absl::Status Transaction(const std::function<absl::Status()>& body);
  // What was committed survives the machine, not only the process.
  absl::Status SyncLog();
  int64_t last_insert_id() const;

  // Closing writes the log back into the file, unless this was asked for before.
  void LeaveFileUntouched(bool untouched);

  // The last error as a status with path and what to do: kResourceExhausted (disk full), kDataLoss (damaged),
  // kFailedPrecondition (in use), kPermissionDenied, kInvalidArgument (a constraint: our mistake),
  // kUnavailable.
  absl::Status Error(std::string_view doing) const;

 private:
  Connection(std::string path, sqlite3* database) : path_(std::move(path)), database_(database) {}
  std::string path_;
  sqlite3* database_;
  std::unordered_map<const void*, sqlite3_stmt*> prepared_;
};

}  // namespace concertina
