// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// received_files.h: what a worker elsewhere sends of its files, written into the run's folder.
// On the way of the data: worker/engine_link.h -> engine/run_files.cc -> here (worker/carried_file.h) -> the
// run's folder.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/engine/work_pool.h"
#include "core/proto/home.pb.h"
#include "core/worker/carried_file.h"

namespace concertina {

// Of one rank. Pieces are written in the pool, in their order; at most kFileWindow of them wait. Nothing that
// a worker says about names and sizes is believed: it may write the files that its rank has, in this folder,
// and no others.
class ReceivedFiles : public std::enable_shared_from_this<ReceivedFiles> {
 public:
  // From a thread of the pool: what was taken, to be answered; or why nothing more will be. Of an error the
  // first piece is told, and no other. kResourceExhausted, the disk is full: a file may begin again, and what
  // still comes of this one is let go.
  using OnTaken = std::function<void(const absl::StatusOr<proto::FileTaken>&)>;
  static std::shared_ptr<ReceivedFiles> Make(WorkPool& pool, std::string run_folder, int rank,
                                             OnTaken on_taken);

  // Any thread; never waits for the disk. kInvalidArgument: more than may wait; kResourceExhausted: the pool
  // is full.
  absl::Status Offer(const proto::FileChunk& piece);
  // Its worker is lost, or has another rank now: what still waits is let go, what is half there goes, and
  // nothing more is told. Any thread; a piece that is just being written is finished first.
  void End();
  // Whether this file has come, whole.
  bool Has(const std::string& path) const;

  // What rank `rank` may write, relative to the run's folder: parameters.safetensors, what is told of the
  // steps of a recipe (recipe-K.json, model.edge), and its own file of a checkpoint or the manifest of one,
  // which one rank writes for all.
  static bool IsFileOf(int rank, const std::string& path);
  static constexpr uint64_t kMostBytes = uint64_t{1} << 40;
  static constexpr uint64_t kSpareBytes = uint64_t{64} << 20;  // of the disk, that no file may take

 private:
  ReceivedFiles(WorkPool& pool, std::string run_folder, int rank, OnTaken on_taken);
  void Drain();
  bool has_ended() const;
  absl::StatusOr<proto::FileTaken> Take(const proto::FileChunk& piece);
  absl::Status Begin(const proto::FileChunk& first);

  WorkPool& pool_;
  const std::string folder_;
  const int rank_;
  const std::string
      aside_;  // nobody else's: another worker of this rank may come while this one still writes
  const OnTaken on_taken_;
  std::unique_ptr<ReceivedFile> current_;  // of the one task in the pool, and so is
  bool skipping_ = false;                  // the rest of a file that had no room
  mutable absl::Mutex mutex_;
  std::deque<proto::FileChunk> waiting_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> whole_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool failed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace concertina
