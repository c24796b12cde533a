// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// disk.h: the few operations that keep a file through a power cut, as an interface: tests put a disk in the
// place of the real one that fills up, breaks, or loses what was not flushed.
// On the way of the data: base/file.h, worker/checkpoint.h, worker/carried_file.h -> here -> the disk.
// SQLite has its own way to the disk, with the same order of things (store/connection.h), and does not come
// through here; nor do logs, which are only ever added to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace concertina {

// Any thread. What is promised after a power cut: the bytes of a file up to its last Sync, and the names in a
// folder up to its last SyncFolder. All else may be there, in part or not at all. Errors as ErrnoStatus, with
// the path (kResourceExhausted: full).
class Disk {
 public:
  static Disk& Real();
  virtual ~Disk() = default;

  class File {
   public:
    virtual ~File() = default;                                         // closes it
    virtual absl::Status Write(std::span<const std::byte> bytes) = 0;  // all of them, behind the others
    virtual absl::Status Sync() = 0;
    virtual absl::Status Close() = 0;  // once; some file systems say only here that they are full
  };
  // A new file, 0600. kAlreadyExists: there is one, or a link.
  virtual absl::StatusOr<std::unique_ptr<File>> Create(const std::string& path) = 0;
  // Whoever looks sees the old file of that name or the new one.
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  virtual absl::Status Remove(const std::string& path) = 0;  // a file, or a folder with nothing in it
  virtual absl::Status SyncFolder(const std::string& folder) = 0;
  // One, 0700, in a folder that is there. False: it was there.
  virtual absl::StatusOr<bool> MakeFolder(const std::string& path) = 0;

  virtual absl::StatusOr<std::vector<std::string>> List(const std::string& folder) = 0;  // names, sorted
  virtual absl::StatusOr<uint64_t> SizeOf(const std::string& path) = 0;
  // Up to `most_bytes` from `offset`; fewer at the end of the file.
  virtual absl::StatusOr<std::string> Read(const std::string& path, uint64_t offset, size_t most_bytes) = 0;
  // That this user may still write.
  virtual absl::StatusOr<uint64_t> FreeBytes(const std::string& folder) = 0;
};

// The folder that holds `path`; "." where none is said.
std::string FolderOf(const std::string& path);

}  // namespace concertina
