// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// carried_file.cc: see carried_file.h.
#include "core/worker/carried_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/base/file.h"
#include "fmt/format.h"

namespace concertina {

absl::Status CheckRelativePath(const std::string& path) {
  bool is_good = !path.empty() && path.size() <= 255;
  for (const char c : path) is_good &= static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && c != '\\';
  for (size_t begin = 0; is_good && begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    is_good = !part.empty() && part != "." && part != "..";
    begin = end + 1;
  }
  if (is_good) return absl::OkStatus();
  return absl::InvalidArgumentError("a path below the run's folder was expected, not the one that was given");
}

absl::StatusOr<std::unique_ptr<SentFile>> SentFile::Open(const std::string& file, const std::string& path) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, "opening " + file);
  struct stat found = {};
  if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) {
    close(fd);
    return absl::FailedPreconditionError(file + " is no file that could be sent");
  }
  return std::unique_ptr<SentFile>(new SentFile(fd, static_cast<uint64_t>(found.st_size), file, path));
}

SentFile::~SentFile() { close(fd_); }

absl::StatusOr<proto::FileChunk> SentFile::Next() {
  proto::FileChunk piece;
  piece.set_path(path_);
  piece.set_offset(given_);
  piece.set_size(size_);
  std::string& data = *piece.mutable_data();
  data.resize(static_cast<size_t>(std::min<uint64_t>(kPieceBytes, size_ - given_)));
  for (size_t filled = 0; filled < data.size();) {
    const ssize_t got = read(fd_, &data[filled], data.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "reading " + file_);
    if (got == 0)
      return absl::DataLossError(
          fmt::format("{} ends at {} bytes, where it had {} before", file_, given_ + filled, size_));
    filled += static_cast<size_t>(got);
  }
  hash_.Add(std::as_bytes(std::span(data)));
  given_ += data.size();
  is_all_given_ = given_ == size_;
  if (is_all_given_) piece.set_sha256(hash_.Hex());
  return piece;
}

absl::StatusOr<std::unique_ptr<ReceivedFile>> ReceivedFile::Begin(const proto::FileChunk& first,
                                                                  const std::string& file,
                                                                  const std::string& aside, Disk& disk) {
  if (first.offset() != 0)
    return absl::InvalidArgumentError(
        fmt::format("a file begins at offset 0; its first piece is at {}", first.offset()));
  RETURN_IF_ERROR(MakeFolder(disk, FolderOf(file)));
  RETURN_IF_ERROR(MakeFolder(disk, FolderOf(aside)));
  disk.Remove(aside).IgnoreError();
  ASSIGN_OR_RETURN(auto opened, disk.Create(aside));
  return std::unique_ptr<ReceivedFile>(new ReceivedFile(disk, std::move(opened), first, file, aside));
}

ReceivedFile::~ReceivedFile() {
  opened_.reset();
  if (!is_whole_) disk_.Remove(aside_).IgnoreError();
}

absl::Status ReceivedFile::Add(const proto::FileChunk& piece) {
  const uint64_t bytes = piece.data().size(), left = size_ - taken_;
  if (opened_ == nullptr) return absl::FailedPreconditionError(path_ + ": nothing more of it is expected");
  if (piece.path() != path_ || piece.size() != size_ || piece.offset() != taken_)
    return absl::InvalidArgumentError(fmt::format(
        "{} bytes of a file of {} are there; the next piece is of {} at offset {}, or of another file",
        taken_, size_, piece.size(), piece.offset()));
  if (bytes > kPieceBytes || bytes > left || (bytes == 0 && size_ > 0))
    return absl::InvalidArgumentError(fmt::format("{}: a piece of {} bytes, where 1 to {} were expected",
                                                  path_, bytes, std::min<uint64_t>(left, kPieceBytes)));
  const bool is_last = bytes == left;
  if (piece.sha256().size() != (is_last ? size_t{64} : size_t{0}))
    return absl::InvalidArgumentError(
        fmt::format("{}: a hash belongs to the last piece, and to no other", path_));
  RETURN_IF_ERROR(opened_->Write(std::as_bytes(std::span(piece.data()))));
  hash_.Add(std::as_bytes(std::span(piece.data())));
  taken_ += bytes;
  return is_last ? Keep(piece.sha256()) : absl::OkStatus();
}

absl::Status ReceivedFile::Keep(const std::string& sha256) {
  absl::Status status;
  if (hash_.Hex() != sha256)
    status = absl::DataLossError(fmt::format("{}: its SHA-256 is not the one that was sent with it", path_));
  if (status.ok()) status = opened_->Sync();
  status.Update(opened_->Close());
  opened_.reset();
  if (status.ok()) status = disk_.Rename(aside_, file_);
  RETURN_IF_ERROR(status);
  is_whole_ = true;
  return disk_.SyncFolder(FolderOf(file_));  // the name itself must survive a power cut too
}

}  // namespace concertina
