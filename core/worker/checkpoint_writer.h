// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_writer.h: takes a rank's state as it is between two steps, and writes it down while the next
// steps are made.
// On the way of the data: worker/step_loop_checkpoint.cc -> here -> worker/checkpoint.h, in a thread of its
// own.
//
// What is large is copied into a spare that is allocated once, in blocks, by that thread: parameters and the
// optimiser's state are read alone while gradients are computed, so most of the copy costs the step nothing.
// Who is about to change them calls FinishCopy: it copies what is left, together with the thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/clock.h"
#include "core/base/disk.h"
#include "core/worker/checkpoint.h"
#include "core/worker/checkpoint_manifest.h"

namespace concertina {

class CheckpointWriter {
 public:
  // What became of what was asked last.
  enum class Report : uint8_t {
    kNone,    // nothing was asked, or it is under way
    kDone,    // it is on the disk
    kNoRoom,  // the disk is full; all that it needs is still here
    kFailed,
  };

  // What of a state is copied. The spans stay where they are until FinishCopy; the rest is moved.
  struct State {
    CheckpointView small;  // step, seconds, rank and world size
    std::string spec_json;
    std::vector<std::span<const float>> parameters;  // one after another
    std::vector<std::span<const float>> optimizer;
    std::vector<float> buffers;
    std::vector<uint8_t> exchange, knobs;
  };

  // Both are called in the writer's thread, and may be empty. `carry`: what has to be done with a file that
  // is written, so that the engine has it; then the file goes. `keep_metrics`: waits until what this rank
  // measured before is as safe as the part that was written.
  CheckpointWriter(Disk& disk, std::function<absl::Status(const std::string& file)> carry,
                   std::function<absl::Status()> keep_metrics = {})
      : disk_(disk), carry_(std::move(carry)), keep_metrics_(std::move(keep_metrics)) {}
  ~CheckpointWriter();  // what is under way is ended first
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  // Makes the spare, of `floats`, now rather than at the first Write: to be given pages takes as long as half
  // a step of a large model.
  void Reserve(size_t floats);

  // The step thread alone calls these, when nothing is under way (Await).
  void Write(std::string step_folder, State state);
  void WriteManifest(std::string step_folder, CheckpointManifest manifest);
  void Forget(std::string run_folder, int rank, int64_t newest);
  // Once more what was asked last, with the same bytes.
  void TryAgain();

  // Returns once the copy is whole: from then on the state may change.
  void FinishCopy();
  // Until nothing is under way; false: the deadline has passed.
  bool Await(Deadline deadline);
  Report report() const;
  absl::Status status() const;  // of what was asked last, once it is over
  CheckpointPart part() const;  // of the last that was written

 private:
  struct Block {
    const float* from;
    float* to;
    size_t count;
  };
  void Post(std::function<absl::Status()> job);
  void Loop();
  void CopyBlocks();
  size_t AddBlocks(const std::vector<std::span<const float>>& spans, size_t at);
  absl::Status WritePart();

  Disk& disk_;
  const std::function<absl::Status(const std::string&)> carry_;
  const std::function<absl::Status()> keep_metrics_;
  // Written by the step thread while nothing is under way; by the writer's read meanwhile.
  std::string folder_;
  State state_;
  std::unique_ptr<float[]> spare_;
  size_t spare_floats_ = 0, parameter_floats_ = 0, optimizer_floats_ = 0;
  std::unique_ptr<Block[]> blocks_;
  size_t block_count_ = 0;
  std::atomic<size_t> next_block_{0};  // before it all are taken
  std::atomic<size_t> copied_blocks_{0};
  std::function<absl::Status()> job_;

  mutable absl::Mutex mutex_;
  bool has_job_ ABSL_GUARDED_BY(mutex_) = false;  // asked for, or under way
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Report report_ ABSL_GUARDED_BY(mutex_) = Report::kNone;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  CheckpointPart part_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;  // from the first job on
};

}  // namespace concertina
