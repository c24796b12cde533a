// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gzip_file.cc: zlib's gzFile with errors as statuses (see gzip_file.h).
#include "core/data/gzip_file.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>

#include "fmt/format.h"

namespace concertina {

absl::StatusOr<bool> IsGzip(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return ErrnoStatus(errno, "opening " + path);
  uint8_t magic[2] = {};
  const ssize_t count = read(file, magic, sizeof magic);
  const int error = errno;
  close(file);
  if (count < 0) return ErrnoStatus(error, "reading " + path);
  return count == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

GzipFile::~GzipFile() {
  if (file_ != nullptr) gzclose_r(static_cast<gzFile>(file_));
}

absl::Status GzipFile::Open() {
  errno = 0;
  file_ = gzopen(path_.c_str(), "rbe");
  if (file_ == nullptr) return ErrnoStatus(errno == 0 ? ENOMEM : errno, "opening " + path_);
  gzbuffer(static_cast<gzFile>(file_), 256 * 1024);
  return absl::OkStatus();
}

absl::StatusOr<size_t> GzipFile::Read(std::span<uint8_t> bytes) {
  auto* const file = static_cast<gzFile>(file_);
  size_t total = 0;
  while (total < bytes.size()) {
    const auto wanted = static_cast<unsigned>(std::min<size_t>(bytes.size() - total, 1U << 30));
    errno = 0;
    const int count = gzread(file, bytes.data() + total, wanted);
    int code = Z_OK;
    const char* text = gzerror(file, &code);
    if (count < 0 || (code != Z_OK && code != Z_STREAM_END)) {
      if (code == Z_ERRNO) return ErrnoStatus(errno, "reading " + path_);
      return absl::DataLossError(
          fmt::format("{}: at byte {} of the compressed file: {}; expected whole gzip data", path_,
                      gzoffset(file), code == Z_BUF_ERROR ? "it ends too early" : text));
    }
    if (count == 0) break;
    total += static_cast<size_t>(count);
  }
  return total;
}

}  // namespace concertina
