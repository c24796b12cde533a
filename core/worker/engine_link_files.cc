// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_link_files.cc: files that a rank without the engine's file system sends it, and fetches (see
// engine_link.h). On the way of the data: worker/folder_elsewhere.h -> here -> engine/run_files.cc.
#include <algorithm>
#include <utility>

#include "core/proto/deadlines.h"
#include "core/worker/engine_link.h"
#include "fmt/format.h"

namespace concertina {

// The engine is trusted with what a run is, but its bytes may be damaged, or of another version.
void EngineLink::TakePiece(const proto::FileChunk& piece) {
  std::string folder;
  {
    absl::MutexLock lock(&mutex_);
    if (fetch_path_.empty() || piece.path() != fetch_path_) return;
    folder = fetch_folder_;
    is_taking_ = true;
  }
  absl::Status status;
  if (fetching_ == nullptr) {
    const std::string file = folder + "/" + piece.path();
    auto begun = ReceivedFile::Begin(piece, file, file + ".new");
    status = begun.status();
    if (begun.ok()) fetching_ = *std::move(begun);
  }
  if (status.ok()) status = fetching_->Add(piece);
  proto::WorkerMessage message;
  message.mutable_file_taken()->set_path(piece.path());
  message.mutable_file_taken()->set_bytes(status.ok() ? fetching_->taken() : 0);
  const bool is_over = !status.ok() || fetching_->is_whole();
  if (is_over) fetching_.reset();
  {
    absl::MutexLock lock(&mutex_);
    last_heard_ = file_moved_ = Clock::Real().SteadySeconds();
    is_taking_ = false;
    if (is_over) {
      fetched_ = true;
      fetch_status_ = status;
      fetch_path_.clear();
    }
  }
  if (status.ok()) Send(message).IgnoreError();  // a lost link ends the run by itself
}

absl::Status EngineLink::WaitForFile(const std::function<bool()>& holds, const std::string& path) {
  const auto over = [&] {
    mutex_.AssertReaderHeld();
    return holds() || ended_ || !no_room_.empty();
  };
  for (;;) {
    const double left = file_moved_ + kFileDeadlineSeconds - Clock::Real().SteadySeconds();
    mutex_.AwaitWithTimeout(absl::Condition(&over), absl::Seconds(std::max(0.0, left)));
    if (!no_room_.empty())
      return absl::ResourceExhaustedError(fmt::format("carrying {} to the engine: {}", path, no_room_));
    if (holds()) return absl::OkStatus();
    if (ended_) return Annotate(end_status_, "carrying " + path);
    if (left <= 0)
      return absl::DeadlineExceededError(fmt::format(
          "carrying {}: the engine took or gave nothing for {:.0f} s", path, kFileDeadlineSeconds));
  }
}

absl::Status EngineLink::SendFile(const std::string& file, const std::string& path) {
  ASSIGN_OR_RETURN(const std::unique_ptr<SentFile> from, SentFile::Open(file, path));
  {
    absl::MutexLock lock(&mutex_);
    sent_pieces_ = taken_pieces_ = taken_bytes_ = 0;
    no_room_.clear();
    file_moved_ = Clock::Real().SteadySeconds();
  }
  while (!from->is_all_given()) {
    {
      absl::MutexLock lock(&mutex_);
      RETURN_IF_ERROR(WaitForFile(
          [this] {
            mutex_.AssertReaderHeld();
            return sent_pieces_ - taken_pieces_ < static_cast<uint64_t>(kFileWindow);
          },
          path));
      ++sent_pieces_;
    }
    proto::WorkerMessage message;
    ASSIGN_OR_RETURN(*message.mutable_file(), from->Next());
    RETURN_IF_ERROR(Send(std::move(message)));
  }
  absl::MutexLock lock(&mutex_);
  return WaitForFile(
      [&] {
        mutex_.AssertReaderHeld();
        return taken_pieces_ == sent_pieces_ && taken_bytes_ == from->size();
      },
      path);
}

absl::Status EngineLink::FetchFile(const std::string& folder, const std::string& path) {
  RETURN_IF_ERROR(CheckRelativePath(path));
  {
    absl::MutexLock lock(&mutex_);
    fetch_folder_ = folder;
    fetch_path_ = path;
    fetched_ = false;
    fetch_status_ = absl::OkStatus();
    no_room_.clear();
    file_moved_ = Clock::Real().SteadySeconds();
  }
  proto::WorkerMessage request;
  request.mutable_file_taken()->set_path(path);
  RETURN_IF_ERROR(Send(request));
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(WaitForFile(
      [this] {
        mutex_.AssertReaderHeld();
        return fetched_;
      },
      path));
  return fetch_status_;
}

}  // namespace concertina
