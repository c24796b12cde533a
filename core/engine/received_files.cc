// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// received_files.cc: see received_files.h.
#include "core/engine/received_files.h"

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "core/base/utf8.h"
#include "core/engine/run_archive.h"
#include "core/proto/deadlines.h"
#include "fmt/format.h"

namespace concertina {
namespace {

std::string NewAside(const std::string& folder, int rank) {
  static std::atomic<uint64_t> last = 0;
  return fmt::format("{}/received-{}-{}.new", folder, rank, ++last);
}

}  // namespace

ReceivedFiles::ReceivedFiles(WorkPool& pool, std::string run_folder, int rank, OnTaken on_taken)
    : pool_(pool),
      folder_(std::move(run_folder)),
      rank_(rank),
      aside_(NewAside(folder_, rank)),
      on_taken_(std::move(on_taken)) {}

std::shared_ptr<ReceivedFiles> ReceivedFiles::Make(WorkPool& pool, std::string run_folder, int rank,
                                                   OnTaken on_taken) {
  return std::shared_ptr<ReceivedFiles>(
      new ReceivedFiles(pool, std::move(run_folder), rank, std::move(on_taken)));
}

bool ReceivedFiles::IsFileOf(int rank, const std::string& path) {
  if (IsArchivedFile(path)) return !path.ends_with(".log");  // logs are the engine's own
  constexpr std::string_view kBegin = "checkpoints/step-";
  constexpr size_t kDigits = 12;
  if (!path.starts_with(kBegin)) return false;
  const std::string rest = path.substr(kBegin.size());
  const size_t slash = rest.find('/');
  // Steps have twelve digits, and more where that is not enough (worker/checkpoint.cc).
  if (slash == std::string::npos || slash < kDigits || slash > 18) return false;
  return std::all_of(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(slash),
                     [](char c) { return c >= '0' && c <= '9'; }) &&
         (rest.substr(slash) == fmt::format("/rank-{}", rank) || rest.substr(slash) == "/manifest.json");
}

absl::Status ReceivedFiles::Offer(const proto::FileChunk& piece) {
  {
    absl::MutexLock lock(&mutex_);
    if (failed_) return absl::OkStatus();  // it has been told
    if (waiting_.size() >= static_cast<size_t>(kFileWindow))
      return absl::InvalidArgumentError(
          fmt::format("it sent more than {} pieces of a file without waiting for an answer", kFileWindow));
    waiting_.push_back(piece);
    if (draining_) return absl::OkStatus();
    draining_ = true;
  }
  absl::Status posted = pool_.Post([self = shared_from_this()] { self->Drain(); });
  if (posted.ok()) return posted;
  absl::MutexLock lock(&mutex_);
  failed_ = true;
  waiting_.clear();
  return posted;
}

void ReceivedFiles::Drain() {
  for (;;) {
    proto::FileChunk piece;
    {
      absl::MutexLock lock(&mutex_);
      if (waiting_.empty() || failed_) {
        if (failed_) current_.reset();
        draining_ = false;
        return;
      }
      piece = std::move(waiting_.front());
      waiting_.pop_front();  // before the answer: that lets the next one come
    }
    if (skipping_ && piece.offset() != 0) continue;
    skipping_ = false;
    const absl::StatusOr<proto::FileTaken> taken = Take(piece);
    if (has_ended()) continue;  // and then there is nothing more
    if (absl::IsResourceExhausted(taken.status())) {
      current_.reset();
      skipping_ = true;
    } else if (!taken.ok()) {
      current_.reset();
      absl::MutexLock lock(&mutex_);
      failed_ = true;
      waiting_.clear();
    }
    on_taken_(taken);
  }
}

absl::StatusOr<proto::FileTaken> ReceivedFiles::Take(const proto::FileChunk& piece) {
  if (current_ == nullptr) RETURN_IF_ERROR(Begin(piece));
  RETURN_IF_ERROR(current_->Add(piece));
  proto::FileTaken taken;
  taken.set_path(current_->path());
  taken.set_bytes(current_->taken());
  if (current_->is_whole()) {
    current_.reset();
    absl::MutexLock lock(&mutex_);
    whole_.insert(taken.path());
  }
  return taken;
}

absl::Status ReceivedFiles::Begin(const proto::FileChunk& first) {
  RETURN_IF_ERROR(CheckRelativePath(first.path()));
  if (!IsFileOf(rank_, first.path()))
    return absl::InvalidArgumentError(
        fmt::format("it sent a file \"{}\", which is none of rank {}", CutUtf8(first.path(), 100), rank_));
  if (first.size() > kMostBytes)
    return absl::InvalidArgumentError(
        fmt::format("it sent a file of {} bytes; none has more than {}", first.size(), kMostBytes));
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(folder_, error);
  if (!error && space.available < first.size() + kSpareBytes)
    return absl::ResourceExhaustedError(
        fmt::format("the disk of {} has {} bytes left, too few for {} of {} bytes", folder_, space.available,
                    first.path(), first.size()));
  ASSIGN_OR_RETURN(current_, ReceivedFile::Begin(first, folder_ + "/" + first.path(), aside_));
  return absl::OkStatus();
}

void ReceivedFiles::End() {
  absl::MutexLock lock(&mutex_);
  failed_ = true;
  waiting_.clear();
  if (!draining_) current_.reset();
}

bool ReceivedFiles::has_ended() const {
  absl::MutexLock lock(&mutex_);
  return failed_;
}

bool ReceivedFiles::Has(const std::string& path) const {
  absl::MutexLock lock(&mutex_);
  return whole_.contains(path);
}

}  // namespace concertina
