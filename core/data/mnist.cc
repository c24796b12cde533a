// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mnist.cc: 70,000 handwritten digits, looked for where setup and Debian put datasets.
// On the way of the data: the folders below -> here -> data/idx_dataset.h.
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_split.h"
#include "core/base/registry.h"
#include "core/data/idx_dataset.h"
#include "core/data/partition.h"

namespace concertina {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// In the order they are looked through.
std::vector<std::string> Folders() {
  std::vector<std::string> folders;
  for (const std::string& folder :
       std::vector<std::string>(absl::StrSplit(Environment("CONCERTINA_DATASETS"), ':')))
    if (!folder.empty()) folders.push_back(folder + "/mnist");
  const std::string data_home = Environment("XDG_DATA_HOME");
  if (!data_home.empty())
    folders.push_back(data_home + "/concertina/datasets/mnist");
  else if (const std::string home = Environment("HOME"); !home.empty())
    folders.push_back(home + "/.local/share/concertina/datasets/mnist");
  folders.emplace_back("/usr/share/datasets/mnist");
  return folders;
}

absl::StatusOr<IdxPaths> LocateMnist(const std::string& path) {
  if (!path.empty()) return FindMnistFiles(path);
  std::string searched;
  for (const std::string& folder : Folders()) {
    // The first folder that is there decides: one with files missing is told, not passed over.
    if (std::error_code error; std::filesystem::is_directory(folder, error)) return FindMnistFiles(folder);
    searched += (searched.empty() ? "" : ", ") + folder;
  }
  return absl::NotFoundError(
      "MNIST is not installed: run packaging/setup, which fetches it, or set /dataset/path to the folder of "
      "its four "
      "IDX files; looked in " +
      searched);
}

REGISTER_COMPONENT(
    Dataset,
    Descriptor(
        {.category = "dataset",
         .kind = "mnist",
         .title = "MNIST",
         .summary = "60,000 + 10,000 grey images of 28x28 pixels, handwritten digits.",
         .citation =
             "LeCun, Bottou, Bengio, Haffner. Gradient-Based Learning Applied to Document Recognition. "
             "Proceedings of the IEEE 1998",
         .params = {{.name = "path",
                     .type = ParamType::kPath,
                     .doc = "Folder of the four IDX files, plain or .gz; if absent, mnist/ in the folders of "
                            "$CONCERTINA_DATASETS, in the user's data folder and in /usr/share/datasets.",
                     .optional = true},
                    PartitionParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Dataset>> {
      const std::string path = params.Has("path") ? params.Text("path") : "";
      return MakeIdxDataset([path] { return LocateMnist(path); },
                            {.count = 10, .names = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}});
    });

}  // namespace
}  // namespace concertina
