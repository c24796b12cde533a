// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// loader.h: batches of one worker, ready before they are asked for.
// On the way of the data: data/dataset.h, data/partition.h -> here -> graph/executor.h input() and labels().
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/base/status.h"
#include "core/data/dataset.h"
#include "core/data/partition.h"

namespace concertina {

struct LoaderOptions {
  int64_t batch_size = 1;
  int64_t worker = 0;
  int64_t workers = 1;
  uint64_t seed = 0;
};

// Owned by the step thread. The order depends only on (seed, epoch, worker, workers), never on timing.
// The last samples of an epoch that do not fill a batch on every worker are left out (they come at another
// place in another epoch): steps_per_epoch is the same on all workers: floor(smallest shard / batch_size).
class Loader {
 public:
  static absl::StatusOr<std::unique_ptr<Loader>> Create(std::shared_ptr<const Samples> samples,
                                                        std::shared_ptr<const Partition> partition,
                                                        const LoaderOptions& options);
  virtual ~Loader() = default;
  virtual int64_t steps_per_epoch() const = 0;
  virtual int64_t samples_per_epoch() const = 0;  // of this worker
  // Fills the batch of global step `step` (epoch = step / steps_per_epoch). Any step may be asked for
  // (resume); consecutive ones are prefetched where that is measured to be faster. No allocation after the
  // first epoch.
  virtual absl::Status Fill(int64_t step, std::span<float> input, std::span<int32_t> labels) = 0;
  // Of the same batch the labels alone: for the last stage of a pipeline, which others give its input.
  virtual absl::Status FillLabels(int64_t step, std::span<int32_t> labels) = 0;
};

}  // namespace concertina
