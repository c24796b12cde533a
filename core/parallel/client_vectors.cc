// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// client_vectors.cc: see client_vectors.h. Read and written, not mapped: a full disk is then an error with a
// name, where a mapped page would end the process.
#include "core/parallel/client_vectors.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "core/base/file.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// `move(bytes, count, offset)`: pread or pwrite, until all is moved.
template <class Byte, class Move>
absl::Status MoveAll(Byte* bytes, int64_t count, int64_t offset, const std::string& what, Move move) {
  while (count > 0) {
    const ssize_t moved = move(bytes, static_cast<size_t>(count), static_cast<off_t>(offset));
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0) return ErrnoStatus(errno, what);
    if (moved == 0) return absl::DataLossError(fmt::format("{}: ends at byte {}", what, offset));
    bytes += moved;
    count -= moved;
    offset += moved;
  }
  return absl::OkStatus();
}

}  // namespace

ClientVectors::~ClientVectors() {
  if (file_ >= 0) ::close(file_);
}

absl::Status ClientVectors::Load(int64_t client, std::span<float> vector) const {
  if (const auto kept = kept_.find(client); kept != kept_.end()) {
    std::copy(kept->second.begin(), kept->second.end(), vector.begin());
    return absl::OkStatus();
  }
  const auto row = row_.find(client);
  if (row == row_.end()) {
    std::fill(vector.begin(), vector.end(), 0.0F);
    return absl::OkStatus();
  }
  return MoveAll(
      reinterpret_cast<char*>(vector.data()), RowBytes(), row->second * RowBytes(), "reading " + path_,
      [&](char* bytes, size_t count, off_t offset) { return ::pread(file_, bytes, count, offset); });
}

absl::Status ClientVectors::Store(int64_t client, std::span<const float> vector) {
  if (const auto kept = kept_.find(client); kept != kept_.end()) {
    std::copy(vector.begin(), vector.end(), kept->second.begin());
    return absl::OkStatus();
  }
  auto row = row_.find(client);
  if (row == row_.end()) {
    if ((static_cast<int64_t>(kept_.size()) + 1) * RowBytes() <= memory_limit_bytes_) {
      kept_.emplace(client, std::vector<float>(vector.begin(), vector.end()));
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(Open());
    row = row_.emplace(client, rows_++).first;
  }
  return MoveAll(
      reinterpret_cast<const char*>(vector.data()), RowBytes(), row->second * RowBytes(), "writing " + path_,
      [&](const char* bytes, size_t count, off_t offset) { return ::pwrite(file_, bytes, count, offset); });
}

absl::Status ClientVectors::Open() {
  if (file_ >= 0) return absl::OkStatus();
  if (path_.empty())
    return absl::ResourceExhaustedError(fmt::format(
        "the clients' vectors are more than {} bytes, and there is no folder to put the rest into",
        memory_limit_bytes_));
  RETURN_IF_ERROR(MakeFolder(std::filesystem::path(path_).parent_path().string()));
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file_ < 0) return ErrnoStatus(errno, "opening " + path_);
  if (::unlink(path_.c_str()) != 0) return ErrnoStatus(errno, "unlinking " + path_);
  return absl::OkStatus();
}

std::vector<int64_t> ClientVectors::stored() const {
  std::vector<int64_t> clients;
  for (const auto& [client, vector] : kept_) clients.push_back(client);
  for (const auto& [client, row] : row_) clients.push_back(client);
  std::sort(clients.begin(), clients.end());
  return clients;
}

}  // namespace concertina
