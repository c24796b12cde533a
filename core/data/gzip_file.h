// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gzip_file.h: reads a file that may be compressed by gzip, front to back.
// On the way of the data: files -> here -> data/idx_file.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/base/status.h"

namespace concertina {

// Told by its first two bytes, not by its name.
absl::StatusOr<bool> IsGzip(const std::string& path);

// Plain files are read as they are. Neither copied nor shared between threads.
class GzipFile {
 public:
  explicit GzipFile(std::string path) : path_(std::move(path)) {}
  ~GzipFile();
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  absl::Status Open();
  // Fills `bytes`, but for the end of the file. kDataLoss, with the offset in the file as it is on the disk,
  // if the compressed data is damaged or cut short; the checksum is compared when the end is met.
  absl::StatusOr<size_t> Read(std::span<uint8_t> bytes);

 private:
  const std::string path_;
  void* file_ = nullptr;  // gzFile
};

}  // namespace concertina
