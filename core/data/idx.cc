// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// idx.cc: any samples in four files of the IDX format.
// On the way of the data: files -> here -> data/idx_dataset.h.
#include "core/base/registry.h"
#include "core/data/idx_dataset.h"
#include "core/data/partition.h"

namespace concertina {
namespace {

REGISTER_COMPONENT(
    Dataset,
    Descriptor(
        {.category = "dataset",
         .kind = "idx",
         .title = "IDX files",
         .summary = "Images or vectors with labels, in the file format of MNIST.",
         .citation = "",
         .params = {{.name = "train_images",
                     .type = ParamType::kPath,
                     .doc = "Training samples: bytes (divided by 255) or 32-bit floats, plain or .gz."},
                    {.name = "train_labels",
                     .type = ParamType::kPath,
                     .doc = "Training labels, from 0; plain or .gz."},
                    {.name = "test_images",
                     .type = ParamType::kPath,
                     .doc = "Test samples, of the same dimensions; together with test_labels or not at all.",
                     .optional = true},
                    {.name = "test_labels",
                     .type = ParamType::kPath,
                     .doc = "Test labels; together with test_images or not at all.",
                     .optional = true},
                    {.name = "classes",
                     .type = ParamType::kInteger,
                     .minimum = 2,
                     .maximum = 65536,
                     .doc = "Number of classes; one more than the largest training label if absent.",
                     .optional = true},
                    PartitionParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Dataset>> {
      const auto text = [&](const char* name) {
        return params.Has(name) ? params.Text(name) : std::string();
      };
      const IdxPaths paths = {.train_images = text("train_images"),
                              .train_labels = text("train_labels"),
                              .test_images = text("test_images"),
                              .test_labels = text("test_labels")};
      if (paths.test_images.empty() != paths.test_labels.empty())
        return absl::InvalidArgumentError(
            paths.test_images.empty()
                ? "/dataset/test_images: found nothing, expected the file that belongs to test_labels"
                : "/dataset/test_labels: found nothing, expected the file that belongs to test_images");
      return MakeIdxDataset([paths]() -> absl::StatusOr<IdxPaths> { return paths; },
                            {.count = params.Has("classes") ? params.Integer("classes") : 0});
    });

}  // namespace
}  // namespace concertina
