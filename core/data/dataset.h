// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dataset.h: samples with labels, opened from files that are checked before they are believed.
// On the way of the data: the shelf. Files -> here -> data/partition.h says whose -> data/loader.h batches.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/descriptor.h"
#include "core/graph/graph.h"

namespace concertina {

struct DatasetInfo {
  Shape sample;  // C x H x W for images, {features} for tables
  int64_t classes = 0;
  std::vector<std::string> class_names;  // may be empty
  int64_t train_samples = 0;
  int64_t test_samples = 0;
  std::vector<std::string> column_names = {};  // of a table, in the order of the sample; may be empty
};

// One split. Immutable, so any thread may read. Large splits are mapped, not read: a worker touches only
// the pages of the samples it takes.
class Samples {
 public:
  virtual ~Samples() = default;
  virtual int64_t size() const = 0;
  virtual int32_t label(int64_t index) const = 0;
  // Writes sample `index` as floats (images: pixel / 255) to `destination`, ElementCount(sample) long.
  virtual void Read(int64_t index, float* destination) const = 0;
  // Reads several, one after the other. `destination` holds indices.size() whole samples.
  virtual void ReadBatch(std::span<const int64_t> indices, std::span<float> destination) const;
  virtual const std::vector<int32_t>& labels() const = 0;
};

class Dataset {
 public:
  virtual ~Dataset() = default;
  // `prepared`: a folder where decompressed forms are kept for all workers and runs (made atomically:
  // written aside and renamed; safe when several processes do it at once); "" for nowhere.
  // What can be known without reading all: for validate and plan. Errors name file and offset or line:
  // kNotFound (with what to install or set), kDataLoss (truncated, wrong magic, wrong size, label out of
  // range).
  virtual absl::StatusOr<DatasetInfo> Probe(const std::string& prepared) const = 0;
  virtual absl::StatusOr<std::shared_ptr<const Samples>> OpenTrain(const std::string& prepared) const = 0;
  virtual absl::StatusOr<std::shared_ptr<const Samples>> OpenTest(const std::string& prepared) const = 0;
};

// Whether row `index` belongs to the test split of a dataset that has none of its own: every 1/fraction-th
// row does, evenly spaced and without chance, so that files sorted by class are split class by class.
bool IsTestRow(int64_t index, double test_fraction);

}  // namespace concertina
