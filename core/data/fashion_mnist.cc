// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fashion_mnist.cc: 70,000 grey images of clothing, as Debian packs them.
// On the way of the data: /usr/share/datasets -> here -> data/idx_dataset.h.
#include "core/base/registry.h"
#include "core/data/idx_dataset.h"
#include "core/data/partition.h"

namespace concertina {
namespace {

constexpr char kDebianFolder[] = "/usr/share/datasets/fashion-mnist";

absl::StatusOr<IdxPaths> LocateFashionMnist(const std::string& path) {
  absl::StatusOr<IdxPaths> paths = FindMnistFiles(path.empty() ? kDebianFolder : path);
  if (paths.ok() || !path.empty()) return paths;
  return Annotate(
      paths.status(),
      "Fashion-MNIST is not installed: apt-get install dataset-fashion-mnist, or set /dataset/path");
}

REGISTER_COMPONENT(
    Dataset,
    Descriptor(
        {.category = "dataset",
         .kind = "fashion-mnist",
         .title = "Fashion-MNIST",
         .summary = "60,000 + 10,000 grey images of 28x28 pixels, 10 kinds of clothing.",
         .citation = "Xiao, Rasul, Vollgraf. Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine "
                     "Learning Algorithms. 2017",
         .params =
             {{.name = "path",
               .type = ParamType::kPath,
               .doc = "Folder of the four IDX files, plain or .gz; Debian's dataset-fashion-mnist if absent.",
               .optional = true},
              PartitionParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Dataset>> {
      const std::string path = params.Has("path") ? params.Text("path") : "";
      return MakeIdxDataset([path] { return LocateFashionMnist(path); },
                            {.count = 10,
                             .names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal",
                                       "Shirt", "Sneaker", "Bag", "Ankle boot"}});
    });

}  // namespace
}  // namespace concertina
