// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// failing_disk.h: SQLite's own disk, but for writes that fail when a test says so.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstring>

namespace concertina {

// The default disk of every database that is opened while this lives.
class FailingDisk {
 public:
  FailingDisk() {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "failing-disk";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.pAppData = this;
    vfs_.xOpen = [](sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
      auto* self = static_cast<FailingDisk*>(vfs->pAppData);
      auto* opened = reinterpret_cast<File*>(file);
      opened->disk = self;
      opened->real = reinterpret_cast<sqlite3_file*>(opened + 1);
      const int result = self->real_->xOpen(self->real_, name, opened->real, flags, out_flags);
      opened->base.pMethods = opened->real->pMethods != nullptr ? Methods() : nullptr;
      return result;
    };
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FailingDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }

  // `writes` more writes go well, all others find the disk full. -1: all go well.
  void Allow(int64_t writes) { allowed_ = writes; }
  // Files end there: what is short still fits, and what is long does not. -1: they do not.
  void AllowBytes(int64_t end) { end_bytes_ = end; }
  // What is written is not confirmed.
  void FailSyncs(bool fail) { fails_syncs_ = fail; }
  int64_t failed() const { return failed_; }
  int64_t syncs() const { return syncs_; }  // that were asked for

 private:
  struct File {
    sqlite3_file base;
    sqlite3_file* real;
    FailingDisk* disk;
  };
  static File* Of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

  bool MayWrite(int64_t end) {
    if (end_bytes_ >= 0 && end > end_bytes_) {
      ++failed_;
      return false;
    }
    if (allowed_ < 0) return true;
    if (allowed_.load() > 0) {
      --allowed_;
      return true;
    }
    ++failed_;
    return false;
  }

  // Version 1 has no shared memory: the store's database is opened by one alone, and needs none.
  static const sqlite3_io_methods* Methods() {
    static const sqlite3_io_methods methods = {
        .iVersion = 1,
        .xClose = [](sqlite3_file* f) { return Of(f)->real->pMethods->xClose(Of(f)->real); },
        .xRead = [](sqlite3_file* f, void* data, int size,
                    sqlite3_int64 at) { return Of(f)->real->pMethods->xRead(Of(f)->real, data, size, at); },
        .xWrite =
            [](sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
              if (!Of(f)->disk->MayWrite(at + size)) return SQLITE_FULL;
              return Of(f)->real->pMethods->xWrite(Of(f)->real, data, size, at);
            },
        .xTruncate = [](sqlite3_file* f,
                        sqlite3_int64 size) { return Of(f)->real->pMethods->xTruncate(Of(f)->real, size); },
        .xSync =
            [](sqlite3_file* f, int flags) {
              ++Of(f)->disk->syncs_;
              if (Of(f)->disk->fails_syncs_) return SQLITE_IOERR_FSYNC;
              return Of(f)->real->pMethods->xSync(Of(f)->real, flags);
            },
        .xFileSize = [](sqlite3_file* f,
                        sqlite3_int64* size) { return Of(f)->real->pMethods->xFileSize(Of(f)->real, size); },
        .xLock = [](sqlite3_file* f, int level) { return Of(f)->real->pMethods->xLock(Of(f)->real, level); },
        .xUnlock = [](sqlite3_file* f,
                      int level) { return Of(f)->real->pMethods->xUnlock(Of(f)->real, level); },
        .xCheckReservedLock =
            [](sqlite3_file* f, int* is) {
              return Of(f)->real->pMethods->xCheckReservedLock(Of(f)->real, is);
            },
        .xFileControl =
            [](sqlite3_file* f, int operation, void* data) {
              return Of(f)->real->pMethods->xFileControl(Of(f)->real, operation, data);
            },
        .xSectorSize = [](sqlite3_file* f) { return Of(f)->real->pMethods->xSectorSize(Of(f)->real); },
        .xDeviceCharacteristics =
            [](sqlite3_file* f) { return Of(f)->real->pMethods->xDeviceCharacteristics(Of(f)->real); },
    };
    return &methods;
  }

  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
  std::atomic<int64_t> allowed_ = -1, end_bytes_ = -1;
  std::atomic<int64_t> failed_ = 0, syncs_ = 0;
  std::atomic<bool> fails_syncs_ = false;
};

}  // namespace concertina
