// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// loader.cc: takes the worker's samples in the epoch's order, a batch at a time (see loader.h).
// On the way of the data: data/stored_samples.cc, data/partition.h -> here -> graph/executor.h input().
//
// Reading ahead into a second buffer was not worth a thread: a batch of 64 MNIST images is converted in less
// time than it takes to wake one. What is asked for ahead is memory, within the batch (stored_samples.cc).
#include "core/data/loader.h"

#include <algorithm>

#include "fmt/format.h"

namespace concertina {
namespace {

class PartitionLoader final : public Loader {
 public:
  PartitionLoader(std::shared_ptr<const Samples> samples, std::shared_ptr<const Partition> partition,
                  const LoaderOptions& options, int64_t steps_per_epoch)
      : samples_(std::move(samples)),
        partition_(std::move(partition)),
        options_(options),
        steps_per_epoch_(steps_per_epoch) {}

  absl::Status Start() {
    if (!partition_->redrawn_each_epoch()) {
      ASSIGN_OR_RETURN(
          shard_, partition_->Shard(samples_->labels(), options_.worker, options_.workers, options_.seed, 0));
      std::sort(shard_.begin(), shard_.end());
    }
    return OrderEpoch(0);
  }

  int64_t steps_per_epoch() const override { return steps_per_epoch_; }
  int64_t samples_per_epoch() const override { return steps_per_epoch_ * options_.batch_size; }

  absl::Status Fill(int64_t step, std::span<float> input, std::span<int32_t> labels) override {
    if (input.empty() || input.size() % static_cast<size_t>(options_.batch_size) != 0)
      return absl::InternalError(fmt::format("loader: step {}, {} inputs do not fit a batch of {}", step,
                                             input.size(), options_.batch_size));
    RETURN_IF_ERROR(FillLabels(step, labels));
    samples_->ReadBatch(BatchOf(step), input);
    return absl::OkStatus();
  }

  absl::Status FillLabels(int64_t step, std::span<int32_t> labels) override {
    if (step < 0 || labels.size() != static_cast<size_t>(options_.batch_size))
      return absl::InternalError(fmt::format("loader: step {}, {} labels do not fit a batch of {}", step,
                                             labels.size(), options_.batch_size));
    const int64_t epoch = step / steps_per_epoch_;
    if (epoch != epoch_) RETURN_IF_ERROR(OrderEpoch(epoch));
    const std::span<const int64_t> batch = BatchOf(step);
    for (size_t i = 0; i < batch.size(); ++i) labels[i] = samples_->label(batch[i]);
    return absl::OkStatus();
  }

 private:
  // Once the epoch is ordered.
  std::span<const int64_t> BatchOf(int64_t step) const {
    const auto batch_size = static_cast<size_t>(options_.batch_size);
    return std::span(order_).subspan(static_cast<size_t>(step % steps_per_epoch_) * batch_size, batch_size);
  }

  absl::Status OrderEpoch(int64_t epoch) {
    epoch_ = -1;
    if (partition_->redrawn_each_epoch()) {
      RETURN_IF_ERROR(partition_->ShardInto(samples_->labels(), options_.worker, options_.workers,
                                            options_.seed, epoch, order_));
    } else {
      order_ = shard_;
      ShuffleForEpoch(order_, options_.worker, options_.seed, epoch);
    }
    epoch_ = epoch;
    return absl::OkStatus();
  }

  const std::shared_ptr<const Samples> samples_;
  const std::shared_ptr<const Partition> partition_;
  const LoaderOptions options_;
  const int64_t steps_per_epoch_;
  std::vector<int64_t> shard_;  // fixed partitions: ascending
  std::vector<int64_t> order_;  // of epoch_
  int64_t epoch_ = -1;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Loader>> Loader::Create(std::shared_ptr<const Samples> samples,
                                                       std::shared_ptr<const Partition> partition,
                                                       const LoaderOptions& options) {
  if (options.batch_size < 1)
    return absl::InvalidArgumentError(
        fmt::format("/training/batch_size: found {}, expected at least 1", options.batch_size));
  RETURN_IF_ERROR(CheckShare(samples->labels().size(), options.worker, options.workers));
  ASSIGN_OR_RETURN(const std::vector<int64_t> sizes,
                   partition->ShardSizes(samples->labels(), options.workers, options.seed));
  const auto smallest = std::min_element(sizes.begin(), sizes.end());
  if (*smallest < options.batch_size)
    return absl::InvalidArgumentError(fmt::format(
        "/training/batch_size: found {}, expected at most {}: worker {} of {} has no more samples",
        options.batch_size, *smallest, smallest - sizes.begin(), options.workers));
  auto loader = std::make_unique<PartitionLoader>(std::move(samples), std::move(partition), options,
                                                  *smallest / options.batch_size);
  RETURN_IF_ERROR(loader->Start());
  return loader;
}

}  // namespace concertina
