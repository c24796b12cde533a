// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_writer.cc: see checkpoint_writer.h.
#include "core/worker/checkpoint_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/file.h"

namespace concertina {
namespace {

constexpr size_t kBlockFloats = size_t{1} << 18;  // 1 MiB: some 0.1 ms, the longest that FinishCopy waits

}  // namespace

CheckpointWriter::~CheckpointWriter() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

size_t CheckpointWriter::AddBlocks(const std::vector<std::span<const float>>& spans, size_t at) {
  for (const std::span<const float> span : spans)
    for (size_t begin = 0; begin < span.size(); begin += kBlockFloats) {
      Block& block = blocks_[block_count_++];
      block.from = &span[begin];
      block.to = &spare_[at];
      block.count = std::min(kBlockFloats, span.size() - begin);
      at += block.count;
    }
  return at;
}

void CheckpointWriter::Reserve(size_t floats) {
  if (floats <= spare_floats_) return;
  spare_ = std::make_unique<float[]>(floats);  // zeroed, and so touched
  spare_floats_ = floats;
}

void CheckpointWriter::Write(std::string step_folder, State state) {
  folder_ = std::move(step_folder);
  state_ = std::move(state);
  size_t blocks = 0;
  const auto floats = [&blocks](const std::vector<std::span<const float>>& spans) {
    size_t count = 0;
    for (const std::span<const float> span : spans) {
      count += span.size();
      blocks += (span.size() + kBlockFloats - 1) / kBlockFloats;
    }
    return count;
  };
  parameter_floats_ = floats(state_.parameters);
  optimizer_floats_ = floats(state_.optimizer);
  if (parameter_floats_ + optimizer_floats_ > spare_floats_) {
    spare_floats_ = parameter_floats_ + optimizer_floats_;
    // Not zeroed: whoever copies first touches the pages, and that is mostly the writer's thread.
    spare_ = std::make_unique_for_overwrite<float[]>(spare_floats_);
  }
  blocks_ = std::make_unique<Block[]>(blocks);
  block_count_ = 0;
  const size_t end = AddBlocks(state_.optimizer, AddBlocks(state_.parameters, 0));
  state_.small.spec_json = state_.spec_json;
  state_.small.parameters = {spare_.get(), parameter_floats_};
  state_.small.optimizer = {spare_.get() + parameter_floats_, end - parameter_floats_};
  state_.small.buffers = state_.buffers;
  state_.small.exchange = state_.exchange;
  state_.small.knobs = state_.knobs;
  copied_blocks_.store(0, std::memory_order_relaxed);
  next_block_.store(0, std::memory_order_release);
  Post([this] {
    FinishCopy();
    return WritePart();
  });
}

absl::Status CheckpointWriter::WritePart() {
  ASSIGN_OR_RETURN(CheckpointPart part, WriteCheckpoint(disk_, folder_, state_.small));
  if (carry_) {
    const std::string file = CheckpointFile(folder_, state_.small.rank);
    RETURN_IF_ERROR(carry_(file));
    disk_.Remove(file).IgnoreError();  // what is the engine's need not be here as well
    disk_.Remove(folder_).IgnoreError();
  }
  if (keep_metrics_) RETURN_IF_ERROR(keep_metrics_());
  absl::MutexLock lock(&mutex_);
  part_ = std::move(part);
  return absl::OkStatus();
}

void CheckpointWriter::WriteManifest(std::string step_folder, CheckpointManifest manifest) {
  folder_ = std::move(step_folder);
  Post([this, manifest = std::move(manifest)]() -> absl::Status {
    RETURN_IF_ERROR(MakeFolder(disk_, folder_));
    RETURN_IF_ERROR(WriteCheckpointManifest(disk_, folder_, manifest));
    if (!carry_) return absl::OkStatus();
    RETURN_IF_ERROR(carry_(CheckpointManifestFile(folder_)));
    disk_.Remove(CheckpointManifestFile(folder_)).IgnoreError();
    disk_.Remove(folder_).IgnoreError();
    return absl::OkStatus();
  });
}

void CheckpointWriter::Forget(std::string run_folder, int rank, int64_t newest) {
  Post([this, folder = std::move(run_folder), rank, newest] {
    ForgetOldCheckpoints(disk_, folder, rank, newest, kKeptCheckpoints);
    return absl::OkStatus();
  });
}

void CheckpointWriter::TryAgain() { Post(std::move(job_)); }

void CheckpointWriter::Post(std::function<absl::Status()> job) {
  job_ = std::move(job);
  absl::MutexLock lock(&mutex_);
  has_job_ = true;
  report_ = Report::kNone;
  status_ = absl::OkStatus();
  if (!thread_.joinable()) thread_ = std::thread([this] { Loop(); });
}

void CheckpointWriter::Loop() {
  const auto has_work = [this] {
    mutex_.AssertReaderHeld();
    return has_job_ || stopping_;
  };
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&has_work));
      if (!has_job_) return;
    }
    const absl::Status status = job_();
    absl::MutexLock lock(&mutex_);
    has_job_ = false;
    status_ = status;
    report_ = status.ok()                         ? Report::kDone
              : absl::IsResourceExhausted(status) ? Report::kNoRoom
                                                  : Report::kFailed;
  }
}

void CheckpointWriter::CopyBlocks() {
  for (;;) {
    const size_t b = next_block_.fetch_add(1, std::memory_order_acq_rel);
    if (b >= block_count_) return;
    const Block& block = blocks_[b];
    std::memcpy(block.to, block.from, block.count * sizeof(float));
    copied_blocks_.fetch_add(1, std::memory_order_release);
    copied_blocks_.notify_all();
  }
}

void CheckpointWriter::FinishCopy() {
  CopyBlocks();
  // The other thread has at most one under way.
  for (size_t done = copied_blocks_.load(std::memory_order_acquire); done < block_count_;
       done = copied_blocks_.load(std::memory_order_acquire))
    copied_blocks_.wait(done, std::memory_order_acquire);
}

bool CheckpointWriter::Await(Deadline deadline) {
  const auto idle = [this] {
    mutex_.AssertReaderHeld();
    return !has_job_;
  };
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&idle), absl::Seconds(deadline.SecondsLeft()));
}

CheckpointWriter::Report CheckpointWriter::report() const {
  absl::MutexLock lock(&mutex_);
  return report_;
}

absl::Status CheckpointWriter::status() const {
  absl::MutexLock lock(&mutex_);
  return status_;
}

CheckpointPart CheckpointWriter::part() const {
  absl::MutexLock lock(&mutex_);
  return part_;
}

}  // namespace concertina
