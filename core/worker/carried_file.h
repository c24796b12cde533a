// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// carried_file.h: one file on its way between two machines, piece by piece; both ends of both directions.
// On the way of the data: a checkpoint, or what a run keeps -> here -> FileChunk (proto/home.proto) -> here
// -> the same file there. A piece is in memory at a time, never the file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/disk.h"
#include "core/base/status.h"
#include "core/edge/sha256.h"
#include "core/proto/home.pb.h"

namespace concertina {

inline constexpr size_t kPieceBytes = size_t{1} << 20;

// kInvalidArgument unless `path` names something below a folder, whatever the folder: relative, no empty
// part, no "." and no "..", no control characters, 255 bytes at most.
absl::Status CheckRelativePath(const std::string& path);

// A file that is read and given.
class SentFile {
 public:
  // `path`: what the other end calls it.
  static absl::StatusOr<std::unique_ptr<SentFile>> Open(const std::string& file, const std::string& path);
  ~SentFile();
  SentFile(const SentFile&) = delete;
  SentFile& operator=(const SentFile&) = delete;

  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }
  bool is_all_given() const { return is_all_given_; }
  // The next piece. kDataLoss: the file has become shorter meanwhile.
  absl::StatusOr<proto::FileChunk> Next();

 private:
  SentFile(int fd, uint64_t size, std::string file, std::string path)
      : fd_(fd), size_(size), file_(std::move(file)), path_(std::move(path)) {}
  const int fd_;
  const uint64_t size_;
  const std::string file_, path_;
  uint64_t given_ = 0;
  bool is_all_given_ = false;
  Sha256 hash_;
};

// A file that is taken, and written aside until it is whole and its hash is right.
class ReceivedFile {
 public:
  // `first`: its first piece, still to be added. `file`: where the whole comes; its folder is made. `aside`:
  // where it is until then, in the same file system; what is there goes. kInvalidArgument: not the first
  // piece of a file.
  static absl::StatusOr<std::unique_ptr<ReceivedFile>> Begin(const proto::FileChunk& first,
                                                             const std::string& file,
                                                             const std::string& aside,
                                                             Disk& disk = Disk::Real());
  ~ReceivedFile();  // what is aside goes
  ReceivedFile(const ReceivedFile&) = delete;
  ReceivedFile& operator=(const ReceivedFile&) = delete;

  // After an error nothing more can be added, and `file` is as it was. kInvalidArgument: the piece is not the
  // next one, or not as long as it may be; kDataLoss: the hash is another; else what the disk says.
  absl::Status Add(const proto::FileChunk& piece);
  const std::string& path() const { return path_; }
  uint64_t taken() const { return taken_; }
  bool is_whole() const { return is_whole_; }  // written, flushed, checked, and in its place

 private:
  ReceivedFile(Disk& disk, std::unique_ptr<Disk::File> opened, const proto::FileChunk& first,
               std::string file, std::string aside)
      : disk_(disk),
        opened_(std::move(opened)),
        size_(first.size()),
        path_(first.path()),
        file_(std::move(file)),
        aside_(std::move(aside)) {}
  absl::Status Keep(const std::string& sha256);
  Disk& disk_;
  std::unique_ptr<Disk::File> opened_;  // until it is kept
  const uint64_t size_;
  const std::string path_, file_, aside_;
  uint64_t taken_ = 0;
  bool is_whole_ = false;
  Sha256 hash_;
};

}  // namespace concertina
