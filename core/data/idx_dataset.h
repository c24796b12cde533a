// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// idx_dataset.h: a dataset of four IDX files: images and labels, to train and to test.
// On the way of the data: data/idx_file.h -> here -> data/fashion_mnist.cc, data/mnist.cc, data/idx.cc.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/data/dataset.h"

namespace concertina {

struct IdxPaths {
  std::string train_images, train_labels;
  std::string test_images, test_labels;  // "" for both: there is no test split
};

struct IdxClasses {
  int64_t count = 0;  // 0: one more than the largest training label
  std::vector<std::string> names;
};

// Samples of n x f become {f}, n x h x w become {1, h, w}, others keep their dimensions. Bytes are divided by
// 255, floats are taken as they are. `locate` says where the files are each time they are looked for.
std::unique_ptr<Dataset> MakeIdxDataset(std::function<absl::StatusOr<IdxPaths>()> locate, IdxClasses classes);

// The four files under MNIST's names in the folder `path`, or in torchvision's folders below it, each plain
// or .gz; kNotFound names the first that is missing.
absl::StatusOr<IdxPaths> FindMnistFiles(const std::string& path);

}  // namespace concertina
