// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// refusing_disk.h: a disk over another that fails at its n-th write, or whenever it is told to be full.
#pragma once

#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/disk.h"

namespace concertina {

// What changes nothing, and what removes, never fails: a disk that is full lets go.
class RefusingDisk final : public Disk {
 public:
  explicit RefusingDisk(Disk& under) : under_(under) {}

  // The n-th operation from now on that writes fails with `error`; of bytes half are written before. 0: none.
  void FailAt(int64_t operation, int error) {
    error_ = error;
    left_ = operation;
    has_failed_ = false;
  }
  bool has_failed() const { return has_failed_; }
  void SetFull(bool full) { full_ = full; }
  int64_t refused() const { return refused_; }  // while it was full

  absl::StatusOr<std::unique_ptr<File>> Create(const std::string& path) override {
    RETURN_IF_ERROR(Writes("making " + path));
    ASSIGN_OR_RETURN(auto file, under_.Create(path));
    return std::make_unique<RefusingFile>(*this, std::move(file), path);
  }
  absl::Status Rename(const std::string& from, const std::string& to) override {
    RETURN_IF_ERROR(Writes("renaming to " + to));
    return under_.Rename(from, to);
  }
  absl::Status Remove(const std::string& path) override { return under_.Remove(path); }
  absl::Status SyncFolder(const std::string& folder) override {
    RETURN_IF_ERROR(Writes("writing the names in " + folder));
    return under_.SyncFolder(folder);
  }
  absl::StatusOr<bool> MakeFolder(const std::string& path) override {
    RETURN_IF_ERROR(Writes("making folder " + path));
    return under_.MakeFolder(path);
  }
  absl::StatusOr<std::vector<std::string>> List(const std::string& folder) override {
    return under_.List(folder);
  }
  absl::StatusOr<uint64_t> SizeOf(const std::string& path) override { return under_.SizeOf(path); }
  absl::StatusOr<std::string> Read(const std::string& path, uint64_t offset, size_t most_bytes) override {
    return under_.Read(path, offset, most_bytes);
  }
  absl::StatusOr<uint64_t> FreeBytes(const std::string& folder) override { return under_.FreeBytes(folder); }

 private:
  class RefusingFile final : public File {
   public:
    RefusingFile(RefusingDisk& disk, std::unique_ptr<File> under, std::string path)
        : disk_(disk), under_(std::move(under)), path_(std::move(path)) {}
    absl::Status Write(std::span<const std::byte> bytes) override {
      const absl::Status status = disk_.Writes("writing " + path_);
      if (!status.ok()) under_->Write(bytes.first(bytes.size() / 2)).IgnoreError();
      return status.ok() ? under_->Write(bytes) : status;
    }
    absl::Status Sync() override {
      RETURN_IF_ERROR(disk_.Writes("writing " + path_));
      return under_->Sync();
    }
    absl::Status Close() override {
      absl::Status status = disk_.Writes("closing " + path_);
      status.Update(under_->Close());
      return status;
    }

   private:
    RefusingDisk& disk_;
    const std::unique_ptr<File> under_;
    const std::string path_;
  };

  absl::Status Writes(const std::string& what) {
    if (full_) {
      ++refused_;
      return ErrnoStatus(ENOSPC, what);
    }
    if (left_ == 0 || --left_ > 0) return absl::OkStatus();
    has_failed_ = true;
    return ErrnoStatus(error_, what);
  }

  Disk& under_;
  std::atomic<int64_t> left_ = 0, refused_ = 0;
  std::atomic<int> error_ = 0;
  std::atomic<bool> has_failed_ = false, full_ = false;
};

}  // namespace concertina
